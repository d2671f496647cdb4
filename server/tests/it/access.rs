//! The table of who may ask what ([`crate::access_table`]) against the program: each cell is asked of a demo library.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    response::Response,
};
use domain::{
    BibId, MarathonId, PartId, PatronId, PlaceCode, ReadId, StaffId,
    bookshelf::{
        ListChoice, ListKind, ListQuery,
        marathon::{MarathonForm, ReadForm},
    },
    cart::CartChange,
    catalog::{BibRecord, ImportedBib, ImportedItem, ImportedPart, LoanRule, MaterialType, SearchQuery},
    circulation::{By, PatronAction, ReserveRequest},
    patrons::{Contact, StaffForm, StaffRole},
};
use futures_util::StreamExt as _;
use http::{Method, Request, StatusCode, header};
use library::{
    Clock, Library, Origin,
    catalog::search::SearchIndex,
    demo::{MANAGER_LOGIN, MANAGER_PASSWORD, PATRON_PASSWORD, STAFF_LOGIN, STAFF_PASSWORD},
    notices::{PushKey, PushSettings},
    patrons::{code_of, new_secret},
    sessions::Owner,
    storage::Database,
};
use server::{
    config::{Overrides, Settings},
    web::{Operation, Site, Web, router},
};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::access_table::{Ask, Line, table};

const CARD: &str = "1000004";
const NAME: &str = "中里 大輔";
const ANOTHER_CARD: &str = "1000006";

/// What only the patron may ever see again: a title in their cart, a list of theirs, what they noted in their reading
/// marathon and how they call it, and the words for the browser of their session.
const NOTED: &str = "ひそかに読んだ本";
const MARATHON: &str = "ひそかなマラソン";
const IN_CART: &str = "ひそかな書名";
const LIST: &str = "ひそかな本棚";
const BROWSER: &str = "Firefox · ChromeOS";
const USER_AGENT: &str = "CrOS Firefox/1";

/// Where the forms of the test stand; who is led back there has met a failure of ours.
const FORM_STANDS_AT: &str = "/form-stands-here";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visitor {
    Nobody,
    Patron,
    Another,
    Kiosk,
    Desk,
    Manager,
}

/// The key by which devices are offered notices.
static PUSH_KEY: LazyLock<Arc<PushKey>> =
    LazyLock::new(|| Arc::new(PushKey::read(&PushKey::generate().expect("random numbers")).expect("a key")));

const VISITORS: [Visitor; 6] =
    [Visitor::Nobody, Visitor::Patron, Visitor::Another, Visitor::Kiosk, Visitor::Desk, Visitor::Manager];

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Allowed,
    Refused,
    /// The request was not understood or met our failure, so it says nothing of rights: the table's line is wrong.
    Broken(String),
}

struct Answer {
    outcome: Outcome,
    /// Where it leads, and its text.
    text: String,
    /// Whether the browser has another cookie from now on.
    another_cookie: bool,
}

pub(crate) struct Town {
    _folder: TempDir,
    pub(crate) library: Library,
    router: Router,
    pub(crate) patron: PatronId,
    staff: StaffId,
    /// Titles of the test, by the order they were made in.
    pub(crate) titles: Vec<(BibId, PartId)>,
}

