//! A small library on each engine.

mod postgres;
pub(crate) mod smtp;

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, TimeZone, Utc};
use domain::{
    OpId, PartId, PatronId, PlaceCode,
    calendar::{Closing, OpeningHours},
    catalog::{BibRecord, ImportedBib, ImportedItem, ImportedPart, LoanRule, MaterialType},
    circulation::{By, Refusal, ReserveAnswer, ReserveRequest},
    patrons::Contact,
    policy::{
        AccountPolicy, CalendarPolicy, DailyPolicy, LibraryPolicy, LoanPolicy, NoticePolicy, Place, Policy,
        ReservationPolicy,
    },
};
use library::{
    Clock, Library,
    catalog::search::SearchIndex,
    storage::{Database, Tx},
};
use uuid::Uuid;

/// Makes two tests of an async function that takes a [`Shelf`]: one on SQLite, one on PostgreSQL.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn on_sqlite() {
                super::$name($crate::support::Shelf::on_sqlite().await).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn on_postgres() {
                super::$name($crate::support::Shelf::on_postgres().await).await;
            }
        }
    )+};
}
pub(crate) use on_both_engines;

/// A library with an empty database, and the means to fill it.
pub(crate) struct Shelf {
    pub(crate) library: Library,
    numbers: AtomicU32,
    pub(crate) folder: tempfile::TempDir,
    /// The address of its database, for another process.
    pub(crate) address: String,
}

/// A number from the environment, as `make` hands it on.
pub(crate) fn number_from(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|number| number.parse().unwrap())
}

/// The moment the tests' clock begins at: a Wednesday morning in Japan.
pub(crate) fn morning() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 4, 1, 0, 30, 0).unwrap()
}

pub(crate) fn place(code: &str) -> PlaceCode {
    PlaceCode(code.to_owned())
}

pub(crate) fn policy() -> Policy {
    let place = |code: &str, holds_stock| Place {
        code: place(code),
        name: format!("{code}館"),
        name_en: code.to_owned(),
        holds_stock,
        pickup: true,
        closing: Closing::default(),
        hours: OpeningHours::default(),
    };
    Policy {
        library: LibraryPolicy {
            name: "本棚町立図書館".to_owned(),
            name_en: "Hondana Town Library".to_owned(),
            zone: "Asia/Tokyo".to_owned(),
            mail_from: "library@hondana.example.jp".to_owned(),
            web_address: "http://127.0.0.1".to_owned(),
            telephone: "048-000-0000".to_owned(),
            area_codes: vec!["048".to_owned()],
        },
        places: ["central", "north", "east", "station"]
            .map(|code| place(code, true))
            .into_iter()
            .chain([place("south-hall", false)])
            .collect(),
        shelves: Vec::new(),
        loans: LoanPolicy::default(),
        reservations: ReservationPolicy::default(),
        daily: DailyPolicy::default(),
        // At once, as most tests look at single notices; those of gathering say otherwise.
        notices: NoticePolicy { gather_minutes: 0, ..NoticePolicy::default() },
        // The least argon2 accepts: what is tested is not how slow it is.
        accounts: AccountPolicy { hash_memory_kib: 8, hash_passes: 1, ..AccountPolicy::default() },
        calendar: CalendarPolicy::default(),
    }
}

