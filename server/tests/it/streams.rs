//! What a browser does with a stream, and a town of many readers for it.
#![expect(clippy::print_stdout, reason = "what a server says of its trouble is shown with a failed test")]

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use app::ssr::session::{KEY, PatronSession, SessionData, StaffSession};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    OpId, PartId, PatronId, PlaceCode, StaffId,
    catalog::{BibRecord, ImportedBib, ImportedItem, ImportedPart, LoanRule, MaterialType},
    circulation::{By, ReservationView, ReserveRequest},
    patrons::{CardForm, Contact, SecondStep, SignedInBy, StaffForm, StaffRole},
};
use library::{
    Clock, Library,
    catalog::search::SearchIndex,
    sessions::{SessionRow, session_hash},
    storage::Database,
};
use server::config::{Overrides, Settings};
use sqlx::AssertSqlSafe;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    sync::oneshot,
};
use uuid::Uuid;

/// How long something may take before the test is taken for hung.
pub(crate) const HUNG: Duration = Duration::from_secs(60);

/// An event of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) data: String,
}

impl Event {
    /// The reservations of a state.
    pub(crate) fn shown(&self) -> Vec<ReservationView> {
        let (_, state) = self.data.split_once(';').expect("of a version");
        let (_, _, shown): (OpId, String, _) = wire::read(state).expect("a state");
        shown
    }
}

/// A stream that is open.
pub(crate) struct Stream(BufReader<TcpStream>);

impl Stream {
    pub(crate) async fn open(address: SocketAddr, path: &str, cookie: &str) -> std::io::Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        if !line.contains(" 200 ") {
            return Err(std::io::Error::other(line));
        }
        Ok(Self(stream))
    }

    /// The next event; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        let mut event = Event::default();
        let mut line = String::new();
        loop {
            line.clear();
            if self.0.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("id", id)) => id.clone_into(&mut event.id),
                Some(("event", kind)) => kind.clone_into(&mut event.kind),
                Some(("data", data)) => {
                    data.clone_into(&mut event.data);
                    return Some(event);
                }
                // The last piece of an answer in pieces.
                _ if line == "0\r\n" => return None,
                _ => {}
            }
        }
    }

    pub(crate) async fn state(&mut self) -> Option<Event> {
        loop {
            let event = self.next().await?;
            if event.kind == "state" {
                return Some(event);
            }
        }
    }
}

/// Asks and reads the whole answer.
pub(crate) async fn ask(
    address: SocketAddr,
    path: &str,
    cookie: &str,
    kind: &str,
    body: &str,
) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nsec-fetch-site: same-origin\r\n\
         accept: application/json\r\ncookie: {cookie}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// A reader who is signed in and has reserved one title.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) id: PatronId,
    pub(crate) cookie: String,
    pub(crate) barcode: String,
}

/// A library with many readers.
pub(crate) struct Town {
    pub(crate) folder: PathBuf,
    pub(crate) address: String,
    pub(crate) library: Library,
    pub(crate) readers: Vec<Reader>,
    /// The cookie of a desk in the central library.
    pub(crate) desk: String,
}

impl Town {
    /// A town of so many readers, each with a title of their own reserved.
    pub(crate) async fn new(folder: &Path, address: String, readers: usize) -> Self {
        let settings = Settings::load(None, Overrides::default()).expect("sound settings");
        let database = Database::open(&address).await.expect("a database");
        database.migrate().await.expect("a schema");
        std::fs::create_dir_all(folder.join("site/pkg")).expect("made");
        let index = SearchIndex::in_ram().expect("an index");
        let library = Library::new(database, settings.policy, index, Clock::System).expect("a library");
        let bibs: Vec<ImportedBib> = (0..readers).map(bib).collect();
        for some in bibs.chunks(200) {
            library.import("town", some).await.expect("taken in");
        }
        let parts = parts(library.database()).await;
        let mut town = Self {
            folder: folder.to_path_buf(),
            address,
            library,
            readers: Vec::with_capacity(readers),
            desk: String::new(),
        };
        for n in 0..readers {
            let id = town.patron(n).await;
            let key = format!("t{n}");
            let part = parts.iter().find(|(of, _)| *of == key).map(|(_, part)| PartId(*part)).expect("taken in");
            let request = ReserveRequest {
                op: town.library.new_op(),
                parts: vec![part],
                in_set: 0,
                pickup_place: PlaceCode("central".into()),
                contact: Contact::Telephone,
            };
            town.library.reserve(&By::Patron, id, &request).await.expect("written").expect("reserved");
            let cookie = town.sign_in(id).await;
            town.readers.push(Reader { id, cookie, barcode: format!("t-{n}") });
        }
        town.desk = town.desk().await;
        // Else a server does the day's work while streams are open, and picks the copies that readers wait for.
        town.library.daily_once().await.expect("written");
        town
    }