impl Town {
    pub(crate) async fn new(settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        // What is tested is not how slow a password is; and where passkeys are offered, there is more to ask.
        let settings = format!(
            "[library]\nweb_address = \"https://library.test\"\n[accounts]\nhash_memory_kib = 8\nhash_passes = 1\n{settings}"
        );
        std::fs::write(path("own.toml"), settings).expect("written");
        let settings = Settings::load(Some(&path("own.toml")), Overrides::default()).expect("sound settings");
        for made in ["site/pkg", "mail"] {
            std::fs::create_dir_all(path(made)).expect("made");
        }
        std::fs::write(path("site/favicon.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>").expect("written");
        let site = Site::open(&path("site")).expect("a site");
        let database = Database::open(&format!("sqlite:{}", path("test.db").display())).await.expect("a database");
        let search = SearchIndex::in_ram().expect("an index");
        let library = Library::new(database, settings.policy, search, Clock::System).expect("a library");
        library.make_demo().await.expect("a demo");
        let names = ["一つ目", "二つ目", "三つ目", "四つ目", IN_CART];
        let bibs: Vec<_> = names.iter().enumerate().map(|(n, name)| bib(n, name)).collect();
        library.import("test", &bibs).await.expect("taken in");
        library.feed_search().await.expect("found from now on");
        let mut titles = Vec::new();
        for name in names {
            let query = SearchQuery { q: name.to_owned(), ..SearchQuery::default() };
            let found = library.search(&query).await.expect("searched").results;
            let bib = found.iter().find(|hit| hit.record.title == name).expect("it is there").id;
            let page = library.record_page(bib).await.expect("read").expect("it is there");
            titles.push((bib, page.parts[0].id));
        }
        let form = StaffForm { login: "third".into(), password: "long enough".into(), role: StaffRole::Desk };
        let staff = library.add_staff(&form).await.expect("written").expect("made");
        let patron = library.patron_by_card(CARD).await.expect("read").expect("of the demo");
        let watched = library.clone();
        tokio::spawn(async move { watched.run_live(100, std::future::pending()).await });
        let mail_folder = Some(path("mail"));
        let push = Some(PushSettings {
            key: Arc::clone(&PUSH_KEY),
            services: vec!["push.example.net".to_owned()],
            patience: Duration::from_secs(1),
        });
        let operation = Operation::new(&library, &settings.server, &tokio::runtime::Handle::current());
        operation.is_ready();
        let trusted_proxies = Vec::new();
        let router = router(&Web { library: library.clone(), mail_folder, push, site, trusted_proxies, operation });
        Self { _folder: folder, library, router, patron, staff, titles }
    }

    pub(crate) async fn send(&self, request: http::request::Builder, body: String) -> Response {
        let request = request.header(header::HOST, "library.test").body(Body::from(body)).expect("a request");
        self.router.clone().oneshot(request).await.expect("the router always answers")
    }

    /// Posts a form of ours, with this cookie; answers the cookie the browser has then.
    pub(crate) async fn post(&self, path: &str, cookie: Option<&str>, body: &str) -> Option<String> {
        // Only the patron's browser bears the name that is looked for.
        let agent = if body.contains(CARD) { USER_AGENT } else { "Firefox/1" };
        let request = form_to(path).header(header::USER_AGENT, agent);
        let request = cookie.iter().fold(request, |request, cookie| request.header(header::COOKIE, *cookie));
        let response = self.send(request, body.to_owned()).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        // The session's, and what opens the history of who keeps one.
        let new = response.headers().get_all(header::SET_COOKIE).iter();
        let new: Vec<_> = new.filter_map(|value| value.to_str().ok()?.split(';').next()).collect();
        if new.is_empty() { cookie.map(ToOwned::to_owned) } else { Some(new.join("; ")) }
    }

    /// A browser in which this visitor has just begun.
    pub(crate) async fn cookie(&self, visitor: Visitor) -> Option<String> {
        let (path, body) = match visitor {
            Visitor::Nobody => return None,
            Visitor::Kiosk => ("/api/cart-add", format!("part={}", self.titles[0].1)),
            Visitor::Patron => ("/api/sign-in", format!("card={CARD}&password={PATRON_PASSWORD}")),
            Visitor::Another => ("/api/sign-in", format!("card={ANOTHER_CARD}&password={PATRON_PASSWORD}")),
            Visitor::Desk => ("/api/staff-sign-in", format!("login={STAFF_LOGIN}&password={STAFF_PASSWORD}")),
            Visitor::Manager => ("/api/staff-sign-in", format!("login={MANAGER_LOGIN}&password={MANAGER_PASSWORD}")),
        };
        let cookie = self.post(path, None, &body).await;
        match visitor {
            Visitor::Kiosk => {
                let token = self.library.register_kiosk("入口", &PlaceCode("central".into())).await.expect("written");
                cookie.map(|cookie| format!("{cookie}; __Host-hondana-kiosk={}", token.expect("a name and a place")))
            }
            Visitor::Desk | Visitor::Manager => self.post("/api/desk-place", cookie.as_deref(), "place=central").await,
            _ => cookie,
        }
    }

    /// Brings what belongs to the patron into the state in which it can be touched; answers what stands for the words in
    /// braces.
    async fn prepare(&self) -> BTreeMap<&'static str, String> {
        let (library, patron) = (&self.library, self.patron);
        for view in library.reservations(patron).await.expect("read") {
            let cancel = PatronAction::Cancel(view.id);
            library.act(&By::Staff, patron, library.new_op(), &cancel).await.expect("written").expect("cancelled");
        }
        let request = ReserveRequest {
            op: library.new_op(),
            parts: vec![self.titles[0].1, self.titles[1].1],
            in_set: 2,
            pickup_place: PlaceCode("central".into()),
            contact: Contact::Telephone,
        };
        library.reserve(&By::Patron, patron, &request).await.expect("written").expect("reserved");
        let reservation = library.reservations(patron).await.expect("read").remove(0);
        if library.loans(patron).await.expect("read").is_empty() {
            let here = PlaceCode("central".into());
            let _ = library.check_in(&here, "test-2").await.expect("written");
            library.check_out(&By::Staff, &here, patron, "test-2").await.expect("written").expect("lent");
        }
        let loan = library.loans(patron).await.expect("read").remove(0).id;
        library.change_cart(None, Some(patron), &CartChange::Add(self.titles[4].1)).await.expect("written");
        let (marathon, read) = self.prepare_marathon().await;
        // Two more titles that nobody else may see: one in a list, one in an open loan history.
        let made = library.make_list(patron, LIST).await.expect("written");
        let lists = library.book_lists(patron).await.expect("read");
        let id = made.unwrap_or_else(|_| lists.iter().find(|list| list.kind == ListKind::Named).expect("made").id);
        let into = ListChoice::Own(id);
        library.add_to_list(patron, into, self.titles[4].0, None).await.expect("written").expect("added");
        let view = library.book_list(patron, id, &ListQuery::default()).await.expect("read").expect("theirs");
        let (list, entry) = (view.list, view.entries[0].id);
        if library.history_count(patron).await.expect("read").is_none() {
            let started = library.start_history(patron, PATRON_PASSWORD, &Origin::unknown()).await;
            started.expect("written").expect("chosen");
        }
        library.end_other_sessions(Owner::Patron(patron), &[]).await.expect("written");
        self.cookie(Visitor::Patron).await;
        let session = library.sessions_of(Owner::Patron(patron), &[]).await.expect("read").remove(0);
        assert_eq!(session.browser, BROWSER);
        BTreeMap::from([
            ("done", request.op.to_string()),
            ("patron", patron.to_string()),
            ("card", CARD.to_owned()),
            ("password", PATRON_PASSWORD.to_owned()),
            ("login", STAFF_LOGIN.to_owned()),
            ("staff-password", STAFF_PASSWORD.to_owned()),
            ("staff", self.staff.to_string()),
            ("kiosk", domain::KioskId(self.staff.0).to_string()),
            ("reservation", reservation.id.to_string()),
            ("set", reservation.in_set.expect("made as one").set.to_string()),
            ("loan", loan.to_string()),
            ("session", session.key),
            ("marathon", marathon.to_string()),
            ("read", read.to_string()),
            ("season", library.new_op().to_string()),
            ("list", list.id.to_string()),
            ("entry", entry.to_string()),
            ("bib", self.titles[3].0.to_string()),
            ("part", self.titles[3].1.to_string()),
            ("copy", "test-3".to_owned()),
        ])
    }

