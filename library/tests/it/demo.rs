use domain::{circulation::Refusal, patrons::SignIn};
use library::demo::{CARD_AT_LIMITS, CARD_OVERDUE, FREE_CARDS, PATRON_PASSWORD};

use crate::support::{Shelf, bib, on_both_engines, positions};

on_both_engines!(the_demo_is_what_it_says, the_demo_keeps_away_from_a_real_library);

async fn the_demo_is_what_it_says(shelf: Shelf) {
    let library = &shelf.library;
    assert!(!library.is_demo().await.unwrap());
    library.make_demo().await.unwrap();
    assert!(library.is_demo().await.unwrap());
    let counts = async || {
        let mut all = Vec::new();
        for table in ["bib", "item", "patron", "loan", "reservation", "outbox", "event"] {
            all.push(shelf.count(&format!("select count(*) from {table}")).await);
        }
        all
    };
    let made = counts().await;
    library.make_demo().await.unwrap();
    assert_eq!(counts().await, made, "made twice");
    // As after a kill in the middle: it goes on, and nothing is there twice.
    shelf.run("update meta set value = 'begun' where key = 'demo'").await;
    shelf.run("delete from outbox").await;
    library.make_demo().await.unwrap();
    assert_eq!(counts().await[..5], made[..5]);

    let account =
        async |card: &str| match library.sign_in(card, PATRON_PASSWORD, &library::Origin::unknown()).await.unwrap() {
            SignIn::Done(account) => account.id,
            _ => panic!("{card} can't sign in"),
        };
    let at_limits = account(CARD_AT_LIMITS).await;
    assert_eq!(library.reservations(at_limits).await.unwrap().len(), 14, "10 books, 2 CDs, 2 kamishibai");
    let (part, _) = shelf.book(&["central"]).await;
    let answer = shelf.reserve(at_limits, &[part], 0, "central").await;
    assert!(matches!(positions(&answer)[..], [Err(Refusal::LimitReached { .. })]));
    assert!(library.reservations(account(FREE_CARDS.0).await).await.unwrap().is_empty());
    assert!(library.reservations(account(FREE_CARDS.1).await).await.unwrap().is_empty());
    let overdue = account(CARD_OVERDUE).await;
    let today = library.today();
    let late = format!(
        "select count(*) from loan where returned_at is null and due_on < '{today}' and patron_id = {}",
        shelf.uuid(overdue.0)
    );
    assert_eq!(shelf.count(&late).await, 3);
}

async fn the_demo_keeps_away_from_a_real_library(shelf: Shelf) {
    shelf.library.import("test", &[bib("a", domain::catalog::MaterialType::Book, &["central"])]).await.unwrap();
    assert!(shelf.library.make_demo().await.is_err());
    assert!(!shelf.library.is_demo().await.unwrap());
}