impl Shelf {
    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite:{}", folder.path().join("test.db").display());
        Self::new(Database::open(&address).await.unwrap(), folder, address)
    }

    pub(crate) async fn on_postgres() -> Self {
        let address = postgres::fresh_database().await;
        let database = Database::open(&address).await.unwrap();
        database.migrate().await.unwrap();
        database.check_schema().await.unwrap();
        Self::new(database, tempfile::tempdir().unwrap(), address)
    }

    fn new(database: Database, folder: tempfile::TempDir, address: String) -> Self {
        let library =
            Library::new(database, policy(), SearchIndex::in_ram().unwrap(), Clock::Fixed(morning())).unwrap();
        Self { library, numbers: AtomicU32::new(1), folder, address }
    }

    /// The same database at another moment or with another policy, as another server would see it.
    pub(crate) fn again(&self, clock: Clock, policy: Policy) -> Library {
        Library::new(self.library.database().clone(), policy, SearchIndex::in_ram().unwrap(), clock).unwrap()
    }

    fn number(&self) -> u32 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// A patron with a confirmed address.
    pub(crate) async fn patron(&self) -> PatronId {
        let n = self.number();
        let patron = Uuid::from_u128(u128::from(n) << 64);
        self.run(&format!(
            "insert into patron (id, card_number, name, name_kana, birth_date, telephone, mail1, mail1_confirmed,
                 mail2_confirmed, ready_mail, card_state, revision)
             values ({}, '{}', '山田 花子', 'ヤマダ ハナコ', '2000-01-01', '048-000-0000', 'hanako{n}@example.jp', true,
                 false, 1, 'active', 0)",
            self.uuid(patron),
            2_000_000 + n
        ))
        .await;
        PatronId(patron)
    }

    /// A UUID as the engine writes it in SQL.
    pub(crate) fn uuid(&self, id: Uuid) -> String {
        match self.library.database() {
            Database::Sqlite { .. } => format!("x'{}'", id.simple()),
            Database::Postgres(_) => format!("'{id}'"),
        }
    }

    /// Runs SQL that no use case offers: to bring the database into a state, never to read an outcome the library
    /// itself can tell.
    pub(crate) async fn run(&self, sql: &str) {
        let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
        let mut tx = self.library.database().begin_write().await.unwrap();
        match &mut tx {
            Tx::Sqlite(tx) => {
                sql.execute(tx.connection().unwrap()).await.unwrap();
            }
            Tx::Postgres(tx) => {
                sql.execute(&mut **tx).await.unwrap();
            }
        }
        tx.commit().await.unwrap();
    }

    /// One number that SQL counts.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match self.library.database() {
            Database::Sqlite { readers, .. } => sqlx::query_scalar(sql).fetch_one(readers).await.unwrap(),
            Database::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(&**pool).await.unwrap(),
        }
    }

    /// Rows of a text and an id.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<(String, Uuid)> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match self.library.database() {
            Database::Sqlite { readers, .. } => sqlx::query_as(sql).fetch_all(readers).await.unwrap(),
            Database::Postgres(pool) => sqlx::query_as(sql).fetch_all(&**pool).await.unwrap(),
        }
    }

    /// A title of that material with a lendable copy at each of the branches; answers its part and the barcodes.
    pub(crate) async fn title(&self, material: MaterialType, branches: &[&str]) -> (PartId, Vec<String>) {
        let n = self.number();
        let bib = bib(&format!("t{n}"), material, branches);
        let barcodes = bib.parts[0].items.iter().map(|item| item.barcode.clone()).collect();
        let counts = self.library.import("test", &[bib]).await.unwrap();
        assert_eq!(counts.added, 1, "{counts:?}");
        let part = self.part_of(&format!("t{n}")).await;
        (part, barcodes)
    }

    pub(crate) async fn book(&self, branches: &[&str]) -> (PartId, Vec<String>) {
        self.title(MaterialType::Book, branches).await
    }

    /// The first part of the bib with this key.
    pub(crate) async fn part_of(&self, key: &str) -> PartId {
        self.library.feed_search().await.unwrap();
        let query = domain::catalog::SearchQuery { q: format!("題名{key}"), ..Default::default() };
        let page = self.library.search(&query).await.unwrap();
        let hit = page.results.iter().find(|hit| hit.record.title == format!("題名{key}")).unwrap();
        self.library.record_page(hit.id).await.unwrap().unwrap().parts[0].id
    }

    pub(crate) fn request(&self, parts: &[PartId], in_set: usize, pickup: &str) -> ReserveRequest {
        ReserveRequest {
            op: OpId(Uuid::from_u128(u128::from(self.number()))),
            parts: parts.to_vec(),
            in_set,
            pickup_place: place(pickup),
            contact: Contact::Mail,
        }
    }

    /// Reserves for pickup at a place; the request as a whole must not be refused.
    pub(crate) async fn reserve(
        &self,
        patron: PatronId,
        parts: &[PartId],
        in_set: usize,
        pickup: &str,
    ) -> ReserveAnswer {
        self.library.reserve(&By::Patron, patron, &self.request(parts, in_set, pickup)).await.unwrap().unwrap()
    }
}

/// The positions of an answer, or why there is none.
pub(crate) fn positions(answer: &ReserveAnswer) -> Vec<Result<u32, Refusal>> {
    answer.titles.iter().map(|title| title.answer.clone().map(|(_, position)| position)).collect()
}

/// A bib as an import hands it on.
pub(crate) fn bib(key: &str, material: MaterialType, branches: &[&str]) -> ImportedBib {
    ImportedBib {
        source_key: key.to_owned(),
        record: BibRecord {
            title: format!("題名{key}"),
            title_reading: Some("ダイメイ".to_owned()),
            subtitle: None,
            volume: None,
            creators: Vec::new(),
            publisher: None,
            year: Some(2020),
            isbns: Vec::new(),
            ndc: vec!["913.6".to_owned()],
            series: None,
            subjects: Vec::new(),
            extent: None,
            material,
        },
        parts: vec![ImportedPart {
            label: String::new(),
            ordinal: 0,
            received_on: None,
            items: (1..)
                .zip(branches)
                .map(|(n, branch)| ImportedItem {
                    barcode: format!("{key}-{n}"),
                    branch: place(branch),
                    shelf_mark: "913.6 ヤ".to_owned(),
                    loan_rule: LoanRule::Lendable,
                })
                .collect(),
        }],
    }
}
