//! mod_remoteip: who the client is, behind proxies that say so.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use wsgate_directives::config::Setting;
use wsgate_directives::diag::Diagnostic;
use wsgate_directives::modules::remoteip::{Proxy, ServerConf, Trust, Who};
use wsgate_directives::subnet::Subnet;

use crate::request::Request;
use crate::snapshot::{Names, Server};
use crate::vhost;
use crate::world::World;

/// Who may name clients.
pub(crate) type Proxies = Vec<(Subnet, Trust)>;

/// Finds the client in the field that proxies name it in, the last proxy's word first (`remoteip_modify_request`).
/// What a PROXY header says stands.
pub(crate) fn find_client(request: &mut Request) {
    let server = request.server.clone();
    let conf = &server.conf.remoteip;
    let Some(header) = conf.header.as_ref().filter(|_| request.connection.proxied.is_none()) else { return };
    let Some(value) = request.head.headers.get(header.as_bytes()).cloned() else { return };
    let named = follow(&value, request.client(), server.proxies_in_front.as_deref());
    let Some(client) = named.client else { return };
    // Its port is not known.
    request.client = SocketAddr::new(client, 0);
    match named.rest {
        Some(rest) => request.head.headers.set(header.as_bytes().to_vec(), value.slice_ref(rest)),
        None => drop(request.head.headers.remove(header.as_bytes())),
    }
    if !named.through.is_empty() {
        let through: Vec<String> = named.through.iter().map(IpAddr::to_string).collect();
        let through = Bytes::from(through.join(", "));
        request.notes.set("remoteip-proxy-ip-list", through.clone());
        if let Some(header) = &conf.proxies_header {
            request.head.headers.set(header.as_bytes().to_vec(), through);
        }
    }
}

/// What following the proxies' words came to.
#[derive(Debug, PartialEq, Eq)]
struct Named<'a> {
    /// The client, if anyone who may named one.
    client: Option<IpAddr>,
    /// The words that nobody vouches for.
    rest: Option<&'a [u8]>,
    /// The external proxies on the way, the nearest first.
    through: Vec<IpAddr>,
}

fn follow<'a>(words: &'a [u8], peer: IpAddr, proxies: Option<&[(Subnet, Trust)]>) -> Named<'a> {
    let mut named = Named { client: None, rest: Some(words), through: Vec::new() };
    // An internal proxy may name an external one, but no proxy behind an external one is internal.
    let mut trust = if proxies.is_some() { Trust::Internal } else { Trust::External };
    while let Some(list) = named.rest {
        let speaker = named.client.unwrap_or(peer);
        if let Some(proxies) = proxies {
            match proxies.iter().find(|(network, _)| network.contains(speaker)) {
                Some((_, own)) if trust == Trust::Internal => trust = *own,
                Some(_) => {}
                None => break,
            }
        }
        let (before, last) = match list.iter().rposition(|byte| *byte == b',') {
            Some(at) => (Some(&list[..at]), &list[at + 1..]),
            None => (None, list),
        };
        // Only addresses are taken: a name would have the client choose what is looked up.
        let Some(client) = address(last) else { break };
        if trust == Trust::External {
            if !is_public(client) {
                break;
            }
            named.through.push(speaker);
        }
        named.client = Some(client);
        named.rest = before;
    }
    named
}

fn address(word: &[u8]) -> Option<IpAddr> {
    let blank = |byte: &u8| *byte == b' ';
    let start = word.iter().position(|byte| !blank(byte))?;
    let end = word.iter().rposition(|byte| !blank(byte))? + 1;
    let ip: IpAddr = std::str::from_utf8(&word[start..end]).ok()?.parse().ok()?;
    Some(ip.to_canonical())
}

/// What an external proxy may name: no private IPv4 network, and of IPv6 only global unicast.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => !(ip.is_private() || ip.is_loopback() || ip.is_link_local()),
        IpAddr::V6(ip) => ip.octets()[0] & 0xe0 == 0x20,
    }
}

