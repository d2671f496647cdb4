//! The desk's working lists: who appears, who leaves, in which order.

use chrono::NaiveDate;
use domain::{
    PartId, PatronId, ReservationId,
    catalog::MaterialType,
    circulation::{By, DeskCounts, Instruction, PatronAction, Refusal, ReservationState, Status, WriteOff},
    notices::Backlog,
    patrons::Contact,
};
use library::Library;

use crate::{
    act::{act, later},
    support::{Shelf, on_both_engines, place},
};

on_both_engines!(
    pulls_are_listed_as_a_shelver_walks,
    what_is_not_on_its_shelf_is_picked_elsewhere,
    an_old_page_takes_nothing_from_anybody,
    the_hold_shelf_and_what_is_to_be_cleared,
    what_vanished_from_the_hold_shelf_is_told,
    copies_on_their_way_and_late,
    a_queue_whose_last_copy_is_gone_is_decided,
    what_a_patron_says_was_returned_is_looked_for,
    missing_copies_are_looked_for_and_given_up,
    letters_to_those_who_are_long_overdue,
    how_much_there_is_to_do,
);

pub(crate) fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

async fn marked(shelf: &Shelf, branches: &[&str], mark: &str) -> (PartId, Vec<String>) {
    let (part, copies) = shelf.book(branches).await;
    for copy in &copies {
        shelf.run(&format!("update item set shelf_mark = '{mark}' where barcode = '{copy}'")).await;
    }
    (part, copies)
}

pub(crate) async fn scan(library: &Library, here: &str, barcode: &str) -> Instruction {
    library.check_in(&place(here), barcode).await.unwrap().unwrap().instruction
}

async fn pulled(shelf: &Shelf, here: &str) -> Vec<String> {
    let list = shelf.library.pull_list(&place(here)).await.unwrap();
    assert_eq!(list.counts.pulls as usize, list.list.len(), "the count is that of the list");
    list.list.into_iter().map(|line| line.barcode).collect()
}

pub(crate) async fn only(library: &Library, patron: PatronId) -> (ReservationId, Status) {
    let views = library.reservations(patron).await.unwrap();
    let [view] = views.as_slice() else { panic!("{} reservations", views.len()) };
    (view.id, view.status)
}

async fn pulls_are_listed_as_a_shelver_walks(shelf: Shelf) {
    let patron = shelf.patron().await;
    let mut copies = Vec::new();
    for mark in ["K 913 ア", "913.6 ヤ", "913.49 ヘ", "007 ア"] {
        let (part, barcodes) = marked(&shelf, &["central"], mark).await;
        shelf.reserve(patron, &[part], 0, "north").await;
        copies.extend(barcodes);
    }
    let (elsewhere, there) = shelf.book(&["north"]).await;
    shelf.reserve(patron, &[elsewhere], 0, "central").await;
    assert!(pulled(&shelf, "central").await.is_empty(), "nothing was picked yet");
    assert_eq!(shelf.library.assign_pulls().await.unwrap(), 5);
    let walk: Vec<String> = [3, 2, 1, 0].map(|n: usize| copies[n].clone()).to_vec();
    assert_eq!(pulled(&shelf, "central").await, walk);
    assert_eq!(pulled(&shelf, "north").await, there);
    let list = shelf.library.pull_list(&place("central")).await.unwrap().list;
    assert!(list.iter().all(|line| line.goes_to == place("north") && line.since == day(4, 1)));
    // Found: it goes where it is to be picked up, and leaves the list.
    assert!(matches!(scan(&shelf.library, "central", &copies[3]).await, Instruction::Transit(_)));
    assert_eq!(pulled(&shelf, "central").await, walk[1..]);
    // Lent to a walk-in: it leaves the list as well.
    let walk_in = shelf.patron().await;
    shelf.library.check_out(&By::Staff, &place("central"), walk_in, &copies[2]).await.unwrap().unwrap();
    assert_eq!(pulled(&shelf, "central").await, walk[2..]);
}

