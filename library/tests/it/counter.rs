//! The counter: whose turn it is, what is lent, and that a scan sent twice lends once.

use domain::{
    PatronId,
    circulation::{AtCounter, CounterAnswer, CounterScan, Instruction, ReadAs, Refusal, Said, Turn},
    patrons::CardState,
};

use crate::{
    act::{later, op},
    support::{Shelf, on_both_engines, place},
};

on_both_engines!(
    a_family_with_three_cards_comes_to_the_desk,
    the_desk_sees_what_concerns_the_one_before_it,
    a_scan_sent_again_lends_nothing_again,
    staff_overrule_with_a_reason,
    a_number_that_card_and_copy_share_is_asked_about,
    a_return_sent_again_gets_its_answer_again,
);

pub(crate) async fn card_of(shelf: &Shelf, patron: PatronId) -> String {
    let sql = format!("select card_number, id from patron where id = {}", shelf.uuid(patron.0));
    shelf.rows(&sql).await.remove(0).0
}

fn scan(text: &str) -> CounterScan {
    CounterScan { text: text.to_owned(), read_as: None, reason: None }
}

async fn at_desk(shelf: &Shelf, turn: Option<Turn>, text: &str) -> CounterAnswer {
    shelf.library.scan_at_counter(op(), &place("central"), turn, &scan(text)).await.unwrap()
}

/// Begins a patron's turn.
async fn begin(shelf: &Shelf, patron: PatronId) -> AtCounter {
    let answer = at_desk(shelf, None, &card_of(shelf, patron).await).await;
    assert_eq!(answer.said, Said::Begun);
    answer.patron.unwrap()
}

async fn a_family_with_three_cards_comes_to_the_desk(shelf: Shelf) {
    let mut turn = None;
    for _ in 0..3 {
        let patron = shelf.patron().await;
        // The next card takes over from whoever came before.
        let answer = at_desk(&shelf, turn, &card_of(&shelf, patron).await).await;
        assert_eq!(answer.said, Said::Begun);
        turn = answer.patron.map(|patron| patron.turn);
        assert_eq!(turn.map(|turn| turn.patron), Some(patron));
        for n in 1..=2 {
            let (_, copies) = shelf.book(&["central"]).await;
            let answer = at_desk(&shelf, turn, &copies[0]).await;
            assert!(matches!(&answer.said, Said::Lent(lent) if lent.title.starts_with("題名")), "{:?}", answer.said);
            let patron = answer.patron.unwrap();
            assert_eq!(patron.loans.iter().filter(|loan| loan.now).count(), n);
            assert!(patron.loans.iter().any(|loan| loan.barcode == copies[0]));
        }
        assert_eq!(shelf.library.loans(patron).await.unwrap().len(), 2);
    }
    let (_, copies) = shelf.book(&["central"]).await;
    let alone = at_desk(&shelf, None, &copies[0]).await;
    assert_eq!((alone.patron, alone.said), (None, Said::CardFirst { barcode: copies[0].clone() }));
    let nothing = at_desk(&shelf, turn, "no-such").await;
    assert_eq!(nothing.said, Said::Unknown { text: "no-such".to_owned() });
    assert_eq!(nothing.patron.map(|patron| patron.turn), turn, "the turn goes on");
}

async fn the_desk_sees_what_concerns_the_one_before_it(shelf: Shelf) {
    let patron = shelf.patron().await;
    let (here, here_copies) = shelf.book(&["central"]).await;
    let (there, there_copies) = shelf.book(&["north"]).await;
    let (_, lent) = shelf.book(&["central"]).await;
    let card = card_of(&shelf, patron).await;
    let turn = begin(&shelf, patron).await.turn;
    at_desk(&shelf, Some(turn), &lent[0]).await;
    shelf.reserve(patron, &[here], 0, "central").await;
    shelf.reserve(patron, &[there], 0, "north").await;
    shelf.library.check_in(&place("central"), &here_copies[0]).await.unwrap().unwrap();
    shelf.library.check_in(&place("north"), &there_copies[0]).await.unwrap().unwrap();
    shelf.library.set_card_state(patron, CardState::Suspended).await.unwrap();

    let next_month = later(&shelf, 20);
    let answer = next_month.scan_at_counter(op(), &place("central"), None, &scan(&card)).await.unwrap();
    let seen = answer.patron.unwrap();
    assert_eq!((seen.card, seen.name.as_str(), seen.overdue()), (CardState::Suspended, "山田 花子", 1));
    assert!(!seen.loans[0].now && seen.loans[0].overdue);
    assert_eq!(seen.ready_here.iter().map(|ready| &ready.barcode).collect::<Vec<_>>(), [&here_copies[0]]);
    assert_eq!(seen.ready_elsewhere, 1);
}

