//! Patron cards at the desk: issued, found, corrected, replaced.

use domain::{
    OpId,
    circulation::By,
    patrons::{CardForm, CardProblem, CardState, SignIn},
};
use library::{Origin, demo::PATRON_PASSWORD};
use uuid::Uuid;

use crate::support::{Shelf, on_both_engines, place};

on_both_engines!(
    a_card_is_issued_once_and_found_by_what_people_say,
    a_card_that_cant_be_kept_says_why,
    an_address_stays_confirmed_while_it_stays_the_same,
    everything_follows_a_replaced_card,
    cards_that_came_in_another_way_are_found,
);

fn form(number: &str) -> CardForm {
    CardForm {
        number: number.to_owned(),
        name: "川上　みどり".to_owned(),
        kana: "かわかみ みどり".to_owned(),
        birth_date: "昭和60年5月6日".to_owned(),
        telephone: "0480-12-3456".to_owned(),
        mail1: "midori@example.jp".to_owned(),
        ..CardForm::default()
    }
}

fn op() -> OpId {
    OpId(Uuid::now_v7())
}

/// The numbers of the cards found.
async fn numbers(shelf: &Shelf, typed: &str) -> Vec<String> {
    let found = shelf.library.find_cards(typed).await.unwrap();
    found.cards.into_iter().map(|card| card.number).collect()
}

async fn a_card_is_issued_once_and_found_by_what_people_say(shelf: Shelf) {
    let library = &shelf.library;
    let request = op();
    let patron = library.issue_card(request, &form("３０００－００１")).await.unwrap().unwrap();
    assert_eq!(library.issue_card(request, &form("3000001")).await.unwrap(), Ok(patron), "pressed twice");
    assert_eq!(shelf.count("select count(*) from event where kind = 'card-issued'").await, 1);
    for typed in ["3000001", "30000", "川上", "みどり", "カワカミ", "0480", "12-3456", "3456"] {
        assert_eq!(numbers(&shelf, typed).await, ["3000001"], "{typed}");
    }
    assert_eq!(numbers(&shelf, "やまだ").await, [""; 0]);
    let page = library.card_page(patron).await.unwrap().unwrap();
    assert_eq!((page.card.name.as_str(), page.card.kana.as_str()), ("川上 みどり", "カワカミ ミドリ"));
    assert_eq!(page.ready_mail(), None, "nobody has confirmed it");

    let mut corrected = page.form();
    corrected.name = "田中 みどり".to_owned();
    corrected.kana = "タナカ ミドリ".to_owned();
    library.edit_card(patron, &corrected).await.unwrap().unwrap();
    assert_eq!(numbers(&shelf, "川上").await, [""; 0]);
    assert_eq!(numbers(&shelf, "たなか").await, ["3000001"]);
}

async fn a_card_that_cant_be_kept_says_why(shelf: Shelf) {
    let library = &shelf.library;
    library.issue_card(op(), &form("3000001")).await.unwrap().unwrap();
    let taken = library.issue_card(op(), &form("3000001")).await.unwrap();
    assert_eq!(taken, Err(vec![CardProblem::NumberTaken]));
    let wrong = CardForm { kana: "川上".to_owned(), telephone: String::new(), ..form("3000002") };
    let problems = Err(vec![CardProblem::Kana, CardProblem::Telephone]);
    assert_eq!(library.issue_card(op(), &wrong).await.unwrap(), problems);
    assert_eq!(numbers(&shelf, "3000002").await, [""; 0]);
}

async fn an_address_stays_confirmed_while_it_stays_the_same(shelf: Shelf) {
    let library = &shelf.library;
    let patron = shelf.patron().await;
    let confirmed = async || library.card_page(patron).await.unwrap().unwrap().ready_mail();
    let address = confirmed().await;
    assert!(address.is_some());
    let same =
        CardForm { telephone: "090-1234-5678".to_owned(), ..library.card_page(patron).await.unwrap().unwrap().form() };
    library.edit_card(patron, &same).await.unwrap().unwrap();
    assert_eq!(confirmed().await, address);
    // Moved to the second field it is the same address.
    let moved = CardForm { mail1: String::new(), mail2: same.mail1.clone(), ..same.clone() };
    library.edit_card(patron, &moved).await.unwrap().unwrap();
    assert_eq!(confirmed().await, address);
    let other = CardForm { mail2: "other@example.jp".to_owned(), ..moved };
    library.edit_card(patron, &other).await.unwrap().unwrap();
    assert_eq!(confirmed().await, None);
}

async fn everything_follows_a_replaced_card(shelf: Shelf) {
    shelf.library.make_demo().await.unwrap();
    let library = &shelf.library;
    let patron = library.patron_by_card("1000016").await.unwrap().unwrap();
    let before = library.card_page(patron).await.unwrap().unwrap();
    assert!(!before.loans.is_empty() && !before.reservations.is_empty());
    assert_eq!(library.replace_card(patron, "1000004").await.unwrap(), Err(CardProblem::NumberTaken));
    assert_eq!(library.replace_card(patron, "12").await.unwrap(), Err(CardProblem::Number));
    library.replace_card(patron, "２０００－０１６").await.unwrap().unwrap();
    library.replace_card(patron, "2000016").await.unwrap().unwrap();

    let after = library.card_page(patron).await.unwrap().unwrap();
    assert_eq!((&after.loans, &after.reservations), (&before.loans, &before.reservations));
    assert_eq!(library.patron_by_card("2000016").await.unwrap(), Some(patron));
    assert!(matches!(library.sign_in("2000016", PATRON_PASSWORD, &Origin::unknown()).await.unwrap(), SignIn::Done(_)));
    // The old one opens nothing, and only the desk is told that there was one.
    assert_eq!(library.patron_by_card("1000016").await.unwrap(), None);
    assert_eq!(library.sign_in("1000016", PATRON_PASSWORD, &Origin::unknown()).await.unwrap(), SignIn::Wrong);
    assert!(library.was_card_replaced("1000016").await.unwrap());
    assert!(!library.was_card_replaced("2000016").await.unwrap());
    let found = library.find_cards("1000-016").await.unwrap();
    assert_eq!((found.replaced, found.cards.len()), (true, 1));
    assert_eq!(found.cards[0].number, "2000016");
    let other = library.patron_by_card("1000004").await.unwrap().unwrap();
    assert_eq!(library.replace_card(other, "1000016").await.unwrap(), Err(CardProblem::NumberReplaced));
    let again = library.issue_card(op(), &form("1000016")).await.unwrap();
    assert_eq!(again, Err(vec![CardProblem::NumberReplaced]));

    library.set_card_state(patron, CardState::Suspended).await.unwrap();
    assert_eq!(library.card_page(patron).await.unwrap().unwrap().card.card, CardState::Suspended);
}

async fn cards_that_came_in_another_way_are_found(shelf: Shelf) {
    let patron = shelf.patron().await;
    assert_eq!(numbers(&shelf, "やまだ").await.len(), 1);
    // A staff member lends to whom was found so.
    let (_, copies) = shelf.book(&["central"]).await;
    shelf.library.check_out(&By::Staff, &place("central"), patron, &copies[0]).await.unwrap().unwrap();
    assert_eq!(shelf.library.card_page(patron).await.unwrap().unwrap().loans.len(), 1);
}