async fn what_is_not_on_its_shelf_is_picked_elsewhere(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central", "north"]).await;
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part], 0, "central").await;
    shelf.library.assign_pulls().await.unwrap();
    assert_eq!(pulled(&shelf, "central").await, copies[..1], "the copy where it is picked up");
    let (id, _) = only(&shelf.library, patron).await;
    shelf.library.copy_not_found(id, ReservationState::Assigned).await.unwrap().unwrap();
    assert!(pulled(&shelf, "central").await.is_empty());
    assert_eq!(pulled(&shelf, "north").await, copies[1..]);
    assert_eq!(only(&shelf.library, patron).await, (id, Status::Assigned));
    let missing = shelf.library.decisions(&place("central")).await.unwrap().list.missing;
    assert_eq!((missing[0].barcode.as_str(), missing[0].since), (copies[0].as_str(), Some(day(4, 1))));
    // Nor there: the reservation waits, at its place.
    shelf.library.copy_not_found(id, ReservationState::Assigned).await.unwrap().unwrap();
    assert_eq!(only(&shelf.library, patron).await, (id, Status::Waiting { position: 1 }));
    assert!(pulled(&shelf, "north").await.is_empty());
    assert_eq!(shelf.library.assign_pulls().await.unwrap(), 0, "nobody looks for it on the shelf again");
    // Found behind the shelf: it is the patron's.
    assert!(matches!(scan(&shelf.library, "central", &copies[0]).await, Instruction::HoldShelf(_)));
}

async fn an_old_page_takes_nothing_from_anybody(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part], 0, "central").await;
    shelf.library.assign_pulls().await.unwrap();
    let (id, _) = only(&shelf.library, patron).await;
    scan(&shelf.library, "central", &copies[0]).await;
    // Another desk still shows it on the pull list.
    let done = shelf.library.copy_not_found(id, ReservationState::Assigned).await.unwrap();
    assert_eq!(done, Err(Refusal::ListChanged));
    assert!(matches!(only(&shelf.library, patron).await.1, Status::Ready { .. }));
    shelf.library.copy_not_found(id, ReservationState::Ready).await.unwrap().unwrap();
    let again = shelf.library.copy_not_found(id, ReservationState::Ready).await.unwrap();
    assert_eq!(again, Err(Refusal::ListChanged), "told once");
    assert_eq!(shelf.library.not_arrived(&copies[0]).await.unwrap(), Err(Refusal::ListChanged));
    scan(&shelf.library, "central", &copies[0]).await;
    assert_eq!(shelf.library.give_up_missing(&copies[0]).await.unwrap(), Err(Refusal::ListChanged));
    assert!(matches!(only(&shelf.library, patron).await.1, Status::Ready { .. }));
}

async fn the_hold_shelf_and_what_is_to_be_cleared(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let (other, others) = shelf.book(&["central"]).await;
    let (first, second) = (shelf.patron().await, shelf.patron().await);
    shelf.run("update patron set name_kana = 'アオキ', card_number = '2900007' where card_number = '2000004'").await;
    shelf.reserve(first, &[part], 0, "central").await;
    shelf.reserve(second, &[other], 0, "central").await;
    scan(&shelf.library, "central", &copies[0]).await;
    scan(&later(&shelf, 1), "central", &others[0]).await;
    let list = shelf.library.hold_shelf(&place("central")).await.unwrap().list;
    let labels: Vec<(&str, NaiveDate)> = list.ready.iter().map(|copy| (copy.label.as_str(), copy.until)).collect();
    assert_eq!(labels, [("ア 0007", day(4, 16)), ("ヤ 0003", day(4, 15))], "by the slips, as they stand");
    assert!(list.to_clear.is_empty());
    assert!(shelf.library.hold_shelf(&place("north")).await.unwrap().list.ready.is_empty());

    let until = shelf.library.extend_hold(list.ready[0].reservation).await.unwrap().unwrap();
    let list = shelf.library.hold_shelf(&place("central")).await.unwrap().list;
    assert_eq!((list.ready[0].extended, list.ready[0].until), (true, until));
    let again = shelf.library.extend_hold(list.ready[0].reservation).await.unwrap();
    assert_eq!(again, Err(Refusal::ExtendedAlready));

    // Not picked up: off the shelf with it, and to the next.
    let next = shelf.patron().await;
    shelf.reserve(next, &[part], 0, "north").await;
    let two_weeks = later(&shelf, 15);
    two_weeks.daily().await.unwrap();
    let list = two_weeks.hold_shelf(&place("central")).await.unwrap();
    assert_eq!(list.counts.to_clear, 1);
    let clear = &list.list.to_clear[0];
    assert_eq!((clear.barcode.as_str(), clear.labels.as_slice()), (copies[0].as_str(), &["ヤ 0003".to_owned()][..]));
    assert_eq!(list.list.ready.len(), 1);
    assert!(matches!(scan(&two_weeks, "central", &copies[0]).await, Instruction::Transit(_)));
    // Cancelled: the same way.
    act(&two_weeks, second, PatronAction::Cancel(list.list.ready[0].reservation)).await.unwrap();
    let list = two_weeks.hold_shelf(&place("central")).await.unwrap().list;
    assert!(list.ready.is_empty());
    assert_eq!(list.to_clear.iter().map(|copy| copy.barcode.as_str()).collect::<Vec<_>>(), [others[0].as_str()]);
    assert!(matches!(scan(&two_weeks, "central", &others[0]).await, Instruction::Shelve { .. }));
    assert!(two_weeks.hold_shelf(&place("central")).await.unwrap().list.to_clear.is_empty());
}

