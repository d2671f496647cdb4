//! Kiosks, and the first password at one (R2, R3).

use domain::{
    PatronId, PlaceCode,
    patrons::{DoorProblem, DoorRefusal, KioskForm, SignIn},
};
use library::{Clock, Origin};

use crate::support::{Shelf, morning, on_both_engines, place, policy};

on_both_engines!(
    a_first_password_is_chosen_at_a_kiosk_and_no_second,
    whatever_does_not_fit_gets_the_same_answer,
    a_child_below_the_age_of_the_policy_comes_to_the_desk,
    a_device_that_is_no_kiosk_sets_no_password,
    of_two_who_choose_at_once_one_has_it,
    a_kiosk_has_a_name_and_a_place_of_the_library,
);

/// The facts of every patron of [`Shelf::patron`].
fn form(card: &str) -> KioskForm {
    KioskForm {
        card: card.to_owned(),
        kana: "ﾔﾏﾀﾞ ﾊﾅｺ".to_owned(),
        birth_date: "H12.1.1".to_owned(),
        telephone: "000-0000".to_owned(),
        password: "Hana12".to_owned(),
        again: "Hana12".to_owned(),
    }
}

fn origin() -> Origin {
    Origin::of([203, 0, 113, 7].into())
}

fn unmatched() -> Result<(), DoorRefusal> {
    Err(DoorRefusal::Problems(vec![DoorProblem::Unmatched]))
}

async fn kiosk(shelf: &Shelf) -> String {
    shelf.library.register_kiosk(" 1階 入口 ", &place("central")).await.unwrap().unwrap()
}

async fn card(shelf: &Shelf, patron: PatronId) -> String {
    crate::counter::card_of(shelf, patron).await
}

async fn may_sign_in(shelf: &Shelf, card: &str, password: &str) -> bool {
    matches!(shelf.library.sign_in(card, password, &origin()).await.unwrap(), SignIn::Done(_))
}

/// What happens at a kiosk, for whoever overhears the statements.
pub(crate) async fn live(shelf: &Shelf) {
    let token = kiosk(shelf).await;
    let card = card(shelf, shelf.patron().await).await;
    shelf.library.register_here(&token, &form(&card), &origin()).await.unwrap().unwrap();
}

async fn a_first_password_is_chosen_at_a_kiosk_and_no_second(shelf: Shelf) {
    let token = kiosk(&shelf).await;
    let card = card(&shelf, shelf.patron().await).await;
    assert_eq!(shelf.library.register_here(&token, &form(&card), &origin()).await.unwrap(), Ok(()));
    assert!(may_sign_in(&shelf, &card, "Hana12").await);
    let second = KioskForm { password: "Neko34".into(), again: "Neko34".into(), ..form(&card) };
    assert_eq!(shelf.library.register_here(&token, &second, &origin()).await.unwrap(), unmatched(), "R4");
    assert!(may_sign_in(&shelf, &card, "Hana12").await && !may_sign_in(&shelf, &card, "Neko34").await);
    let easy = shelf.patron().await;
    let easy = crate::counter::card_of(&shelf, easy).await;
    let form = KioskForm { password: "20000101".into(), again: "20000101".into(), ..form(&easy) };
    let easy = Err(DoorRefusal::Problems(vec![DoorProblem::Easy]));
    assert_eq!(shelf.library.register_here(&token, &form, &origin()).await.unwrap(), easy);
}

async fn whatever_does_not_fit_gets_the_same_answer(shelf: Shelf) {
    let token = kiosk(&shelf).await;
    let card = card(&shelf, shelf.patron().await).await;
    let right = form(&card);
    for wrong in [
        KioskForm { card: "9999999".into(), ..right.clone() },
        KioskForm { kana: "やまだ はなえ".into(), ..right.clone() },
        KioskForm { birth_date: "H12.1.2".into(), ..right.clone() },
        KioskForm { telephone: "000-0001".into(), ..right.clone() },
    ] {
        assert_eq!(shelf.library.register_here(&token, &wrong, &origin()).await.unwrap(), unmatched());
    }
    let mut slow = false;
    for _ in 0..20 {
        let wrong = KioskForm { telephone: "000-0001".into(), ..right.clone() };
        let answer = shelf.library.register_here(&token, &wrong, &origin()).await.unwrap();
        slow |= matches!(answer, Err(DoorRefusal::Slow(_)));
    }
    assert!(slow, "guessing is slowed down at a kiosk as everywhere");
    assert!(!may_sign_in(&shelf, &card, "Hana12").await);
}

async fn a_child_below_the_age_of_the_policy_comes_to_the_desk(shelf: Shelf) {
    let token = kiosk(&shelf).await;
    let card = card(&shelf, shelf.patron().await).await;
    let mut strict = policy();
    strict.accounts.own_password_age = 27;
    let strict = shelf.again(Clock::Fixed(morning()), strict);
    assert_eq!(strict.register_here(&token, &form(&card), &origin()).await.unwrap(), unmatched(), "26 years old");
    assert!(!may_sign_in(&shelf, &card, "Hana12").await);
    assert_eq!(shelf.library.register_here(&token, &form(&card), &origin()).await.unwrap(), Ok(()));
}

async fn a_device_that_is_no_kiosk_sets_no_password(shelf: Shelf) {
    let token = kiosk(&shelf).await;
    let card = card(&shelf, shelf.patron().await).await;
    let none = Err(DoorRefusal::NoKiosk);
    for other in ["", "00", &token[1..]] {
        assert_eq!(shelf.library.register_here(other, &form(&card), &origin()).await.unwrap(), none);
    }
    let there = shelf.library.kiosks().await.unwrap();
    assert!(shelf.library.remove_kiosk(there[0].id).await.unwrap());
    assert!(!shelf.library.remove_kiosk(there[0].id).await.unwrap(), "it is gone");
    assert_eq!(shelf.library.register_here(&token, &form(&card), &origin()).await.unwrap(), none);
    assert!(!may_sign_in(&shelf, &card, "Hana12").await);
}

async fn of_two_who_choose_at_once_one_has_it(shelf: Shelf) {
    let token = kiosk(&shelf).await;
    let card = card(&shelf, shelf.patron().await).await;
    let one = form(&card);
    let other = KioskForm { password: "Neko34".into(), again: "Neko34".into(), ..form(&card) };
    let origin = origin();
    let (a, b) = tokio::join!(
        shelf.library.register_here(&token, &one, &origin),
        shelf.library.register_here(&token, &other, &origin)
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let password = if a.is_ok() { "Hana12" } else { "Neko34" };
    assert!(may_sign_in(&shelf, &card, password).await);
}

async fn a_kiosk_has_a_name_and_a_place_of_the_library(shelf: Shelf) {
    let library = &shelf.library;
    assert_eq!(library.register_kiosk(" ", &place("central")).await.unwrap(), None);
    assert_eq!(library.register_kiosk("入口", &PlaceCode("nowhere".into())).await.unwrap(), None);
    let token = kiosk(&shelf).await;
    assert_eq!(library.kiosk(&token).await.unwrap(), Some("1階 入口".to_owned()));
    assert_eq!(library.kiosk("x").await.unwrap(), None);
    let names: Vec<_> = library.kiosks().await.unwrap().into_iter().map(|kiosk| kiosk.name).collect();
    assert_eq!(names, ["1階 入口"]);
    assert_eq!(shelf.count("select count(*) from audit where deed = 'kiosk-registered'").await, 1);
}
