//! Directives about TLS with clients.

use super::SniPolicy;
use super::side::{self, Verify};
use crate::interpret::{Cx, Outcome, Problem};
use crate::words::{Arg, RawArgs};

pub(super) fn engine(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let on = match arg {
        arg if arg.is("On") => true,
        arg if arg.is("Off") => false,
        arg if arg.is("Optional") => {
            let problem = Problem::at(arg, "SSLEngine Optional (TLS by HTTP upgrade) is not supported");
            return Err(problem
                .code("refused")
                .help("it is unsafe (CVE-2025-49812) and no browser uses it: say On"));
        }
        arg => return Err(Problem::at(arg, "this is none of On, Off and Optional")),
    };
    cx.server.ssl.engine = Some(cx.set(on));
    Ok(())
}

pub(super) fn certificate_file(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let file = key_store(cx, arg)?;
    let setting = cx.set(file);
    cx.server.ssl.certificates.0.push(setting);
    Ok(())
}

pub(super) fn key_file(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let file = key_store(cx, arg)?;
    let setting = cx.set(file);
    cx.server.ssl.keys.0.push(setting);
    Ok(())
}

/// A file; not the URI of a token.
fn key_store(cx: &Cx<'_>, arg: &Arg) -> Result<String, Problem> {
    if arg.as_bytes().starts_with(b"pkcs11:") {
        let problem = Problem::at(arg, "certificates and keys on PKCS #11 tokens are not supported");
        return Err(problem.code("refused").help("use files"));
    }
    side::path(cx, arg)
}

pub(super) fn chain_file(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let file = side::path(cx, arg)?;
    cx.server.ssl.chain = Some(cx.set(file));
    Ok(())
}

pub(super) fn protocol(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    let protocols = side::protocols(cx, raw)?;
    cx.server.ssl.clients.protocols = Some(cx.set(protocols));
    Ok(())
}

pub(super) fn cipher_suite(cx: &mut Cx<'_>, first: &Arg, second: Option<&Arg>) -> Outcome {
    not_in_a_section(cx, "the cipher suite of a connection cannot change with the path")?;
    let suites = side::cipher_suite(cx, first, second)?;
    cx.server.ssl.clients.set_suites(cx.span, suites);
    Ok(())
}

pub(super) fn honor_cipher_order(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.server.ssl.honor_cipher_order = Some(cx.set(on));
    Ok(())
}

pub(super) fn session_tickets(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.server.ssl.session_tickets = Some(cx.set(on));
    Ok(())
}

pub(super) fn strict_sni(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.server.ssl.strict_sni = Some(cx.set(on));
    Ok(())
}

pub(super) fn sni_policy(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let policies = [
        ("strict", SniPolicy::Strict),
        ("secure", SniPolicy::Secure),
        ("authonly", SniPolicy::AuthOnly),
        ("insecure", SniPolicy::Insecure),
    ];
    let found = policies.into_iter().find(|(name, _)| arg.is(name));
    let (_, policy) =
        found.ok_or_else(|| Problem::at(arg, "this is none of strict, secure, authonly and insecure"))?;
    cx.server.ssl.sni_policy = Some(cx.set(policy));
    Ok(())
}

pub(super) fn verify(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let verify = side::verify(arg)?;
    if cx.place.section.is_some() && verify == Verify::None {
        // The handshake is over when a path is known: httpd cannot take back either what it asked for.
        cx.no_effect(cx.span, "SSLVerifyClient none in a section", "the virtual host's setting holds");
        return Ok(());
    }
    not_in_a_section(cx, "TLS 1.3 does not ask again in the midst of a connection")?;
    cx.server.ssl.clients.verify = Some(cx.set(verify));
    Ok(())
}

pub(super) fn verify_depth(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    not_in_a_section(cx, "TLS 1.3 does not ask again in the midst of a connection")?;
    let depth = side::depth(arg)?;
    cx.server.ssl.clients.depth = Some(cx.set(depth));
    Ok(())
}

pub(super) fn ca_file(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    not_in_a_section(cx, "httpd does not take it here either")?;
    let file = side::path(cx, arg)?;
    cx.server.ssl.clients.ca_file = Some(cx.set(file));
    Ok(())
}

pub(super) fn ca_path(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    not_in_a_section(cx, "httpd does not take it here either")?;
    let folder = side::path(cx, arg)?;
    cx.server.ssl.clients.ca_path = Some(cx.set(folder));
    Ok(())
}

pub(super) fn ca_names_file(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let file = side::path(cx, arg)?;
    cx.server.ssl.ca_names_file = Some(cx.set(file));
    Ok(())
}

pub(super) fn ca_names_path(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let folder = side::path(cx, arg)?;
    cx.server.ssl.ca_names_path = Some(cx.set(folder));
    Ok(())
}

pub(super) fn crl_file(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let file = side::path(cx, arg)?;
    cx.server.ssl.clients.crl_file = Some(cx.set(file));
    Ok(())
}

pub(super) fn crl_path(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let folder = side::path(cx, arg)?;
    cx.server.ssl.clients.crl_path = Some(cx.set(folder));
    Ok(())
}

pub(super) fn revocation_check(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    let revocation = side::revocation(raw)?;
    cx.server.ssl.clients.revocation = Some(cx.set(revocation));
    Ok(())
}

/// What httpd would renegotiate for is settled once and for all in the handshake.
fn not_in_a_section(cx: &Cx<'_>, reason: &str) -> Outcome {
    if cx.place.section.is_none() && cx.place.htaccess.is_none() {
        return Ok(());
    }
    Err(Problem::new(format!("not supported in a section: {reason}")).code("tls-per-section").help(
        "set it for the virtual host; where a certificate may be absent, say SSLVerifyClient optional there \
         and here: Require expr %{SSL_CLIENT_VERIFY} == 'SUCCESS'",
    ))
}
