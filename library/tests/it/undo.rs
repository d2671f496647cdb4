//! Undoing the last scan of a copy.

use chrono::TimeDelta;
use domain::{
    PatronId,
    circulation::{By, Instruction, PatronAction, Refusal, ScanKind, Status, Undone},
};
use library::{Clock, Library, notices::Mailer};

use crate::{
    act::{act, later, op},
    invariants::check,
    support::{Shelf, morning, on_both_engines, place, policy},
};

on_both_engines!(
    a_loan_is_undone_and_the_copy_stands_ready_again,
    a_loan_to_a_walk_in_is_undone_and_the_pull_is_back,
    a_return_is_undone_and_the_loan_goes_on,
    a_mail_that_went_out_is_followed_by_another,
    what_was_taken_from_another_is_ready_for_them_again,
    only_what_nothing_was_built_on_is_undone,
    a_pull_of_another_copy_is_picked_again,
    the_window_ends_with_the_day,
);

/// The same library some minutes later, as events of one moment have no order.
fn at(shelf: &Shelf, minutes: i64) -> Library {
    shelf.again(Clock::Fixed(morning() + TimeDelta::minutes(minutes)), policy())
}

async fn statuses(library: &Library, patron: PatronId) -> Vec<Status> {
    library.reservations(patron).await.unwrap().into_iter().map(|view| view.status).collect()
}

async fn undo(library: &Library, barcode: &str) -> Result<Undone, Refusal> {
    library.undo_scan(op(), barcode).await.unwrap()
}

async fn all_is_well(shelf: &Shelf) {
    assert_eq!(check(&shelf.library).await, [""; 0]);
}

async fn a_loan_is_undone_and_the_copy_stands_ready_again(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part], 0, "central").await;
    at(&shelf, 1).check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    let ready = statuses(&shelf.library, patron).await;
    assert!(matches!(ready[..], [Status::Ready { .. }]));
    at(&shelf, 2).check_out(&By::Staff, &place("central"), patron, &copies[0]).await.unwrap().unwrap();
    let (key, library) = (op(), at(&shelf, 3));
    let undone = library.undo_scan(key, &copies[0]).await.unwrap();
    let (title, barcode) = ("題名t1".to_owned(), copies[0].clone());
    assert_eq!(undone, Ok(Undone { kind: ScanKind::CheckOut, title, barcode, told_again: false }));
    assert_eq!(statuses(&library, patron).await, ready, "with its deadline");
    assert_eq!(library.loans(patron).await.unwrap(), []);
    all_is_well(&shelf).await;
    assert_eq!(library.undo_scan(key, &copies[0]).await.unwrap(), undone, "the same request, the same answer");
    assert_eq!(undo(&library, &copies[0]).await, Err(Refusal::NothingToUndo));
    // It is lent as if nothing had been.
    at(&shelf, 4).check_out(&By::Staff, &place("central"), patron, &copies[0]).await.unwrap().unwrap();
    all_is_well(&shelf).await;
}

async fn a_loan_to_a_walk_in_is_undone_and_the_pull_is_back(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let (waiting, walk_in) = (shelf.patron().await, shelf.patron().await);
    shelf.reserve(waiting, &[part], 0, "north").await;
    at(&shelf, 1).assign_pulls().await.unwrap();
    assert_eq!(statuses(&shelf.library, waiting).await, [Status::Assigned]);
    at(&shelf, 2).check_out(&By::Staff, &place("central"), walk_in, &copies[0]).await.unwrap().unwrap();
    assert!(matches!(statuses(&shelf.library, waiting).await[..], [Status::Waiting { .. }]));
    undo(&at(&shelf, 3), &copies[0]).await.unwrap();
    assert_eq!(statuses(&shelf.library, waiting).await, [Status::Assigned]);
    all_is_well(&shelf).await;
    // The walk-in may reserve it: no claim is left behind.
    shelf.reserve(walk_in, &[part], 0, "central").await;
}

async fn a_return_is_undone_and_the_loan_goes_on(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let (reader, first) = (shelf.patron().await, shelf.patron().await);
    shelf.library.check_out(&By::Staff, &place("central"), reader, &copies[0]).await.unwrap().unwrap();
    shelf.reserve(first, &[part], 0, "central").await;
    let loans = shelf.library.loans(reader).await.unwrap();
    let waiting = statuses(&shelf.library, first).await;
    at(&shelf, 1).check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    // The same scan again says the same and leaves the first to be undone.
    at(&shelf, 2).check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    assert_eq!(shelf.count("select count(*) from outbox").await, 1);
    let undone = undo(&at(&shelf, 3), &copies[0]).await.unwrap();
    assert_eq!((undone.kind, undone.told_again), (ScanKind::CheckIn, false));
    assert_eq!(shelf.library.loans(reader).await.unwrap(), loans);
    assert_eq!(statuses(&shelf.library, first).await, waiting);
    assert_eq!(shelf.count("select count(*) from outbox").await, 0, "the mail had not been sent");
    all_is_well(&shelf).await;
    // And then it comes back in earnest.
    let done = at(&shelf, 4).check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    assert!(done.was_on_loan && matches!(done.instruction, Instruction::HoldShelf(_)));
    all_is_well(&shelf).await;
}

