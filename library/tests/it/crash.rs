//! `kill -9` at random moments under load: what was acknowledged is there after the restart, and what may never be is not.
//!
//! A worker process, this very program, does what people do and prints each acknowledgement; it is killed, the database
//! is opened anew, and every line it printed is looked up. `make crash ROUNDS=n SEED=s` does it as often as one likes.
#![expect(clippy::print_stdout, reason = "an acknowledgement is a printed line, and the run says its figures")]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use domain::{
    LoanId, OpId, PartId, PatronId,
    catalog::MaterialType,
    circulation::{By, PatronAction, PatronAnswer, ReserveRequest},
    patrons::Contact,
};
use library::{Clock, Library, catalog::search::SearchIndex, storage::Database};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use uuid::Uuid;

use crate::{
    invariants,
    support::{Shelf, bib, number_from, on_both_engines, place, policy},
};

on_both_engines!(nothing_acknowledged_is_lost);

const PATRONS: usize = 24;
const TITLES: usize = 32;
const TASKS: usize = 8;
const PLACES: [&str; 3] = ["central", "north", "south-hall"];

async fn nothing_acknowledged_is_lost(shelf: Shelf) {
    let rounds = number_from("ROUNDS").unwrap_or(2);
    let seed = number_from("SEED").unwrap_or(1);
    let mut random = StdRng::seed_from_u64(seed);
    let bibs: Vec<_> =
        (0..TITLES).map(|n| bib(&format!("c{n:02}"), MaterialType::Book, &["central", "north"])).collect();
    shelf.library.import("crash", &bibs).await.unwrap();
    for _ in 0..PATRONS {
        shelf.patron().await;
    }
    let mut acknowledged = 0;
    for round in 0..rounds {
        let worker_seed = random.random_range(0..u64::MAX);
        let alive = Duration::from_millis(random.random_range(20..700));
        let lines = tokio::task::spawn_blocking({
            let address = shelf.address.clone();
            move || run_and_kill(&address, worker_seed, alive)
        })
        .await
        .unwrap();
        acknowledged += lines.len();
        let database = Database::open(&shelf.address).await.unwrap();
        let context = format!("round {round}: make crash ROUNDS={rounds} SEED={seed}");
        for line in &lines {
            assert!(is_there(&shelf, line).await, "{context}: acknowledged and lost: {line}");
        }
        let reopened = Library::new(database, policy(), SearchIndex::in_ram().unwrap(), Clock::System).unwrap();
        let broken = invariants::check(&reopened).await;
        reopened.database().close().await;
        assert!(broken.is_empty(), "{context}: {broken:#?}");
    }
    println!("{rounds} rounds, seed {seed}: {acknowledged} acknowledgements, all there");
    assert!(acknowledged > 0, "the worker never got to do anything");
}

