//! What patrons do on their pages.

use chrono::TimeDelta;
use domain::{
    OpId, PatronId,
    circulation::{By, CancelReason, PatronAction, PatronAnswer, Refusal, Status},
    patrons::{CardState, Contact},
};
use library::{Clock, Library};
use uuid::Uuid;

use crate::support::{Shelf, morning, on_both_engines, place, policy, positions};

on_both_engines!(
    a_cancelled_reservation_is_listed_and_goes_to_the_end_when_made_again,
    what_may_not_be_changed_says_why,
    the_same_action_gets_the_same_answer,
    renewal_by_the_rules,
    a_set_is_made_extended_reordered_and_dissolved,
    nobody_acts_for_another,
    a_wait_is_told_only_when_it_is_true,
);

pub(crate) fn op() -> OpId {
    OpId(Uuid::now_v7())
}

pub(crate) async fn act(library: &Library, patron: PatronId, action: PatronAction) -> Result<PatronAnswer, Refusal> {
    library.act(&By::Patron, patron, op(), &action).await.unwrap()
}

pub(crate) fn later(shelf: &Shelf, days: i64) -> Library {
    shelf.again(Clock::Fixed(morning() + TimeDelta::days(days)), policy())
}

async fn statuses(library: &Library, patron: PatronId) -> Vec<Status> {
    library.reservations(patron).await.unwrap().into_iter().map(|view| view.status).collect()
}

async fn a_cancelled_reservation_is_listed_and_goes_to_the_end_when_made_again(shelf: Shelf) {
    let (part, _) = shelf.book(&["central"]).await;
    let (first, second) = (shelf.patron().await, shelf.patron().await);
    shelf.reserve(first, &[part], 0, "central").await;
    shelf.reserve(second, &[part], 0, "central").await;
    let id = shelf.library.reservations(first).await.unwrap()[0].id;
    let title = "題名t1".to_owned();
    assert_eq!(act(&shelf.library, first, PatronAction::Cancel(id)).await, Ok(PatronAnswer::Cancelled { title }));
    let listed = shelf.library.cancelled_reservations(first).await.unwrap();
    assert_eq!((listed[0].id, listed[0].reason), (id, CancelReason::Patron));
    assert_eq!(statuses(&shelf.library, second).await, [Status::Waiting { position: 1 }]);
    assert_eq!(positions(&shelf.reserve(first, &[part], 0, "central").await), [Ok(2)], "R21");
    // R22: for thirty days.
    assert_eq!(later(&shelf, 30).cancelled_reservations(first).await.unwrap().len(), 1);
    assert_eq!(later(&shelf, 31).cancelled_reservations(first).await.unwrap().len(), 0);
    // Once more is no way to cancel the other one.
    assert_eq!(act(&shelf.library, first, PatronAction::Cancel(id)).await, Err(Refusal::ReservationOver));
}

async fn what_may_not_be_changed_says_why(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part], 0, "north").await;
    let id = shelf.library.reservations(patron).await.unwrap()[0].id;
    let change = |to: &str, contact| PatronAction::Change { reservation: id, pickup_place: place(to), contact };
    assert!(act(&shelf.library, patron, change("east", Contact::Telephone)).await.is_ok());
    let view = shelf.library.reservations(patron).await.unwrap().remove(0);
    assert_eq!((view.pickup_place, view.contact), (place("east"), Contact::Telephone));
    assert_eq!(act(&shelf.library, patron, change("moon", Contact::Mail)).await, Err(Refusal::UnknownPlace));

    assert_eq!(shelf.library.assign_pulls().await.unwrap(), 1);
    assert_eq!(statuses(&shelf.library, patron).await, [Status::Assigned]);
    assert_eq!(act(&shelf.library, patron, change("north", Contact::Mail)).await, Err(Refusal::BeingPrepared));
    assert!(act(&shelf.library, patron, change("east", Contact::Mail)).await.is_ok(), "the contact only");
    shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    assert_eq!(act(&shelf.library, patron, change("east", Contact::Mail)).await, Err(Refusal::OnItsWay));
    shelf.library.check_in(&place("east"), &copies[0]).await.unwrap().unwrap();
    assert_eq!(act(&shelf.library, patron, change("east", Contact::Mail)).await, Err(Refusal::ReadyAlready));
    assert!(act(&shelf.library, patron, PatronAction::Cancel(id)).await.is_ok());
}

async fn the_same_action_gets_the_same_answer(shelf: Shelf) {
    let (_, copies) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    let loan = shelf.library.check_out(&By::Staff, &place("central"), patron, &copies[0]).await.unwrap().unwrap().loan;
    let (library, op, action) = (later(&shelf, 5), op(), PatronAction::Renew(loan));
    let first = library.act(&By::Patron, patron, op, &action).await.unwrap();
    assert!(matches!(first, Ok(PatronAnswer::Renewed { .. })), "{first:?}");
    assert_eq!(library.act(&By::Patron, patron, op, &action).await.unwrap(), first, "pressed twice");
    assert_eq!(act(&library, patron, action).await, Err(Refusal::RenewedAlready), "wished again");
}