async fn what_vanished_from_the_hold_shelf_is_told(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part], 0, "central").await;
    scan(&shelf.library, "central", &copies[0]).await;
    let (id, _) = only(&shelf.library, patron).await;
    shelf.run("update outbox set tries = 1").await;
    shelf.library.copy_not_found(id, ReservationState::Ready).await.unwrap().unwrap();
    assert_eq!(only(&shelf.library, patron).await.1, Status::Waiting { position: 1 });
    assert!(shelf.library.hold_shelf(&place("central")).await.unwrap().list.ready.is_empty());
    assert_eq!(shelf.count("select count(*) from outbox").await, 2, "ready, and then the apology");
}

async fn copies_on_their_way_and_late(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let (_, home) = shelf.book(&["north"]).await;
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part], 0, "north").await;
    scan(&shelf.library, "central", &copies[0]).await;
    scan(&shelf.library, "central", &home[0]).await;
    // Scanned once more before it left: it did not leave twice.
    scan(&later(&shelf, 1), "central", &copies[0]).await;
    let sent = shelf.library.transit(&place("central")).await.unwrap().list;
    assert!(sent.expected.is_empty());
    let of = |copy: &str| sent.sent.iter().find(|line| line.barcode == copy).unwrap();
    assert_eq!((of(&copies[0]).since, of(&copies[0]).label.as_deref()), (Some(day(4, 1)), Some("ヤ 0003")));
    assert_eq!((of(&home[0]).label.as_deref(), of(&home[0]).late), (None, false));
    let expected = shelf.library.transit(&place("north")).await.unwrap().list;
    assert_eq!(expected.expected, sent.sent);
    assert!(expected.sent.is_empty());
    // Scanned at a third place it leaves from there.
    scan(&later(&shelf, 2), "east", &copies[0]).await;
    let list = shelf.library.transit(&place("north")).await.unwrap().list;
    let line = list.expected.iter().find(|line| line.barcode == copies[0]).unwrap();
    assert_eq!((line.from.clone(), line.since), (Some(place("east")), Some(day(4, 3))));

    let week = later(&shelf, 7);
    assert_eq!(week.transit(&place("north")).await.unwrap().counts.late, 0, "the last day is in time");
    let late = later(&shelf, 8).transit(&place("north")).await.unwrap();
    assert_eq!(late.counts.late, 1);
    assert_eq!(
        late.list.expected.iter().filter(|line| line.late).map(|line| &line.barcode).collect::<Vec<_>>(),
        [&home[0]]
    );
    week.not_arrived(&home[0]).await.unwrap().unwrap();
    scan(&week, "north", &copies[0]).await;
    let list = shelf.library.transit(&place("north")).await.unwrap().list;
    assert!(list.expected.is_empty(), "{:?}", list.expected);
    assert_eq!(shelf.library.decisions(&place("north")).await.unwrap().list.missing[0].barcode, home[0]);
}

