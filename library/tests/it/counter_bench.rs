//! How long a desk waits from the request to the instruction while twenty desks scan at once. Not run with the tests:
//! `make circulation`.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::time::{Duration, Instant};

use domain::{
    OpId, PatronId,
    catalog::MaterialType,
    circulation::{CounterScan, Said},
};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    counter::card_of,
    support::{Shelf, bib, place},
};

const DESKS: usize = 20;
/// Scans of each kind, all desks together.
const SCANS: usize = 500;
/// Copies a patron takes home in one turn.
const IN_HAND: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "a benchmark: `make circulation`"]
async fn desks_on_sqlite() {
    desks("SQLite", Shelf::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "a benchmark: `make circulation`"]
async fn desks_on_postgres() {
    desks("PostgreSQL", Shelf::on_postgres().await).await;
}

/// How long the scans of one kind took.
#[derive(Default)]
struct Times {
    cards: Vec<Duration>,
    lent: Vec<Duration>,
    taken_back: Vec<Duration>,
}

async fn desks(engine: &str, shelf: Shelf) {
    let bibs: Vec<_> = (0..SCANS).map(|n| bib(&format!("d{n}"), MaterialType::Book, &["central"])).collect();
    shelf.library.import("bench", &bibs).await.unwrap();
    let copies: Vec<String> = bibs.iter().map(|bib| bib.parts[0].items[0].barcode.clone()).collect();
    let mut desks = JoinSet::new();
    for share in copies.chunks(SCANS / DESKS) {
        let mut patrons = Vec::new();
        for in_hand in share.chunks(IN_HAND) {
            let patron = shelf.patron().await;
            patrons.push((patron, card_of(&shelf, patron).await, in_hand.to_vec()));
        }
        desks.spawn(desk(shelf.library.clone(), patrons));
    }
    let mut all = Times::default();
    for times in desks.join_all().await {
        all.cards.extend(times.cards);
        all.lent.extend(times.lent);
        all.taken_back.extend(times.taken_back);
    }
    println!("\n{engine}, {DESKS} desks at once, from the request to the instruction");
    report("card", all.cards);
    report("貸出", all.lent);
    report("返却", all.taken_back);
}

async fn desk(library: library::Library, patrons: Vec<(PatronId, String, Vec<String>)>) -> Times {
    let here = place("central");
    let op = || OpId(Uuid::now_v7());
    let scan = |text: &str| CounterScan { text: text.to_owned(), read_as: None, reason: None };
    let mut times = Times::default();
    for (_, card, copies) in &patrons {
        let begun = Instant::now();
        let answer = library.scan_at_counter(op(), &here, None, &scan(card)).await.unwrap();
        times.cards.push(begun.elapsed());
        let turn = answer.patron.map(|patron| patron.turn);
        for copy in copies {
            let begun = Instant::now();
            let answer = library.scan_at_counter(op(), &here, turn, &scan(copy)).await.unwrap();
            times.lent.push(begun.elapsed());
            assert!(matches!(answer.said, Said::Lent(_)));
        }
    }
    for copy in patrons.iter().flat_map(|(_, _, copies)| copies) {
        let begun = Instant::now();
        library.scan_in(op(), &here, copy).await.unwrap().unwrap();
        times.taken_back.push(begun.elapsed());
    }
    times
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| {
        let time = times.get((times.len() * share / 100).min(times.len().saturating_sub(1)));
        time.copied().unwrap_or_default().as_secs_f64() * 1000.0
    };
    println!("  {what:<6} {:>4} scans   p50 {:>6.1} ms   p99 {:>6.1} ms", times.len(), at(50), at(99));
}