/// Starts the worker, lets it live for that long after its first acknowledgement, kills it, and answers what it said.
fn run_and_kill(address: &str, seed: u64, alive: Duration) -> Vec<String> {
    let mut worker: Child = Command::new(std::env::current_exe().unwrap())
        .args(["crash::worker", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env("CRASH_DATABASE", address)
        .env("SEED", seed.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(worker.stdout.take().unwrap());
    let (said, heard) = mpsc::channel();
    let listener = std::thread::spawn(move || {
        let mut line = String::new();
        // A line that was cut off by the kill was not acknowledged to anybody.
        while stdout.read_line(&mut line).is_ok_and(|read| read > 0) && line.ends_with('\n') {
            if let Some(ack) = line.trim_end().strip_prefix("ack ") {
                said.send(ack.to_owned()).unwrap();
            }
            line.clear();
        }
    });
    let first = heard.recv_timeout(Duration::from_secs(60)).expect("the worker acknowledges something");
    std::thread::sleep(alive);
    worker.kill().unwrap();
    worker.wait().unwrap();
    listener.join().unwrap();
    std::iter::once(first).chain(heard.try_iter()).collect()
}

/// Whether the database says what was acknowledged.
async fn is_there(shelf: &Shelf, line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    let id = shelf.uuid(words[1].parse().unwrap());
    let condition = match words[0] {
        "reserved" => format!("reservation where id = {id}"),
        "cancelled" => format!("reservation where id = {id} and state = 'cancelled'"),
        "lent" => format!("loan where id = {id}"),
        "returned" => format!("loan where id = {id} and returned_at is not null"),
        "renewed" => format!("loan where id = {id} and renewals = 1 and due_on >= '{}'", words[2]),
        other => panic!("{other}"),
    };
    shelf.count(&format!("select count(*) from {condition}")).await == 1
}

/// What the worker does until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "a worker that is started and killed by another test"]
async fn worker() {
    let address = std::env::var("CRASH_DATABASE").unwrap();
    let seed = number_from("SEED").unwrap();
    let database = Database::open(&address).await.unwrap();
    let library = Library::new(database, policy(), SearchIndex::in_ram().unwrap(), Clock::System).unwrap();
    let patrons: Vec<PatronId> = ids(&library, "select id from patron order by card_number", PatronId).await;
    let parts: Vec<PartId> = ids(&library, "select id from part order by id", PartId).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..TASKS {
        let share = patrons.iter().skip(n).step_by(TASKS).copied().collect();
        // Each scans copies of its own, so that it knows which loan it ended.
        let barcodes = (n..TITLES).step_by(TASKS).flat_map(|t| [format!("c{t:02}-1"), format!("c{t:02}-2")]).collect();
        let person = Person {
            library: library.clone(),
            random: StdRng::seed_from_u64(seed.wrapping_add(n as u64)),
            patrons: share,
            parts: parts.clone(),
            barcodes,
            reserved: Vec::new(),
            lent: Vec::new(),
        };
        tasks.spawn(person.live());
    }
    tasks.join_all().await;
}

/// Somebody who never stops.
struct Person {
    library: Library,
    random: StdRng,
    patrons: Vec<PatronId>,
    parts: Vec<PartId>,
    barcodes: Vec<String>,
    reserved: Vec<(PatronId, domain::ReservationId)>,
    lent: Vec<(PatronId, String, LoanId)>,
}

impl Person {
    async fn live(mut self) {
        // A killed life before this one left reservations and loans behind.
        for patron in self.patrons.clone() {
            let views = self.library.reservations(patron).await.unwrap();
            self.reserved.extend(views.into_iter().map(|view| (patron, view.id)));
        }
        for barcode in self.barcodes.clone() {
            self.library.check_in(&place("central"), &barcode).await.unwrap().unwrap();
        }
        loop {
            match self.random.random_range(0..12) {
                0..4 => self.reserve().await,
                4..6 => self.cancel().await,
                6..9 => self.lend().await,
                9 => self.renew().await,
                _ => self.take_back().await,
            }
        }
    }

    fn any<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() { None } else { of.get(self.random.random_range(0..of.len())).cloned() }
    }

    async fn reserve(&mut self) {
        let (Some(patron), Some(part)) = (self.any(&self.patrons.clone()), self.any(&self.parts.clone())) else {
            return;
        };
        let there = self.any(&PLACES).unwrap_or("central");
        let request = ReserveRequest {
            op: OpId(Uuid::now_v7()),
            parts: vec![part],
            in_set: 0,
            pickup_place: place(there),
            contact: Contact::Mail,
        };
        let answer = self.library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
        for (id, _) in answer.titles.into_iter().filter_map(|title| title.answer.ok()) {
            println!("ack reserved {id}");
            self.reserved.push((patron, id));
        }
    }

    async fn cancel(&mut self) {
        if self.reserved.is_empty() {
            return;
        }
        let (patron, id) = self.reserved.swap_remove(self.random.random_range(0..self.reserved.len()));
        let action = PatronAction::Cancel(id);
        let done = self.library.act(&By::Patron, patron, OpId(Uuid::now_v7()), &action).await.unwrap();
        if let Ok(PatronAnswer::Cancelled { .. }) = done {
            println!("ack cancelled {id}");
        }
    }

    async fn lend(&mut self) {
        let (Some(patron), Some(barcode)) = (self.any(&self.patrons.clone()), self.any(&self.barcodes.clone())) else {
            return;
        };
        if let Ok(done) = self.library.check_out(&By::Staff, &place("central"), patron, &barcode).await.unwrap() {
            println!("ack lent {}", done.loan);
            self.lent.push((patron, barcode, done.loan));
        }
    }

    async fn renew(&mut self) {
        let Some((patron, _, loan)) = self.any(&self.lent.clone()) else { return };
        let action = PatronAction::Renew(loan);
        let done = self.library.act(&By::Patron, patron, OpId(Uuid::now_v7()), &action).await.unwrap();
        if let Ok(PatronAnswer::Renewed { due_on, .. }) = done {
            println!("ack renewed {loan} {due_on}");
        }
    }

    async fn take_back(&mut self) {
        if self.lent.is_empty() {
            return;
        }
        let (_, barcode, loan) = self.lent.swap_remove(self.random.random_range(0..self.lent.len()));
        let there = self.any(&PLACES).unwrap_or("central");
        let done = self.library.check_in(&place(there), &barcode).await.unwrap().unwrap();
        if done.was_on_loan {
            println!("ack returned {loan}");
        }
    }
}

async fn ids<T>(library: &Library, sql: &'static str, of: fn(Uuid) -> T) -> Vec<T> {
    let rows: Vec<(Uuid,)> = match library.database() {
        Database::Sqlite { readers, .. } => sqlx::query_as(sql).fetch_all(readers).await.unwrap(),
        Database::Postgres(pool) => sqlx::query_as(sql).fetch_all(&**pool).await.unwrap(),
    };
    rows.into_iter().map(|(id,)| of(id)).collect()
}