async fn a_queue_whose_last_copy_is_gone_is_decided(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central", "north"]).await;
    let (first, second) = (shelf.patron().await, shelf.patron().await);
    shelf.reserve(first, &[part], 0, "central").await;
    shelf.reserve(second, &[part], 0, "central").await;
    let queues = async || shelf.library.decisions(&place("east")).await.unwrap().list.queues;
    shelf.library.write_off(&copies[0], WriteOff::Lost).await.unwrap().unwrap();
    assert!(queues().await.is_empty(), "one lives");
    shelf.library.write_off(&copies[1], WriteOff::Missing).await.unwrap().unwrap();
    let list = queues().await;
    assert_eq!((list[0].waiting.as_slice(), list[0].missing), (&["ヤ 0002".to_owned(), "ヤ 0003".to_owned()][..], 1));
    // A copy is found before anybody decides: it goes to the first, and nothing is left to decide.
    scan(&shelf.library, "central", &copies[1]).await;
    assert!(queues().await.is_empty());
    assert_eq!(shelf.library.cancel_queue(part).await.unwrap(), Err(Refusal::ListChanged));
    let (id, _) = only(&shelf.library, first).await;
    shelf.library.copy_not_found(id, ReservationState::Ready).await.unwrap().unwrap();
    assert_eq!(shelf.library.cancel_queue(part).await.unwrap(), Ok(2));
    assert!(queues().await.is_empty());
    assert!(shelf.library.reservations(second).await.unwrap().is_empty());
    let told = shelf.library.cancelled_reservations(second).await.unwrap();
    assert_eq!(told[0].reason, domain::circulation::CancelReason::Withdrawn);
}

async fn what_a_patron_says_was_returned_is_looked_for(shelf: Shelf) {
    let (_, copies) = shelf.book(&["central"]).await;
    let (_, others) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    let lend = async |copy: &str| {
        shelf.library.check_out(&By::Staff, &place("north"), patron, copy).await.unwrap().unwrap().loan
    };
    let (first, second) = (lend(&copies[0]).await, lend(&others[0]).await);
    let said = async |here: &str| shelf.library.decisions(&place(here)).await.unwrap().list.said_returned;
    assert!(said("central").await.is_empty());
    assert_eq!(shelf.library.searched_in_vain(first).await.unwrap(), Err(Refusal::ListChanged), "nobody said so");
    act(&shelf.library, patron, PatronAction::SayReturned(first)).await.unwrap();
    act(&shelf.library, patron, PatronAction::SayReturned(second)).await.unwrap();
    // On the shelf of its branch, or where it was lent; nowhere else.
    assert_eq!((said("central").await.len(), said("north").await.len(), said("east").await.len()), (2, 2, 0));
    later(&shelf, 1).searched_in_vain(first).await.unwrap().unwrap();
    let list = said("central").await;
    let line = list.iter().find(|line| line.loan == first).unwrap();
    assert_eq!((line.said_on, line.searched_on), (day(4, 1), Some(day(4, 2))));
    // Found: scanned, it leaves the list.
    scan(&shelf.library, "central", &copies[0]).await;
    assert_eq!(said("central").await.iter().map(|line| line.loan).collect::<Vec<_>>(), [second]);
    assert_eq!(shelf.library.give_up_said_returned(first).await.unwrap(), Err(Refusal::ListChanged));
    shelf.library.give_up_said_returned(second).await.unwrap().unwrap();
    assert!(said("central").await.is_empty());
    assert!(shelf.library.loans(patron).await.unwrap().is_empty(), "the loan of a lost copy ends");
}

async fn missing_copies_are_looked_for_and_given_up(shelf: Shelf) {
    let (_, copies) = shelf.book(&["central", "north"]).await;
    shelf.library.write_off(&copies[0], WriteOff::Missing).await.unwrap().unwrap();
    let list = async |days| later(&shelf, days).decisions(&place("central")).await.unwrap();
    let fresh = list(30).await;
    assert_eq!((fresh.list.missing.len(), fresh.list.missing[0].long, fresh.counts.decisions), (1, false, 0));
    let old = list(31).await;
    assert_eq!((old.list.missing[0].long, old.counts.decisions), (true, 1));
    assert!(shelf.library.decisions(&place("north")).await.unwrap().list.missing.is_empty());
    shelf.library.give_up_missing(&copies[0]).await.unwrap().unwrap();
    assert!(list(31).await.list.missing.is_empty());
    // Missing a second time, the days count from then.
    scan(&later(&shelf, 40), "central", &copies[0]).await;
    later(&shelf, 50).write_off(&copies[0], WriteOff::Missing).await.unwrap().unwrap();
    assert_eq!(list(60).await.list.missing[0].since, Some(day(5, 21)));
}

