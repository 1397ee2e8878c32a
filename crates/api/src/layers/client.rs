//! Who is at the other end of the line.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use http::{Extensions, HeaderMap};
use ipnet::IpNet;

/// Address of the socket's other end; the server puts it into each request.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

fn peer(extensions: &Extensions) -> IpAddr {
    extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip()).to_canonical()
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|net| net.contains(&address))
}

/// The client's address: the peer, or behind trusted proxies the right-most address of `X-Forwarded-For` that is none
/// of them. What a stranger writes to the left of that is not believed.
#[must_use]
pub fn client_ip(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut address = peer(extensions);
    if !is_trusted(address, trusted) {
        return address;
    }
    let hops: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .collect();
    for hop in hops.into_iter().rev() {
        match parse_hop(hop.trim()) {
            Some(next) => address = next,
            None => break,
        }
        if !is_trusted(address, trusted) {
            break;
        }
    }
    address
}

/// Whether the client came over HTTPS, as far as a trusted proxy says so.
#[must_use]
pub fn came_over_https(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpNet]) -> bool {
    let first =
        headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok()).and_then(|text| text.split(',').next());
    is_trusted(peer(extensions), trusted) && first.is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
}

fn parse_hop(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        let trusted: Vec<IpNet> = ["10.0.0.0/8".parse().unwrap()].into();
        let mut extensions = Extensions::new();
        extensions.insert(Peer(SocketAddr::new(peer.parse().unwrap(), 1)));
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        client_ip(&extensions, &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, 203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn proxies_are_skipped_from_the_right() {
        assert_eq!(seen("10.0.0.1", &["203.0.113.9, 10.0.0.2", "10.0.0.3"]), "203.0.113.9");
        assert_eq!(seen("::ffff:10.0.0.1", &["203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["[2001:db8::1]"]), "2001:db8::1");
        assert_eq!(seen("10.0.0.1", &["203.0.113.9, nonsense"]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
    }
}