    async fn patron(&self, n: usize) -> PatronId {
        let form = CardForm {
            number: (3_000_000 + n).to_string(),
            name: "山田 花子".into(),
            kana: "ヤマダ ハナコ".into(),
            birth_date: "2000-01-01".into(),
            telephone: "048-000-0000".into(),
            ..CardForm::default()
        };
        self.library.issue_card(self.library.new_op(), &form).await.expect("written").expect("issued")
    }

    pub(crate) async fn sign_in(&self, id: PatronId) -> String {
        let now = self.library.now();
        let patron = PatronSession { id, generation: 0, by: SignedInBy::Password, begun: now, kiosk: false, seen: now };
        self.session(SessionData { patron: Some(patron), ..SessionData::default() }, now).await
    }

    async fn desk(&self) -> String {
        let form = StaffForm { login: "clerk".into(), password: "long enough".into(), role: StaffRole::Desk };
        let id: StaffId = self.library.add_staff(&form).await.expect("written").expect("made");
        let now = self.library.now();
        let staff = StaffSession {
            id,
            login: form.login,
            place: Some(PlaceCode("central".into())),
            role: StaffRole::Desk,
            generation: 0,
            step: SecondStep::Done,
            begun: now,
            seen: now,
        };
        self.session(SessionData { staff: Some(staff), ..SessionData::default() }, now).await
    }

    async fn session(&self, data: SessionData, now: DateTime<Utc>) -> String {
        let id = tower_sessions::session::Id(i128::from_le_bytes(*Uuid::new_v4().as_bytes()));
        let text = serde_json::json!({ KEY: data }).to_string();
        let row: SessionRow = data.row(text, now + TimeDelta::days(1), &self.library.policy().accounts);
        self.library.create_session(&session_hash(id.0), &row).await.expect("written");
        format!("hondana={id}")
    }

    /// A server of the program before this town.
    pub(crate) async fn serve(&self, name: &str) -> Serving {
        let folder = self.folder.join(name);
        std::fs::create_dir_all(&folder).expect("made");
        let mut child = Command::new(program())
            .args(["serve", "--addr", "127.0.0.1:0", "--site"])
            .arg(self.folder.join("site"))
            .current_dir(&folder)
            .env_clear()
            .env("HONDANA_DATABASE_URL", &self.address)
            .env("HONDANA_DATA_DIR", &folder)
            .env("RUST_LOG", "error")
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let said = std::io::BufReader::new(child.stderr.take().expect("piped"));
        let (answers, at) = oneshot::channel();
        let mut answers = Some(answers);
        std::thread::spawn(move || {
            for line in std::io::BufRead::lines(said).map_while(Result::ok) {
                let address = line.split_once("http://").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
                match address.and_then(|address| Some((address, answers.take()?))) {
                    Some((address, answers)) => drop(answers.send(address)),
                    None => println!("server: {line}"),
                }
            }
        });
        let address = tokio::time::timeout(HUNG, at).await.expect("it comes").expect("it answers");
        Serving { address, child }
    }

    /// Scans a copy in at the central library, by way of this server.
    pub(crate) async fn check_in(&self, at: SocketAddr, barcode: &str) {
        let body = serde_json::json!({ "op": self.library.new_op(), "barcode": barcode }).to_string();
        let answer = ask(at, "/api/check-in", &self.desk, "application/json", &body).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

/// The program, which cargo puts two folders above the tests; `server`'s own test of its commands makes it built.
pub(crate) fn program() -> PathBuf {
    let tests = std::env::current_exe().expect("known");
    let program = tests.ancestors().nth(2).expect("the build folder").join("hondana");
    assert!(program.is_file(), "{} is not built", program.display());
    program
}

/// A server that runs.
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    pub(crate) child: Child,
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    /// Kills it, as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("dead");
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) async fn stop(&mut self) -> bool {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(told.expect("told").success());
        tokio::time::timeout(HUNG, async {
            loop {
                match self.child.try_wait().expect("a status") {
                    Some(status) => return status.success(),
                    None => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        })
        .await
        .expect("it stops")
    }

    /// The memory it has, in KiB.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").trim().parse().unwrap_or(0)
    }
}

async fn parts(database: &Database) -> Vec<(String, Uuid)> {
    let sql = AssertSqlSafe("select b.source_key, p.id from part p join bib b on b.id = p.bib_id".to_owned());
    match database {
        Database::Sqlite { readers, .. } => sqlx::query_as(sql).fetch_all(readers).await,
        Database::Postgres(pool) => sqlx::query_as(sql).fetch_all(&**pool).await,
    }
    .expect("read")
}

fn bib(n: usize) -> ImportedBib {
    ImportedBib {
        source_key: format!("t{n}"),
        record: BibRecord {
            title: format!("題名{n}"),
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
                barcode: format!("t-{n}"),
                branch: PlaceCode("central".into()),
                shelf_mark: String::new(),
                loan_rule: LoanRule::Lendable,
            }],
        }],
    }
}