/// The proxies of a server, with names resolved and lists read; what does not work is an error, since it is about trust.
pub(crate) fn proxies(
    conf: &ServerConf,
    names: &dyn Names,
    world: &dyn World,
    notes: &mut Vec<Diagnostic>,
) -> Option<Proxies> {
    let mut found = Proxies::new();
    for Setting { value: Proxy { who, trust }, span } in conf.proxies.as_ref()? {
        let outcome = match who {
            Who::List(path) => read(path, names, world),
            who => resolve(who, names),
        };
        match outcome {
            Ok(networks) => found.extend(networks.into_iter().map(|network| (network, *trust))),
            Err(why) => notes.push(Diagnostic::error("remoteip-proxy", *span, why)),
        }
    }
    Some(found)
}

fn resolve(who: &Who, names: &dyn Names) -> Result<Vec<Subnet>, String> {
    match who {
        Who::Network(network) => Ok(vec![*network]),
        Who::Host(name) => match names.addresses(name) {
            addresses if addresses.is_empty() => Err(format!("{name} does not resolve")),
            addresses => Ok(addresses.into_iter().map(|ip| Subnet::from(ip.to_canonical())).collect()),
        },
        Who::List(path) => Err(format!("{path} is a list")),
    }
}

/// A list of proxies: words, and comments behind `#` (`proxylist_read`).
fn read(path: &str, names: &dyn Names, world: &dyn World) -> Result<Vec<Subnet>, String> {
    let text = world.read(path.as_bytes()).map_err(|error| format!("{path}: {error}"))?;
    let mut found = Vec::new();
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        for word in words.take_while(|word| !word.starts_with(b"#")) {
            let networks = Who::parse(word).and_then(|who| resolve(&who, names));
            found.extend(networks.map_err(|why| format!("{path}:{}: {why}", index + 1))?);
        }
    }
    Ok(found)
}

/// Which connections begin with a PROXY header.
#[derive(Debug, Default)]
pub struct ProxyProtocol {
    on: Vec<Place>,
    off: Vec<Place>,
    exceptions: Vec<Subnet>,
}

/// Addresses of a server: none is any address, 0 any port.
type Place = (Option<IpAddr>, u16);

impl ProxyProtocol {
    /// Gathers it from all servers (`remoteip_enable_proxy_protocol`): a later line about an address beats an earlier
    /// one about the same, and Off beats On where they only overlap.
    pub(crate) fn new(servers: &[Server], names: &dyn Names) -> Self {
        let mut all = Self::default();
        for server in servers {
            let conf = &server.conf.remoteip;
            if let Some(on) = conf.protocol {
                for place in vhost::places(server, names) {
                    let (into, other) =
                        if *on { (&mut all.on, &mut all.off) } else { (&mut all.off, &mut all.on) };
                    other.retain(|known| *known != place);
                    into.push(place);
                }
            }
            all.exceptions.extend(conf.exceptions.iter().map(|network| network.value));
        }
        all
    }

