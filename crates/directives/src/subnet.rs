//! Addresses and networks as access rules and `-ipmatch` write them (`apr_ipsubnet_create`, `apr_ipsubnet_test`).
//!
//! `10.1.2.3`, `10.1`, `10.1.`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `fe80::1`, `fe80::/10`. Addresses only: whether
//! something else may be a host name is the directive's business, which is why [`SubnetError`] tells them apart.
//! An IPv4 rule also matches the IPv4 client of an IPv6 socket (`::ffff:10.1.2.3`); an IPv6 rule never does.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A set of addresses: one, or all that share some bits with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subnet {
    /// IPv4; the mask need not be contiguous.
    V4 {
        /// The shared bits; none outside of the mask.
        network: u32,
        /// Which bits are shared.
        mask: u32,
    },
    /// IPv6.
    V6 {
        /// The shared bits; none outside of the mask.
        network: u128,
        /// Which bits are shared.
        mask: u128,
    },
}

/// Why a text is no [`Subnet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubnetError {
    /// Does not look like an address at all; perhaps a host name (APR_EINVAL).
    NotAnAddress,
    /// Looks like an address but is none (APR_EBADIP).
    BadAddress,
    /// An IPv4 address in the notation of IPv6: httpd takes only `a.b.c.d` (APR_EBADIP).
    Mapped,
    /// What follows the slash is neither a number of bits from 1 to the address's length nor an IPv4 mask (APR_EBADMASK).
    BadMask,
}

impl fmt::Display for SubnetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAnAddress => "not an IP address",
            Self::BadAddress => "malformed IP address",
            Self::Mapped => "an IPv4 address is written a.b.c.d, not ::ffff:a.b.c.d",
            Self::BadMask => "the mask is neither a number of bits, at least 1, nor an IPv4 mask",
        })
    }
}

impl std::error::Error for SubnetError {}

impl Subnet {
    /// Reads an address, a partial IPv4 address, or a network with bits or mask behind a slash.
    ///
    /// # Errors
    /// Says whether it may have been meant as a host name.
    pub fn parse(text: &[u8]) -> Result<Self, SubnetError> {
        let slash = text.iter().position(|byte| *byte == b'/');
        let (address, mask) = slash.map_or((text, None), |at| (&text[..at], Some(&text[at + 1..])));
        if !looks_like_address(address) {
            return Err(SubnetError::NotAnAddress);
        }
        if let Some(address) = ipv6(address)? {
            let mask =
                mask.map_or(Some(u128::MAX), |mask| bits(mask, 128).map(|bits| u128::MAX << (128 - bits)));
            let mask = mask.ok_or(SubnetError::BadMask)?;
            return Ok(Self::V6 { network: address & mask, mask });
        }
        let (network, mask) = match (octets(address, Trailing::None), mask) {
            (Some((address, 4)), None) => (address, u32::MAX),
            (Some((address, 4)), Some(mask)) => (address, ipv4_mask(mask).ok_or(SubnetError::BadMask)?),
            (_, None) => partial(address).ok_or(SubnetError::BadAddress)?,
            (_, Some(_)) => return Err(SubnetError::BadAddress),
        };
        Ok(Self::V4 { network: network & mask, mask })
    }

    /// Whether the address lies in it; an IPv4-mapped IPv6 address is looked at as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self, address.to_canonical()) {
            (Self::V4 { network, mask }, IpAddr::V4(address)) => u32::from(address) & mask == *network,
            (Self::V6 { network, mask }, IpAddr::V6(address)) => u128::from(address) & mask == *network,
            _ => false,
        }
    }
}

impl From<IpAddr> for Subnet {
    /// The address alone.
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::V4 { network: address.into(), mask: u32::MAX },
            IpAddr::V6(address) => Self::V6 { network: address.into(), mask: u128::MAX },
        }
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::V4 { network, mask } if mask.leading_ones() == mask.count_ones() => {
                write!(f, "{}/{}", Ipv4Addr::from(network), mask.count_ones())
            }
            Self::V4 { network, mask } => write!(f, "{}/{}", Ipv4Addr::from(network), Ipv4Addr::from(mask)),
            Self::V6 { network, mask } => write!(f, "{}/{}", Ipv6Addr::from(network), mask.count_ones()),
        }
    }
}

