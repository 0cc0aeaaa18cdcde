//! mod_access_compat: Order, Allow, Deny and Satisfy of httpd 2.2.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::interpret::{Cx, Outcome, Problem};
use crate::methods::MethodSet;
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::subnet::{Subnet, SubnetError};
use crate::words::{Arg, strip_caseless};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_access_compat",
    identifier: "access_compat_module",
    file: "mod_access_compat.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "Allow",
            Contexts::LIMIT,
            Shape::Iterate2(allow),
            "Which clients are let in: all, addresses, networks, env=NAME or env=!NAME",
        ),
        Row::supported(
            "Deny",
            Contexts::LIMIT,
            Shape::Iterate2(deny),
            "Which clients are kept out, written as for Allow",
        ),
        Row::supported(
            "Order",
            Contexts::LIMIT,
            Shape::Take1(order),
            "Which of Allow and Deny has the last word, and what becomes of the others",
        ),
        Row::supported(
            "Satisfy",
            Contexts::AUTH_CONFIG,
            Shape::Take1(satisfy),
            "Whether Allow lines and Require lines must both let a request in (All) or either (Any)",
        ),
    ],
};

/// What is set for requests. httpd does not merge it: the inner scope's lines, if it has any, replace the outer's.
pub type DirConf = Option<Lines>;

/// The lines of one scope.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    orders: Vec<(MethodSet, Order)>,
    satisfies: Vec<(MethodSet, Satisfy)>,
    /// Allow lines.
    pub allows: Vec<Clients>,
    /// Deny lines.
    pub denies: Vec<Clients>,
}

impl Lines {
    /// The Order for a method.
    pub fn order(&self, method: &[u8]) -> Order {
        last_for(&self.orders, method).unwrap_or(Order::DenyThenAllow)
    }

    /// Satisfy for a method.
    pub fn satisfy(&self, method: &[u8]) -> Satisfy {
        last_for(&self.satisfies, method).unwrap_or(Satisfy::All)
    }
}

fn last_for<T: Copy>(lines: &[(MethodSet, T)], method: &[u8]) -> Option<T> {
    lines.iter().rfind(|(methods, _)| methods.contains(method)).map(|(_, value)| *value)
}

/// Order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Who is in neither list is kept out; Deny has the last word.
    AllowThenDeny,
    /// Who is in neither list is let in; Allow has the last word.
    DenyThenAllow,
    /// Only who is allowed and not denied is let in.
    MutualFailure,
}

/// Satisfy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Satisfy {
    /// Both kinds of rules have to let the request in.
    All,
    /// Either of them.
    Any,
}

/// Some clients, for some methods.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The methods.
    pub methods: MethodSet,
    /// The clients.
    pub who: Who,
}

/// Which clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// All.
    All,
    /// Those for which a variable is set.
    Env(Box<str>),
    /// Those for which it is not.
    NoEnv(Box<str>),
    /// Those from one of these networks.
    From(Vec<Subnet>),
}

fn lines<'a>(cx: &'a mut Cx<'_>) -> &'a mut Lines {
    cx.dir.access_compat.get_or_insert_default()
}

fn order(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let order = match arg.as_bytes().to_ascii_lowercase().as_slice() {
        b"allow,deny" => Order::AllowThenDeny,
        b"deny,allow" => Order::DenyThenAllow,
        b"mutual-failure" => Order::MutualFailure,
        _ => {
            return Err(
                Problem::at(arg, "unknown order").help("write Allow,Deny or Deny,Allow, without spaces")
            );
        }
    };
    let methods = cx.methods();
    lines(cx).orders.push((methods, order));
    Ok(())
}

fn satisfy(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let satisfy = match arg.as_bytes().to_ascii_lowercase().as_slice() {
        b"all" => Satisfy::All,
        b"any" => Satisfy::Any,
        _ => return Err(Problem::at(arg, "Satisfy takes All or Any")),
    };
    let methods = cx.methods();
    lines(cx).satisfies.push((methods, satisfy));
    Ok(())
}

fn allow(cx: &mut Cx<'_>, from: &Arg, who: &Arg) -> Outcome {
    let clients = clients(cx, from, who)?;
    lines(cx).allows.push(clients);
    Ok(())
}

fn deny(cx: &mut Cx<'_>, from: &Arg, who: &Arg) -> Outcome {
    let clients = clients(cx, from, who)?;
    lines(cx).denies.push(clients);
    Ok(())
}

/// httpd's `allow_cmd`.
fn clients(cx: &Cx<'_>, from: &Arg, arg: &Arg) -> Result<Clients, Problem> {
    if !from.is("from") {
        return Err(Problem::at(from, "Allow and Deny must be followed by 'from'"));
    }
    let text = arg.text()?;
    let starts =
        |prefix: &str| strip_caseless(text.as_bytes(), prefix.as_bytes()).map(|_| &text[prefix.len()..]);
    let who = if let Some(name) = starts("env=!") {
        Who::NoEnv(name.into())
    } else if let Some(name) = starts("env=") {
        Who::Env(name.into())
    } else if arg.is("all") {
        Who::All
    } else {
        Who::From(networks(arg)?)
    };
    Ok(Clients { methods: cx.methods(), who })
}

/// The networks of an address, a network or a host name.
fn networks(arg: &Arg) -> Result<Vec<Subnet>, Problem> {
    match Subnet::parse(arg.as_bytes()) {
        Ok(subnet) => Ok(vec![subnet]),
        Err(SubnetError::NotAnAddress) if arg.as_bytes().contains(&b'/') => {
            Err(Problem::at(arg, "an IP address was expected"))
        }
        Err(SubnetError::NotAnAddress) if arg.as_bytes().contains(&b'#') => {
            Err(Problem::at(arg, "no comments are allowed here"))
        }
        Err(SubnetError::NotAnAddress) => host(arg),
        Err(error) => Err(Problem::at(arg, error.to_string())),
    }
}

/// The addresses of a host that access rules may name: wsgate asks no DNS who a client is. What localhost is, is known.
pub(super) fn host(arg: &Arg) -> Result<Vec<Subnet>, Problem> {
    if arg.is("localhost") {
        let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        return Ok(addresses.map(Subnet::from).to_vec());
    }
    let message =
        format!("'{}' is a host name: clients are told apart by address only", arg.as_bytes().escape_ascii());
    Err(Problem::at(arg, message).code("refused").help("write its address or network"))
}