    /// One marathon of the patron, with one book noted in it.
    async fn prepare_marathon(&self) -> (MarathonId, ReadId) {
        let (library, patron) = (&self.library, self.patron);
        for line in library.marathons(patron, None).await.expect("read").lines {
            library.delete_marathon(patron, line.marathon.id).await.expect("written");
        }
        let (marathon, read) = (MarathonId(library.new_op().0), ReadId(library.new_op().0));
        let today = library.today().to_string();
        let form = MarathonForm {
            name: MARATHON.into(),
            from: today.clone(),
            until: today.clone(),
            books: "1".into(),
            ..MarathonForm::default()
        };
        library.begin_marathon(patron, marathon, &form).await.expect("written").expect("begun");
        let form = ReadForm { title: NOTED.into(), day: today, ..ReadForm::default() };
        library.enter_read(patron, marathon, read, &form).await.expect("written").expect("noted");
        (marathon, read)
    }

    /// Everything that belongs to the patron, to be compared.
    async fn belongings(&self) -> String {
        let mut data = self.library.own_data(self.patron).await.expect("read").expect("still there");
        data.as_of = chrono::DateTime::default();
        serde_json::to_string(&data).expect("JSON")
    }

    /// Asks, and reads what came of it.
    async fn ask(&self, (path, ask, _): Line, words: &BTreeMap<&str, String>, cookie: Option<&str>) -> Answer {
        let fill = |text: &str| {
            let op = self.library.new_op().to_string();
            let text = text.replace("{op}", &op);
            words.iter().fold(text, |text, (word, value)| text.replace(&format!("{{{word}}}"), value))
        };
        let (request, body) = match ask {
            Ask::Get(address) | Ask::Live(address) => {
                (Request::get(fill(address)).header(header::ACCEPT, "text/html"), String::new())
            }
            Ask::Form(body) => (form_to(path), fill(body)),
            Ask::File(list) => (
                a_form_to(path).header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}")),
                fill(&file_for(list)),
            ),
            Ask::Json(body) => (
                Request::post(path)
                    .header("sec-fetch-site", "same-origin")
                    .header(header::ACCEPT, "application/json")
                    .header(header::CONTENT_TYPE, "application/json"),
                fill(body),
            ),
        };
        let request = request.header(header::USER_AGENT, "Firefox/1");
        let request = cookie.iter().fold(request, |request, cookie| request.header(header::COOKIE, *cookie));
        let response = self.send(request, body).await;
        let status = response.status();
        let to =
            response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default().to_owned();
        let another_cookie = response.headers().contains_key(header::SET_COOKIE);
        let text = match ask {
            Ask::Live(_) => first_event(response.into_body()).await,
            _ => {
                let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
                String::from_utf8_lossy(&bytes).into_owned()
            }
        };
        Answer { outcome: judge(path, ask, status, &to, &text), text: format!("{to}\n{text}"), another_cookie }
    }
}

