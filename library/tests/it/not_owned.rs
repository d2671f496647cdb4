//! Titles the library does not own, copies other libraries lend, and records that are merged.

use chrono::TimeDelta;
use domain::{
    BibId, PatronId, ReservationId,
    catalog::{MaterialType, SearchQuery},
    circulation::{
        BorrowedCopy, By, CancelReason, Instruction, PatronAction, Refusal, RequestStep, Status, TitleRequest, WriteOff,
    },
    patrons::Contact,
};
use library::Clock;

use crate::{
    act::act,
    support::{Shelf, morning, on_both_engines, place, policy, positions},
};

on_both_engines!(
    a_title_not_owned_is_followed_to_its_end,
    a_copy_of_another_library_is_for_one_patron_and_goes_back,
    merging_joins_the_queues_by_time,
    a_record_merged_away_is_imported_into_the_one_it_went_into,
    the_last_copy_lost_cancels_nobody,
);

async fn request(shelf: &Shelf, patron: PatronId) -> ReservationId {
    let request = TitleRequest {
        title: "遠い町の郷土史".into(),
        creators: "山本 一郎".into(),
        material: MaterialType::Book,
        pickup_place: place("central"),
        contact: Contact::Mail,
    };
    shelf.library.request_title(&By::Staff, patron, &request).await.unwrap().unwrap()
}

async fn status(shelf: &Shelf, patron: PatronId) -> Status {
    shelf.library.reservations(patron).await.unwrap()[0].status
}

async fn a_title_not_owned_is_followed_to_its_end(shelf: Shelf) {
    let library = &shelf.library;
    let patron = shelf.patron().await;
    let id = request(&shelf, patron).await;
    assert_eq!(status(&shelf, patron).await, Status::NotOwned { step: RequestStep::Received });
    assert_eq!(act(library, patron, PatronAction::Cancel(id)).await, Err(Refusal::CancelByTelephone));
    library.advance_request(id, RequestStep::Ordering).await.unwrap().unwrap();
    assert_eq!(library.advance_request(id, RequestStep::Searching).await.unwrap(), Err(Refusal::StepNotPossible));
    assert_eq!(status(&shelf, patron).await, Status::NotOwned { step: RequestStep::Ordering });
    // Nobody else finds what was entered for one patron.
    library.feed_search().await.unwrap();
    let query = SearchQuery { q: "遠い町の郷土史".into(), ..SearchQuery::default() };
    assert_eq!(library.search(&query).await.unwrap().total, 0);
    library.request_arrived(id).await.unwrap().unwrap();
    assert_eq!(status(&shelf, patron).await, Status::Waiting { position: 1 });

    let other = shelf.patron().await;
    let declined = request(&shelf, other).await;
    library.decline_request(declined, "絶版のため").await.unwrap().unwrap();
    let view = library.cancelled_reservations(other).await.unwrap().remove(0);
    assert_eq!((view.reason, view.note.as_deref()), (CancelReason::Declined, Some("絶版のため")));
}

async fn a_copy_of_another_library_is_for_one_patron_and_goes_back(shelf: Shelf) {
    let library = &shelf.library;
    let (patron, other) = (shelf.patron().await, shelf.patron().await);
    let id = request(&shelf, patron).await;
    let due_on = morning().date_naive() + TimeDelta::days(9);
    let copy = BorrowedCopy { here: place("north"), barcode: "ILL-1".into(), lender: "県立図書館".into(), due_on };
    library.receive_borrowed(id, &copy).await.unwrap().unwrap();
    let again = library.receive_borrowed(id, &copy).await.unwrap();
    assert_eq!(again, Err(Refusal::StepNotPossible));
    let lend = async |to| library.check_out(&By::Staff, &place("central"), to, "ILL-1").await.unwrap();
    assert_eq!(lend(other).await.unwrap_err(), Refusal::CapturedForAnother);
    let done = library.check_in(&place("north"), "ILL-1").await.unwrap().unwrap();
    assert!(matches!(done.instruction, Instruction::Transit(_)), "{done:?}");
    library.check_in(&place("central"), "ILL-1").await.unwrap().unwrap();
    let lent = lend(patron).await.unwrap();
    assert_eq!(lent.due_on, due_on, "the lender's");
    assert_eq!(act(library, patron, PatronAction::Renew(lent.loan)).await, Err(Refusal::BorrowedCopy));
    let done = library.check_in(&place("central"), "ILL-1").await.unwrap().unwrap();
    assert_eq!(done.instruction, Instruction::ReturnToLender { lender: "県立図書館".into() });
    assert_eq!(lend(other).await.unwrap_err(), Refusal::BorrowedCopy);
}