/// httpd's first look: a colon, or nothing but digits and dots (`looks_like_ip`).
fn looks_like_address(text: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    !text.is_empty() && (text.contains(&b':') || text.iter().all(plain))
}

/// A whole IPv6 address; no zone, as httpd.
fn ipv6(text: &[u8]) -> Result<Option<u128>, SubnetError> {
    if !text.contains(&b':') {
        return Ok(None);
    }
    let text = std::str::from_utf8(text).map_err(|_| SubnetError::BadAddress)?;
    let address: Ipv6Addr = text.parse().map_err(|_| SubnetError::BadAddress)?;
    if address.to_ipv4_mapped().is_some() {
        return Err(SubnetError::Mapped);
    }
    Ok(Some(address.into()))
}

/// Whether a dot may end the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trailing {
    Dot,
    None,
}

/// Up to four decimal octets, leading zeros allowed, from the top bits down, and how many there were.
fn octets(text: &[u8], trailing: Trailing) -> Option<(u32, usize)> {
    let text = if trailing == Trailing::Dot { text.strip_suffix(b".").unwrap_or(text) } else { text };
    let mut address = [0; 4];
    let mut count = 0;
    for part in text.split(|byte| *byte == b'.') {
        *address.get_mut(count)? = decimal(part, 255).and_then(|octet| u8::try_from(octet).ok())?;
        count += 1;
    }
    Some((u32::from_be_bytes(address), count))
}

/// `10.1`, `10.1.`, `10.1.2.3.`: network and mask (`parse_network`).
fn partial(text: &[u8]) -> Option<(u32, u32)> {
    const LONGEST: usize = "255.255.255.255".len();
    let (network, count) = octets(text, Trailing::Dot).filter(|_| text.len() <= LONGEST)?;
    Some((network, u32::MAX << (32 - 8 * count)))
}

fn ipv4_mask(text: &[u8]) -> Option<u32> {
    let dotted = || octets(text, Trailing::None).filter(|(_, count)| *count == 4);
    bits(text, 32).map(|bits| u32::MAX << (32 - bits)).or_else(|| dotted().map(|(mask, _)| mask))
}

/// A number of bits, 1 to `max`, with strtol's blanks and plus sign.
fn bits(text: &[u8], max: u32) -> Option<u32> {
    let text = text.trim_ascii_start();
    decimal(text.strip_prefix(b"+").unwrap_or(text), max).filter(|bits| *bits > 0)
}

fn decimal(text: &[u8], max: u32) -> Option<u32> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(number).filter(|number| *number <= max)
}

#[cfg(test)]
mod tests {
    use super::SubnetError::{BadAddress, BadMask, Mapped, NotAnAddress};
    use super::*;

    /// What httpd 2.4.71 answered for each rule.
    #[test]
    fn rules_are_read_as_httpd_reads_them() {
        for (rule, expected) in [
            ("1.2.3.4", "1.2.3.4/32"),
            ("1.2.3.4.", "1.2.3.4/32"),
            ("001.002.003.004", "1.2.3.4/32"),
            ("001.002.003.0004", "1.2.3.4/32"),
            ("1", "1.0.0.0/8"),
            ("1.2", "1.2.0.0/16"),
            ("1.2.3.", "1.2.3.0/24"),
            ("01.02.003", "1.2.3.0/24"),
            ("1.2.3.4/8", "1.0.0.0/8"),
            ("0001.2.3.4/08", "1.0.0.0/8"),
            ("1.2.3.4/+8", "1.0.0.0/8"),
            ("1.2.3.4/ 8", "1.0.0.0/8"),
            ("1.2.3.4/00255.0.0.0", "1.0.0.0/8"),
            ("1.2.3.4/0.0.0.0", "0.0.0.0/0"),
            ("1.2.3.4/255.0.255.0", "1.0.3.0/255.0.255.0"),
            ("::1", "::1/128"),
            ("::1/127", "::/127"),
            ("fe80::1:2/10", "fe80::/10"),
            ("::1.2.3.4", "::102:304/128"),
        ] {
            assert_eq!(
                Subnet::parse(rule.as_bytes()).map(|rule| rule.to_string()),
                Ok(expected.to_owned()),
                "{rule}"
            );
        }
    }