async fn letters_to_those_who_are_long_overdue(shelf: Shelf) {
    let (_, copies) = shelf.book(&["central", "central", "north", "central"]).await;
    let (_, more) = shelf.book(&["central"]).await;
    let (late, said, patient) = (shelf.patron().await, shelf.patron().await, shelf.patron().await);
    let lend = async |library: &Library, patron: PatronId, here: &str, copy: &str| {
        library.check_out(&By::Staff, &place(here), patron, copy).await.unwrap().unwrap().loan
    };
    lend(&shelf.library, late, "central", &copies[0]).await;
    lend(&later(&shelf, 10), late, "north", &more[0]).await;
    let loan = lend(&shelf.library, said, "central", &copies[1]).await;
    act(&shelf.library, said, PatronAction::SayReturned(loan)).await.unwrap();
    lend(&later(&shelf, 10), patient, "central", &copies[3]).await;
    let letters = async |days, here: &str| later(&shelf, days).overdue_letters(&place(here)).await.unwrap().list;
    assert!(letters(28, "central").await.is_empty(), "fourteen days overdue is not more");
    let list = letters(29, "central").await;
    let [letter] = list.as_slice() else { panic!("{list:?}") };
    assert_eq!((letter.label.as_str(), letter.name.as_str()), ("ヤ 0003", "山田 花子"));
    let due: Vec<NaiveDate> = letter.lines.iter().map(|line| line.due_on).collect();
    assert_eq!(due, [day(4, 15), day(4, 25)], "all that is overdue, wherever it was lent");
    assert!(letters(29, "north").await.is_empty(), "the place where it was lent writes");
    assert_eq!(shelf.count("select count(*) from event where kind like '%letter%'").await, 0);
    scan(&later(&shelf, 29), "central", &copies[0]).await;
    assert!(letters(29, "central").await.is_empty());
}

async fn how_much_there_is_to_do(shelf: Shelf) {
    let nothing = shelf.library.desk_counts(&place("central")).await.unwrap().counts;
    assert_eq!(nothing, DeskCounts::default());
    let patron = shelf.patron().await;
    let (pulled, _) = shelf.book(&["central"]).await;
    shelf.reserve(patron, &[pulled], 0, "central").await;
    shelf.library.assign_pulls().await.unwrap();
    let (cleared, copies) = shelf.title(MaterialType::Cd, &["central"]).await;
    let answer = shelf.reserve(patron, &[cleared], 0, "central").await;
    scan(&shelf.library, "central", &copies[0]).await;
    act(&shelf.library, patron, PatronAction::Cancel(answer.titles[0].answer.clone().unwrap().0)).await.unwrap();
    let (told, copies) = shelf.book(&["central"]).await;
    let mut request = shelf.request(&[told], 0, "central");
    request.contact = Contact::Telephone;
    shelf.library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
    scan(&shelf.library, "central", &copies[0]).await;
    let (_, strays) = shelf.book(&["central"]).await;
    scan(&shelf.library, "north", &strays[0]).await;
    let counts = later(&shelf, 8).desk_counts(&place("central")).await.unwrap().counts;
    // The mail about the CD, which nobody carried in these eight days.
    let mail_stuck = Some(Backlog { waiting: 1, oldest_minutes: 8 * 24 * 60 });
    let expected = DeskCounts { pulls: 1, to_clear: 1, late: 1, to_telephone: 1, mail_stuck, ..DeskCounts::default() };
    assert_eq!(counts, expected);
    let elsewhere = shelf.library.desk_counts(&place("east")).await.unwrap().counts;
    assert_eq!(elsewhere, DeskCounts::default());
}
