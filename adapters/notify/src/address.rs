//! Addresses: which hosts a message from outside may lead us to. None inside the house, unless it is allowed.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use crate::unusable::Unusable;

/// Seconds a request may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Whether an address lies inside the house: this machine, its network, or no single host at all.
#[must_use]
pub fn is_internal(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_internal_v4(v4),
        IpAddr::V6(v6) => is_internal_v6(v6),
    }
}

fn is_internal_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19))
}

fn is_internal_v6(ip: Ipv6Addr) -> bool {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = ip.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_internal_v4(Ipv4Addr::new(a, b, c, d))
    };
    let embedded = match (s0, s1, s2, s3, s4, s5) {
        (0, 0, 0, 0, 0, 0xffff | 0) | (0, 0, 0, 0, 0xffff, 0) => return v4(s6, s7) || s6 == 0,
        (0x64, 0xff9b, 0, 0, 0, 0) => v4(s6, s7),
        (0x64, 0xff9b, 1, ..) | (0x2001, 0, ..) | (0x2001, 0xdb8, ..) | (0x100, 0, 0, 0, ..) => true,
        (0x2002, high, low, ..) => v4(high, low),
        _ => false,
    };
    embedded || ip.is_multicast() || (s0 & 0xfe00) == 0xfc00 || (s0 & 0xffc0) >= 0xfe80
}

/// Resolves names, and gives none of the addresses inside.
struct Outside;

impl Resolve for Outside {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let outside: Vec<SocketAddr> = found.filter(|at| !is_internal(at.ip())).collect();
            if outside.is_empty() {
                return Err(io::Error::other("the name leads inside the house").into());
            }
            let addresses: Addrs = Box::new(outside.into_iter());
            Ok(addresses)
        })
    }
}

/// A client that follows no redirect and no proxy of the environment.
///
/// # Errors
/// When TLS cannot be set up.
pub fn client(internal: bool) -> Result<Client, Unusable> {
    // Another copy of the provider may have been installed before; both are the same.
    drop(rustls::crypto::ring::default_provider().install_default());
    let builder = Client::builder().redirect(Policy::none()).timeout(TIMEOUT).no_proxy();
    let builder = if internal { builder } else { builder.dns_resolver(std::sync::Arc::new(Outside)) };
    builder.build().map_err(|error| Unusable::Client(error.to_string()))
}

/// A URL that may be called.
///
/// # Errors
/// A sentence, when it is no URL, or one that leads inside.
pub fn allowed(url: &str, internal: bool) -> Result<Url, String> {
    let url = Url::parse(url).map_err(|error| format!("the address is no URL: {error}"))?;
    if internal {
        return Ok(url);
    }
    if url.scheme() != "https" {
        return Err("the address is not https".into());
    }
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let inside = match host.parse::<IpAddr>() {
        Ok(ip) => is_internal(ip),
        Err(_) => host.is_empty() || host.trim_end_matches('.').ends_with("localhost"),
    };
    if inside { Err("the address leads inside the house".into()) } else { Ok(url) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_are_refused_in_every_spelling() {
        let inside = [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0",
            "0.0.0.0",
            "10.0.0.1",
            "10.255.255.255",
            "172.16.0.1",
            "172.31.255.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.19.255.1",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "[::]",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:10.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b::a00:1]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2002:a00:1::]",
            "[2001::1]",
            "[2001:db8::1]",
            "[fc00::1]",
            "[fd12:3456::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[100::1]",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "127.0.0.1.",
            "１２７.0.0.1",
            "user@127.0.0.1",
            "user:pw@[::1]",
        ];
        for host in inside {
            assert!(allowed(&format!("https://{host}/x"), false).is_err(), "{host}");
        }
    }

    #[test]
    fn addresses_outside_are_allowed_over_https_alone() {
        for host in ["example.com", "8.8.8.8", "100.128.0.1", "172.32.0.1", "[2606:4700::1111]", "192.1.0.1"]
        {
            assert!(allowed(&format!("https://{host}/x"), false).is_ok(), "{host}");
            assert!(allowed(&format!("http://{host}/x"), false).is_err(), "{host}");
        }
        for other in
            ["file:///etc/passwd", "gopher://example.com", "ftp://example.com", "", "//x", "https://"]
        {
            assert!(allowed(other, false).is_err(), "{other}");
        }
        assert!(allowed("http://127.0.0.1:8080/x", true).is_ok());
    }
}
