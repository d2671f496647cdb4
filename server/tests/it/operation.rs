//! A server under load, on its way up and down, and what its operator sees of it; on both engines.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
    response::Response,
};
use domain::messages::{Key, Language, Messages};
use futures_util::{StreamExt as _, stream};
use http::{Request, StatusCode, header};
use library::{
    Clock, Library,
    catalog::search::SearchIndex,
    demo::PATRON_PASSWORD,
    storage::{Database, Tx},
};
use server::{
    config::{Overrides, Settings},
    web::{Operation, Site, Web, router},
};
use tempfile::TempDir;
use tokio::time::timeout;
use tower::ServiceExt as _;

use crate::{postgres, streams::HUNG};

const FORM: &str = "application/x-www-form-urlencoded";

/// A server with one place of each kind, and a queue of one.
const NARROW: &str = "[server.load]\nat_once = 1\nreading_queue = 1\nchanging_queue = 1\n";

struct House {
    folder: TempDir,
    library: Library,
    operation: Operation,
    router: Router,
}

impl House {
    /// One on each engine, not yet ready.
    async fn both(settings: &str) -> [Self; 2] {
        [Self::on(None, settings).await, Self::on(Some(postgres::fresh_database().await), settings).await]
    }

    async fn on(address: Option<String>, settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let settings = format!("[accounts]\nhash_memory_kib = 8\nhash_passes = 1\n{settings}");
        std::fs::write(path("own.toml"), settings).expect("written");
        let settings = Settings::load(Some(&path("own.toml")), Overrides::default()).expect("sound settings");
        std::fs::create_dir_all(path("site/pkg")).expect("made");
        std::fs::write(path("site/pkg/hondana.aaaaaaaaaaaaaaaaaaaaaa.js"), "let a = 1;").expect("written");
        let site = Site::open(&path("site")).expect("a site");
        let address = address.unwrap_or_else(|| format!("sqlite:{}", path("test.db").display()));
        let database = Database::open(&address).await.expect("a database");
        database.migrate().await.expect("a schema");
        let search = SearchIndex::in_ram().expect("an index");
        let library = Library::new(database, settings.policy, search, Clock::System).expect("a library");
        let operation = Operation::new(&library, &settings.server.load);
        let router = router(&Web {
            library: library.clone(),
            mail_folder: None,
            push: None,
            site,
            trusted_proxies: Vec::new(),
            operation: operation.clone(),
        });
        Self { folder, library, operation, router }
    }

    async fn ask(&self, request: http::request::Builder, body: impl Into<Body>) -> Response {
        asked(self.router.clone(), request, body.into()).await
    }

    async fn get(&self, path: &str) -> Response {
        self.ask(page(path), Body::empty()).await
    }

    /// Asks beside what the test does.
    fn beside(&self, request: http::request::Builder, body: impl Into<Body>) -> tokio::task::JoinHandle<Response> {
        tokio::spawn(asked(self.router.clone(), request, body.into()))
    }

    /// What Prometheus is told.
    async fn figures(&self) -> String {
        let response = asked(self.operation.metrics_router(), Request::get("/metrics"), Body::empty()).await;
        assert_eq!(response.status(), StatusCode::OK);
        text(response).await
    }

