//! What a certificate says, in the spelling of mod_ssl: names, numbers and dates for variables and logs.
//!
//! Every value is escaped the way OpenSSL escapes it for mod_ssl, so no control byte of a certificate reaches a log or
//! a header (CVE-2024-47252). Parses only; whether to believe a certificate is `chain`'s business.

use rustls_pki_types::CertificateDer;
use x509_parser::der_parser::asn1_rs::{Any, Oid, Tag};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::time::ASN1Time;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

pub(crate) use wsgate_core::request::DnStyle;

/// A parsed certificate.
pub(super) struct Certificate<'a>(X509Certificate<'a>);

/// The two names of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Its owner.
    Subject,
    /// Who signed it.
    Issuer,
}

impl<'a> Certificate<'a> {
    pub(super) fn parse(der: &'a [u8]) -> Option<Self> {
        X509Certificate::from_der(der).ok().map(|(_, parsed)| Self(parsed))
    }

    fn name(&self, who: Who) -> &X509Name<'_> {
        match who {
            Who::Subject => self.0.subject(),
            Who::Issuer => self.0.issuer(),
        }
    }

    /// The whole name.
    pub(super) fn dn(&self, who: Who, style: DnStyle) -> String {
        match style {
            DnStyle::Rfc2253 => rfc2253(self.name(who)),
            DnStyle::Legacy => oneline(self.name(who)),
        }
    }

    /// The n-th attribute of a kind, by mod_ssl's name for it (`CN`, `Email` ...).
    pub(super) fn attribute(&self, who: Who, kind: &str, index: usize) -> Option<String> {
        let (_, oid) = MOD_SSL_ATTRIBUTES.iter().find(|(name, _)| *name == kind)?;
        let matching = |attribute: &&AttributeTypeAndValue<'_>| attribute.attr_type().to_id_string() == *oid;
        let attribute = self.name(who).iter_attributes().filter(matching).nth(index)?;
        text(attribute.attr_value()).map(|value| escape(&value, Escape::Controls))
    }

    /// All common names.
    pub(super) fn common_names(&self) -> Vec<String> {
        self.name(Who::Subject).iter_common_name().filter_map(|name| text(name.attr_value())).collect()
    }

    /// All DNS names among the alternative names.
    pub(super) fn dns_names(&self) -> Vec<String> {
        self.alternative_names(AlternativeName::Dns)
    }

    /// Alternative names of one kind, in order.
    pub(super) fn alternative_names(&self, kind: AlternativeName) -> Vec<String> {
        let Ok(Some(extension)) = self.0.subject_alternative_name() else { return Vec::new() };
        extension.value.general_names.iter().filter_map(|name| kind.of(name)).collect()
    }

    /// The texts of an extension that OpenSSL knows nothing of: it shows those that are strings. `None` where it has words
    /// of its own for the extension, and where a text is not ASCII or is asked for by a name instead of an OID.
    pub(super) fn extension(&self, oid: &str) -> Option<Vec<String>> {
        let known = OPENSSL_EXTENSIONS.iter().any(|arc| oid.starts_with(arc));
        if known || !oid.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return None;
        }
        let strings = self.0.extensions().iter().filter(|extension| extension.oid.to_id_string() == oid);
        let strings = strings.filter_map(|extension| {
            let (_, value) = Any::from_der(extension.value).ok()?;
            match value.tag() {
                Tag::BmpString => Some(None),
                Tag::Utf8String | Tag::Ia5String | Tag::VisibleString => {
                    Some(text(&value).filter(|text| text.is_ascii()))
                }
                _ => None,
            }
        });
        strings.collect()
    }

    pub(super) fn version(&self) -> String {
        (self.0.version().0 + 1).to_string()
    }

    /// Hexadecimal, as `openssl x509 -serial` prints it.
    pub(super) fn serial(&self) -> String {
        let raw = self.0.raw_serial();
        let bytes = if raw.len() > 1 && raw[0] == 0 { &raw[1..] } else { raw };
        bytes.iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// Decimal.
    pub(super) fn serial_decimal(&self) -> String {
        self.0.tbs_certificate.serial.to_string()
    }

    pub(super) fn not_before(&self) -> String {
        date(self.0.validity().not_before)
    }

    pub(super) fn not_after(&self) -> String {
        date(self.0.validity().not_after)
    }

    /// Whole days until it expires.
    pub(super) fn days_left(&self, now: i64) -> i64 {
        ((self.0.validity().not_after.timestamp() - now) / 86_400).max(0)
    }

    pub(super) fn signature_algorithm(&self) -> &'static str {
        long_name(&self.0.signature_algorithm.algorithm)
    }

    pub(super) fn key_algorithm(&self) -> &'static str {
        long_name(&self.0.public_key().algorithm.algorithm)
    }

    fn is_self_issued(&self) -> bool {
        self.0.subject().as_raw() == self.0.issuer().as_raw()
    }
}

