//! What one Require line asks for: the providers of mod_authz_core, _host, _user, _groupfile and mod_ssl.

use std::sync::Arc;

use crate::expr::{Condition, Expr, Variable, Word};
use crate::interpret::{Cx, Problem};
use crate::methods::{BUILT_IN, MethodSet};
use crate::modules::access_compat::host;
use crate::subnet::Subnet;
use crate::words::{Arg, RawArgs};

/// What a request has to be like.
#[derive(Clone, Debug)]
pub enum Test {
    /// `all granted` and `all denied`.
    All(bool),
    /// `env`: one of these variables is set.
    Env(Vec<Box<str>>),
    /// `method`.
    Method(MethodSet),
    /// `expr`.
    Expr {
        /// The condition.
        condition: Arc<Expr<Condition>>,
        /// Whether it looks at the user's name: whoever fails is asked for one.
        wants_user: bool,
    },
    /// `ip`, and `forward-dns` and `host` of addresses.
    Ip(Vec<Subnet>),
    /// `local`: the client is on this machine.
    Local,
    /// `user`: names, after expansion.
    User(Arc<Expr<Word>>),
    /// `valid-user`.
    ValidUser,
    /// `group`: names of AuthGroupFile, after expansion.
    Group(Arc<Expr<Word>>),
    /// `ssl`: TLS.
    Ssl,
    /// `ssl-verify-client`: the client's certificate is good.
    SslVerifyClient,
}

