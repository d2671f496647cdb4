//! What a desk scanned while the server could not be reached.

use chrono::{NaiveDate, TimeDelta};
use domain::{
    OpId,
    circulation::{By, LateScan, Played, Refusal, Settle, Status},
    patrons::CardState,
};
use library::{Clock, Library};

use crate::{
    act::{later, op},
    counter::card_of,
    invariants::check,
    support::{Shelf, morning, on_both_engines, place, policy},
};

on_both_engines!(
    a_late_scan_is_played_once_and_counts_from_its_day,
    what_the_person_has_is_recorded_and_told,
    what_may_be_false_waits_for_staff,
    a_later_scan_of_the_copy_settles_what_comes_late,
    what_one_desk_did_comes_in_its_order,
    an_answer_that_was_lost_on_the_way_is_given_again,
    what_ties_a_card_to_a_copy_is_cut,
    many_browsers_play_the_same_at_once,
);

async fn all_is_well(shelf: &Shelf) {
    assert_eq!(check(&shelf.library).await, [""; 0]);
}

fn lent(card: &str, barcode: &str) -> LateScan {
    LateScan { op: op(), place: place("central"), barcode: barcode.to_owned(), card: Some(card.to_owned()) }
}

fn taken_back(barcode: &str) -> LateScan {
    LateScan { op: op(), place: place("central"), barcode: barcode.to_owned(), card: None }
}

async fn play(library: &Library, scan: &LateScan, ago: TimeDelta) -> Played {
    library.play_in(scan, ago.num_milliseconds()).await.unwrap()
}

async fn a_late_scan_is_played_once_and_counts_from_its_day(shelf: Shelf) {
    let (_, copies) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    let library = later(&shelf, 2);
    let scan = lent(&card_of(&shelf, patron).await, &copies[0]);
    let first = play(&library, &scan, TimeDelta::days(2)).await;
    let Played::Lent { lent, remark: None } = &first else { panic!("{first:?}") };
    let day = |d| NaiveDate::from_ymd_opt(2026, 4, d).unwrap();
    assert_eq!(lent.due_on, day(15), "two weeks from the day it was scanned");
    assert_eq!(library.loans(patron).await.unwrap()[0].lent_on, day(1));
    assert_eq!(play(&library, &scan, TimeDelta::days(3)).await, first, "again changes nothing");
    let back = taken_back(&copies[0]);
    let done = play(&library, &back, TimeDelta::days(1)).await;
    assert!(matches!(&done, Played::TakenBack(done) if done.was_on_loan), "{done:?}");
    assert_eq!(play(&library, &back, TimeDelta::zero()).await, done);
    assert_eq!(shelf.count("select count(*) from loan").await, 1);
    assert_eq!(library.late_troubles().await.unwrap(), []);
    all_is_well(&shelf).await;
    // It ended on that day: its tie has served, and it is too late to undo it.
    library.daily().await.unwrap();
    assert_eq!(shelf.count("select count(*) from loan where patron_id is null").await, 1);
    assert_eq!(library.undo_scan(op(), &copies[0]).await.unwrap(), Err(Refusal::NothingToUndo));
}

async fn what_the_person_has_is_recorded_and_told(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let (waiting, walk_in, last) = (shelf.patron().await, shelf.patron().await, shelf.patron().await);
    shelf.reserve(waiting, &[part], 0, "central").await;
    shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    let noon = shelf.again(Clock::Fixed(morning() + TimeDelta::hours(3)), policy());
    // It stood on the hold shelf for another, and was handed out: they are told, and keep their place.
    let scan = lent(&card_of(&shelf, walk_in).await, &copies[0]);
    let played = play(&noon, &scan, TimeDelta::minutes(5)).await;
    assert!(matches!(&played, Played::Lent { remark: Some(Refusal::CapturedForAnother), .. }), "{played:?}");
    assert!(matches!(noon.reservations(waiting).await.unwrap()[0].status, Status::Waiting { position: 1 }));
    let listed = noon.late_troubles().await.unwrap();
    assert_eq!((listed.len(), listed[0].recorded, &listed[0].why), (1, true, &Refusal::CapturedForAnother));
    assert_eq!(listed[0].card.as_deref(), Some(card_of(&shelf, walk_in).await.as_str()));
    // The record has it on loan to somebody, and yet another left with it.
    let scan = lent(&card_of(&shelf, last).await, &copies[0]);
    let played = play(&noon, &scan, TimeDelta::minutes(1)).await;
    assert!(matches!(&played, Played::Lent { remark: Some(Refusal::NotCheckedIn), .. }), "{played:?}");
    assert_eq!(noon.loans(walk_in).await.unwrap(), []);
    assert_eq!(noon.undo_scan(op(), &copies[0]).await.unwrap(), Err(Refusal::NothingToUndo), "it ended another loan");
    all_is_well(&shelf).await;
    // Staff have seen it.
    let seen = Settle::Dismiss { reason: "確認しました".to_owned() };
    assert_eq!(noon.settle_late(listed[0].op, &seen).await.unwrap(), Ok(()));
    assert_eq!(noon.settle_late(listed[0].op, &seen).await.unwrap(), Err(Refusal::SettledAlready));
}