/// Where the extensions are that OpenSSL prints in its own way: X.509's, PKIX's, Netscape's, Certificate Transparency's.
const OPENSSL_EXTENSIONS: &[&str] =
    &["2.5.29.", "1.3.6.1.5.5.7.", "2.16.840.1.113730.1.", "1.3.6.1.4.1.11129.2.4.", "1.3.36.8.3."];

/// Whether a certificate names itself as its issuer.
pub(super) fn is_self_signed(der: &CertificateDer<'_>) -> bool {
    Certificate::parse(der).is_some_and(|certificate| certificate.is_self_issued())
}

/// The certificate as a PEM file holds it.
pub(super) fn pem(der: &[u8]) -> String {
    let base64 = data_encoding::BASE64.encode(der);
    let mut out = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out.push_str("-----END CERTIFICATE-----\n");
    out
}

/// The kinds of alternative names that have variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AlternativeName {
    /// rfc822Name.
    Email,
    /// dNSName.
    Dns,
    /// Microsoft's user principal name.
    MsUpn,
    /// SRVName of RFC 4985.
    DnsSrv,
}

impl AlternativeName {
    fn of(self, name: &GeneralName<'_>) -> Option<String> {
        let value = match (self, name) {
            (Self::Email, GeneralName::RFC822Name(value)) | (Self::Dns, GeneralName::DNSName(value)) => {
                (*value).to_owned()
            }
            (Self::MsUpn, GeneralName::OtherName(oid, value)) => {
                other_name(oid, value, "1.3.6.1.4.1.311.20.2.3", Tag::Utf8String)?
            }
            (Self::DnsSrv, GeneralName::OtherName(oid, value)) => {
                other_name(oid, value, "1.3.6.1.5.5.7.8.7", Tag::Ia5String)?
            }
            _ => return None,
        };
        Some(escape(&value, Escape::Controls))
    }
}

/// The string in an otherName: `[0] EXPLICIT` around it.
fn other_name(oid: &Oid<'_>, value: &[u8], wanted: &str, tag: Tag) -> Option<String> {
    if oid.to_id_string() != wanted {
        return None;
    }
    let (_, outer) = Any::from_der(value).ok()?;
    let (_, inner) = Any::from_der(outer.data).ok()?;
    if inner.tag() == tag { text(&inner) } else { None }
}

/// An ASN.1 string as text; `None` for what is no string.
fn text(value: &Any<'_>) -> Option<String> {
    let data = value.data;
    match value.tag() {
        Tag::Utf8String => Some(String::from_utf8_lossy(data).into_owned()),
        // OpenSSL reads all of these byte by byte, as ISO 8859-1.
        Tag::PrintableString | Tag::Ia5String | Tag::T61String | Tag::NumericString | Tag::VisibleString => {
            Some(data.iter().map(|byte| char::from(*byte)).collect())
        }
        Tag::BmpString => {
            let units = data.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            Some(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
        }
        Tag::UniversalString => {
            let units =
                data.chunks_exact(4).map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]));
            Some(units.map(|unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
        }
        _ => None,
    }
}

/// RFC 2253 as OpenSSL prints it: the last relative name first, control bytes and specials escaped, UTF-8 kept.
fn rfc2253(name: &X509Name<'_>) -> String {
    let relative = name.iter_rdn().map(|rdn| {
        let attributes = rdn.iter().map(|attribute| {
            let kind = attribute.attr_type();
            let value = match (short_name(kind), text(attribute.attr_value())) {
                (Some(_), Some(value)) => escape(&value, Escape::Rfc2253),
                _ => dump(attribute.attr_value()),
            };
            format!("{}={value}", short_name(kind).map_or_else(|| kind.to_id_string(), str::to_owned))
        });
        attributes.collect::<Vec<_>>().join("+")
    });
    let mut relative: Vec<_> = relative.collect();
    relative.reverse();
    relative.join(",")
}