async fn a_scan_sent_again_lends_nothing_again(shelf: Shelf) {
    let patron = shelf.patron().await;
    let (_, copies) = shelf.book(&["central"]).await;
    let turn = Some(begin(&shelf, patron).await.turn);
    let (op, scan, here) = (op(), scan(&copies[0]), place("central"));
    let first = shelf.library.scan_at_counter(op, &here, turn, &scan).await.unwrap();
    assert!(matches!(first.said, Said::Lent(_)));
    assert_eq!(shelf.library.scan_at_counter(op, &here, turn, &scan).await.unwrap(), first);
    assert_eq!(shelf.count("select count(*) from loan").await, 1);
}

async fn staff_overrule_with_a_reason(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let (waiting, other) = (shelf.patron().await, shelf.patron().await);
    shelf.reserve(waiting, &[part], 0, "central").await;
    shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    let turn = Some(begin(&shelf, other).await.turn);
    let refused = at_desk(&shelf, turn, &copies[0]).await.said;
    let refusal = Refusal::CapturedForAnother;
    assert_eq!(refused, Said::NotLent { barcode: copies[0].clone(), refusal: refusal.clone() });
    assert!(refusal.may_be_overruled());
    let blank = CounterScan { reason: Some(" ".to_owned()), ..scan(&copies[0]) };
    let answer = shelf.library.scan_at_counter(op(), &place("central"), turn, &blank).await.unwrap();
    assert!(matches!(answer.said, Said::NotLent { .. }), "a blank is no reason");
    let reason = CounterScan { reason: Some("館長の承認".to_owned()), ..scan(&copies[0]) };
    let answer = shelf.library.scan_at_counter(op(), &place("central"), turn, &reason).await.unwrap();
    assert!(matches!(answer.said, Said::Lent(_)), "{:?}", answer.said);
    let noted = "select count(*) from audit where deed = 'overruled' and note = '館長の承認'";
    assert_eq!(shelf.count(noted).await, 1);
}

async fn a_number_that_card_and_copy_share_is_asked_about(shelf: Shelf) {
    let (reader, other) = (shelf.patron().await, shelf.patron().await);
    let (_, copies) = shelf.book(&["central"]).await;
    let number = card_of(&shelf, other).await;
    shelf.run(&format!("update item set barcode = '{number}' where barcode = '{}'", copies[0])).await;
    let turn = Some(begin(&shelf, reader).await.turn);
    assert_eq!(at_desk(&shelf, turn, &number).await.said, Said::Either { text: number.clone() });
    let told = async |read_as| {
        let scan = CounterScan { read_as: Some(read_as), ..scan(&number) };
        shelf.library.scan_at_counter(op(), &place("central"), turn, &scan).await.unwrap()
    };
    assert!(matches!(told(ReadAs::Copy).await.said, Said::Lent(_)));
    assert_eq!(told(ReadAs::Card).await.patron.unwrap().turn.patron, other);
    // Without a turn only a card makes sense.
    assert_eq!(at_desk(&shelf, None, &number).await.said, Said::Begun);
}

async fn a_return_sent_again_gets_its_answer_again(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let (op, here) = (op(), place("central"));
    let first = shelf.library.scan_in(op, &here, &copies[0]).await.unwrap().unwrap();
    assert!(matches!(first.instruction, Instruction::Shelve { .. }));
    // A new scan is judged anew, the same one is not.
    shelf.reserve(shelf.patron().await, &[part], 0, "central").await;
    assert_eq!(shelf.library.scan_in(op, &here, &copies[0]).await.unwrap(), Ok(first));
    let anew = shelf.library.scan_in(crate::act::op(), &here, &copies[0]).await.unwrap().unwrap();
    assert!(matches!(anew.instruction, Instruction::HoldShelf(_)));
    assert_eq!(shelf.library.scan_in(crate::act::op(), &here, "no-such").await.unwrap(), Err(Refusal::UnknownBarcode));
}
