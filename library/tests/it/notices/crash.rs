//! `kill -9` while mails are sent: none is lost, and what comes twice comes with one Message-ID.
//!
//! A worker process, this very program, sends what lies in the outbox to a mail server in the test, and is killed at a random
//! moment, again and again, while new notices come in. Each life begins six minutes later, so that the lease of the one
//! before is over. `make notices-crash ROUNDS=n SEED=s` does it as often as one likes.
#![expect(clippy::print_stdout, reason = "the run says its figures, and the worker says that it lives")]

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Duration,
};

use chrono::TimeDelta;
use library::{Clock, Library, catalog::search::SearchIndex, notices::Mailer, storage::Database};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::support::{
    Shelf, morning, number_from, on_both_engines, place, policy,
    smtp::{SmtpServer, settings},
};

on_both_engines!(a_killed_worker_loses_no_notice);

/// So many patrons get so many notices in each life of a worker.
const PATRONS: usize = 6;
const EACH: usize = 2;

async fn a_killed_worker_loses_no_notice(shelf: Shelf) {
    let rounds = number_from("ROUNDS").unwrap_or(3);
    let seed = number_from("SEED").unwrap_or(1);
    let mut random = StdRng::seed_from_u64(seed);
    let server = SmtpServer::start().await;
    let mut titles = BTreeSet::new();
    for round in 0..rounds {
        let now = i64::try_from(round).unwrap() * 6;
        titles.extend(more_notices(&shelf, now).await);
        let alive = Duration::from_micros(random.random_range(0..60_000));
        let (address, port) = (shelf.address.clone(), server.port);
        tokio::task::spawn_blocking(move || run_and_kill(&address, port, now, alive)).await.unwrap();
    }
    let by_then = server.taken().len();
    // The last worker is left alone.
    let library = later(&shelf, i64::try_from(rounds).unwrap() * 6 + 60);
    library.send_due(&server.mailer()).await.unwrap();

    let taken = server.taken().clone();
    let mut copies: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    let mut mails: BTreeMap<String, usize> = BTreeMap::new();
    for mail in taken.iter() {
        let (id, text) = (mail.message_id(), mail.text());
        for title in text.lines().filter_map(|line| line.strip_prefix("　資料　　　")) {
            *told.entry(title.to_owned()).or_default() += 1;
            copies.entry(title.to_owned()).or_default().insert(id.clone());
        }
        *mails.entry(id).or_default() += 1;
    }
    let lost: Vec<_> = titles.iter().filter(|title| !told.contains_key(*title)).collect();
    let doubled = mails.values().filter(|times| **times > 1).count();
    let most = mails.values().max().copied().unwrap_or_default();
    println!(
        "{rounds} workers killed, seed {seed}: {} notices in {} mails, {by_then} of them before the last worker; lost {}; \
         mails that came more than once {doubled}, at most {most} times",
        titles.len(),
        mails.len(),
        lost.len()
    );
    let context = format!("make notices-crash ROUNDS={rounds} SEED={seed}");
    assert!(lost.is_empty(), "{context}: {lost:?}");
    // Whatever came twice is the same mail, by which a receiver can tell.
    let apart: Vec<_> = copies.iter().filter(|(_, ids)| ids.len() > 1).collect();
    assert!(apart.is_empty(), "{context}: told in two mails: {apart:?}");
    assert_eq!(told.len(), titles.len(), "{context}");
    assert_eq!(shelf.count("select count(*) from outbox where sent_at is null").await, 0, "{context}");
    let left = taken.len() - mails.len();
    assert!(left <= usize::try_from(rounds).unwrap(), "{context}: a kill doubles one mail at most, not {left}");
}

/// Makes something ready for each of some patrons; answers the titles.
async fn more_notices(shelf: &Shelf, minutes: i64) -> Vec<String> {
    let library = later(shelf, minutes);
    let mut titles = Vec::new();
    for _ in 0..PATRONS {
        let patron = shelf.patron().await;
        for _ in 0..EACH {
            let (part, barcodes) = shelf.book(&["central"]).await;
            shelf.reserve(patron, &[part], 0, "central").await;
            titles.push(library.check_in(&place("central"), &barcodes[0]).await.unwrap().unwrap().title);
        }
    }
    titles
}

fn later(shelf: &Shelf, minutes: i64) -> Library {
    shelf.again(Clock::Fixed(morning() + TimeDelta::minutes(minutes)), policy())
}

/// Starts the worker, lets it live for that long after it began, and kills it.
fn run_and_kill(address: &str, port: u16, minutes: i64, alive: Duration) {
    let mut worker = Command::new(std::env::current_exe().unwrap())
        .args(["notices::crash::worker", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env("CRASH_DATABASE", address)
        .env("CRASH_SMTP", port.to_string())
        .env("CRASH_MINUTES", minutes.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(worker.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("begins") {
        line.clear();
        assert!(stdout.read_line(&mut line).unwrap() > 0, "the worker never began");
    }
    std::thread::sleep(alive);
    worker.kill().unwrap();
    worker.wait().unwrap();
}

/// What is killed.
#[tokio::test]
#[ignore = "started by another test, to be killed"]
async fn worker() {
    let database = Database::open(&std::env::var("CRASH_DATABASE").unwrap()).await.unwrap();
    let port = number_from("CRASH_SMTP").unwrap();
    let minutes = i64::try_from(number_from("CRASH_MINUTES").unwrap()).unwrap();
    let clock = Clock::Fixed(morning() + TimeDelta::minutes(minutes));
    let library = Library::new(database, policy(), SearchIndex::in_ram().unwrap(), clock).unwrap();
    let mailer = Mailer::smtp(settings(u16::try_from(port).unwrap())).unwrap();
    println!("begins");
    library.run_outbox(mailer, std::future::pending()).await;
}