async fn what_may_be_false_waits_for_staff(shelf: Shelf) {
    let (_, copies) = shelf.book(&["central", "central"]).await;
    let (barred, good) = (shelf.patron().await, shelf.patron().await);
    let library = &shelf.library;
    library.set_card_state(barred, CardState::Suspended).await.unwrap();
    let card = card_of(&shelf, barred).await;
    let kept = async |scan: LateScan, why: Refusal| {
        assert_eq!(play(library, &scan, TimeDelta::minutes(5)).await, Played::Kept(why));
        scan.op
    };
    let suspended = kept(lent(&card, &copies[0]), Refusal::CardSuspended).await;
    let nobody = kept(lent("7777777", &copies[1]), Refusal::UnknownCard).await;
    let no_copy = kept(taken_back("no-such"), Refusal::UnknownBarcode).await;
    let elsewhere = LateScan { place: place("moon"), ..taken_back(&copies[0]) };
    kept(elsewhere, Refusal::UnknownPlace).await;
    assert_eq!(library.late_troubles().await.unwrap().len(), 4);
    assert_eq!(shelf.count("select count(*) from loan").await, 0);

    let lend = |card: &str, barcode: &str, reason: &str| Settle::Lend {
        card: card.to_owned(),
        barcode: barcode.to_owned(),
        reason: reason.to_owned(),
    };
    let settle = async |op: OpId, settle: Settle| library.settle_late(op, &settle).await.unwrap();
    assert_eq!(settle(suspended, lend(&card, &copies[0], " ")).await, Err(Refusal::NoReason));
    assert_eq!(settle(suspended, lend(&card, &copies[0], "本人に確認")).await, Ok(()));
    assert_eq!(library.loans(barred).await.unwrap().len(), 1);
    let noted = "select count(*) from audit where deed = 'overruled' and note = '本人に確認'";
    assert_eq!(shelf.count(noted).await, 1);
    // The number was misread: staff type the right one.
    assert_eq!(settle(nobody, lend("7777777", &copies[1], "読み間違い")).await, Err(Refusal::UnknownCard));
    let right = card_of(&shelf, good).await;
    assert_eq!(settle(nobody, lend(&right, &copies[1], "読み間違い")).await, Ok(()));
    assert_eq!(settle(no_copy, lend(&right, &copies[1], "読み間違い")).await, Err(Refusal::SettledAlready));
    let dismiss = Settle::Dismiss { reason: "他館の資料".to_owned() };
    assert_eq!(settle(no_copy, dismiss).await, Ok(()));
    let noted = "select count(*) from event where kind = 'late-scan-dismissed' and data like '%他館の資料%'";
    assert_eq!(shelf.count(noted).await, 1);
    assert_eq!(library.late_troubles().await.unwrap().len(), 1);
    all_is_well(&shelf).await;
}

async fn a_later_scan_of_the_copy_settles_what_comes_late(shelf: Shelf) {
    let (_, copies) = shelf.book(&["central"]).await;
    let (reader, other) = (shelf.patron().await, shelf.patron().await);
    shelf.library.check_out(&By::Staff, &place("central"), reader, &copies[0]).await.unwrap().unwrap();
    let minutes = |n| shelf.again(Clock::Fixed(morning() + TimeDelta::minutes(n)), policy());
    minutes(20).check_in(&place("north"), &copies[0]).await.unwrap().unwrap();
    // At ten past somebody took it back and lent it, and could not say so until now.
    let now = minutes(30);
    assert_eq!(play(&now, &taken_back(&copies[0]), TimeDelta::minutes(20)).await, Played::Known);
    let scan = lent(&card_of(&shelf, other).await, &copies[0]);
    assert_eq!(play(&now, &scan, TimeDelta::minutes(19)).await, Played::Kept(Refusal::ScannedSince));
    assert_eq!(now.loans(other).await.unwrap(), []);
    all_is_well(&shelf).await;
}