    #[test]
    fn what_httpd_refuses() {
        for (rule, expected) in [
            ("", NotAnAddress),
            ("abc", NotAnAddress),
            ("example.com/8", NotAnAddress),
            ("1.2.3.4 ", NotAnAddress),
            ("/8", NotAnAddress),
            ("1.2.3.4.5", BadAddress),
            ("1..3", BadAddress),
            (".", BadAddress),
            (".1", BadAddress),
            ("256", BadAddress),
            ("1.2.3.4..", BadAddress),
            ("0000000000001.2.3", BadAddress),
            ("1.2.3/24", BadAddress),
            ("1.2.3.4./8", BadAddress),
            (":", BadAddress),
            ("[::1]", BadAddress),
            ("::1%lo", BadAddress),
            ("::ffff:1.2.3.4", Mapped),
            ("::ffff:1.2.3.4/128", Mapped),
            ("1.2.3.4/", BadMask),
            ("1.2.3.4/0", BadMask),
            ("1.2.3.4/-1", BadMask),
            ("1.2.3.4/33", BadMask),
            ("1.2.3.4/8x", BadMask),
            ("1.2.3.4/4294967304", BadMask),
            ("1.2.3.4/99999999999999999999", BadMask),
            ("1.2.3.4/255.255.255", BadMask),
            ("1.2.3.4/ 255.0.0.0", BadMask),
            ("1.2.3.4/255.255.255.255/8", BadMask),
            ("::/0", BadMask),
            ("::1/129", BadMask),
            ("::1/255.255.255.255", BadMask),
        ] {
            assert_eq!(Subnet::parse(rule.as_bytes()), Err(expected), "{rule}");
        }
    }

    #[test]
    fn membership() {
        for (rule, address, expected) in [
            ("1.2.3.4", "1.2.3.4", true),
            ("1.2.3.4", "1.2.3.5", false),
            ("1.2.3.4", "::ffff:1.2.3.4", true),
            ("1.2", "1.2.255.1", true),
            ("1.2", "1.3.0.0", false),
            ("1.2.3.0/255.0.255.0", "1.9.3.4", true),
            ("1.2.3.4/0.0.0.0", "9.9.9.9", true),
            ("1.2.3.4/0.0.0.0", "::1", false),
            ("::1", "::1", true),
            ("::/127", "::1", true),
            ("::/1", "::ffff:1.2.3.4", false),
            ("::1.2.3.4", "1.2.3.4", false),
            ("::1.2.3.4", "::1.2.3.4", true),
        ] {
            let subnet = Subnet::parse(rule.as_bytes()).unwrap();
            assert_eq!(subnet.contains(address.parse().unwrap()), expected, "{address} in {rule}");
        }
    }

    proptest::proptest! {
        /// The rule's own address lies in it, and nothing panics.
        #[test]
        fn no_text_panics(text in "[0-9.:/a-f% +]{0,24}", address: u32, bits in 1u32..=32) {
            let _ = Subnet::parse(text.as_bytes());
            let rule = format!("{}/{bits}", Ipv4Addr::from(address));
            let subnet = Subnet::parse(rule.as_bytes()).unwrap();
            proptest::prop_assert!(subnet.contains(Ipv4Addr::from(address).into()));
            proptest::prop_assert_eq!(subnet.contains(Ipv4Addr::from(address ^ (1 << (32 - bits))).into()), false);
        }
    }
}
