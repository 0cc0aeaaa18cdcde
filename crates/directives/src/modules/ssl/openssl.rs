//! SSLOpenSSLConfCmd: OpenSSL's own configuration commands, as far as their effect exists without OpenSSL.

use super::side::{self, Suites};
use crate::config::Setting;
use crate::diag::Diagnostic;
use crate::interpret::{Cx, Outcome, Problem};
use crate::tls_names::{Group, Protocols, parse_groups};
use crate::words::Arg;

/// Commands that change no answer, and why.
const WITHOUT_EFFECT: &[(&str, &str)] = &[
    ("DHParameters", "wsgate has no key exchange over finite fields"),
    ("SignatureAlgorithms", "wsgate offers no weak ones"),
    ("ClientSignatureAlgorithms", "wsgate takes no weak ones"),
    ("RecordPadding", "records are not padded"),
    ("NumTickets", "each handshake gives two tickets"),
];

/// Commands that would change who is served or how, and what to use.
const REFUSED: &[(&str, &str)] = &[
    ("Protocol", "use SSLProtocol"),
    ("Certificate", "use SSLCertificateFile"),
    ("PrivateKey", "use SSLCertificateKeyFile"),
    ("ChainCAFile", "use SSLCertificateChainFile"),
    ("ChainCAPath", "use SSLCertificateChainFile"),
    ("VerifyCAFile", "use SSLCACertificateFile"),
    ("VerifyCAPath", "use SSLCACertificatePath"),
    ("RequestCAFile", "use SSLCADNRequestFile"),
    ("RequestCAPath", "use SSLCADNRequestPath"),
    ("ClientCAFile", "use SSLCADNRequestFile"),
    ("ClientCAPath", "use SSLCADNRequestPath"),
    ("VerifyMode", "use SSLVerifyClient"),
    ("ServerInfoFile", "extensions of one's own are not supported"),
];

pub(super) fn command(cx: &mut Cx<'_>, name: &Arg, value: &Arg) -> Outcome {
    let command = name.text()?.to_owned();
    let is = |known: &str| known.eq_ignore_ascii_case(&command);
    match command.to_ascii_lowercase().as_str() {
        "cipherstring" => {
            let suites = side::cipher_suite(cx, value, None)?;
            cx.server.ssl.clients.set_suites(cx.span, suites);
        }
        "ciphersuites" => {
            let suites = side::tls13_suites(cx, value)?;
            cx.server.ssl.clients.set_suites(cx.span, Suites::Tls13(suites));
        }
        "curves" | "groups" | "ecdhparameters" => groups(cx, value)?,
        "minprotocol" => cx.server.ssl.min_protocol = Some(bound(cx, value, Protocols::at_least)?),
        "maxprotocol" => cx.server.ssl.max_protocol = Some(bound(cx, value, Protocols::at_most)?),
        "options" => options(cx, value)?,
        _ => {
            if let Some((known, instead)) = REFUSED.iter().find(|(known, _)| is(known)) {
                let problem = Problem::at(name, format!("the OpenSSL command {known} is not supported"));
                return Err(problem.code("refused").help(*instead));
            }
            let Some((known, reason)) = WITHOUT_EFFECT.iter().find(|(known, _)| is(known)) else {
                return Err(Problem::at(name, format!("'{command}' is no OpenSSL configuration command")));
            };
            cx.no_effect(cx.span, known, reason);
        }
    }
    Ok(())
}

fn groups(cx: &mut Cx<'_>, value: &Arg) -> Outcome {
    let text = value.text()?;
    let automatic = ["auto", "automatic", "+automatic", "default"];
    let (groups, unsupported) = if automatic.iter().any(|word| value.is(word)) {
        (Group::DEFAULT.to_vec(), Vec::new())
    } else {
        parse_groups(text)
    };
    if groups.is_empty() {
        let problem = Problem::at(value, format!("wsgate speaks none of the groups {text}"));
        return Err(problem.code("tls-downgrade-impossible").help("allow X25519, prime256v1 or secp384r1"));
    }
    if !unsupported.is_empty() {
        let message = format!("wsgate does not speak the groups {}", unsupported.join(", "));
        cx.report(Diagnostic::note("group-unsupported", value.span, message));
    }
    cx.server.ssl.groups = Some(cx.set(groups));
    Ok(())
}

/// The versions that MinProtocol or MaxProtocol leaves of all; what SSLProtocol says is narrowed by it.
fn bound(
    cx: &mut Cx<'_>,
    value: &Arg,
    narrow: fn(Protocols, &str) -> Option<Protocols>,
) -> Result<Setting<Protocols>, Problem> {
    let text = value.text()?;
    let protocols = narrow(Protocols::default(), text);
    let protocols =
        protocols.ok_or_else(|| Problem::at(value, format!("'{text}' is no protocol version")))?;
    side::usable(protocols)?;
    Ok(cx.set(protocols))
}

/// `Options -SessionTicket,ServerPreference`: those with an effect here set what their directives set.
fn options(cx: &mut Cx<'_>, value: &Arg) -> Outcome {
    for word in value.text()?.split(',').map(str::trim) {
        let (on, name) = match word.as_bytes().first() {
            Some(b'-') => (false, &word[1..]),
            Some(b'+') => (true, &word[1..]),
            _ => (true, word),
        };
        match name.to_ascii_lowercase().as_str() {
            "sessionticket" => cx.server.ssl.session_tickets = Some(cx.set(on)),
            "serverpreference" => cx.server.ssl.honor_cipher_order = Some(cx.set(on)),
            _ => {
                let what = format!("the OpenSSL option {name}");
                cx.no_effect(cx.span, &what, "it concerns OpenSSL's own behaviour");
            }
        }
    }
    Ok(())
}