async fn what_one_desk_did_comes_in_its_order(shelf: Shelf) {
    let (_, copies) = shelf.book(&["central"]).await;
    let card = card_of(&shelf, shelf.patron().await).await;
    let noon = shelf.again(Clock::Fixed(morning() + TimeDelta::hours(3)), policy());
    // Lent and taken back within a second. The server was slow with the first, so that it seems to be the later one.
    let lending = play(&noon, &lent(&card, &copies[0]), TimeDelta::milliseconds(9_100)).await;
    assert!(matches!(lending, Played::Lent { remark: None, .. }), "{lending:?}");
    let back = play(&noon, &taken_back(&copies[0]), TimeDelta::milliseconds(9_900)).await;
    assert!(matches!(&back, Played::TakenBack(done) if done.was_on_loan), "{back:?}");
    assert_eq!(shelf.count("select count(*) from loan where returned_at = lent_at").await, 1);
    let again = play(&noon, &lent(&card, &copies[0]), TimeDelta::milliseconds(10_400)).await;
    assert!(matches!(again, Played::Lent { remark: None, .. }), "{again:?}");
    all_is_well(&shelf).await;
}

async fn an_answer_that_was_lost_on_the_way_is_given_again(shelf: Shelf) {
    let (_, copies) = shelf.book(&["central", "central"]).await;
    let patron = shelf.patron().await;
    let card = card_of(&shelf, patron).await;
    // The scan arrived, the answer did not, and the browser keeps it with the same key.
    let back = taken_back(&copies[0]);
    let done = shelf.library.scan_in(back.op, &back.place, &copies[0]).await.unwrap().unwrap();
    assert_eq!(play(&later(&shelf, 0), &back, TimeDelta::seconds(4)).await, Played::TakenBack(done));
    // Twice into the journal by two presses: the second finds the loan.
    let first = play(&shelf.library, &lent(&card, &copies[1]), TimeDelta::seconds(9)).await;
    assert!(matches!(first, Played::Lent { .. }));
    assert_eq!(play(&shelf.library, &lent(&card, &copies[1]), TimeDelta::seconds(8)).await, Played::Known);
    all_is_well(&shelf).await;
}

async fn what_ties_a_card_to_a_copy_is_cut(shelf: Shelf) {
    let (_, copies) = shelf.book(&["central", "central"]).await;
    let patron = shelf.patron().await;
    let limit = shelf.again(Clock::Fixed(morning()), {
        let mut policy = policy();
        policy.loans.limits.books_and_magazines = 0;
        policy
    });
    let scan = lent(&card_of(&shelf, patron).await, &copies[0]);
    let played = play(&limit, &scan, TimeDelta::minutes(1)).await;
    assert!(matches!(played, Played::Lent { remark: Some(_), .. }));
    play(&limit, &lent("7777777", &copies[1]), TimeDelta::minutes(1)).await;
    limit.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    later(&shelf, 1).daily().await.unwrap();
    assert_eq!(shelf.count("select count(*) from late_scan where loan_id is not null").await, 0, "the loan is over");
    assert_eq!(play(&later(&shelf, 1), &scan, TimeDelta::days(1)).await, Played::Earlier, "once, also on another day");
    later(&shelf, 31).daily().await.unwrap();
    assert_eq!(shelf.count("select count(*) from late_scan where card is not null").await, 1);
    later(&shelf, 32).daily().await.unwrap();
    let left = later(&shelf, 32).late_troubles().await.unwrap();
    assert_eq!((left.len(), &left[0].card), (1, &None), "the scan stays, the card does not");
}

async fn many_browsers_play_the_same_at_once(shelf: Shelf) {
    let patron = shelf.patron().await;
    let card = card_of(&shelf, patron).await;
    let mut scans = Vec::new();
    for _ in 0..5 {
        let (_, copies) = shelf.book(&["central"]).await;
        scans.push(lent(&card, &copies[0]));
        scans.push(taken_back(&copies[0]));
    }
    let mut tabs = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (library, scans) = (shelf.library.clone(), scans.clone());
        tabs.spawn(async move {
            let mut answers = Vec::new();
            for scan in &scans {
                answers.push(play(&library, scan, TimeDelta::zero()).await);
            }
            answers
        });
    }
    let answers = tabs.join_all().await;
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    assert_eq!(shelf.count("select count(*) from loan where returned_at is not null").await, 5);
    all_is_well(&shelf).await;
}
