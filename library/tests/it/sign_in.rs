use domain::patrons::SignIn;
use library::{
    Origin,
    demo::{CARD_WITHOUT_PASSWORD, PATRON_PASSWORD, STAFF_LOGIN, STAFF_PASSWORD},
    sessions::SessionRow,
};

use crate::support::{Shelf, on_both_engines};

on_both_engines!(cards_and_passwords, sessions_are_kept_until_they_expire, what_browsers_left_behind_is_swept_away);

async fn cards_and_passwords(shelf: Shelf) {
    shelf.library.make_demo().await.unwrap();
    let try_card =
        async |card: &str, password: &str| shelf.library.sign_in(card, password, &Origin::unknown()).await.unwrap();
    for typed in ["1000004", "１００－０００４ "] {
        assert!(matches!(try_card(typed, PATRON_PASSWORD).await, SignIn::Done(_)), "{typed}");
    }
    let SignIn::Done(account) = try_card("1000004", PATRON_PASSWORD).await else { panic!("signed in above") };
    let by_card = async |card: &str| shelf.library.patron_by_card(card).await.unwrap();
    assert_eq!(by_card("１０００ ００４").await, Some(account.id), "the desk reads cards as people type them");
    assert!(by_card("1000005").await.is_some_and(|other| other != account.id));
    assert_eq!(by_card("9999999").await, None);
    for (card, password) in [
        ("1000004", "hon2dana"),
        ("1000004", ""),
        ("9999999", PATRON_PASSWORD),
        (CARD_WITHOUT_PASSWORD, PATRON_PASSWORD),
        (CARD_WITHOUT_PASSWORD, ""),
        ("1000004", &"x".repeat(100_000)),
    ] {
        assert_eq!(try_card(card, password).await, SignIn::Wrong, "{card}");
    }
    let staff = async |login: &str, password: &str| {
        shelf.library.staff_sign_in(login, password, &Origin::unknown()).await.unwrap()
    };
    assert!(matches!(staff(STAFF_LOGIN, STAFF_PASSWORD).await, SignIn::Done(_)));
    assert_eq!(staff(STAFF_LOGIN, PATRON_PASSWORD).await, SignIn::Wrong);
    assert_eq!(staff("1000004", PATRON_PASSWORD).await, SignIn::Wrong, "a card opens no desk");
}

async fn sessions_are_kept_until_they_expire(shelf: Shelf) {
    let soon = shelf.library.now() + chrono::TimeDelta::minutes(5);
    let library = &shelf.library;
    let row = |data: &str, expires_at| SessionRow { data: data.to_owned(), expires_at, ..SessionRow::default() };
    library.create_session(b"one", &row("a", soon)).await.unwrap();
    library.save_session(b"one", &row("b", soon)).await.unwrap();
    assert_eq!(library.load_session(b"one").await.unwrap(), Some(("b".to_owned(), soon)));
    library.create_session(b"old", &row("c", library.now())).await.unwrap();
    assert_eq!(library.load_session(b"old").await.unwrap(), None);
    library.sweep().await.unwrap();
    assert_eq!(shelf.count("select count(*) from session").await, 1);
    library.delete_session(b"one").await.unwrap();
    // A request that was under way when its reader signed out.
    library.save_session(b"one", &row("d", soon)).await.unwrap();
    assert_eq!(library.load_session(b"one").await.unwrap(), None);
}

async fn what_browsers_left_behind_is_swept_away(shelf: Shelf) {
    use chrono::TimeDelta;
    use domain::cart::CartChange;

    let (part, _) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    for owner in [None, Some(patron)] {
        shelf.library.change_cart(None, owner, &CartChange::Add(part)).await.unwrap();
    }
    shelf.reserve(patron, &[shelf.book(&["central"]).await.0], 0, "central").await;
    let after = |days| {
        let clock = library::Clock::Fixed(crate::support::morning() + TimeDelta::days(days));
        shelf.again(clock, crate::support::policy())
    };
    let left = async || (shelf.count("select count(*) from cart").await, shelf.count("select count(*) from op").await);
    after(6).sweep().await.unwrap();
    assert_eq!(left().await, (2, 1));
    after(8).sweep().await.unwrap();
    assert_eq!(left().await, (2, 0));
    after(91).sweep().await.unwrap();
    assert_eq!(left().await, (1, 0), "a patron's cart stays");
}