/// How a provider's arguments are read.
type Read = fn(&Cx<'_>, &RawArgs) -> Result<Test, Problem>;

/// The providers: names, letter case counts; the modules that bring them; their arguments.
const PROVIDERS: [(&str, &str, Read); 13] = [
    ("all", "authz_core_module", all),
    ("env", "authz_core_module", |_, args| names(args).map(Test::Env)),
    ("expr", "authz_core_module", expr),
    ("forward-dns", "authz_host_module", forward_dns),
    ("group", "authz_groupfile_module", |cx, args| string(cx, args).map(Test::Group)),
    ("host", "authz_host_module", by_host),
    ("ip", "authz_host_module", ip),
    ("local", "authz_host_module", |_, _| Ok(Test::Local)),
    ("method", "authz_core_module", method),
    ("ssl", "ssl_module", |_, args| none(args, "ssl").map(|()| Test::Ssl)),
    ("ssl-verify-client", "ssl_module", |_, args| {
        none(args, "ssl-verify-client").map(|()| Test::SslVerifyClient)
    }),
    ("user", "authz_user_module", |cx, args| string(cx, args).map(Test::User)),
    ("valid-user", "authz_user_module", |_, _| Ok(Test::ValidUser)),
];

/// Providers that exist but not here, and the modules that bring them.
const ELSEWHERE: [(&str, &str); 13] = [
    ("dbd-group", "authz_dbd_module"),
    ("dbd-login", "authz_dbd_module"),
    ("dbd-logout", "authz_dbd_module"),
    ("dbm-file-group", "authz_dbm_module"),
    ("dbm-group", "authz_dbm_module"),
    ("file-group", "authz_owner_module"),
    ("file-owner", "authz_owner_module"),
    ("ldap-attribute", "authnz_ldap_module"),
    ("ldap-dn", "authnz_ldap_module"),
    ("ldap-filter", "authnz_ldap_module"),
    ("ldap-group", "authnz_ldap_module"),
    ("ldap-search", "authnz_ldap_module"),
    ("ldap-user", "authnz_ldap_module"),
];

/// Reads a line behind `Require` and `not`.
pub(super) fn read(cx: &Cx<'_>, provider: &Arg, args: &RawArgs) -> Result<Test, Problem> {
    let name = provider.text()?;
    if let Some((_, module, read)) = PROVIDERS.iter().find(|(known, ..)| *known == name)
        && cx.may_be_loaded(module)
    {
        return read(cx, args);
    }
    if ELSEWHERE.iter().any(|(known, module)| *known == name && cx.may_be_loaded(module)) {
        let message = format!("Require {name} is not supported");
        return Err(Problem::at(provider, message).code("refused").help("use Require user, group or expr"));
    }
    Err(Problem::at(provider, format!("unknown authorization provider: {name}"))
        .help("load its module; letter case counts"))
}

/// The arguments as they stand, for providers that split them themselves.
fn whole(args: &RawArgs) -> Arg {
    Arg { bytes: args.as_bytes().to_vec(), span: args.span() }
}

fn names(args: &RawArgs) -> Result<Vec<Box<str>>, Problem> {
    args.words().map(|word| Ok(word.text()?.into())).collect()
}

fn none(args: &RawArgs, provider: &str) -> Result<(), Problem> {
    match args.words().next() {
        Some(word) => Err(Problem::at(&word, format!("Require {provider} takes no arguments"))),
        None => Ok(()),
    }
}

fn all(_: &Cx<'_>, args: &RawArgs) -> Result<Test, Problem> {
    match args.as_bytes().to_ascii_lowercase().as_slice() {
        b"granted" => Ok(Test::All(true)),
        b"denied" => Ok(Test::All(false)),
        _ => Err(Problem::at(&whole(args), "Require all takes 'granted' or 'denied'")),
    }
}

fn method(cx: &Cx<'_>, args: &RawArgs) -> Result<Test, Problem> {
    let words: Vec<Arg> = args.words().collect();
    let names: Vec<&str> = words.iter().map(Arg::text).collect::<Result<_, _>>()?;
    known_methods(cx, &words)?;
    Ok(Test::Method(MethodSet::only(names)))
}

/// httpd refuses methods that neither it nor the configuration has named before.
pub(in crate::modules) fn known_methods(cx: &Cx<'_>, words: &[Arg]) -> Result<(), Problem> {
    // Methods are registered for all servers; which lines of other servers came before is not known here.
    let registered = !cx.server.core.registered_methods.is_empty() || cx.place.vhost;
    let unknown = |word: &&Arg| !BUILT_IN.iter().any(|known| known.as_bytes() == word.as_bytes());
    match words.iter().find(unknown).filter(|_| !registered) {
        Some(word) => Err(Problem::at(word, "invalid method").help("name it in RegisterHttpMethod first")),
        None => Ok(()),
    }
}

/// Double quotes around the whole are taken off; nothing else is, as the expression has quotes of its own.
fn expr(cx: &Cx<'_>, args: &RawArgs) -> Result<Test, Problem> {
    let text = args.as_bytes();
    let quoted = text.len() > 1 && text.starts_with(b"\"") && text.ends_with(b"\"");
    let inner = if quoted { args.slice(1..text.len() - 1) } else { args.clone() };
    let condition = cx.condition(&whole(&inner), 0)?;
    let wants_user = condition.root.mentions(Variable::RemoteUser);
    Ok(Test::Expr { condition, wants_user })
}

fn ip(_: &Cx<'_>, args: &RawArgs) -> Result<Test, Problem> {
    let subnets: Vec<Subnet> = args.words().map(|word| subnet(&word)).collect::<Result<_, _>>()?;
    if subnets.is_empty() {
        return Err(Problem::new("Require ip takes addresses or networks"));
    }
    Ok(Test::Ip(subnets))
}

fn subnet(word: &Arg) -> Result<Subnet, Problem> {
    Subnet::parse(word.as_bytes()).map_err(|error| Problem::at(word, error.to_string()))
}

/// A name stands for its addresses, which only the DNS knows; an address for itself.
fn forward_dns(_: &Cx<'_>, args: &RawArgs) -> Result<Test, Problem> {
    let mut subnets = Vec::new();
    for word in args.words() {
        match word.text()?.parse::<std::net::IpAddr>() {
            Ok(address) => subnets.push(Subnet::from(address)),
            Err(_) => subnets.extend(host(&word)?),
        }
    }
    Ok(Test::Ip(subnets))
}

/// The client's name must end in one of these; no name ends in an address.
fn by_host(_: &Cx<'_>, args: &RawArgs) -> Result<Test, Problem> {
    let mut subnets = Vec::new();
    for word in args.words() {
        if Subnet::parse(word.as_bytes()).is_err() {
            subnets.extend(host(&word)?);
        }
    }
    Ok(Test::Ip(subnets))
}

fn string(cx: &Cx<'_>, args: &RawArgs) -> Result<Arc<Expr<Word>>, Problem> {
    cx.string(&whole(args), 0)
}