    /// A figure, by its name and labels; 0 when it is not told.
    async fn figure(&self, name: &str) -> u64 {
        let figures = self.figures().await;
        let line = figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0, |value| value.parse().unwrap_or_else(|_| panic!("{name} {value}")))
    }

    async fn until(&self, name: &str, value: u64) {
        timeout(HUNG, async {
            while self.figure(name).await != value {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .unwrap_or_else(|_| panic!("{name} does not become {value}"));
    }

    /// Takes all connections that pages are read by.
    async fn without_readers(&self) -> Vec<Tx> {
        let most = match self.library.database() {
            Database::Sqlite { readers, .. } => readers.options().get_max_connections(),
            Database::Postgres(pool) => pool.options().get_max_connections(),
        };
        let mut held = Vec::new();
        for _ in 0..most {
            held.push(self.library.database().begin_read().await.expect("a connection"));
        }
        held
    }

    async fn patron(&self) -> String {
        let body = format!("card=1000004&password={PATRON_PASSWORD}");
        let response = self.ask(form("/api/sign-in"), body).await;
        let cookie = response.headers().get(header::SET_COOKIE).expect("signed in").to_str().expect("ASCII");
        cookie.split(';').next().unwrap_or_default().to_owned()
    }
}

async fn asked(router: Router, request: http::request::Builder, body: Body) -> Response {
    let request = request.header(header::HOST, "library.test").body(body).expect("a request");
    router.oneshot(request).await.expect("the router always answers")
}

fn page(path: &str) -> http::request::Builder {
    Request::get(path).header(header::ACCEPT, "text/html")
}

fn form(path: &str) -> http::request::Builder {
    Request::post(path)
        .header("sec-fetch-site", "same-origin")
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, FORM)
}

fn function(path: &str) -> http::request::Builder {
    Request::post(path).header("sec-fetch-site", "same-origin").header(header::CONTENT_TYPE, "application/json")
}

async fn text(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn retry_after(response: &Response) -> Option<u32> {
    response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_finds_no_place_is_told_to_come_again_in_the_readers_language() {
    for house in House::both(NARROW).await {
        house.operation.is_ready();
        let held = house.without_readers().await;
        let first = house.beside(page("/"), Body::empty());
        house.until("hondana_requests_at_work{kind=\"reading\"}", 1).await;
        let second = house.beside(function("/api/search"), r#"{"query":{"q":"本"}}"#);
        house.until("hondana_requests_waiting{kind=\"reading\"}", 1).await;

        for (request, language) in [
            (page("/search?q=x"), Language::Ja),
            (page("/calendar?lang=vi"), Language::Vi),
            (page("/calendar").header(header::COOKIE, "a=b; lang=pt-BR"), Language::Pt),
        ] {
            let shed = house.ask(request, Body::empty()).await;
            assert_eq!(shed.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(retry_after(&shed), Some(5));
            let said = text(shed).await;
            assert!(said.contains(&Messages::of(language).text(Key::BusyText)), "{language:?}: {said}");
            assert!(said.contains(&format!("lang=\"{}\"", language.code())), "{said}");
        }
        assert_eq!(house.figure("hondana_requests_shed_total{reason=\"reading\"}").await, 3);
        for kept in ["/healthz", "/pkg/hondana.aaaaaaaaaaaaaaaaaaaaaa.js", "/manifest.webmanifest"] {
            assert_eq!(house.get(kept).await.status(), StatusCode::OK, "{kept} needs no place");
        }
        let deed = house.ask(function("/api/here"), "{}").await;
        assert_eq!(deed.status(), StatusCode::OK, "searches take no place of what changes something");

        drop(held);
        for waiting in [first, second] {
            assert_eq!(timeout(HUNG, waiting).await.expect("it goes on").expect("answered").status(), StatusCode::OK);
        }
        assert_eq!(house.get("/").await.status(), StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_a_stream_nor_a_slow_body_holds_a_place() {
    let house = House::on(None, NARROW).await;
    house.library.make_demo().await.expect("a demo");
    let watched = house.library.clone();
    tokio::spawn(async move { watched.run_live(100, std::future::pending()).await });
    house.operation.is_ready();
    let cookie = house.patron().await;
    let mut streams = Vec::new();
    for _ in 0..2 {
        let request = Request::get("/live").header(header::COOKIE, &cookie);
        let mut stream = house.ask(request, Body::empty()).await.into_body().into_data_stream();
        stream.next().await.expect("it begins").expect("it goes on");
        streams.push(stream);
    }
    house.until("hondana_live_streams", 2).await;
    assert_eq!(house.figure("hondana_requests_at_work{kind=\"reading\"}").await, 0);
    let slow = stream::once(async { Ok::<_, std::io::Error>("card=1") }).chain(stream::pending());
    let slow = house.beside(form("/api/sign-in"), Body::from_stream(slow));
    for _ in 0..3 {
        // However far the other has come meanwhile.
        tokio::task::yield_now().await;
        assert_eq!(house.ask(function("/api/here"), "{}").await.status(), StatusCode::OK);
    }
    assert!(!slow.is_finished());
    assert_eq!(house.figure("hondana_requests_at_work{kind=\"changing\"}").await, 0);
    slow.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_says_when_it_should_be_sent_requests() {
    for house in House::both("").await {
        let word = async |path: &str| {
            let response = house.get(path).await;
            (response.status().as_u16(), text(response).await)
        };
        let said = |status, word: &str| (status, format!(r#"{{"status":"{word}"}}"#));
        assert_eq!(word("/readyz").await, said(503, "starting"));
        assert_eq!(word("/healthz").await, said(200, "ok"));
        let early = house.get("/?lang=en").await;
        assert_eq!((early.status(), retry_after(&early)), (StatusCode::SERVICE_UNAVAILABLE, Some(5)));
        assert!(text(early).await.contains(&Messages::of(Language::En).text(Key::StartingText)));
        assert_eq!(house.figure("hondana_ready").await, 0);

        house.operation.is_ready();
        assert_eq!(word("/readyz").await, said(200, "ready"));
        assert_eq!(house.get("/").await.status(), StatusCode::OK);
        assert_eq!(house.figure("hondana_ready").await, 1);

        house.operation.is_stopping();
        assert_eq!(word("/readyz").await, said(503, "stopping"));
        assert_eq!(house.get("/").await.status(), StatusCode::OK, "whoever comes is answered to the end");

        house.operation.is_ready();
        house.library.database().close().await;
        assert_eq!(word("/readyz").await, said(503, "the database does not answer"));
        assert_eq!(word("/healthz").await, said(200, "ok"), "starting anew would not mend it");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_told_by_route_and_hold_nothing_that_was_typed() {
    for house in House::both("").await {
        house.library.make_demo().await.expect("a demo");
        house.library.feed_search().await.expect("found from now on");
        house.operation.is_ready();
        house.operation.count_notices().await.expect("read");
        let writes = house.figure("hondana_database_writes_total").await;
        let cookie = house.patron().await;
        let signed_in = house.ask(page("/account/reservations").header(header::COOKIE, &cookie), Body::empty()).await;
        assert_eq!(signed_in.status(), StatusCode::OK);
        for path in ["/search?q=himitsu", "/search?q=himitsu", "/himitsu", "/bibs/himitsu", "/pkg/himitsu.js"] {
            house.get(path).await;
        }
        let count = async |route: &str, status: u16| {
            house.figure(&format!("hondana_requests_total{{route=\"{route}\",status=\"{status}\"}}")).await
        };
        assert_eq!(count("/search", 200).await, 2);
        assert_eq!(count("/bibs/{id}", 404).await, 1);
        assert_eq!(count("/api/sign-in", 303).await, 1);
        assert_eq!(count("/account/reservations", 200).await, 1);
        assert_eq!(count("none", 404).await, 1);
        let slower = "hondana_request_duration_seconds_bucket{le=\"+Inf\",route=\"/search\"}";
        assert_eq!(house.figure(slower).await, 2);
        assert!(house.figure("hondana_database_writes_total").await > writes, "whoever signs in has a session");
        assert!(house.figure("hondana_database_commits_total").await > 0);
        assert!(house.figure("hondana_index_documents").await > 50);
        assert!(house.figure("hondana_database_connections{state=\"idle\"}").await > 0);
        if cfg!(target_os = "linux") {
            assert!(house.figure("hondana_memory_bytes{kind=\"anonymous\"}").await > 1_000_000);
        }
        let figures = house.figures().await;
        assert!(!figures.contains("himitsu") && !figures.contains("1000004"), "{figures}");
        assert_eq!(house.get("/metrics").await.status(), StatusCode::NOT_FOUND, "they are nobody else's");
        drop(house.folder);
    }
}
