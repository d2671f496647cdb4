//! What the router answers, without a network in between.

use axum::{
    Router,
    body::{Body, to_bytes},
    response::Response,
};
use http::{Method, Request, StatusCode, header};
use library::{Clock, Library, catalog::search::SearchIndex, storage::Database};
use server::{
    config::{Overrides, Settings},
    web::{Operation, Site, Web, router},
};
use tempfile::TempDir;
use tower::ServiceExt;

/// A library of a few titles behind the router, and the folder it lives in.
struct House {
    _folder: TempDir,
    web: Web,
    router: Router,
}

impl House {
    async fn new() -> Self {
        Self::with_settings("").await
    }

    async fn with_settings(settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("own.toml"), settings).expect("written");
        let settings = Settings::load(Some(&path("own.toml")), Overrides::default()).expect("sound settings");
        std::fs::create_dir_all(path("site/pkg")).expect("made");
        std::fs::write(path("site/sw.js"), "// A worker.").expect("written");
        std::fs::write(path("site/favicon.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>").expect("written");
        std::fs::write(path("site/pkg/hondana.aaaaaaaaaaaaaaaaaaaaaa.js"), "let much = 1;\n".repeat(200))
            .expect("written");
        let site = Site::open(&path("site")).expect("a site");
        site.compress();
        let database = Database::open(&format!("sqlite:{}", path("test.db").display())).await.expect("a database");
        let search = SearchIndex::in_ram().expect("an index");
        let library = Library::new(database, settings.policy, search, Clock::System).expect("a library");
        let operation = Operation::new(&library, &settings.server, &tokio::runtime::Handle::current());
        operation.is_ready();
        let web = Web { library, mail_folder: None, push: None, site, trusted_proxies: Vec::new(), operation };
        let router = router(&web);
        Self { _folder: folder, web, router }
    }

    async fn answer(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "library.test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        self.router.clone().oneshot(request).await.expect("the router always answers")
    }

    async fn get(&self, path: &str) -> Response {
        self.answer(Method::GET, path, &[("accept", "text/html")]).await
    }

    /// Signs in with a card nobody has; what has to be said about it is the first thing to remember.
    async fn cookie_of_a_failed_sign_in(&self) -> Cookie {
        let request = Request::post("/api/sign-in")
            .header(header::HOST, "library.test")
            .header("sec-fetch-site", "same-origin")
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("card=1&password=wrong&next="))
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("the router always answers");
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        Cookie(header(&response, "set-cookie"))
    }
}

/// A `Set-Cookie` header.
struct Cookie(String);

impl Cookie {
    fn pair(&self) -> &str {
        self.0.split("; ").next().unwrap_or_default()
    }

    fn attributes(&self) -> &str {
        self.0.split_once("; ").map_or("", |(_, attributes)| attributes)
    }
}

fn header(response: &Response, name: &str) -> String {
    let value = response.headers().get(name).map(|value| value.to_str().expect("ASCII").to_owned());
    value.unwrap_or_default()
}

async fn text(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[tokio::test]
async fn a_page_carries_its_own_nonce_and_nothing_inline_is_allowed() {
    let house = House::new().await;
    let response = house.get("/").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "cache-control"), "no-store");
    assert_eq!(header(&response, "x-content-type-options"), "nosniff");
    assert_eq!(header(&response, "referrer-policy"), "same-origin");
    assert!(header(&response, "set-cookie").is_empty(), "nothing is stored yet");
    let policy = header(&response, "content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"), "{policy}");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
    let page = text(response).await;
    assert!(page.contains(&format!("nonce=\"{nonce}\"")), "the page's scripts bear it");
    let again = header(&house.get("/").await, "content-security-policy");
    assert!(!again.contains(&nonce), "each answer has its own");
}

#[tokio::test]
async fn an_unknown_page_is_not_found_in_the_library_own_dress() {
    let house = House::new().await;
    let response = house.get("/no/such/page").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(text(response).await.contains("本棚町立図書館"));
}

