//! Which addresses may be reached (SSRF): public ones over TLS; others only where the operator has named their network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;

/// Networks in which systems may lie although they are private; there, and only there, TLS may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<(IpAddr, u8)>);

impl Networks {
    /// `10.1.0.0/16, 127.0.0.1/32`; empty: none.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let networks = parts.map(|part| {
            let (ip, bits) = part.split_once('/')?;
            let (ip, bits): (IpAddr, u8) = (ip.parse().ok()?, bits.parse().ok()?);
            (bits <= if ip.is_ipv4() { 32 } else { 128 }).then_some((ip, bits))
        });
        networks.collect::<Option<_>>().map(Self)
    }

    fn names(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|(network, bits)| match (network, ip) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => same(
                u128::from(network.to_bits()) << 96,
                u128::from(ip.to_bits()) << 96,
                *bits,
            ),
            (IpAddr::V6(network), IpAddr::V6(ip)) => same(network.to_bits(), ip.to_bits(), *bits),
            _ => false,
        })
    }

    /// Whether `ip` may be reached, with TLS or without.
    pub fn allow(&self, ip: IpAddr, tls: bool) -> bool {
        let ip = unmapped(ip);
        self.names(ip) || (tls && is_public(ip))
    }

    /// Whether every address of a name may be reached; a name without one may not.
    pub fn allow_all(&self, ips: impl IntoIterator<Item = IpAddr>, tls: bool) -> bool {
        let mut ips = ips.into_iter().peekable();
        ips.peek().is_some() && ips.all(|ip| self.allow(ip, tls))
    }
}

fn same(a: u128, b: u128, bits: u8) -> bool {
    bits == 0 || (a ^ b) >> (128 - u32::from(bits)) == 0
}

/// An IPv4 address that was written as IPv6 is judged as what it is.
fn unmapped(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    }
}

/// In no range that IANA keeps for special purposes (RFC 6890 and its registries).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(a == 0
        || a == 10
        || a == 127
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 169 && b == 254)
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 168)
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    // Only global unicast (2000::/3), without what carries IPv4 inside or is for documents and tests.
    (a & 0xe000) == 0x2000
        && a != 0x2002
        && !(a == 0x2001 && (b < 0x0200 || b == 0x0db8))
        && !(a == 0x3fff && b < 0x1000)
}

/// An address of a system, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub tls: bool,
    /// Name or literal address, without brackets.
    pub host: String,
    pub port: u16,
    /// `Host` of the request.
    pub authority: String,
    /// Path and query.
    pub path: String,
}

impl Target {
    /// `http` or `https`, nothing else; no name and password, no fragment, at most 500 characters.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 500
            || !text.bytes().all(|byte| byte.is_ascii_graphic())
            || text.contains('#')
        {
            return None;
        }
        let uri: Uri = text.parse().ok()?;
        let tls = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return None;
        }
        Some(Self {
            tls,
            host: authority
                .host()
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned(),
            port: authority.port_u16().unwrap_or(if tls { 443 } else { 80 }),
            authority: authority.as_str().to_owned(),
            path: uri
                .path_and_query()
                .map_or_else(|| "/".to_owned(), |path| path.as_str().to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_and_special_addresses_are_not_public() {
        let none = Networks::default();
        for ip in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.18.0.1",
            "203.0.113.9",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "ff02::1",
            "2001::1",
            "::10.0.0.1",
        ] {
            assert!(!none.allow(ip.parse().expect("an address"), true), "{ip}");
        }
        for ip in [
            "1.1.1.1",
            "223.5.5.5",
            "172.32.0.1",
            "2400:3200::1",
            "::ffff:223.5.5.5",
        ] {
            let ip: IpAddr = ip.parse().expect("an address");
            assert!(none.allow(ip, true), "{ip}");
            assert!(!none.allow(ip, false), "without TLS: {ip}");
        }
    }

    #[test]
    fn one_address_that_must_not_be_reached_speaks_against_the_name() {
        let none = Networks::default();
        for (ips, ok) in [
            ("223.5.5.5 2400:3200::1", true),
            ("223.5.5.5 10.0.0.1", false),
            ("127.0.0.1 223.5.5.5", false),
            ("", false),
        ] {
            let ips = ips.split_whitespace();
            let ips = ips.map(|ip| ip.parse::<IpAddr>().expect("an address"));
            assert_eq!(none.allow_all(ips.clone(), true), ok, "{ips:?}");
        }
    }

    #[test]
    fn a_named_network_is_allowed_and_no_other() {
        let networks = Networks::parse("10.1.0.0/16, 127.0.0.1/32,fd00::/8").expect("networks");
        for (ip, ok) in [
            ("10.1.255.1", true),
            ("10.2.0.1", false),
            ("127.0.0.1", true),
            ("127.0.0.2", false),
            ("fd12::1", true),
            ("fe80::1", false),
            ("::ffff:10.1.0.1", true),
        ] {
            assert_eq!(
                networks.allow(ip.parse().expect("an address"), false),
                ok,
                "{ip}"
            );
        }
        for bad in ["10.0.0.0", "10.0.0.0/33", "x/8", "::1/129"] {
            assert_eq!(Networks::parse(bad), None, "{bad}");
        }
        assert_eq!(Networks::parse(""), Some(Networks::default()));
    }

    #[test]
    fn an_address_is_plain_http() {
        let target = Target::parse("https://sys.example:8443/in?a=1").expect("an address");
        assert_eq!(
            (
                target.tls,
                target.host.as_str(),
                target.port,
                target.path.as_str()
            ),
            (true, "sys.example", 8443, "/in?a=1")
        );
        assert_eq!(
            Target::parse("http://[::1]/").expect("an address").host,
            "::1"
        );
        for bad in [
            "ftp://a/",
            "https://",
            "https://user:pw@a/",
            "https://a/#x",
            "a",
            "https://a b/",
            "https://名/",
            "file:///etc/passwd",
        ] {
            assert_eq!(Target::parse(bad), None, "{bad}");
        }
    }
}
