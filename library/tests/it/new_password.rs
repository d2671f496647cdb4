//! What a new password puts an end to, and what can't slip in beside it (R3–R6).

use std::time::Duration;

use chrono::TimeDelta;
use domain::patrons::{DoorProblem, DoorRefusal, LinkGone, LinkState, OneTimeForm, SignIn, Slot};
use library::Clock;

use crate::{
    door::{ask, card, facts, may_sign_in, origin, reader, token},
    support::{Shelf, morning, on_both_engines, policy},
};

on_both_engines!(
    a_new_password_ends_what_was_on_its_way_to_another,
    a_new_password_ends_links_to_an_address_too,
    a_link_to_a_password_ends_with_the_address_it_went_to,
    a_new_password_lets_its_holder_in_at_once,
    a_changed_password_is_none_of_ones_own_facts,
    of_two_who_use_a_one_time_password_at_once_one_sets_theirs,
    an_address_is_not_confirmed_after_its_time,
    who_signs_in_begins_afresh_with_slips,
    a_sign_in_under_way_outlasts_neither_password_nor_card,
);

fn with(number: &str, once: &str, password: &str) -> OneTimeForm {
    OneTimeForm {
        card: number.to_owned(),
        once: once.to_owned(),
        birth_date: "H12.1.1".to_owned(),
        password: password.to_owned(),
        again: password.to_owned(),
    }
}

async fn a_new_password_ends_what_was_on_its_way_to_another(shelf: Shelf) {
    let library = &shelf.library;
    let (patron, number, address) = reader(&shelf, "Hana12").await;
    let once = library.issue_one_time(patron).await.unwrap().unwrap();
    ask(library, &facts(&number)).await;
    let link = token(&shelf, library, &address).await;
    library.change_password(patron, ("Hana12", "Neko34", "Neko34"), &origin(1)).await.unwrap().unwrap();
    let answer = library.use_one_time(&with(&number, &once, "Inu56"), &origin(1)).await.unwrap();
    assert_eq!(answer, Err(DoorRefusal::Problems(vec![DoorProblem::Once])));
    assert_eq!(library.link(&link).await.unwrap(), LinkState::Gone(LinkGone::Expired));
    let answer = library.set_password_by_link(&link, "Inu56", "Inu56").await.unwrap();
    assert_eq!(answer, Err(DoorRefusal::Link(LinkGone::Expired)));
    assert!(may_sign_in(library, &number, "Neko34").await);
}

async fn a_new_password_ends_links_to_an_address_too(shelf: Shelf) {
    let library = &shelf.library;
    let (patron, ..) = reader(&shelf, "Hana12").await;
    // Somebody who has found the password out is about to have the next one mailed to themselves.
    let form = ("thief@example.com", "Hana12");
    library.ask_for_address(patron, Slot::Second, form, &origin(1)).await.unwrap().unwrap();
    let link = token(&shelf, library, "thief@example.com").await;
    library.change_password(patron, ("Hana12", "Neko34", "Neko34"), &origin(1)).await.unwrap().unwrap();
    assert_eq!(library.link(&link).await.unwrap(), LinkState::Gone(LinkGone::Expired));
    assert_eq!(library.confirm_address(&link).await.unwrap(), Err(DoorRefusal::Link(LinkGone::Expired)));
    let settings = library.settings(patron).await.unwrap();
    assert_eq!((&settings.mails[1], settings.pending), (&None, [None, None]));
}

async fn a_link_to_a_password_ends_with_the_address_it_went_to(shelf: Shelf) {
    let library = &shelf.library;
    for replaced in [false, true] {
        let (patron, number, address) = reader(&shelf, "Hana12").await;
        ask(library, &facts(&number)).await;
        let link = token(&shelf, library, &address).await;
        if replaced {
            let form = ("new@example.jp", "Hana12");
            library.ask_for_address(patron, Slot::First, form, &origin(1)).await.unwrap().unwrap();
            let new = token(&shelf, library, "new@example.jp").await;
            library.confirm_address(&new).await.unwrap().unwrap();
        } else {
            library.remove_address(patron, Slot::First, "Hana12", &origin(1)).await.unwrap().unwrap();
        }
        assert_eq!(library.link(&link).await.unwrap(), LinkState::Gone(LinkGone::Expired), "{replaced}");
        let answer = library.set_password_by_link(&link, "Inu567", "Inu567").await.unwrap();
        assert_eq!(answer, Err(DoorRefusal::Link(LinkGone::Expired)), "{replaced}");
        assert!(may_sign_in(library, &number, "Hana12").await);
    }
}