async fn renewal_by_the_rules(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let (patron, waiting) = (shelf.patron().await, shelf.patron().await);
    let lent = shelf.library.check_out(&By::Staff, &place("central"), patron, &copies[0]).await.unwrap().unwrap();
    let renew = async |library: &Library| act(library, patron, PatronAction::Renew(lent.loan)).await;
    assert_eq!(renew(&shelf.library).await, Err(Refusal::NotLater { due_on: lent.due_on }));
    assert_eq!(renew(&later(&shelf, 15)).await, Err(Refusal::Overdue), "R25");
    shelf.library.set_card_state(patron, CardState::Suspended).await.unwrap();
    assert_eq!(renew(&later(&shelf, 3)).await, Err(Refusal::CardSuspended));
    shelf.library.set_card_state(patron, CardState::Active).await.unwrap();

    shelf.reserve(waiting, &[part], 0, "central").await;
    let view = later(&shelf, 3).loans(patron).await.unwrap().remove(0);
    assert!(view.others_wait && !view.overdue, "R23");
    assert_eq!(
        (view.renewal, renew(&later(&shelf, 3)).await),
        (Err(Refusal::OthersWaiting), Err(Refusal::OthersWaiting))
    );
    let id = shelf.library.reservations(waiting).await.unwrap()[0].id;
    act(&shelf.library, waiting, PatronAction::Cancel(id)).await.unwrap();
    let due_on = lent.due_on + TimeDelta::days(3);
    assert_eq!(later(&shelf, 3).loans(patron).await.unwrap()[0].renewal, Ok(due_on));
    let title = "題名t1".to_owned();
    assert_eq!(renew(&later(&shelf, 3)).await, Ok(PatronAnswer::Renewed { title, due_on }));
}

async fn a_set_is_made_extended_reordered_and_dissolved(shelf: Shelf) {
    let patron = shelf.patron().await;
    let mut parts = Vec::new();
    for _ in 0..4 {
        parts.push(shelf.book(&["central"]).await.0);
    }
    shelf.reserve(patron, &parts, 0, "central").await;
    let library = &shelf.library;
    let ids: Vec<_> = library.reservations(patron).await.unwrap().iter().map(|view| view.id).collect();
    let made = act(library, patron, PatronAction::ArrangeSet { set: None, order: vec![ids[2], ids[0]] }).await;
    let Ok(PatronAnswer::SetArranged { set }) = made else { panic!("{made:?}") };
    let places = async || {
        let views = library.reservations(patron).await.unwrap();
        ids.iter()
            .map(|id| views.iter().find(|view| view.id == *id).unwrap().in_set.map(|set| set.order))
            .collect::<Vec<_>>()
    };
    assert_eq!(places().await, [Some(2), None, Some(1), None]);
    let order = vec![ids[3], ids[0], ids[2]];
    act(library, patron, PatronAction::ArrangeSet { set: Some(set), order }).await.unwrap();
    assert_eq!(places().await, [Some(2), None, Some(3), Some(1)]);
    assert!(matches!(statuses(library, patron).await[2], Status::Dormant { .. }));
    act(library, patron, PatronAction::DissolveSet(set)).await.unwrap();
    assert_eq!(places().await, [None, None, None, None]);
    assert_eq!(act(library, patron, PatronAction::DissolveSet(set)).await, Err(Refusal::UnknownSet));
}

async fn nobody_acts_for_another(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let (owner, stranger) = (shelf.patron().await, shelf.patron().await);
    let loan =
        shelf.library.check_out(&By::Staff, &place("central"), stranger, &copies[0]).await.unwrap().unwrap().loan;
    shelf.reserve(owner, &[part], 0, "central").await;
    let id = shelf.library.reservations(owner).await.unwrap()[0].id;
    for (who, action, refusal) in [
        (stranger, PatronAction::Cancel(id), Refusal::UnknownReservation),
        (stranger, PatronAction::ArrangeSet { set: None, order: vec![id] }, Refusal::UnknownReservation),
        (owner, PatronAction::Renew(loan), Refusal::LoanOver),
        (owner, PatronAction::SayReturned(loan), Refusal::LoanOver),
    ] {
        assert_eq!(act(&shelf.library, who, action).await, Err(refusal));
    }
}

async fn a_wait_is_told_only_when_it_is_true(shelf: Shelf) {
    let (part, copies) = shelf.book(&["central"]).await;
    let (reader, first, second) = (shelf.patron().await, shelf.patron().await, shelf.patron().await);
    shelf.library.check_out(&By::Staff, &place("central"), reader, &copies[0]).await.unwrap().unwrap();
    shelf.reserve(first, &[part], 0, "central").await;
    shelf.reserve(second, &[part], 0, "central").await;
    let wait = async |library: &Library, patron| {
        library.reservations(patron).await.unwrap()[0].wait.map(|wait| (wait.from_weeks, wait.to_weeks))
    };
    // Due in two weeks; the first keeps it for two more, and may let it lie on the hold shelf for two.
    assert_eq!(wait(&shelf.library, first).await, Some((2, 2)));
    assert_eq!(wait(&shelf.library, second).await, Some((4, 6)));
    // Overdue: nobody knows when it comes back.
    assert_eq!(wait(&later(&shelf, 15), first).await, None);
}
