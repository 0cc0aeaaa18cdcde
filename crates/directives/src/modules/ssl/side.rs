//! What both sides set alike (httpd's `modssl_ctx_t`): versions, suites, and whom the peer must be.

use crate::config::{Set, Setting};
use crate::diag::Diagnostic;
use crate::interpret::{Cx, Outcome, Problem};
use crate::merge_fields;
use crate::span::Span;
use crate::tls_names::{CipherError, CipherList, Protocols, Suite, parse_ciphers, parse_tls13_ciphers};
use crate::values::atoi;
use crate::words::{Arg, RawArgs};

/// TLS with clients or with backends.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// SSLProtocol; all where not set.
    pub protocols: Set<Protocols>,
    /// SSLCipherSuite: the suites of TLS 1.2 in order.
    pub tls12: Set<Vec<Suite>>,
    /// `SSLCipherSuite TLSv1.3`: the suites of TLS 1.3 in order.
    pub tls13: Set<Vec<Suite>>,
    /// SSLVerifyClient or SSLProxyVerify.
    pub verify: Set<Verify>,
    /// SSLVerifyDepth; 1 where not set.
    pub depth: Set<u32>,
    /// SSLCACertificateFile.
    pub ca_file: Set<String>,
    /// SSLCACertificatePath.
    pub ca_path: Set<String>,
    /// SSLCARevocationFile.
    pub crl_file: Set<String>,
    /// SSLCARevocationPath.
    pub crl_path: Set<String>,
    /// SSLCARevocationCheck.
    pub revocation: Set<Revocation>,
}

merge_fields!(Side {
    protocols,
    tls12,
    tls13,
    verify,
    depth,
    ca_file,
    ca_path,
    crl_file,
    crl_path,
    revocation,
});

/// How far a peer's certificate is verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verify {
    /// Not asked for (client) or not verified (backend).
    #[default]
    None,
    /// May be absent; if present it must be valid.
    Optional,
    /// Must be present and valid.
    Require,
    /// May be absent; if present its issuer may be unknown.
    OptionalNoCa,
}

/// SSLCARevocationCheck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revocation {
    /// Which certificates are looked up.
    pub check: CrlCheck,
    /// Whether a certificate for whose issuer there is no list passes (`no_crl_for_cert_ok`).
    pub no_crl_ok: bool,
}

/// Which certificates of a chain are looked up in revocation lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CrlCheck {
    /// None.
    #[default]
    None,
    /// The peer's own.
    Leaf,
    /// All.
    Chain,
}

/// What SSLCipherSuite sets: the suites of one of the two generations of TLS.
pub(super) enum Suites {
    Tls12(Vec<Suite>),
    Tls13(Vec<Suite>),
}

impl Side {
    /// What the directive at `span` sets.
    pub(super) fn set_suites(&mut self, span: Span, suites: Suites) {
        match suites {
            Suites::Tls12(value) => self.tls12 = Some(Setting { value, span }),
            Suites::Tls13(value) => self.tls13 = Some(Setting { value, span }),
        }
    }
}

const REMEDY: &str = "wsgate speaks TLS 1.2 and 1.3 with ECDHE and AES-GCM or ChaCha20-Poly1305";

/// The words of SSLProtocol.
pub(super) fn protocols(cx: &mut Cx<'_>, raw: &RawArgs) -> Result<Protocols, Problem> {
    let words: Vec<Arg> = raw.words().collect();
    let texts = words.iter().map(Arg::text).collect::<Result<Vec<_>, _>>()?;
    let parsed = Protocols::parse(texts).map_err(|error| Problem::new(error.to_string()))?;
    for word in parsed.replaced {
        let message = format!("{word} replaces the versions named before it");
        let diagnostic = Diagnostic::warning("protocol-replaced", cx.span, message);
        cx.report(diagnostic.help(format!("write +{word} to add it")));
    }
    usable(parsed.protocols)?;
    if parsed.protocols.legacy() {
        let message = "TLS 1.0 and 1.1 are not spoken; peers that know nothing newer are turned away";
        cx.report(Diagnostic::note("tls-legacy", cx.span, message));
    }
    Ok(parsed.protocols)
}

/// Refuses a set of versions none of which exists here.
pub(super) fn usable(protocols: Protocols) -> Outcome {
    if protocols.usable() {
        return Ok(());
    }
    Err(Problem::new("no TLS version is left that wsgate speaks")
        .code("tls-downgrade-impossible")
        .help("allow TLSv1.2 and TLSv1.3: SSLProtocol -all +TLSv1.2 +TLSv1.3"))
}

