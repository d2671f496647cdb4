//! How far guessing gets, on a clock that is set forward.
#![expect(clippy::print_stdout, reason = "how far it gets is printed")]

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use domain::patrons::{RegisterForm, SignIn, StaffForm, StaffRole};
use library::{Clock, Library, Origin};

use crate::support::{Shelf, morning, on_both_engines, policy};

on_both_engines!(
    ten_thousand_guesses_get_nowhere,
    a_card_nobody_has_is_slowed_like_any_other,
    of_many_guesses_at_once_none_is_overlooked,
    nobody_locks_a_reader_out_at_home,
    cards_that_are_used_in_a_network_are_guessed_at_there_no_faster,
    the_desk_sees_a_wait_and_lifts_it,
    staff_and_forms_are_slowed_too,
    tallies_are_forgotten,
);

/// A clock that somebody sets.
struct Watch {
    file: PathBuf,
    now: DateTime<Utc>,
}

impl Watch {
    fn new(shelf: &Shelf) -> (Self, Library) {
        let watch = Self { file: shelf.folder.path().join("clock"), now: morning() };
        watch.write();
        let clock = Clock::File(watch.file.clone().into());
        let library = shelf.again(clock, policy());
        (watch, library)
    }

    fn forward(&mut self, by: TimeDelta) {
        self.now += by;
        self.write();
    }

    fn write(&self) {
        std::fs::write(&self.file, self.now.to_rfc3339()).unwrap();
    }
}

fn origin(n: u32) -> Origin {
    Origin::of(std::net::Ipv4Addr::from_bits(0x0A00_0000 + n).into())
}

fn card(n: u32) -> String {
    (4_000_000 + n).to_string()
}

/// Guesses once a second, so many times, and answers how many guesses were looked at.
async fn guess(shelf: &Shelf, times: u32, at: impl Fn(u32) -> (String, Origin)) -> u32 {
    let (mut watch, library) = Watch::new(shelf);
    let mut looked_at = 0;
    for n in 0..times {
        let (card, origin) = at(n);
        match library.sign_in(&card, "guess", &origin).await.unwrap() {
            SignIn::Wrong => looked_at += 1,
            SignIn::Slow(wait) => assert!(wait.minutes > 0),
            other => panic!("{other:?}"),
        }
        watch.forward(TimeDelta::seconds(1));
    }
    looked_at
}

async fn ten_thousand_guesses_get_nowhere(shelf: Shelf) {
    const TIMES: u32 = 10_000;
    let one = guess(&shelf, TIMES, |_| (card(1), origin(1))).await;
    let many = guess(&shelf, TIMES, |n| (card(2), origin(10 + n))).await;
    let spray = guess(&shelf, TIMES, |n| (card(10 + n), origin(2))).await;
    println!(
        "10,000 guesses, one a second: at one card from one origin {one} are looked at, from 10,000 origins {many};"
    );
    println!("at 10,000 cards from one origin {spray}");
    assert!(one < 20 && many < 40 && spray < 200, "{one}, {many}, {spray}");
}

async fn a_card_nobody_has_is_slowed_like_any_other(shelf: Shelf) {
    shelf.library.make_demo().await.unwrap();
    let answers = async |card: &str, origin: &Origin| {
        let mut answers = Vec::new();
        for _ in 0..8 {
            answers.push(shelf.library.sign_in(card, "guess", origin).await.unwrap());
        }
        answers
    };
    let (real, none) = (answers("1000004", &origin(1)).await, answers("9999999", &origin(2)).await);
    assert_eq!(real, none);
    assert!(matches!(real[4..], [SignIn::Wrong, SignIn::Slow(_), SignIn::Slow(_), SignIn::Slow(_)]), "{real:?}");
    // However it is written.
    let other = shelf.library.sign_in("９９９－９９９９", "guess", &origin(2)).await.unwrap();
    assert!(matches!(other, SignIn::Slow(_)));
}

async fn of_many_guesses_at_once_none_is_overlooked(shelf: Shelf) {
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let library = shelf.library.clone();
        all.spawn(async move { library.sign_in("4000001", "guess", &origin(1)).await.unwrap() });
    }
    let answers = all.join_all().await;
    let looked_at = answers.iter().filter(|answer| **answer == SignIn::Wrong).count();
    // Who was turned away by the hasher is not held for a guesser, and leaves room for another.
    assert!(looked_at <= 5, "{answers:?}");
}

async fn nobody_locks_a_reader_out_at_home(shelf: Shelf) {
    shelf.library.make_demo().await.unwrap();
    let library = &shelf.library;
    let right =
        async |origin: &Origin| library.sign_in("1000004", library::demo::PATRON_PASSWORD, origin).await.unwrap();
    let home = origin(1);
    assert!(matches!(right(&home).await, SignIn::Done(_)));
    for n in 0..30 {
        library.sign_in("1000004", "guess", &origin(100 + n)).await.unwrap();
    }
    let SignIn::Slow(wait) = right(&origin(2)).await else { panic!("a strange origin waits") };
    assert!(wait.minutes <= 15, "{wait:?}");
    assert!(matches!(right(&home).await, SignIn::Done(_)), "where they signed in before they need not wait");
    // Their own slips count there all the same.
    for _ in 0..5 {
        library.sign_in("1000004", "guess", &home).await.unwrap();
    }
    assert!(matches!(right(&home).await, SignIn::Slow(_)));
}