/// The bib of a title.
async fn bib_of(shelf: &Shelf, title: &str) -> BibId {
    let sql = format!("select title, id from bib where title = '{title}'");
    BibId(shelf.rows(&sql).await.remove(0).1)
}

async fn merging_joins_the_queues_by_time(shelf: Shelf) {
    let library = &shelf.library;
    let (one, _) = shelf.book(&["central"]).await;
    let (other, copies) = shelf.book(&["central"]).await;
    let (first, second, both) = (shelf.patron().await, shelf.patron().await, shelf.patron().await);
    for (minute, patron, part) in [(0, first, other), (1, both, one), (2, second, one), (3, both, other)] {
        let then = shelf.again(Clock::Fixed(morning() + TimeDelta::minutes(minute)), policy());
        then.reserve(&By::Patron, patron, &shelf.request(&[part], 0, "central")).await.unwrap().unwrap();
    }
    let (from, into) = (bib_of(&shelf, "題名t1").await, bib_of(&shelf, "題名t2").await);
    assert_eq!(library.merge_bibs(from, from).await.unwrap(), Err(Refusal::SameBib));
    library.merge_bibs(from, into).await.unwrap().unwrap();
    for (patron, position) in [(first, 1), (both, 2), (second, 3)] {
        let views = library.reservations(patron).await.unwrap();
        assert_eq!(views.iter().map(|view| view.status).collect::<Vec<_>>(), [Status::Waiting { position }]);
    }
    assert_eq!(library.cancelled_reservations(both).await.unwrap()[0].reason, CancelReason::Merged);
    // The copies of both serve one queue, and the old address leads to the new one.
    assert_eq!(library.assign_pulls().await.unwrap(), 2);
    assert_eq!(library.record_page(from).await.unwrap().unwrap().id, into);
    assert_eq!(library.merge_bibs(from, into).await.unwrap(), Err(Refusal::UnknownBib), "merged already");
    let done = library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    assert!(matches!(done.instruction, Instruction::HoldShelf(_)));
}

async fn a_record_merged_away_is_imported_into_the_one_it_went_into(shelf: Shelf) {
    shelf.book(&["central"]).await;
    shelf.book(&["central"]).await;
    let (from, into) = (bib_of(&shelf, "題名t1").await, bib_of(&shelf, "題名t2").await);
    shelf.library.merge_bibs(from, into).await.unwrap().unwrap();
    // The source still has it as a title of its own, with a copy more.
    let again = crate::support::bib("t1", MaterialType::Book, &["central", "north"]);
    let counts = shelf.library.import("test", &[again]).await.unwrap();
    assert_eq!((counts.added, counts.items_added, counts.rejected.len()), (0, 1, 0), "{counts:?}");
    let page = shelf.library.record_page(into).await.unwrap().unwrap();
    assert_eq!(page.record.title, "題名t2");
    assert_eq!(page.parts[0].availability.iter().map(|at| at.total).sum::<u32>(), 3);
}

async fn the_last_copy_lost_cancels_nobody(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let (patron, late) = (shelf.patron().await, shelf.patron().await);
    shelf.reserve(patron, &[part], 0, "central").await;
    shelf.library.write_off(&copies[0], WriteOff::Lost).await.unwrap().unwrap();
    assert_eq!(status(&shelf, patron).await, Status::Waiting { position: 1 });
    assert_eq!(shelf.library.reservations(patron).await.unwrap()[0].wait, None);
    assert_eq!(positions(&shelf.reserve(late, &[part], 0, "central").await), [Err(Refusal::NoCopy)]);
    // Staff decide; the patron reads why.
    let list = shelf.library.queues_without_copies().await.unwrap();
    assert_eq!((list.len(), list[0].part, list[0].title.as_str()), (1, part, "題名t1"));
    assert_eq!(shelf.library.cancel_queue(part).await.unwrap(), Ok(1));
    assert_eq!(shelf.library.cancel_queue(part).await.unwrap(), Err(Refusal::ListChanged));
    assert_eq!(shelf.library.cancelled_reservations(patron).await.unwrap()[0].reason, CancelReason::Withdrawn);
    assert_eq!(shelf.library.queues_without_copies().await.unwrap(), []);
    shelf.library.write_off(&copies[0], WriteOff::Withdrawn).await.unwrap().unwrap();
    let scanned = shelf.library.check_in(&place("central"), &copies[0]).await.unwrap();
    assert_eq!(scanned, Err(Refusal::ItemWithdrawn));
}
