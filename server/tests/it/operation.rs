//! A server under load, on its way up and down, and what its operator sees of it; on both engines.

use std::{
    io::BufRead as _,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::ConnectInfo,
    response::Response,
    routing::post,
};
use domain::messages::{Key, Language, Messages};
use futures_util::{StreamExt as _, stream};
use http::{Request, StatusCode, header};
use library::{
    Clock, Library,
    catalog::search::SearchIndex,
    demo::{PATRON_PASSWORD, STAFF_LOGIN, STAFF_PASSWORD},
    storage::{Database, Tx},
};
use server::{
    config::{Overrides, Settings},
    web::{ConnectionLimits, Operation, Site, Web, router, serve_connections},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tower::ServiceExt as _;

use crate::{
    postgres,
    streams::{HUNG, program},
};

const FORM: &str = "application/x-www-form-urlencoded";

/// A server with one place of each kind, and a queue of one.
const NARROW: &str = "[server.load]\nat_once = 1\nchanging_at_once = 1\nreading_queue = 1\nchanging_queue = 1\n";

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
        let operation = Operation::new(&library, &settings.server, &tokio::runtime::Handle::current());
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
        let second = house.beside(function("/api/suggest"), r#"{"typed":"本"}"#);
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
async fn a_rush_leaves_the_desk_its_place() {
    for house in House::both(NARROW).await {
        house.operation.is_ready();
        let scan =
            || house.ask(function("/api/check-in"), r#"{"op":"6f6e6a6c-0000-4000-8000-000000000001","barcode":"1"}"#);
        let refused = scan().await.status();
        let held = house.without_readers().await;
        // It reads, and is none of those that are known to read only.
        let link = r#"{"key":"x"}"#;
        let rush = [link; 2].map(|body| house.beside(function("/api/link"), body));
        house.until("hondana_requests_at_work{kind=\"changing\"}", 1).await;
        house.until("hondana_requests_waiting{kind=\"changing\"}", 1).await;
        assert_eq!(house.ask(function("/api/link"), link).await.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(scan().await.status(), refused, "it is for staff only, and answered as ever");
        assert_ne!(refused, StatusCode::SERVICE_UNAVAILABLE);
        drop(held);
        for waiting in rush {
            assert_eq!(timeout(HUNG, waiting).await.expect("it goes on").expect("answered").status(), StatusCode::OK);
        }
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
        assert_eq!(count("files", 404).await, 1);
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

/// A program and a reader, each at an address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crawler_is_slowed_down_and_a_reader_is_not() {
    let house = House::on(None, "[server.pace]\nbot_per_minute = 1\naddress_per_minute = 6\n").await;
    house.operation.is_ready();
    let ask = async |from: &str, agent: &str, path: &str| {
        let peer: SocketAddr = format!("{from}:40000").parse().expect("an address");
        let request = page(path).extension(ConnectInfo(peer)).header(header::USER_AGENT, agent);
        house.ask(request, Body::empty()).await
    };
    let (crawler, reader) = ("Mozilla/5.0 (compatible; SomeBot/1.0; +https://bot.example/)", "Firefox/1");
    assert_eq!(ask("203.0.113.5", crawler, "/search?q=x").await.status(), StatusCode::OK);
    let slowed = ask("203.0.113.5", crawler, "/?lang=ko").await;
    assert_eq!(slowed.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(retry_after(&slowed).is_some_and(|seconds| (1..=61).contains(&seconds)));
    assert!(text(slowed).await.contains(&Messages::of(Language::Ko).text(Key::TooFastText)));
    assert_eq!(ask("203.0.113.5", crawler, "/calendar").await.status(), StatusCode::OK, "no page of the catalogue");
    assert_eq!(ask("203.0.113.6", crawler, "/search?q=x").await.status(), StatusCode::OK, "from elsewhere");
    for _ in 0..3 {
        assert_eq!(ask("203.0.113.5", reader, "/search?q=x").await.status(), StatusCode::OK, "beside the crawler");
    }
    let much = ask("203.0.113.5", reader, "/search?q=x").await;
    assert_eq!(much.status(), StatusCode::TOO_MANY_REQUESTS, "more than all people of an address ask");
    assert_eq!(ask("203.0.113.5", reader, "/login").await.status(), StatusCode::OK);
    for (reason, times) in [("bot", 1), ("address", 1)] {
        assert_eq!(house.figure(&format!("hondana_requests_shed_total{{reason=\"{reason}\"}}")).await, times);
    }
}

/// What people typed, in any way it could be written down. No number that a sum of fractions could happen to end in.
const TYPED: [&str; 8] =
    ["1000004", "8305172", "中里", "himitsu", "ひみつ", "%E3%81%B2%E3%81%BF%E3%81%A4", "Hon2dana", "Desk-2-dana"];

/// The program as it is run, with everything written down that can be.
struct Run {
    child: Child,
    address: SocketAddr,
    figures: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
}

impl Run {
    async fn begin(folder: &Path, database: &str, collector: SocketAddr) -> Self {
        let settings = format!(
            "[server]\nlog = \"json\"\nmetrics_addr = \"127.0.0.1:0\"\ndrain_seconds = 3\n\
             [server.traces]\nendpoint = \"http://{collector}/v1/traces\"\n\
             [accounts]\nhash_memory_kib = 8\nhash_passes = 1\n"
        );
        std::fs::write(folder.join("own.toml"), settings).expect("written");
        std::fs::create_dir_all(folder.join("site/pkg")).expect("made");
        let command = |name: &str| {
            let mut command = Command::new(program());
            command.arg(name).current_dir(folder).env_clear();
            command.env("HONDANA_CONFIG", folder.join("own.toml")).env("HONDANA_DATABASE_URL", database);
            command
                .env("HONDANA_DATA_DIR", folder.join("data"))
                .env("HONDANA_ADDR", "127.0.0.1:0")
                .env("RUST_LOG", "debug");
            command
        };
        for name in ["migrate", "demo"] {
            let done = command(name).output().expect("it runs");
            assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
        }
        let mut serve = command("serve");
        let mut child = serve.arg("--site").arg(folder.join("site")).stderr(Stdio::piped()).spawn().expect("it runs");
        let said = std::io::BufReader::new(child.stderr.take().expect("piped"));
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            said.lines().map_while(Result::ok).for_each(|line| kept.lock().expect("whole").push(line));
        });
        let address_after = async |words: &str| {
            let found = async {
                loop {
                    let lines = log.lock().expect("whole").clone();
                    let line = lines.iter().find_map(|line| line.split_once(words));
                    if let Some((_, rest)) = line {
                        let end = rest.find(['/', ' ', '"']).unwrap_or(rest.len());
                        return rest[..end].parse().expect("an address");
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            timeout(HUNG, found).await.unwrap_or_else(|_| panic!("{words}: {:?}", log.lock()))
        };
        let figures = address_after("figures at http://").await;
        let address = address_after("Answering at http://").await;
        Self { child, address, figures, log }
    }

    /// Asks as somebody who has this cookie, and reads the whole answer.
    async fn ask(&self, at: SocketAddr, asked: &str, cookie: &str, body: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(at).await?;
        let length = body.len();
        let request = format!(
            "{asked} HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\nsec-fetch-site: same-origin\r\naccept: text/html\r\n\
             cookie: {cookie}\r\ncontent-type: {FORM}\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    async fn get(&self, path: &str, cookie: &str) -> String {
        let answer = self.ask(self.address, &format!("GET {path}"), cookie, "").await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        answer
    }

    /// Posts a form; answers the cookie the browser has then.
    async fn post(&self, path: &str, cookie: &str, body: &str) -> String {
        let answer = self.ask(self.address, &format!("POST {path}"), cookie, body).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 303"), "{path}: {answer}");
        let new = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
        new.unwrap_or(cookie).to_owned()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_typed_is_in_logs_figures_or_traces_of_a_run() {
    let traces = Arc::new(Mutex::new(Vec::<u8>::new()));
    let kept = Arc::clone(&traces);
    let collect = post(async move |body: Bytes| kept.lock().expect("whole").extend_from_slice(&body));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let collector = listener.local_addr().expect("an address");
    let collects = Router::new().route("/v1/traces", collect);
    tokio::spawn(serve_connections(listener, collects, ConnectionLimits::of(10), std::future::pending()));

    for database in [None, Some(postgres::fresh_database().await)] {
        let folder = tempfile::tempdir().expect("a folder");
        let database = database.unwrap_or_else(|| format!("sqlite:{}", folder.path().join("test.db").display()));
        traces.lock().expect("whole").clear();
        let mut run = Run::begin(folder.path(), &database, collector).await;
        let patron = run.post("/api/sign-in", "", &format!("card=1000004&password={PATRON_PASSWORD}")).await;
        assert!(run.get("/account/reservations", &patron).await.contains("予約状況"));
        run.post("/api/sign-in", "", "card=8305172&password=himitsu").await;
        for path in ["/search?q=himitsu", "/search?q=%E3%81%B2%E3%81%BF%E3%81%A4"] {
            run.get(path, &patron).await;
        }
        run.ask(run.address, "GET /himitsu", "", "").await.expect("an answer");
        let staff = format!("login={STAFF_LOGIN}&password={STAFF_PASSWORD}");
        let desk = run.post("/api/staff-sign-in", "", &staff).await;
        let desk = run.post("/api/desk-place", &desk, "place=central").await;
        let found = run.ask(run.address, "GET /desk/cards?q=1000004", &desk, "").await.expect("an answer");
        assert!(found.contains("location: /desk/cards/"), "the one card: {found}");
        assert!(run.get("/desk/cards?q=%E4%B8%AD%E9%87%8C", &desk).await.contains("中里"));
        let figures = run.ask(run.figures, "GET /metrics", "", "").await.expect("an answer");
        assert!(figures.contains("route=\"/desk/cards\",status=\"200\"} 1"), "{figures}");

        let told = Command::new("kill").args(["-TERM", &run.child.id().to_string()]).status();
        assert!(told.expect("told").success());
        timeout(HUNG, async {
            while !run.ask(run.address, "GET /readyz", "", "").await.expect("it still answers").contains("stopping") {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .expect("it says that it will stop");
        run.get("/search?q=himitsu", &patron).await;
        assert!(run.child.wait().expect("a status").success());

        let log = run.log.lock().expect("whole").join("\n");
        let traced = String::from_utf8_lossy(&traces.lock().expect("whole")).into_owned();
        for line in log.lines().filter(|line| !line.starts_with("Answering at")) {
            assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
        }
        assert!(log.contains("\"route\":\"/search\"") && log.contains("\"route\":\"none\""));
        for there in ["/search", "/desk/cards", "search", "select ", "db.statement", "http.response.status_code"] {
            assert!(traced.contains(there), "{there} is in no trace");
        }
        for typed in TYPED {
            for (what, written) in [("log", &log), ("figures", &figures), ("traces", &traced)] {
                let at = written.find(typed).map(|at| {
                    written[..at].chars().rev().take(300).collect::<Vec<_>>().into_iter().rev().collect::<String>()
                });
                assert_eq!(at, None, "{typed} in the {what} of {database}, behind this");
            }
        }
    }
}