async fn cards_that_are_used_in_a_network_are_guessed_at_there_no_faster(shelf: Shelf) {
    const TIMES: u32 = 10_000;
    shelf.library.make_demo().await.unwrap();
    let library = &shelf.library;
    let sign_in =
        async |card: &str, password: &str, from: u32| library.sign_in(card, password, &origin(from)).await.unwrap();
    // While one waits, a card that was used there is told from no other.
    let used = "1000002";
    assert!(matches!(sign_in(used, library::demo::PATRON_PASSWORD, 4).await, SignIn::Done(_)));
    for n in 0..40 {
        for from in [3, 4] {
            sign_in(&card(n), "guess", from).await;
        }
    }
    let answers = [sign_in(used, "guess", 3).await, sign_in(used, "guess", 4).await];
    assert!(answers[0] == answers[1] && matches!(answers[0], SignIn::Slow(_)), "{answers:?}");

    // A school's readers have all signed in there.
    let cards: Vec<String> = (1_000_002..=1_000_020).map(|card| card.to_string()).collect();
    for card in &cards {
        let answer = sign_in(card, library::demo::PATRON_PASSWORD, 1).await;
        assert!(matches!(answer, SignIn::Done(_)), "{card}: {answer:?}");
    }
    let at = |n: u32| cards[usize::try_from(n).unwrap() % cards.len()].clone();
    let spray = guess(&shelf, TIMES, |n| (at(n), origin(1))).await;
    println!("10,000 guesses at {} cards from a network where they are used: {spray} are looked at", cards.len());
    assert!(spray < 200, "{spray}");
}

async fn the_desk_sees_a_wait_and_lifts_it(shelf: Shelf) {
    shelf.library.make_demo().await.unwrap();
    let library = &shelf.library;
    let patron = library.patron_by_card("1000004").await.unwrap().unwrap();
    assert_eq!(library.card_wait(patron).await.unwrap(), None);
    for _ in 0..6 {
        library.sign_in("1000004", "guess", &origin(1)).await.unwrap();
    }
    let wait = library.card_wait(patron).await.unwrap().unwrap();
    assert_eq!(wait.from.to_string(), "09:31:00", "half past nine and thirty seconds, to the next whole minute");
    library.lift_wait(patron).await.unwrap();
    assert_eq!(library.card_wait(patron).await.unwrap(), None);
    let right = library.sign_in("1000004", library::demo::PATRON_PASSWORD, &origin(1)).await.unwrap();
    assert!(matches!(right, SignIn::Done(_)));
    assert_eq!(shelf.count("select count(*) from audit where deed = 'wait-lifted'").await, 1);
}

async fn staff_and_forms_are_slowed_too(shelf: Shelf) {
    let library = &shelf.library;
    let form = StaffForm { login: "desk".into(), password: "long enough".into(), role: StaffRole::Desk };
    library.add_staff(&form).await.unwrap().unwrap();
    for _ in 0..5 {
        assert_eq!(library.staff_sign_in("desk", "guess", &origin(1)).await.unwrap(), SignIn::Wrong);
    }
    assert!(matches!(library.staff_sign_in(" desk ", "long enough", &origin(1)).await.unwrap(), SignIn::Slow(_)));
    assert!(matches!(library.staff_sign_in("desk", "long enough", &origin(2)).await.unwrap(), SignIn::Done(_)));

    let facts = RegisterForm {
        card: "4000001".into(),
        kana: "ヤマダ ハナコ".into(),
        birth_date: "2000-01-01".into(),
        telephone: "048-000-0000".into(),
        mail: String::new(),
    };
    for _ in 0..5 {
        library.ask_for_password(&facts, &origin(1)).await.unwrap().unwrap().await.unwrap();
    }
    assert!(library.ask_for_password(&facts, &origin(1)).await.unwrap().is_err());
}

async fn tallies_are_forgotten(shelf: Shelf) {
    shelf.library.make_demo().await.unwrap();
    shelf.library.sign_in("1000004", library::demo::PATRON_PASSWORD, &origin(1)).await.unwrap();
    shelf.library.sign_in("1000005", "guess", &origin(2)).await.unwrap();
    let left = async |days| {
        shelf.again(Clock::Fixed(morning() + TimeDelta::days(days)), policy()).daily().await.unwrap();
        shelf.count("select count(*) from guess").await
    };
    assert_eq!(left(0).await, 6);
    assert_eq!(left(2).await, 1, "the origin that is known");
    assert_eq!(left(91).await, 0);
    let numbers = shelf.count("select count(*) from guess where cast(subject as text) like '%1000004%'").await;
    assert_eq!(numbers, 0, "no number stands there in clear");
}
