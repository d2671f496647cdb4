//! Headers on every kind of answer, sessions that begin and end, and what proxies are believed.

use std::net::SocketAddr;

use axum::{Router, body::Body, extract::ConnectInfo, response::Response};
use http::{Method, Request, StatusCode, header};
use library::{
    Clock, Library,
    catalog::search::SearchIndex,
    demo::{PATRON_PASSWORD, STAFF_LOGIN, STAFF_PASSWORD},
    storage::Database,
};
use server::{
    config::{Overrides, Settings},
    web::{Operation, Site, Web, router},
};
use tempfile::TempDir;
use tower::ServiceExt as _;

const HTTPS: &str =
    "[library]\nweb_address = \"https://library.test\"\n[server]\ntrusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\n";

struct House {
    _folder: TempDir,
    library: Library,
    router: Router,
}

impl House {
    async fn new(settings: &str, demo: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let settings = format!("[accounts]\nhash_memory_kib = 8\nhash_passes = 1\n{settings}");
        std::fs::write(path("own.toml"), settings).expect("written");
        let settings = Settings::load(Some(&path("own.toml")), Overrides::default()).expect("sound settings");
        std::fs::create_dir_all(path("site/pkg")).expect("made");
        std::fs::write(path("site/favicon.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>").expect("written");
        let site = Site::open(&path("site")).expect("a site");
        let database = Database::open(&format!("sqlite:{}", path("test.db").display())).await.expect("a database");
        let search = SearchIndex::in_ram().expect("an index");
        let library = Library::new(database, settings.policy, search, Clock::System).expect("a library");
        if demo {
            library.make_demo().await.expect("a demo");
        }
        let operation = Operation::new(&library, &settings.server, &tokio::runtime::Handle::current());
        let trusted_proxies = settings.server.trusted_proxies;
        operation.is_ready();
        let router =
            router(&Web { library: library.clone(), mail_folder: None, push: None, site, trusted_proxies, operation });
        Self { _folder: folder, library, router }
    }

    /// An answer to somebody at this address.
    async fn answer(&self, from: &str, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
        let peer: SocketAddr = format!("{from}:40000").parse().expect("an address");
        let mut request = Request::builder().method(method).uri(path).extension(ConnectInfo(peer));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header(header::HOST, "library.test");
        }
        let request = request.body(Body::from(body.to_owned())).expect("a request");
        self.router.clone().oneshot(request).await.expect("the router always answers")
    }