    /// Whether this connection does.
    pub fn expected(&self, local: SocketAddr, peer: SocketAddr) -> bool {
        let ip = local.ip().to_canonical();
        let covers = |places: &[Place]| {
            places.iter().any(|(address, port)| {
                address.is_none_or(|address| address == ip) && (*port == 0 || *port == local.port())
            })
        };
        covers(&self.on)
            && !covers(&self.off)
            && !self.exceptions.iter().any(|network| network.contains(peer.ip()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEAR: &str = "10.0.0.1";

    fn subnet(text: &str) -> Subnet {
        Subnet::parse(text.as_bytes()).unwrap()
    }

    fn proxies() -> Vec<(Subnet, Trust)> {
        vec![(subnet("10.0.0.0/8"), Trust::Internal), (subnet("203.0.113.0/24"), Trust::External)]
    }

    #[track_caller]
    fn check(
        words: &str,
        proxies: Option<&[(Subnet, Trust)]>,
        client: Option<&str>,
        rest: Option<&str>,
        through: &[&str],
    ) {
        let named = follow(words.as_bytes(), NEAR.parse().unwrap(), proxies);
        let ip = |text: &&str| text.parse::<IpAddr>().unwrap();
        let wanted = Named {
            client: client.map(|text| ip(&text)),
            rest: rest.map(str::as_bytes),
            through: through.iter().map(ip).collect(),
        };
        assert_eq!(named, wanted, "{words}");
    }

    #[test]
    fn proxies_are_followed_as_far_as_they_are_trusted() {
        let known = proxies();
        let known = Some(&*known);
        check("198.51.100.7", known, Some("198.51.100.7"), None, &[]);
        check("1.1.1.1, 198.51.100.7", known, Some("198.51.100.7"), Some("1.1.1.1"), &[]);
        check("192.168.1.1", known, Some("192.168.1.1"), None, &[]);
        check("192.168.1.1,10.0.0.2", known, Some("192.168.1.1"), None, &[]);
        check("198.51.100.7, 203.0.113.5", known, Some("198.51.100.7"), None, &["203.0.113.5"]);
        check("192.168.1.1, 203.0.113.5", known, Some("203.0.113.5"), Some("192.168.1.1"), &[]);
        // Behind an external proxy an internal one is as external.
        check(
            "10.0.0.9, 198.51.100.7, 203.0.113.5",
            known,
            Some("198.51.100.7"),
            Some("10.0.0.9"),
            &["203.0.113.5"],
        );
        check("::ffff:198.51.100.7", known, Some("198.51.100.7"), None, &[]);
        check("2001:db8::1", known, Some("2001:db8::1"), None, &[]);
    }

    #[test]
    fn whoever_is_not_trusted_names_nobody() {
        let stranger = vec![(subnet("10.9.0.0/16"), Trust::Internal)];
        check("198.51.100.7", Some(&stranger), None, Some("198.51.100.7"), &[]);
        check("198.51.100.7", Some(&[]), None, Some("198.51.100.7"), &[]);
    }

    #[test]
    fn without_a_list_everybody_names_public_clients() {
        check("198.51.100.7", None, Some("198.51.100.7"), None, &[NEAR]);
        check("8.8.8.8, 198.51.100.7", None, Some("8.8.8.8"), None, &[NEAR, "198.51.100.7"]);
        for private in ["10.1.1.1", "172.16.0.1", "169.254.1.1", "127.0.0.1", "::1", "fe80::1"] {
            check(private, None, None, Some(private), &[]);
        }
    }

    #[test]
    fn words_that_are_no_addresses_end_it() {
        let known = proxies();
        for words in ["", "unknown", "1.2.3.4:567", "[2001:db8::1]", "a.test", "1.2.3.4,", "1.2.3.4, "] {
            check(words, Some(&known), None, Some(words), &[]);
        }
    }

    #[test]
    fn only_some_connections_begin_with_a_proxy_header() {
        let [one, two] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse::<IpAddr>().unwrap());
        let protocol = ProxyProtocol {
            on: vec![(None, 80), (Some(one), 0)],
            off: vec![(Some(two), 80)],
            exceptions: vec![subnet("10.0.0.0/8")],
        };
        let far = "198.51.100.7:5".parse().unwrap();
        let at = |ip: IpAddr, port| protocol.expected(SocketAddr::new(ip, port), far);
        assert!(at(one, 80) && at(one, 443) && at("::1".parse().unwrap(), 80));
        assert!(!at(two, 80) && !at(two, 443));
        let mapped: SocketAddr = "[::ffff:192.0.2.1]:443".parse().unwrap();
        assert!(protocol.expected(mapped, far));
        assert!(!protocol.expected(mapped, "10.1.1.1:5".parse().unwrap()));
    }
}