async fn a_new_password_lets_its_holder_in_at_once(shelf: Shelf) {
    let library = &shelf.library;
    let (patron, number, _) = reader(&shelf, "Hana12").await;
    for _ in 0..8 {
        library.sign_in(&number, "guess", &origin(2)).await.unwrap();
    }
    assert!(matches!(library.sign_in(&number, "Hana12", &origin(2)).await.unwrap(), SignIn::Slow(_)));
    let once = library.issue_one_time(patron).await.unwrap().unwrap();
    library.use_one_time(&with(&number, &once, "Neko34"), &origin(2)).await.unwrap().unwrap();
    assert!(matches!(library.sign_in(&number, "Neko34", &origin(2)).await.unwrap(), SignIn::Done(_)));
}

async fn a_changed_password_is_none_of_ones_own_facts(shelf: Shelf) {
    let (patron, number, _) = reader(&shelf, "Hana12").await;
    for easy in ["20000101", "0101", number.as_str()] {
        let answer = shelf.library.change_password(patron, ("Hana12", easy, easy), &origin(1)).await.unwrap();
        assert_eq!(answer, Err(DoorRefusal::Problems(vec![DoorProblem::Easy])), "{easy}");
    }
    assert!(may_sign_in(&shelf.library, &number, "Hana12").await);
}

async fn of_two_who_use_a_one_time_password_at_once_one_sets_theirs(shelf: Shelf) {
    let library = &shelf.library;
    let patron = shelf.patron().await;
    let number = card(&shelf, patron).await;
    let once = library.issue_one_time(patron).await.unwrap().unwrap();
    let passwords = ["Neko34", "Inu567", "Tori89", "Kuma12"];
    let tries = passwords.map(|password| {
        let (library, form) = (library.clone(), with(&number, &once, password));
        tokio::spawn(async move { library.use_one_time(&form, &origin(1)).await.unwrap().is_ok() })
    });
    let mut done = Vec::new();
    for (one, password) in tries.into_iter().zip(passwords) {
        done.extend(one.await.unwrap().then_some(password));
    }
    let [theirs] = done[..] else { panic!("{done:?}") };
    assert!(may_sign_in(library, &number, theirs).await, "and it is the one that was told so");
}

async fn an_address_is_not_confirmed_after_its_time(shelf: Shelf) {
    let library = &shelf.library;
    let (patron, ..) = reader(&shelf, "Hana12").await;
    let form = ("two@example.jp", "Hana12");
    library.ask_for_address(patron, Slot::Second, form, &origin(1)).await.unwrap().unwrap();
    let link = token(&shelf, library, "two@example.jp").await;
    let late = shelf.again(Clock::Fixed(morning() + TimeDelta::hours(25)), policy());
    assert_eq!(late.confirm_address(&link).await.unwrap(), Err(DoorRefusal::Link(LinkGone::Expired)));
    assert_eq!(library.settings(patron).await.unwrap().mails[1], None);
    assert!(library.confirm_address(&link).await.unwrap().is_ok(), "within its time it is");
}

async fn who_signs_in_begins_afresh_with_slips(shelf: Shelf) {
    let library = &shelf.library;
    let (_, number, _) = reader(&shelf, "Hana12").await;
    for _ in 0..3 {
        for _ in 0..4 {
            assert_eq!(library.sign_in(&number, "guess", &origin(3)).await.unwrap(), SignIn::Wrong);
        }
        assert!(matches!(library.sign_in(&number, "Hana12", &origin(3)).await.unwrap(), SignIn::Done(_)));
    }
}

async fn a_sign_in_under_way_outlasts_neither_password_nor_card(shelf: Shelf) {
    let library = &shelf.library;
    let mut narrow = policy();
    narrow.accounts.hash_at_once = 1;
    narrow.accounts.hash_memory_kib = 65_536;
    narrow.accounts.hash_passes = 3;
    let slow = shelf.again(Clock::Fixed(morning()), narrow);
    let sql = "select cast(coalesce(sum(tries), 0) as bigint) from guess where length(subject) = 0";
    let tried = async || shelf.count(sql).await;
    for (n, new_card) in [(10, None), (20, Some("7000001"))] {
        let (patron, number, _) = reader(&shelf, "Hana12").await;
        let begin = |card: String, from: u8| {
            let library = slow.clone();
            tokio::spawn(async move { library.sign_in(&card, "Hana12", &origin(from)).await.unwrap() })
        };
        let has_begun = async |before| {
            while tried().await == before {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        // These keep the hasher busy, so that the one behind them has read what it compares with and waits.
        for from in 1..=4 {
            let before = tried().await;
            drop(begin(format!("77000{from:02}"), n + from));
            has_begun(before).await;
        }
        let before = tried().await;
        let under_way = begin(number, n);
        has_begun(before).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        if let Some(number) = new_card {
            library.replace_card(patron, number).await.unwrap().unwrap();
        } else {
            library.change_password(patron, ("Hana12", "Neko34", "Neko34"), &origin(1)).await.unwrap().unwrap();
        }
        let now = library.account(patron).await.unwrap().unwrap().generation;
        let answer = under_way.await.unwrap();
        let lasts = matches!(&answer, SignIn::Done(account) if account.generation == now);
        assert!(!lasts, "{new_card:?}: {answer:?}");
    }
}
