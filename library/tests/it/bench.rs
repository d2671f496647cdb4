//! How many check-ins, check-outs, reservations and cancellations a second each engine carries, beside its bare rate in
//! the same run; and whether a long queue is as quick as a short one. Not run with the tests: `make circulation`.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::{
    future::Future,
    time::{Duration, Instant},
};

use domain::{
    OpId, PartId, PatronId,
    catalog::MaterialType,
    circulation::{By, Instruction, PatronAction, ReserveRequest},
    patrons::Contact,
};
use library::{
    Library,
    storage::{Database, Tx, sqlite_options},
};
use sqlx::{PgPool, SqlitePool, sqlite::SqlitePoolOptions};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{Shelf, bib, place};

const CLIENTS: usize = 8;
/// Titles, and pairs of patrons, of each client.
const EACH: usize = 250;

/// What a client works with: a title with one copy, who has it first, who waits for it.
#[derive(Clone)]
struct Round {
    part: PartId,
    barcode: String,
    reader: PatronId,
    waiting: PatronId,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "a benchmark: `make circulation`"]
async fn circulation_on_sqlite() {
    circulation("SQLite", Shelf::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "a benchmark: `make circulation`"]
async fn circulation_on_postgres() {
    circulation("PostgreSQL", Shelf::on_postgres().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "a benchmark: `make circulation`"]
async fn long_queue_on_sqlite() {
    long_queue("SQLite", Shelf::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "a benchmark: `make circulation`"]
async fn long_queue_on_postgres() {
    long_queue("PostgreSQL", Shelf::on_postgres().await).await;
}

async fn circulation(engine: &str, shelf: Shelf) {
    let rounds = rounds(&shelf).await;
    let patrons: Vec<PatronId> = rounds.iter().flatten().map(|round| round.reader).collect();
    println!("\n{engine}, {CLIENTS} clients, {} operations of each kind; CPU is that of this process", CLIENTS * EACH);
    let engine = Bare::of(&shelf).await;
    let one = engine.update(&shelf, &patrons[..EACH], 1).await;
    report("bare one-row update, 1 client", &one, None);
    let bare = engine.update(&shelf, &patrons, CLIENTS).await;
    report("bare one-row update, 8 clients", &bare, None);
    let ours = updates(&shelf, &patrons).await;
    report("the same by the library's own writes", &ours, Some(&bare));
    let library = &shelf.library;

    let lent = by_clients(library, &rounds, |library, round| async move {
        library.check_out(&By::Staff, &place("central"), round.reader, &round.barcode).await.unwrap().unwrap();
    })
    .await;
    report("check-out", &lent, Some(&bare));
    let reserved = by_clients(library, &rounds, |library, round| async move {
        let request = ReserveRequest {
            op: OpId(Uuid::now_v7()),
            parts: vec![round.part],
            in_set: 0,
            pickup_place: place("central"),
            contact: Contact::Mail,
        };
        let answer = library.reserve(&By::Patron, round.waiting, &request).await.unwrap().unwrap();
        assert!(answer.titles[0].answer.is_ok());
    })
    .await;
    report("reserve", &reserved, Some(&bare));
    let captured = by_clients(library, &rounds, |library, round| async move {
        let done = library.check_in(&place("central"), &round.barcode).await.unwrap().unwrap();
        assert!(matches!(done.instruction, Instruction::HoldShelf(_)));
    })
    .await;
    report("check-in, captured, told by mail", &captured, Some(&bare));
    let reservations = reservations(&shelf, &rounds).await;
    let cancelled = by_clients(library, &reservations, |library, (patron, reservation)| async move {
        let action = PatronAction::Cancel(reservation);
        library.act(&By::Patron, patron, OpId(Uuid::now_v7()), &action).await.unwrap().unwrap();
    })
    .await;
    report("cancel", &cancelled, Some(&bare));
    let shelved = by_clients(library, &rounds, |library, round| async move {
        let done = library.check_in(&place("central"), &round.barcode).await.unwrap().unwrap();
        assert!(matches!(done.instruction, Instruction::Shelve { .. }));
    })
    .await;
    report("check-in, nobody waits", &shelved, Some(&bare));
}

/// What a number of operations took.
struct Took {
    operations: usize,
    time: Duration,
    cpu: Duration,
}

impl Took {
    fn rate(&self) -> f64 {
        self.operations as f64 / self.time.as_secs_f64()
    }
}

fn report(what: &str, took: &Took, bare: Option<&Took>) {
    let ratio = bare.map_or_else(String::new, |bare| format!("{:>6.2} of bare", took.rate() / bare.rate()));
    println!(
        "  {what:<34} {:>8.0}/s {ratio:<16} {:>5.0} % CPU",
        took.rate(),
        100.0 * took.cpu.as_secs_f64() / took.time.as_secs_f64()
    );
}

/// Lets every client do its share, each in a task of its own.
async fn by_clients<T, Work>(
    library: &Library,
    shares: &[Vec<T>],
    work: impl Fn(Library, T) -> Work + Clone + Send + 'static,
) -> Took
where
    T: Clone + Send + 'static,
    Work: Future<Output = ()> + Send,
{
    // As autovacuum keeps them where a library has been open for more than a minute.
    library.database().refresh_statistics().await.unwrap();
    let (begun, cpu) = (Instant::now(), cpu_time());
    let mut clients = JoinSet::new();
    for share in shares {
        let (library, share, work) = (library.clone(), share.clone(), work.clone());
        clients.spawn(async move {
            for item in share {
                work(library.clone(), item).await;
            }
        });
    }
    clients.join_all().await;
    Took { operations: shares.iter().map(Vec::len).sum(), time: begun.elapsed(), cpu: cpu_time().saturating_sub(cpu) }
}

/// The engine without the library: a pool of as many connections, whose transactions change one row each.
enum Bare {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

const ONE_ROW: &str = "update patron set revision = revision + 1 where id = $1";

impl Bare {
    async fn of(shelf: &Shelf) -> Self {
        match shelf.library.database() {
            Database::Sqlite { .. } => {
                let options = sqlite_options(shelf.address.trim_start_matches("sqlite:").into());
                Self::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap())
            }
            Database::Postgres(pool) => Self::Postgres((**pool).clone()),
        }
    }

    async fn update(&self, shelf: &Shelf, patrons: &[PatronId], clients: usize) -> Took {
        let share = patrons.len().div_ceil(clients);
        let shares: Vec<Vec<PatronId>> = patrons.chunks(share).map(<[PatronId]>::to_vec).collect();
        match self {
            Self::Sqlite(pool) => {
                let pool = pool.clone();
                by_clients(&shelf.library, &shares, move |_, patron| {
                    let pool = pool.clone();
                    async move {
                        let mut tx = pool.begin_with("begin immediate").await.unwrap();
                        sqlx::query(ONE_ROW).bind(patron.0).execute(&mut *tx).await.unwrap();
                        tx.commit().await.unwrap();
                    }
                })
                .await
            }
            Self::Postgres(pool) => {
                let pool = pool.clone();
                by_clients(&shelf.library, &shares, move |_, patron| {
                    let pool = pool.clone();
                    async move {
                        let mut tx = pool.begin().await.unwrap();
                        sqlx::query(ONE_ROW).bind(patron.0).execute(&mut *tx).await.unwrap();
                        tx.commit().await.unwrap();
                    }
                })
                .await
            }
        }
    }
}

/// The same one-row updates by way of the library's writes, which share commits on SQLite.
async fn updates(shelf: &Shelf, patrons: &[PatronId]) -> Took {
    let shares: Vec<Vec<PatronId>> = patrons.chunks(EACH).map(<[PatronId]>::to_vec).collect();
    by_clients(&shelf.library, &shares, |library, patron| async move {
        let mut tx = library.database().begin_write().await.unwrap();
        match &mut tx {
            Tx::Sqlite(tx) => {
                sqlx::query(ONE_ROW).bind(patron.0).execute(tx.connection().unwrap()).await.unwrap();
            }
            Tx::Postgres(tx) => {
                sqlx::query(ONE_ROW).bind(patron.0).execute(&mut **tx).await.unwrap();
            }
        }
        tx.commit().await.unwrap();
    })
    .await
}

/// The CPU time this process has used.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |n: usize| fields.get(n).and_then(|ticks| ticks.parse::<u64>().ok()).unwrap_or_default();
    // A hundred ticks a second on every Linux.
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

async fn rounds(shelf: &Shelf) -> Vec<Vec<Round>> {
    let bibs: Vec<_> = (0..CLIENTS * EACH).map(|n| bib(&format!("b{n}"), MaterialType::Book, &["central"])).collect();
    shelf.library.import("bench", &bibs).await.unwrap();
    let parts = shelf.rows("select i.barcode, i.part_id from item i order by i.barcode").await;
    let mut rounds = Vec::with_capacity(CLIENTS);
    let mut parts = parts.into_iter();
    for _ in 0..CLIENTS {
        let mut share = Vec::with_capacity(EACH);
        for (barcode, part) in parts.by_ref().take(EACH) {
            share.push(Round {
                part: PartId(part),
                barcode,
                reader: shelf.patron().await,
                waiting: shelf.patron().await,
            });
        }
        rounds.push(share);
    }
    rounds
}

async fn reservations(shelf: &Shelf, rounds: &[Vec<Round>]) -> Vec<Vec<(PatronId, domain::ReservationId)>> {
    let mut shares = Vec::new();
    for share in rounds {
        let mut own = Vec::new();
        for round in share {
            let view = shelf.library.reservations(round.waiting).await.unwrap();
            own.push((round.waiting, view[0].id));
        }
        shares.push(own);
    }
    shares
}

async fn long_queue(engine: &str, shelf: Shelf) {
    println!("\n{engine}, median of 51");
    for length in [2, 2000] {
        let (part, barcodes) = shelf.book(&["central"]).await;
        let reader = shelf.patron().await;
        shelf.library.check_out(&By::Staff, &place("central"), reader, &barcodes[0]).await.unwrap().unwrap();
        let mut last = reader;
        for _ in 0..length {
            last = shelf.patron().await;
            shelf.reserve(last, &[part], 0, "central").await;
        }
        let mut check_in = Vec::new();
        let mut position = Vec::new();
        let mut reserve = Vec::new();
        for _ in 0..51 {
            let begun = Instant::now();
            shelf.library.check_in(&place("central"), &barcodes[0]).await.unwrap().unwrap();
            check_in.push(begun.elapsed());
            let begun = Instant::now();
            let views = shelf.library.reservations(last).await.unwrap();
            position.push(begun.elapsed());
            assert_eq!(views.len(), 1);
            let patron = shelf.patron().await;
            let begun = Instant::now();
            let answer = shelf.reserve(patron, &[part], 0, "central").await;
            reserve.push(begun.elapsed());
            let reservation = answer.titles[0].answer.clone().unwrap().0;
            let action = PatronAction::Cancel(reservation);
            shelf.library.act(&By::Patron, patron, OpId(Uuid::now_v7()), &action).await.unwrap().unwrap();
            // The first in the queue goes back to waiting, so that the next round is like this one.
            let missing = domain::circulation::WriteOff::Missing;
            shelf.library.write_off(&barcodes[0], missing).await.unwrap().unwrap();
        }
        println!(
            "  queue of {length:>4}: check-in with capture {:.2} ms, position of the last {:.2} ms, reserving {:.2} ms",
            median(check_in),
            median(position),
            median(reserve)
        );
    }
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1000.0
}