#[tokio::test]
async fn a_write_from_another_site_is_refused() {
    let house = House::new().await;
    for headers in
        [&[("sec-fetch-site", "cross-site")][..], &[("origin", "https://evil.example"), ("host", "library.test")], &[]]
    {
        let response = house.answer(Method::POST, "/api/anything", headers).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{headers:?}");
        assert!(text(response).await.contains("この操作は受け付けられません。"));
    }
    let own = house.answer(Method::POST, "/api/anything", &[("sec-fetch-site", "same-origin")]).await;
    assert_ne!(own.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_browser_is_known_once_there_is_something_to_remember() {
    let house = House::new().await;
    assert_eq!(
        house.cookie_of_a_failed_sign_in().await.attributes(),
        "HttpOnly; SameSite=Lax; Path=/; Max-Age=7776000"
    );
    let secure = House::with_settings("[library]\nweb_address = \"https://library.test\"\n").await;
    let cookie = secure.cookie_of_a_failed_sign_in().await;
    assert!(cookie.pair().starts_with("__Host-hondana="), "{}", cookie.0);
    assert_eq!(cookie.attributes(), "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=7776000");
}

#[tokio::test]
async fn a_session_in_use_is_prolonged_once_a_day() {
    let house = House::new().await;
    let cookie = house.cookie_of_a_failed_sign_in().await;
    let visit = async |path: &'static str| {
        let response = house.answer(Method::GET, path, &[("accept", "text/html"), ("cookie", cookie.pair())]).await;
        assert_eq!(response.status(), StatusCode::OK);
        header(&response, "set-cookie")
    };
    // The first page takes what was left to be said out of the session, the next prolongs it.
    visit("/login").await;
    assert!(visit("/").await.starts_with(cookie.pair()));
    assert_eq!(visit("/").await, "", "no write for each page");
    assert_eq!(visit("/favicon.svg").await, "");
}

#[tokio::test]
async fn a_session_nobody_knows_is_forgotten() {
    let house = House::new().await;
    let unknown = "hondana=AAAAAAAAAAAAAAAAAAAAAA";
    let response = house.answer(Method::GET, "/", &[("accept", "text/html"), ("cookie", unknown)]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(header(&response, "set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn too_large_a_body_is_refused() {
    let house = House::new().await;
    let headers = [("sec-fetch-site", "same-origin"), ("content-length", "99999999")];
    let response = house.answer(Method::POST, "/api/anything", &headers).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn files_with_hashes_are_kept_for_ever_and_sent_compressed() {
    let house = House::new().await;
    let path = "/pkg/hondana.aaaaaaaaaaaaaaaaaaaaaa.js";
    let response = house.answer(Method::GET, path, &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&response, "content-encoding"), "br");
    assert_eq!(header(&house.get("/favicon.svg").await, "cache-control"), "public, max-age=3600");
    let missing = house.get("/pkg/hondana.bbbbbbbbbbbbbbbbbbbbbb.js").await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert_eq!(header(&missing, "cache-control"), "no-store");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_page_comes_also_while_another_server_starts_in_the_same_process() {
    let house = House::new().await;
    let web = house.web.clone();
    let over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let starting = tokio::task::spawn_blocking({
        let over = std::sync::Arc::clone(&over);
        move || {
            while !over.load(std::sync::atomic::Ordering::Relaxed) {
                drop(router(&web));
            }
        }
    });
    for n in 0..200 {
        // Not a matter of speed: without an end the page would be waited for for ever.
        let page = tokio::time::timeout(std::time::Duration::from_secs(60), house.get("/search?q=")).await;
        if page.is_err() {
            over.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        assert_eq!(page.unwrap_or_else(|_| panic!("page {n} never came")).status(), StatusCode::OK);
    }
    over.store(true, std::sync::atomic::Ordering::Relaxed);
    starting.await.expect("it ended");
}

#[tokio::test]
async fn r33_the_worker_may_ask_this_server_and_is_never_of_yesterday() {
    let house = House::new().await;
    let response = house.get("/sw.js").await;
    assert_eq!(header(&response, "cache-control"), "no-cache");
    let policy = header(&response, "content-security-policy");
    assert!(policy.contains("connect-src 'self'") && policy.contains("default-src 'none'"), "{policy}");
    assert!(!header(&house.get("/favicon.svg").await, "content-security-policy").contains("connect-src"));
}

#[tokio::test]
async fn r33_the_manifest_names_the_library_in_the_language_of_the_page() {
    let house = House::new().await;
    let response = house.get("/manifest.webmanifest?lang=en").await;
    assert_eq!(header(&response, "content-type"), "application/manifest+json");
    let english: serde_json::Value = serde_json::from_str(&text(response).await).expect("JSON");
    assert_eq!((&english["lang"], &english["shortcuts"][1]["url"]), (&"en".into(), &"/account/reservations".into()));
    let japanese: serde_json::Value =
        serde_json::from_str(&text(house.get("/manifest.webmanifest").await).await).expect("JSON");
    assert_eq!((&japanese["lang"], &japanese["name"]), (&"ja".into(), &"本棚町立図書館".into()));
    assert_ne!(english["shortcuts"][2]["name"], japanese["shortcuts"][2]["name"]);
    let page = text(house.get("/").await).await;
    assert!(page.contains("href=\"/manifest.webmanifest?lang=ja\""), "the page leads to it");
    let about = "content=\"本棚町立図書館 書名や著者名で探し、インターネットで予約できます。\"";
    assert!(page.contains(&format!("<meta name=\"description\" {about}")), "search engines are told what it is");
}

#[tokio::test]
async fn r33_what_has_to_be_said_once_is_left_for_whoever_reads() {
    let house = House::new().await;
    let cookie = house.cookie_of_a_failed_sign_in().await;
    let visit = async |more: &[(&str, &str)]| {
        let headers = [&[("cookie", cookie.pair()), ("accept", "text/html")], more].concat();
        let response = house.answer(Method::GET, "/login", &headers).await;
        (header(&response, "hondana-keep"), text(response).await.contains("role=\"alert\""))
    };
    assert_eq!(visit(&[("hondana-keep", "ask")]).await, ("nobody".to_owned(), false), "nobody reads it yet");
    assert_eq!(visit(&[]).await, ("nobody once".to_owned(), true));
    assert_eq!(visit(&[]).await, ("nobody".to_owned(), false));
}

#[tokio::test]
async fn r33_pages_shown_at_any_address_come_without_the_program() {
    let house = House::new().await;
    for (path, has_program) in [("/offline", false), ("/cart/waiting", false), ("/guide", true)] {
        let page = text(house.get(path).await).await;
        assert_eq!(page.contains("type=\"module\""), has_program, "{path}");
        assert!(page.contains("data-works-offline"), "{path}");
    }
    assert!(!text(house.get("/desk").await).await.contains("data-works-offline"));
}