/// A stream up to its first event.
async fn first_event(body: Body) -> String {
    let mut pieces = body.into_data_stream();
    let mut text = String::new();
    while !text.contains("data:")
        && let Some(piece) = pieces.next().await
    {
        text.push_str(&String::from_utf8_lossy(&piece.expect("it goes on")));
    }
    text
}

/// What stands between the parts of a form with a file.
const BOUNDARY: &str = "between-the-parts";

/// A form with a file for a list.
fn file_for(list: &str) -> String {
    format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"list\"\r\n\r\n{list}\r\n\
         --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\n\r\ntitle\nx\r\n--{BOUNDARY}--\r\n"
    )
}

fn form_to(path: &str) -> http::request::Builder {
    a_form_to(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

fn a_form_to(path: &str) -> http::request::Builder {
    Request::post(path)
        .header("sec-fetch-site", "same-origin")
        .header(header::ACCEPT, "text/html")
        .header(header::REFERER, format!("http://library.test{FORM_STANDS_AT}"))
}

fn judge(path: &str, ask: Ask, status: StatusCode, to: &str, text: &str) -> Outcome {
    let refused = to.starts_with("/login?next=") || to == "/desk?refused" || text.contains(">職員ログイン</h1>");
    let said = text.trim();
    let broken = || Outcome::Broken(format!("{status} {to} {}", said.chars().take(200).collect::<String>()));
    match ask {
        // Who may ask is told on the page of the sign-in what came of it.
        Ask::Form(_) if path == "/api/passkey-sign-in" && to.starts_with("/login") => Outcome::Allowed,
        _ if refused => Outcome::Refused,
        Ask::Live(_) if text.contains("event: end") => Outcome::Refused,
        Ask::Live(_) if text.contains("event: state") => Outcome::Allowed,
        // Who asks for another's answer by its id is told that there is none.
        Ask::Get(_) if status.is_success() || status.is_redirection() || status == StatusCode::NOT_FOUND => {
            Outcome::Allowed
        }
        // These lead back to where they stand when all is well.
        Ask::Form(_) if matches!(path, "/api/cart-add" | "/api/display") && status == StatusCode::SEE_OTHER => {
            Outcome::Allowed
        }
        Ask::File(_) if status == StatusCode::SEE_OTHER => Outcome::Allowed,
        Ask::Form(_)
            if matches!(path, "/api/shelf-add" | "/api/shelf-entry" | "/api/history-delete" | "/api/history-open")
                && status == StatusCode::SEE_OTHER =>
        {
            Outcome::Allowed
        }
        Ask::Form(_) if status == StatusCode::SEE_OTHER && !to.contains(FORM_STANDS_AT) => Outcome::Allowed,
        Ask::Json(_) if status.is_success() => Outcome::Allowed,
        Ask::Json(_) if matches!(said, "sign-in" | "staff-only") => Outcome::Refused,
        Ask::Json(_) if said == "not-found" => Outcome::Allowed,
        _ => broken(),
    }
}

fn bib(n: usize, title: &str) -> ImportedBib {
    ImportedBib {
        source_key: format!("t{n}"),
        record: BibRecord {
            title: title.to_owned(),
            title_reading: None,
            subtitle: None,
            volume: None,
            creators: Vec::new(),
            publisher: None,
            year: None,
            isbns: Vec::new(),
            ndc: Vec::new(),
            series: None,
            subjects: Vec::new(),
            extent: None,
            material: MaterialType::Book,
        },
        parts: vec![ImportedPart {
            label: String::new(),
            ordinal: 0,
            received_on: None,
            items: vec![ImportedItem {
                barcode: format!("test-{n}"),
                branch: PlaceCode("central".into()),
                shelf_mark: String::new(),
                loan_rule: LoanRule::Lendable,
            }],
        }],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_and_server_function_stands_in_the_table() {
    let town = Town::new("").await;
    let known: BTreeSet<String> = table().map(|(path, ..)| path.to_owned()).collect();
    // The router's own list, as it writes itself; files of the browser's program have names of their own.
    let written = format!("{:?}", town.router);
    let paths = written.split('"').skip(1).step_by(2).filter(|path| path.starts_with('/') && !path.starts_with("/pkg"));
    let mut there: BTreeSet<String> = paths.filter(|path| !path.contains("__private")).map(ToOwned::to_owned).collect();
    assert!(there.len() > 100, "the router writes its routes differently now: {there:?}");
    let functions =
        leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect::<BTreeSet<_>>();
    assert!(functions.is_subset(&there), "{:?}", functions.difference(&there));
    there.extend(functions);
    assert_eq!(there.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "say in access_table.rs who may");
    assert_eq!(known.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "in the table only");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_cell_of_the_table_is_as_it_says() {
    let town = Town::new("").await;
    let mut wrong = Vec::new();
    let mut cookies: BTreeMap<usize, Option<String>> = BTreeMap::new();
    for line in table() {
        let (path, ask, cells) = line;
        let cells: Vec<&str> = cells.split(' ').collect();
        assert_eq!(cells.len(), VISITORS.len(), "{path}");
        let mut words = town.prepare().await;
        // The patron last but the desk, who may change what is the patron's.
        for of in [0, 2, 3, 1, 4, 5] {
            let (visitor, cell) = (VISITORS[of], cells[of]);
            let at_desk = matches!(visitor, Visitor::Desk | Visitor::Manager);
            let may_change = cell != "-" && (at_desk || visitor == Visitor::Patron) || path == "/api/sign-in";
            if at_desk && cell == "+" {
                words = town.prepare().await;
            }
            if visitor == Visitor::Patron || !cookies.contains_key(&of) {
                cookies.insert(of, town.cookie(visitor).await);
            }
            let before = town.belongings().await;
            let cookie = cookies.get(&of).cloned().flatten();
            let Answer { outcome, text, another_cookie } = town.ask(line, &words, cookie.as_deref()).await;
            if another_cookie {
                cookies.remove(&of);
            }
            let mut note = |what: String| wrong.push(format!("{path} {ask:?} as {visitor:?}: {what}"));
            if outcome != expected(cell) {
                note(format!("{outcome:?}, but {cell}"));
            }
            if !may_change && town.belongings().await != before {
                note("changed what is the patron's".to_owned());
            }
            // The name is the desk's to see; what is private is nobody's but the patron's.
            let secrets: &[&str] = match visitor {
                Visitor::Patron => &[],
                Visitor::Desk | Visitor::Manager => &[IN_CART, LIST, NOTED, MARATHON, BROWSER],
                _ => &[IN_CART, LIST, NOTED, MARATHON, BROWSER, NAME],
            };
            if let Some(secret) = secrets.iter().find(|secret| text.contains(**secret)) {
                note(format!("shows {secret}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of the cells:\n{}", wrong.len(), wrong.join("\n"));
}

fn expected(cell: &str) -> Outcome {
    match cell {
        "+" | "o" => Outcome::Allowed,
        "-" => Outcome::Refused,
        other => panic!("`{other}` is no cell"),
    }
}

/// Whoever gave the right password and not yet the second factor is nobody, but for giving it and setting it up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_sign_in_opens_nothing() {
    let entering = ["/api/give-code", "/api/second-factor", "/api/set-factor", "/api/sign-out", "/api/staff-sign-in"];
    let mut wrong = Vec::new();
    // A manager of whom the policy wants a second factor, and one who has it.
    for (settings, has_one) in [("second_factor = \"managers\"\n", false), ("", true)] {
        let town = Town::new(settings).await;
        if has_one {
            let accounts = town.library.staff_accounts().await.expect("read");
            let manager = accounts.iter().find(|account| account.login == MANAGER_LOGIN).expect("of the demo").id;
            let secret = new_secret();
            let code = code_of(&secret, town.library.now()).expect("a secret");
            town.library
                .set_factor(manager, &secret, (MANAGER_PASSWORD, &code), &Origin::unknown())
                .await
                .expect("written")
                .expect("set");
        }
        let words = town.prepare().await;
        let body = format!("login={MANAGER_LOGIN}&password={MANAGER_PASSWORD}");
        for line in table().filter(|(path, _, cells)| cells.starts_with('-') && !entering.contains(path)) {
            let cookie = town.post("/api/staff-sign-in", None, &body).await;
            let Answer { outcome, text, .. } = town.ask(line, &words, cookie.as_deref()).await;
            let asked_first = text.contains(">確認コード</h1>") || text.contains("/desk/library/factor");
            if outcome != Outcome::Refused && !asked_first {
                wrong.push(format!("{} {:?}: {outcome:?}", line.0, line.1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Who sat at the desk before, and noted what was offered there, has nothing of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_offered_for_a_second_factor_is_the_sessions_own() {
    let town = Town::new("").await;
    let begin = async || town.cookie(Visitor::Manager).await.expect("a session");
    let offered = async |cookie: &str| {
        let request = Request::get("/desk/library/factor").header(header::ACCEPT, "text/html");
        let response = town.send(request.header(header::COOKIE, cookie), String::new()).await;
        let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        let page = String::from_utf8_lossy(&bytes).into_owned();
        let secret = page.split("<code class=\"secret\">").nth(1).and_then(|rest| rest.split("</code>").next());
        secret.unwrap_or_else(|| panic!("{page}")).replace(' ', "")
    };
    let left_open = begin().await;
    let noted = offered(&left_open).await;
    assert_eq!(offered(&left_open).await, noted, "a page may be loaded twice");
    let wrong = format!("code=000000&password={MANAGER_PASSWORD}");
    assert_eq!(town.post("/api/set-factor", Some(&left_open), &wrong).await.as_deref(), Some(left_open.as_str()));
    assert_eq!(offered(&left_open).await, noted, "and a code mistyped");
    // Whoever signs in there next is offered another.
    let next = format!("login={STAFF_LOGIN}&password={STAFF_PASSWORD}");
    let next = town.post("/api/staff-sign-in", Some(&left_open), &next).await.expect("a session");
    let next = town.post("/api/desk-place", Some(&next), "place=central").await.expect("the same");
    assert_ne!(offered(&next).await, noted);

    let own = begin().await;
    let secret = offered(&own).await;
    assert_ne!(secret, noted);
    // A new password ends it, also where it was changed.
    let change = format!("old={MANAGER_PASSWORD}&password=much+longer&again=much+longer");
    let own = town.post("/api/change-staff-password", Some(&own), &change).await.expect("a session");
    let after = offered(&own).await;
    assert_ne!(after, secret);
    let code = code_of(&after, town.library.now()).expect("a secret");
    town.post("/api/set-factor", Some(&own), &format!("code={code}&password=much+longer")).await;
    let accounts = town.library.staff_accounts().await.expect("read");
    assert!(accounts.iter().any(|account| account.login == MANAGER_LOGIN && account.factor));
}

/// A page that was left open sends late what its patron did there: not into the cart of whoever has signed in since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_patron_did_is_not_done_for_the_next() {
    let town = Town::new("").await;
    let part = town.titles[0].1;
    let change = async |of: &str, visitor| {
        let cookie = town.cookie(visitor).await.expect("a session");
        let line = ("/api/cart-change", Ask::Json(r#"{"change":{"Add":"{part}"},"of":{of}}"#), "");
        let words = BTreeMap::from([("part", part.to_string()), ("of", of.to_owned())]);
        town.ask(line, &words, Some(&cookie)).await
    };
    let patron = format!("\"{}\"", town.patron);
    assert_eq!(change(&patron, Visitor::Another).await.outcome, Outcome::Refused);
    assert_eq!(change("null", Visitor::Another).await.outcome, Outcome::Allowed, "from before they signed in");
    let own = change(&patron, Visitor::Patron).await;
    assert_eq!(own.outcome, Outcome::Allowed);
    assert!(own.text.contains(&part.0.simple().to_string()), "{}", own.text);
}

/// No write gets through that another site's page may have asked for, whatever it writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_write_comes_from_another_site() {
    let town = Town::new("").await;
    let words = town.prepare().await;
    let cookies = [town.cookie(Visitor::Patron).await, town.cookie(Visitor::Manager).await];
    let before = town.belongings().await;
    let foreign: [&[(&str, &str)]; 6] = [
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site"), ("origin", "http://library.test")],
    ];
    let mut asked = 0;
    for (path, ask, _) in table() {
        let (kind, body) = match ask {
            Ask::Get(_) | Ask::Live(_) => continue,
            Ask::Form(body) => ("application/x-www-form-urlencoded", body.to_owned()),
            Ask::Json(body) => ("application/json", body.to_owned()),
            Ask::File(list) => ("multipart/form-data; boundary=between-the-parts", file_for(list)),
        };
        let body = words.iter().fold(body, |text, (word, value)| text.replace(&format!("{{{word}}}"), value));
        for headers in foreign {
            for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                for cookie in cookies.iter().flatten() {
                    let request = Request::builder().method(&method).uri(path).header(header::CONTENT_TYPE, kind);
                    let request = request.header(header::COOKIE, cookie);
                    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
                    let response = town.send(request, body.clone()).await;
                    assert_eq!(response.status(), StatusCode::FORBIDDEN, "{method} {path} {headers:?}");
                    asked += 1;
                }
            }
        }
        // And reading changes nothing, so a link or a picture of another site does no harm.
        let response = town.send(Request::get(path).header(header::ACCEPT, "text/html"), String::new()).await;
        assert!(!response.status().is_success() || response.status() == StatusCode::NOT_FOUND, "GET {path}");
    }
    assert!(asked > 4000, "{asked}");
    assert_eq!(town.belongings().await, before);
}