/// `X509_NAME_oneline`: every byte that is not printable ASCII is `\xHH`.
fn oneline(name: &X509Name<'_>) -> String {
    let mut out = String::new();
    for attribute in name.iter_attributes() {
        let kind = attribute.attr_type();
        out.push('/');
        out.push_str(&short_name(kind).map_or_else(|| kind.to_id_string(), str::to_owned));
        out.push('=');
        for byte in attribute.attr_value().data {
            match byte {
                b' '..=b'~' => out.push(char::from(*byte)),
                _ => out.push_str(&format!("\\x{byte:02X}")),
            }
        }
    }
    out
}

/// A value that is not shown as text: `#` and its DER in hexadecimal.
fn dump(value: &Any<'_>) -> String {
    let length = match u8::try_from(value.data.len()) {
        Ok(short @ 0..=127) => vec![short],
        _ => {
            let bytes = value.data.len().to_be_bytes();
            let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
            let significant = &bytes[first..];
            [&[0x80 | u8::try_from(significant.len()).unwrap_or(8)], significant].concat()
        }
    };
    let tag = u8::try_from(value.tag().0).unwrap_or(0);
    let der = [&[tag][..], &length, value.data].concat();
    format!("#{}", data_encoding::HEXUPPER.encode(&der))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    /// Control characters and the backslash.
    Controls,
    /// And what RFC 2253 gives a meaning.
    Rfc2253,
}

fn escape(value: &str, how: Escape) -> String {
    let mut out = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (index, character) in value.chars().enumerate() {
        let special = how == Escape::Rfc2253
            && (matches!(character, ',' | '+' | '"' | '<' | '>' | ';')
                || (character == '#' && index == 0)
                || (character == ' ' && (index == 0 || index == last)));
        match character {
            '\0'..='\x1f' | '\x7f' => out.push_str(&format!("\\{:02X}", u32::from(character))),
            '\\' => out.push_str("\\\\"),
            _ if special => out.extend(['\\', character]),
            _ => out.push(character),
        }
    }
    out
}

/// `Nov  5 10:18:21 2026 GMT`.
fn date(time: ASN1Time) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let time = time.to_datetime();
    let month = MONTHS[usize::from(u8::from(time.month())) - 1];
    let (hour, minute, second) = time.to_hms();
    format!("{month} {:2} {hour:02}:{minute:02}:{second:02} {} GMT", time.day(), time.year())
}

/// mod_ssl's names of attributes (`ssl_var_lookup_ssl_cert_dn_rec`).
const MOD_SSL_ATTRIBUTES: &[(&str, &str)] = &[
    ("C", "2.5.4.6"),
    ("ST", "2.5.4.8"),
    ("SP", "2.5.4.8"),
    ("L", "2.5.4.7"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("CN", "2.5.4.3"),
    ("T", "2.5.4.12"),
    ("I", "2.5.4.43"),
    ("G", "2.5.4.42"),
    ("S", "2.5.4.4"),
    ("D", "2.5.4.13"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("Email", "1.2.840.113549.1.9.1"),
];

/// OpenSSL's short names of attributes.
fn short_name(oid: &Oid<'_>) -> Option<&'static str> {
    let oid = oid.to_id_string();
    SHORT_NAMES.iter().find(|(id, _)| *id == oid).map(|(_, name)| *name)
}

const SHORT_NAMES: &[(&str, &str)] = &[
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.13", "description"),
    ("2.5.4.15", "businessCategory"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.20", "telephoneNumber"),
    ("2.5.4.41", "name"),
    ("2.5.4.42", "GN"),
    ("2.5.4.43", "initials"),
    ("2.5.4.44", "generationQualifier"),
    ("2.5.4.45", "x500UniqueIdentifier"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.65", "pseudonym"),
    ("2.5.4.97", "organizationIdentifier"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("1.2.840.113549.1.9.2", "unstructuredName"),
    ("1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL"),
    ("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST"),
    ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC"),
];

/// OpenSSL's long names of the algorithms that certificates use today.
fn long_name(oid: &Oid<'_>) -> &'static str {
    match oid.to_id_string().as_str() {
        "1.2.840.113549.1.1.1" => "rsaEncryption",
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
        "1.2.840.113549.1.1.10" => "rsassaPss",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.10045.2.1" => "id-ecPublicKey",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
        "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
        "1.3.101.112" => "ED25519",
        "1.3.101.113" => "ED448",
        _ => "UNKNOWN",
    }
}