    async fn form(&self, path: &str, cookie: &str, body: &str) -> Response {
        let headers = [
            ("sec-fetch-site", "same-origin"),
            ("accept", "text/html"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("cookie", cookie),
        ];
        self.answer("127.0.0.1", Method::POST, path, &headers, body).await
    }

    /// Whether the page 予約状況 is shown to whoever has this cookie.
    async fn is_patron(&self, cookie: &str) -> bool {
        let headers = [("accept", "text/html"), ("cookie", cookie)];
        let response = self.answer("127.0.0.1", Method::GET, "/account/reservations", &headers, "").await;
        response.status() == StatusCode::OK
    }
}

fn said(response: &Response, name: &str) -> String {
    let value = response.headers().get(name).map(|value| value.to_str().expect("ASCII").to_owned());
    value.unwrap_or_default()
}

fn cookie(response: &Response) -> String {
    said(response, "set-cookie").split(';').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn every_kind_of_answer_carries_the_headers() {
    let house = House::new(HTTPS, false).await;
    let own = [("sec-fetch-site", "same-origin"), ("accept", "text/html")];
    let json = [("sec-fetch-site", "same-origin"), ("content-type", "application/json")];
    let large = [("sec-fetch-site", "same-origin"), ("content-length", "99999999")];
    let answers: [(&str, StatusCode, Response); 11] = [
        ("page", StatusCode::OK, house.answer("127.0.0.1", Method::GET, "/", &own, "").await),
        ("page not found", StatusCode::NOT_FOUND, house.answer("127.0.0.1", Method::GET, "/no/page", &own, "").await),
        (
            "page that redirects",
            StatusCode::FOUND,
            house.answer("127.0.0.1", Method::GET, "/account/loans", &own, "").await,
        ),
        ("file", StatusCode::OK, house.answer("127.0.0.1", Method::GET, "/favicon.svg", &own, "").await),
        (
            "file not found",
            StatusCode::NOT_FOUND,
            house.answer("127.0.0.1", Method::GET, "/pkg/none.js", &own, "").await,
        ),
        ("alive", StatusCode::OK, house.answer("127.0.0.1", Method::GET, "/healthz", &own, "").await),
        ("ready", StatusCode::OK, house.answer("127.0.0.1", Method::GET, "/readyz", &own, "").await),
        ("server function", StatusCode::OK, house.answer("127.0.0.1", Method::POST, "/api/here", &json, "{}").await),
        (
            "server function that fails",
            StatusCode::INTERNAL_SERVER_ERROR,
            house.answer("127.0.0.1", Method::POST, "/api/loans", &json, "{}").await,
        ),
        ("form", StatusCode::SEE_OTHER, house.form("/api/sign-in", "", "card=1&password=x").await),
        ("refusal", StatusCode::FORBIDDEN, house.answer("127.0.0.1", Method::POST, "/api/here", &[], "{}").await),
    ];
    let too_large = (
        "too large",
        StatusCode::PAYLOAD_TOO_LARGE,
        house.answer("127.0.0.1", Method::POST, "/api/here", &large, "").await,
    );
    for (what, status, response) in answers.into_iter().chain([too_large]) {
        assert_eq!(response.status(), status, "{what}");
        assert_eq!(said(&response, "x-content-type-options"), "nosniff", "{what}");
        assert_eq!(said(&response, "referrer-policy"), "same-origin", "{what}");
        assert_eq!(said(&response, "x-frame-options"), "DENY", "{what}");
        assert_eq!(said(&response, "cross-origin-opener-policy"), "same-origin", "{what}");
        assert_eq!(said(&response, "cross-origin-resource-policy"), "same-origin", "{what}");
        assert!(said(&response, "permissions-policy").contains("camera=()"), "{what}");
        assert_eq!(said(&response, "strict-transport-security"), "max-age=63072000", "{what}");
        let policy = said(&response, "content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("unsafe-eval'")
                || policy.contains("wasm-unsafe-eval"),
            "{what}: {policy}"
        );
        let kept = said(&response, "cache-control");
        assert!(kept == "no-store" || (what == "file" && kept == "public, max-age=3600"), "{what}: {kept}");
        assert_eq!(said(&response, "server") + &said(&response, "x-powered-by"), "", "{what} tells what answers");
    }
}

#[tokio::test]
async fn browsers_are_bound_to_tls_where_there_is_tls() {
    let strict = async |settings: &str, from: &str, proto: &str| {
        let headers = [("accept", "text/html"), ("x-forwarded-proto", proto)];
        let response = House::new(settings, false).await.answer(from, Method::GET, "/login", &headers, "").await;
        !said(&response, "strict-transport-security").is_empty()
    };
    assert!(strict(HTTPS, "127.0.0.1", "https").await);
    assert!(!strict(HTTPS, "127.0.0.1", "http").await, "the proxy knows better");
    assert!(strict(HTTPS, "203.0.113.5", "http").await, "a stranger's word");
    assert!(!strict("", "127.0.0.1", "https").await, "a library without TLS");
}

#[tokio::test]
async fn the_host_a_trusted_proxy_names_is_the_one_that_was_asked() {
    let house = House::new(HTTPS, false).await;
    let write = async |from: &str| {
        let headers = [
            ("host", "127.0.0.1:3000"),
            ("origin", "https://other-name.test"),
            ("x-forwarded-host", "other-name.test"),
            ("content-type", "application/json"),
        ];
        house.answer(from, Method::POST, "/api/here", &headers, "{}").await.status()
    };
    assert_eq!(write("127.0.0.1").await, StatusCode::OK);
    assert_eq!(write("10.1.2.3").await, StatusCode::OK);
    assert_eq!(write("203.0.113.5").await, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_has_a_new_id_and_its_end_is_the_end() {
    let house = House::new("", true).await;
    let sign_in = format!("card=1000004&password={PATRON_PASSWORD}");
    // An id somebody may have brought the browser to use, and one of a browser that has a cart.
    let planted = "hondana=AAAAAAAAAAAAAAAAAAAAAA";
    let response = house.form("/api/sign-in", planted, &sign_in).await;
    let first = cookie(&response);
    assert!(!first.is_empty() && first != planted);
    let wrong = house.form("/api/sign-in", "", "card=1000004&password=wrong").await;
    let before = cookie(&wrong);
    let second = cookie(&house.form("/api/sign-in", &before, &sign_in).await);
    assert_ne!(second, before, "the id changes with the right");
    assert!(!house.is_patron(&before).await && house.is_patron(&first).await && house.is_patron(&second).await);

    let out = house.form("/api/sign-out", &first, "").await;
    assert!(said(&out, "set-cookie").contains("Max-Age=0"));
    assert!(!house.is_patron(&first).await, "also where somebody kept the cookie");
    let end = "/api/end-other-sessions";
    let third = cookie(&house.form("/api/sign-in", "", &sign_in).await);
    assert_eq!(house.form(end, &third, "").await.status(), StatusCode::SEE_OTHER);
    assert!(!house.is_patron(&second).await && house.is_patron(&third).await);
    let patron = house.library.patron_by_card("1000004").await.expect("read").expect("of the demo");
    house.library.replace_card(patron, "7000001").await.expect("written").expect("replaced");
    assert!(!house.is_patron(&third).await, "whoever has the lost card may be signed in with it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_who_are_disabled_are_out_at_once() {
    let house = House::new("", true).await;
    let login = format!("login={STAFF_LOGIN}&password={STAFF_PASSWORD}");
    let cookie = cookie(&house.form("/api/staff-sign-in", "", &login).await);
    let place = async || said(&house.form("/api/desk-place", &cookie, "place=central").await, "location");
    assert_eq!(place().await, "/desk");
    let accounts = house.library.staff_accounts().await.expect("read");
    let desk = accounts.iter().find(|account| account.login == STAFF_LOGIN).expect("of the demo").id;
    house.library.enable_staff(desk, false).await.expect("written").expect("not the last manager");
    assert_eq!(place().await, "/desk?refused");
}

/// The files for Caddy and nginx say what the program reads, and the page about them names what there is.
#[test]
fn the_files_for_proxies_fit_the_program() {
    let nginx = include_str!("../../../docs/proxy/nginx.conf");
    let caddy = include_str!("../../../docs/proxy/Caddyfile");
    let page = include_str!("../../../docs/https.md");
    let proxy = include_str!("../../src/web/proxy.rs");
    let settings = include_str!("../../../hondana.toml");
    let address = Settings::load(None, Overrides::default()).expect("sound").server.addr.to_string();
    assert!(
        nginx.contains(&format!("proxy_pass http://{address};")) && caddy.contains(&format!("reverse_proxy {address}"))
    );
    assert!(page.contains(&format!("addr = \"{address}\"")));
    for name in ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"] {
        assert!(nginx.contains(&format!("proxy_set_header {name} ")), "{name}");
        assert!(proxy.contains(&format!("\"{}\"", name.to_lowercase())), "{name}");
    }
    assert!(!nginx.contains("$proxy_add_x_forwarded_for"), "it hands on what the browser wrote");
    for setting in ["trusted_proxies", "web_address"] {
        assert!(page.contains(setting) && settings.contains(setting), "{setting}");
    }
    // What stands on the page as settings are settings.
    let written: String = page.lines().filter_map(|line| line.strip_prefix("    ")).collect::<Vec<_>>().join("\n");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("own.toml");
    std::fs::write(&path, written).expect("written");
    let settings = Settings::load(Some(&path), Overrides::default()).expect("the page's settings are sound");
    assert_eq!(settings.server.trusted_proxies.len(), 1);
    assert!(settings.policy.library.web_address.starts_with("https://"));
}
