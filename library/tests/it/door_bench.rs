//! Whether the time an answer takes tells a card that nobody has from a wrong password, with the slowing-down switched off.
//! Not run with the tests: `make circulation`.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::time::{Duration, Instant};

use domain::{
    patrons::SignIn,
    policy::{AccountPolicy, Policy},
};
use library::{Clock, Library, Origin};

use crate::support::{Shelf, morning, policy};

const EACH: usize = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "a benchmark: `make circulation`"]
async fn timing_of_answers_on_sqlite() {
    timing("SQLite", Shelf::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "a benchmark: `make circulation`"]
async fn timing_of_answers_on_postgres() {
    timing("PostgreSQL", Shelf::on_postgres().await).await;
}

/// The policy as delivered, and nobody is slowed down.
fn unslowed() -> Policy {
    let mut policy = policy();
    policy.accounts = AccountPolicy::default();
    for pace in
        [&mut policy.accounts.guesses.here, &mut policy.accounts.guesses.card, &mut policy.accounts.guesses.origin]
    {
        pace.free = u32::MAX;
    }
    policy
}

async fn timing(engine: &str, shelf: Shelf) {
    let library = shelf.again(Clock::Fixed(morning()), unslowed());
    library.make_demo().await.unwrap();
    let (mut none, mut wrong) = (Vec::new(), Vec::new());
    // By turns, so that whatever else the machine does is in both, and each as often before the other as behind it, as what
    // went before leaves its mark on the next.
    for n in 0..EACH {
        let card = |first: u32| (first + u32::try_from(n).unwrap() / 2 % 12).to_string();
        if n % 2 == 0 {
            none.push(took(&library, &card(9_000_000)).await);
            wrong.push(took(&library, &card(1_000_004)).await);
        } else {
            wrong.push(took(&library, &card(1_000_004)).await);
            none.push(took(&library, &card(9_000_000)).await);
        }
    }
    println!("\n{engine}, {EACH} sign-ins each, argon2id as delivered; milliseconds");
    println!("  {:>12} {:>10} {:>10}", "", "no card", "wrong");
    none.sort_unstable();
    wrong.sort_unstable();
    for (name, share) in
        [("p1", 10), ("p10", 100), ("p25", 250), ("p50", 500), ("p75", 750), ("p90", 900), ("p99", 990)]
    {
        println!("  {name:>12} {:>10.2} {:>10.2}", milliseconds(none[share]), milliseconds(wrong[share]));
    }
    let mean = |all: &[Duration]| all.iter().copied().map(milliseconds).sum::<f64>() / EACH as f64;
    println!("  {:>12} {:>10.2} {:>10.2}", "mean", mean(&none), mean(&wrong));
    // How often a wrong password takes longer than a card nobody has: one half is no knowledge at all.
    let longer: usize = wrong.iter().map(|time| none.partition_point(|other| other < time)).sum();
    println!("  a wrong password takes longer in {:.1} % of all pairs", 100.0 * longer as f64 / (EACH * EACH) as f64);
}

async fn took(library: &Library, card: &str) -> Duration {
    let begun = Instant::now();
    assert_eq!(library.sign_in(card, "Guess123", &Origin::unknown()).await.unwrap(), SignIn::Wrong);
    begun.elapsed()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