async fn a_mail_that_went_out_is_followed_by_another(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part], 0, "central").await;
    at(&shelf, 1).check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    let mailer = Mailer::Folder(shelf.folder.path().join("mail"));
    assert_eq!(at(&shelf, 2).send_due(&mailer).await.unwrap(), 1);
    assert!(undo(&at(&shelf, 3), &copies[0]).await.unwrap().told_again);
    assert_eq!(shelf.count("select count(*) from outbox where sent_at is null").await, 1, "that it is not there");
    all_is_well(&shelf).await;
}

async fn what_was_taken_from_another_is_ready_for_them_again(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let (waiting, other) = (shelf.patron().await, shelf.patron().await);
    shelf.reserve(waiting, &[part], 0, "central").await;
    at(&shelf, 1).check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    let ready = statuses(&shelf.library, waiting).await;
    shelf.run("update outbox set tries = 1").await;
    let overrule = By::Overrule("本人の了承".to_owned());
    at(&shelf, 2).check_out(&overrule, &place("central"), other, &copies[0]).await.unwrap().unwrap();
    assert_eq!(shelf.count("select count(*) from outbox").await, 2, "told that it is not there");
    undo(&at(&shelf, 3), &copies[0]).await.unwrap();
    assert_eq!(statuses(&shelf.library, waiting).await, ready);
    assert_eq!(shelf.count("select count(*) from outbox").await, 1, "which they never hear");
    all_is_well(&shelf).await;
}

async fn only_what_nothing_was_built_on_is_undone(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let (reader, other) = (shelf.patron().await, shelf.patron().await);
    assert_eq!(undo(&shelf.library, &copies[0]).await, Err(Refusal::NothingToUndo));
    let loan = shelf.library.check_out(&By::Staff, &place("central"), reader, &copies[0]).await.unwrap().unwrap().loan;
    // Renewed since.
    act(&later(&shelf, 0), reader, PatronAction::Renew(loan)).await.unwrap_err();
    shelf.run("update loan set renewals = 1").await;
    assert_eq!(undo(&at(&shelf, 1), &copies[0]).await, Err(Refusal::ChangedSince));
    shelf.run("update loan set renewals = 0").await;
    // Returned, and reserved anew by who had it.
    at(&shelf, 2).check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    shelf.reserve(reader, &[part], 0, "central").await;
    assert_eq!(undo(&at(&shelf, 3), &copies[0]).await, Err(Refusal::ChangedSince));
    // Picked for them since: the copy is not free for the loan to go on.
    at(&shelf, 4).assign_pulls().await.unwrap();
    assert_eq!(undo(&at(&shelf, 5), &copies[0]).await, Err(Refusal::ChangedSince));
    // Captured and lent to them since: only that last loan can be undone, and then nothing more.
    at(&shelf, 6).check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    at(&shelf, 7).check_out(&By::Overrule("急ぎ".into()), &place("central"), other, &copies[0]).await.unwrap().unwrap();
    assert_eq!(undo(&at(&shelf, 8), &copies[0]).await.unwrap().kind, ScanKind::CheckOut);
    assert_eq!(undo(&at(&shelf, 9), &copies[0]).await, Err(Refusal::NothingToUndo));
    all_is_well(&shelf).await;
}

async fn a_pull_of_another_copy_is_picked_again(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central", "north"]).await;
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part], 0, "central").await;
    at(&shelf, 1).assign_pulls().await.unwrap();
    // The copy that was not picked is scanned first.
    let done = at(&shelf, 2).check_in(&place("north"), &copies[1]).await.unwrap().unwrap();
    assert!(matches!(done.instruction, Instruction::Transit(_)));
    undo(&at(&shelf, 3), &copies[1]).await.unwrap();
    assert_eq!(statuses(&shelf.library, patron).await, [Status::Assigned]);
    let picked =
        format!("select count(*) from reservation r join item i on i.id = r.item_id where i.barcode = '{}'", copies[0]);
    assert_eq!(shelf.count(&picked).await, 1);
    all_is_well(&shelf).await;
}

async fn the_window_ends_with_the_day(shelf: Shelf) {
    let (_, copies) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    let key = op();
    let (here, library) = (place("central"), &shelf.library);
    library.check_out(&By::Staff, &here, patron, &copies[0]).await.unwrap().unwrap();
    library.scan_in(key, &here, &copies[0]).await.unwrap().unwrap();
    library.daily().await.unwrap();
    assert_eq!(shelf.count("select count(*) from last_scan where change is not null").await, 1);
    let next_day = later(&shelf, 1);
    assert_eq!(undo(&next_day, &copies[0]).await, Err(Refusal::NothingToUndo), "also before the day's work is done");
    next_day.daily().await.unwrap();
    assert_eq!(shelf.count("select count(*) from last_scan").await, 0);
    assert_eq!(shelf.count("select count(*) from op where actor = 'desk' and answer <> ''").await, 0);
    assert_eq!(undo(&next_day, &copies[0]).await, Err(Refusal::NothingToUndo));
    // That it was answered is remembered.
    assert_eq!(next_day.scan_in(key, &here, &copies[0]).await.unwrap(), Err(Refusal::SettledAlready));
}
