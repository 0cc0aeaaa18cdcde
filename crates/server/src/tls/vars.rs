//! The variables of a TLS connection: `SSL_*` and `HTTPS` (httpd: `ssl_engine_vars.c`).

use rustls::ProtocolVersion;
use rustls_pki_types::{CertificateDer, UnixTime};

use super::accept::TlsInfo;
use super::client_auth::ClientVerdict;
use super::x509::{self, AlternativeName, Certificate, DnStyle, Who};

impl TlsInfo {
    /// A variable's value; `None` where the connection has nothing to say, which httpd shows as empty.
    ///
    /// `SSL_SESSION_ID` is always `None`: a session is known here by its ticket alone.
    pub(crate) fn var(&self, name: &str, style: DnStyle) -> Option<String> {
        let Some(name) = name.strip_prefix("SSL_") else {
            return (name == "HTTPS").then(|| "on".to_owned());
        };
        if let Some(rest) = name.strip_prefix("CLIENT_CERT_CHAIN_") {
            // On a server OpenSSL's chain of the client begins behind the client's own certificate.
            return self.peer.get(1..)?.get(number(rest)?).map(|der| x509::pem(der));
        }
        if let Some(rest) = name.strip_prefix("CLIENT_").filter(|rest| *rest != "VERIFY") {
            return certificate_var(self.peer.first()?, rest, style);
        }
        if let Some(rest) = name.strip_prefix("SERVER_") {
            return certificate_var(self.own.as_ref()?.cert.first()?, rest, style);
        }
        self.connection_var(name)
    }

    /// The texts of an extension of the client's certificate (`ssl_ext_list`); `None` where OpenSSL's cannot be told.
    pub(crate) fn extensions(&self, oid: &str) -> Option<Vec<String>> {
        let Some(certificate) = self.peer.first() else { return Some(Vec::new()) };
        Certificate::parse(certificate)?.extension(oid)
    }

    fn connection_var(&self, name: &str) -> Option<String> {
        let value = match name {
            "PROTOCOL" => self.protocol_name(),
            "CIPHER" => self.suite.openssl_name(),
            "CIPHER_EXPORT" => "false",
            "CIPHER_USEKEYSIZE" | "CIPHER_ALGKEYSIZE" => return Some(self.suite.bits().to_string()),
            "COMPRESS_METHOD" => "NULL",
            "SECURE_RENEG" => "true",
            "TLS_SNI" => return self.sni.clone(),
            "SESSION_RESUMED" if self.resumed => "Resumed",
            "SESSION_RESUMED" => "Initial",
            "CLIENT_VERIFY" => self.verdict_text(),
            "VERSION_INTERFACE" => concat!("wsgate/", env!("CARGO_PKG_VERSION")),
            "VERSION_LIBRARY" | "VERSION_LIBRARY_INTERFACE" => "rustls/0.23",
            _ => return None,
        };
        Some(value.to_owned())
    }

    fn protocol_name(&self) -> &'static str {
        if self.protocol == ProtocolVersion::TLSv1_3 { "TLSv1.3" } else { "TLSv1.2" }
    }

    fn verdict_text(&self) -> &'static str {
        match self.verdict {
            ClientVerdict::None => "NONE",
            ClientVerdict::Success => "SUCCESS",
            ClientVerdict::SelfSigned => "FAILED:self-signed certificate",
            ClientVerdict::UnknownIssuer => "FAILED:unable to verify the first certificate",
        }
    }
}

fn certificate_var(der: &CertificateDer<'_>, name: &str, style: DnStyle) -> Option<String> {
    if name == "CERT" {
        return Some(x509::pem(der));
    }
    let certificate = Certificate::parse(der)?;
    let value = match name {
        "M_VERSION" => certificate.version(),
        "M_SERIAL" => certificate.serial(),
        "V_START" => certificate.not_before(),
        "V_END" => certificate.not_after(),
        "V_REMAIN" => {
            let now = i64::try_from(UnixTime::now().as_secs()).unwrap_or(i64::MAX);
            certificate.days_left(now).to_string()
        }
        "S_DN" => certificate.dn(Who::Subject, style),
        "I_DN" => certificate.dn(Who::Issuer, style),
        "A_SIG" => certificate.signature_algorithm().to_owned(),
        "A_KEY" => certificate.key_algorithm().to_owned(),
        "CERT_RFC4523_CEA" => {
            let issuer = certificate.dn(Who::Issuer, DnStyle::Rfc2253);
            format!("{{ serialNumber {}, issuer rdnSequence:\"{issuer}\" }}", certificate.serial_decimal())
        }
        _ => return name_var(&certificate, name),
    };
    Some(value)
}

/// `S_DN_CN`, `I_DN_OU_1`, `SAN_DNS_0` ...
fn name_var(certificate: &Certificate<'_>, name: &str) -> Option<String> {
    if let Some(rest) = name.strip_prefix("SAN_") {
        let kinds = [
            ("Email_", AlternativeName::Email),
            ("DNS_", AlternativeName::Dns),
            ("OTHER_msUPN_", AlternativeName::MsUpn),
            ("OTHER_dnsSRV_", AlternativeName::DnsSrv),
        ];
        let matching = |(prefix, kind): &(&str, AlternativeName)| {
            let (head, index) = rest.split_at_checked(prefix.len())?;
            head.eq_ignore_ascii_case(prefix).then_some((index, *kind))
        };
        let (index, kind) = kinds.iter().find_map(matching)?;
        let index = number(index).filter(|_| index.len() <= 4)?;
        return certificate.alternative_names(kind).into_iter().nth(index);
    }
    let who = [("S_DN_", Who::Subject), ("I_DN_", Who::Issuer)];
    let (rest, who) = who.iter().find_map(|(prefix, who)| Some((name.strip_prefix(prefix)?, *who)))?;
    // _RAW differs only for strings that are not UTF-8; a header or log line holds UTF-8 here.
    let rest = rest.strip_suffix("_RAW").filter(|rest| !rest.is_empty()).unwrap_or(rest);
    match rest.split_once('_') {
        Some((kind, index)) => certificate.attribute(who, kind, number(index)?),
        None => certificate.attribute(who, rest, 0),
    }
}

fn number(digits: &str) -> Option<usize> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}