/// The arguments of SSLCipherSuite: a list, or a protocol and a list.
pub(super) fn cipher_suite(cx: &mut Cx<'_>, first: &Arg, second: Option<&Arg>) -> Result<Suites, Problem> {
    let (protocol, list) = match second {
        Some(list) => (first.text()?, list),
        None => ("SSL", first),
    };
    match protocol {
        "SSL" => {
            let parsed = parse_ciphers(list.text()?).map_err(|error| refuse_list(list, &error))?;
            Ok(Suites::Tls12(report_list(cx, list, parsed)))
        }
        "TLSv1.3" => tls13_suites(cx, list).map(Suites::Tls13),
        other => Err(Problem::at(first, format!("protocol '{other}' is not supported"))),
    }
}

/// The names of suites of TLS 1.3.
pub(super) fn tls13_suites(cx: &mut Cx<'_>, list: &Arg) -> Result<Vec<Suite>, Problem> {
    let parsed = parse_tls13_ciphers(list.text()?).map_err(|error| refuse_list(list, &error))?;
    Ok(report_list(cx, list, parsed))
}

fn refuse_list(list: &Arg, error: &CipherError) -> Problem {
    let problem = Problem::at(list, error.to_string());
    match error {
        CipherError::Unsupported(_) => problem.code("tls-downgrade-impossible").help(REMEDY),
        CipherError::NoMatch | CipherError::Word(_) => {
            problem.help("openssl ciphers -v LIST shows what a list means")
        }
    }
}

fn report_list(cx: &mut Cx<'_>, list: &Arg, parsed: CipherList) -> Vec<Suite> {
    if !parsed.unknown.is_empty() {
        let words = parsed.unknown.join(", ");
        cx.warn("cipher-unknown", list, format!("these words name no cipher suite: {words}"));
    }
    // Lists such as HIGH mean dozens; only where suites are named one by one is each of them somebody's wish.
    let named = |name: &&&str| list.text().is_ok_and(|text| text.split(':').any(|word| word == **name));
    let missed: Vec<&str> = parsed.unsupported.iter().filter(named).copied().collect();
    if !missed.is_empty() {
        let message = format!("wsgate does not speak {}", missed.join(", "));
        cx.report(Diagnostic::note("cipher-unsupported", list.span, message).help(REMEDY));
    }
    parsed.suites
}

/// The argument of SSLVerifyClient and SSLProxyVerify.
pub(super) fn verify(arg: &Arg) -> Result<Verify, Problem> {
    match arg.as_bytes().to_ascii_lowercase().as_slice() {
        b"none" | b"off" => Ok(Verify::None),
        b"optional" => Ok(Verify::Optional),
        b"require" | b"on" => Ok(Verify::Require),
        b"optional_no_ca" => Ok(Verify::OptionalNoCa),
        _ => Err(Problem::at(arg, "this is none of none, optional, require and optional_no_ca")),
    }
}

/// The argument of SSLVerifyDepth.
pub(super) fn depth(arg: &Arg) -> Result<u32, Problem> {
    let number = atoi(arg.as_bytes());
    u32::try_from(number).map_err(|_| Problem::at(arg, "the depth must not be negative"))
}

/// The words of SSLCARevocationCheck.
pub(super) fn revocation(raw: &RawArgs) -> Result<Revocation, Problem> {
    let mut words = raw.words();
    let first = words.next().ok_or_else(|| Problem::new("say none, leaf or chain"))?;
    let check = match first.as_bytes().to_ascii_lowercase().as_slice() {
        b"none" => CrlCheck::None,
        b"leaf" => CrlCheck::Leaf,
        b"chain" => CrlCheck::Chain,
        _ => return Err(Problem::at(&first, "this is none of none, leaf and chain")),
    };
    let mut no_crl_ok = false;
    for word in words {
        if !word.is("no_crl_for_cert_ok") {
            return Err(Problem::at(&word, "only no_crl_for_cert_ok may follow"));
        }
        no_crl_ok = true;
    }
    Ok(Revocation { check, no_crl_ok })
}

/// A file or folder by its path.
pub(super) fn path(cx: &Cx<'_>, arg: &Arg) -> Result<String, Problem> {
    Ok(cx.path(arg.text()?))
}
