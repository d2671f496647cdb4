//! What a reverse proxy says of the browser, believed only of those that the settings name.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;
use library::Origin;

/// Whether the browser's own connection is known to be without TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InTheClear(pub(super) bool);

/// What proxies say. From here on nobody sees it who could take it for true.
pub(super) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
pub(super) const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
pub(super) const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Puts the browser's [`Origin`] into the request, and the host the browser asked for into its `Host`.
pub(super) async fn believe(State(trusted): State<Arc<[IpNet]>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    if let Some(peer) = peer {
        let is_trusted = |address: IpAddr| {
            let address = address.to_canonical();
            trusted.iter().any(|net| net.contains(&address))
        };
        let client = client_address(peer, request.headers(), is_trusted);
        let clear = is_trusted(peer) && request.headers().get(FORWARDED_PROTO).is_some_and(|proto| proto == "http");
        let host = request.headers().get(FORWARDED_HOST).filter(|_| is_trusted(peer)).cloned();
        if let Some(host) = host {
            request.headers_mut().insert(header::HOST, host);
        }
        request.extensions_mut().insert(Origin::of(client));
        request.extensions_mut().insert(InTheClear(clear));
    }
    for name in [FORWARDED_FOR, FORWARDED_PROTO, FORWARDED_HOST] {
        request.headers_mut().remove(name);
    }
    next.run(request).await
}

/// Each proxy puts the address it was asked from behind those it was told. So they are read from the back: whoever a
/// trusted one was asked from is the browser, unless that is trusted too. What stands further in front anybody can have
/// written.
fn client_address(peer: IpAddr, headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut client = peer.to_canonical();
    let lists = headers.get_all(FORWARDED_FOR);
    let mut told =
        lists.iter().filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(',')).collect::<Vec<_>>();
    while is_trusted(client) {
        let Some(before) = told.pop().and_then(|text| text.trim().parse::<IpAddr>().ok()) else { break };
        client = before.to_canonical();
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, told: &[&str]) -> String {
        let nets: Vec<IpNet> =
            ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"].iter().map(|net| net.parse().expect("a net")).collect();
        let headers = told.iter().map(|told| (FORWARDED_FOR, told.parse().expect("a header"))).collect();
        let trusted = |address: IpAddr| nets.iter().any(|net| net.contains(&address));
        client_address(peer.parse().expect("an address"), &headers, trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9", "a stranger says what they like");
        assert_eq!(client("127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            client("127.0.0.1", &["192.0.2.66, 198.51.100.1"]),
            "198.51.100.1",
            "the first one is the browser's own word"
        );
        assert_eq!(client("127.0.0.1", &["198.51.100.1, 10.0.0.7"]), "198.51.100.1", "two proxies");
        assert_eq!(client("127.0.0.1", &["192.0.2.66", "198.51.100.1"]), "198.51.100.1", "two headers are one list");
        assert_eq!(client("::ffff:127.0.0.1", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(client("127.0.0.1", &["nonsense"]), "127.0.0.1");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
    }
}
