use std::collections::HashSet;

use domain::{
    OpId,
    catalog::{LimitGroup, MaterialType},
    circulation::{By, Refusal, Status},
    patrons::Contact,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{Shelf, on_both_engines, place, positions};

on_both_engines!(
    positions_follow_the_order_of_reservation,
    fifty_at_the_same_moment_get_fifty_positions,
    the_same_request_gets_the_same_answer,
    the_same_request_at_the_same_moment_makes_one_reservation,
    limits_hold_against_requests_at_the_same_moment,
    an_ordered_set_is_all_or_nothing_and_sleeps,
    nothing_twice_and_nothing_that_is_on_loan,
    a_request_that_makes_no_sense_is_refused,
    a_barred_card_reserves_nothing,
    what_is_reserved_leaves_the_cart,
);

async fn positions_follow_the_order_of_reservation(shelf: Shelf) {
    let (part, _) = shelf.book(&["central"]).await;
    for expected in 1..=3 {
        let patron = shelf.patron().await;
        assert_eq!(positions(&shelf.reserve(patron, &[part], 0, "north").await), [Ok(expected)]);
        let views = shelf.library.reservations(patron).await.unwrap();
        assert_eq!(views.len(), 1);
        assert_eq!(views[0].status, Status::Waiting { position: expected });
        assert_eq!((&views[0].pickup_place, views[0].contact), (&place("north"), Contact::Mail));
    }
}

async fn fifty_at_the_same_moment_get_fifty_positions(shelf: Shelf) {
    let (part, _) = shelf.book(&["central"]).await;
    let mut requests = JoinSet::new();
    let mut patrons = Vec::new();
    for _ in 0..50 {
        let patron = shelf.patron().await;
        patrons.push(patron);
        let (library, request) = (shelf.library.clone(), shelf.request(&[part], 0, "central"));
        requests.spawn(async move { library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap() });
    }
    let mut told = Vec::new();
    while let Some(answer) = requests.join_next().await {
        told.extend(positions(&answer.unwrap()).into_iter().map(Result::unwrap));
    }
    told.sort_unstable();
    assert_eq!(told, (1..=50).collect::<Vec<_>>(), "as told at the moment of reservation");
    let mut shown = HashSet::new();
    for patron in patrons {
        let views = shelf.library.reservations(patron).await.unwrap();
        let [view] = views.as_slice() else { panic!("{} reservations of one patron", views.len()) };
        let Status::Waiting { position } = view.status else { panic!("{:?}", view.status) };
        shown.insert(position);
    }
    assert_eq!(shown, (1..=50).collect::<HashSet<_>>(), "as shown afterwards");
}

async fn the_same_request_gets_the_same_answer(shelf: Shelf) {
    let (part, _) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    let request = shelf.request(&[part], 0, "central");
    let first = shelf.library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
    assert_eq!(shelf.library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap(), first);
    assert_eq!(shelf.library.reserve_answer(patron, request.op).await.unwrap(), Some(first));
    assert_eq!(shelf.library.reservations(patron).await.unwrap().len(), 1);
    // The answer is the patron's own.
    let other = shelf.patron().await;
    assert_eq!(shelf.library.reserve_answer(other, request.op).await.unwrap(), None);
    // Another request for the same title is refused.
    let again = shelf.reserve(patron, &[part], 0, "central").await;
    assert_eq!(positions(&again), [Err(Refusal::AlreadyReserved)]);
}

async fn the_same_request_at_the_same_moment_makes_one_reservation(shelf: Shelf) {
    let (part, _) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    let request = shelf.request(&[part], 0, "central");
    let mut presses = JoinSet::new();
    for _ in 0..8 {
        let (library, request) = (shelf.library.clone(), request.clone());
        presses.spawn(async move { library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap() });
    }
    let answers = presses.join_all().await;
    assert!(answers.iter().all(|answer| positions(answer) == [Ok(1)]), "{answers:?}");
    assert_eq!(shelf.count("select count(*) from reservation").await, 1);
}

async fn limits_hold_against_requests_at_the_same_moment(shelf: Shelf) {
    let patron = shelf.patron().await;
    let mut requests = JoinSet::new();
    for _ in 0..5 {
        let (part, _) = shelf.title(MaterialType::Cd, &["central"]).await;
        let (library, request) = (shelf.library.clone(), shelf.request(&[part], 0, "central"));
        requests.spawn(async move { library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap() });
    }
    let answers: Vec<_> = requests.join_all().await.iter().flat_map(positions).collect();
    let full = Refusal::LimitReached { group: LimitGroup::Cds, limit: 2 };
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 2);
    assert_eq!(answers.iter().filter(|answer| **answer == Err(full.clone())).count(), 3);
}

async fn an_ordered_set_is_all_or_nothing_and_sleeps(shelf: Shelf) {
    let (first, _) = shelf.book(&["central"]).await;
    let (second, _) = shelf.book(&["central"]).await;
    let (dvd, _) = shelf.title(MaterialType::Dvd, &["central"]).await;
    let (single, _) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    let refused = shelf.reserve(patron, &[first, dvd, single], 2, "central").await;
    assert_eq!(
        positions(&refused),
        [
            Err(Refusal::SetRefused),
            Err(Refusal::MaterialNotReservable { material: MaterialType::Dvd }),
            Ok(1) // not in the set
        ]
    );
    shelf.reserve(patron, &[first, second], 2, "central").await;
    let views = shelf.library.reservations(patron).await.unwrap();
    let states: Vec<_> = views.iter().map(|view| (view.in_set.map(|set| (set.order, set.of)), view.status)).collect();
    assert_eq!(
        states,
        [
            (None, Status::Waiting { position: 1 }),
            (Some((1, 2)), Status::Waiting { position: 1 }),
            (Some((2, 2)), Status::Dormant { position: 1 }),
        ]
    );
}

async fn nothing_twice_and_nothing_that_is_on_loan(shelf: Shelf) {
    let (part, barcodes) = shelf.book(&["central", "central"]).await;
    let patron = shelf.patron().await;
    shelf.library.check_out(&By::Staff, &place("central"), patron, &barcodes[0]).await.unwrap().unwrap();
    assert_eq!(positions(&shelf.reserve(patron, &[part], 0, "central").await), [Err(Refusal::OnLoanToYou)]);
    assert_eq!(
        shelf.library.check_out(&By::Staff, &place("central"), patron, &barcodes[1]).await.unwrap(),
        Err(Refusal::OnLoanToYou)
    );
    // A title that stands twice in one request is reserved once.
    let (other, _) = shelf.book(&["central"]).await;
    assert_eq!(positions(&shelf.reserve(patron, &[other, other], 0, "central").await), [Ok(1)]);
}

async fn a_request_that_makes_no_sense_is_refused(shelf: Shelf) {
    let (part, _) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    let ask = async |change: &dyn Fn(&mut domain::circulation::ReserveRequest)| {
        let mut request = shelf.request(&[part], 0, "central");
        change(&mut request);
        shelf.library.reserve(&By::Patron, patron, &request).await.unwrap().map(|answer| positions(&answer))
    };
    assert_eq!(ask(&|r| r.pickup_place = place("moon")).await, Err(Refusal::UnknownPlace));
    assert_eq!(ask(&|r| r.contact = Contact::None).await, Err(Refusal::ContactNotOffered));
    assert_eq!(ask(&|r| r.parts.clear()).await, Err(Refusal::EmptyCart));
    let unknown = domain::PartId(Uuid::from_u128(7));
    assert_eq!(ask(&|r| r.parts = vec![unknown]).await, Ok(vec![Err(Refusal::UnknownTitle)]));
    shelf.run("update patron set mail1_confirmed = false").await;
    assert_eq!(ask(&|_| {}).await, Err(Refusal::MailNotConfirmed));
    assert_eq!(ask(&|r| r.contact = Contact::Telephone).await, Ok(vec![Ok(1)]));
}

async fn a_barred_card_reserves_nothing(shelf: Shelf) {
    let (part, _) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    shelf.run("update patron set card_state = 'suspended'").await;
    assert_eq!(positions(&shelf.reserve(patron, &[part], 0, "central").await), [Err(Refusal::CardSuspended)]);
}

async fn what_is_reserved_leaves_the_cart(shelf: Shelf) {
    use domain::cart::CartChange;
    let (book, _) = shelf.book(&["central"]).await;
    let (dvd, _) = shelf.title(MaterialType::Dvd, &["central"]).await;
    let patron = shelf.patron().await;
    for part in [book, dvd] {
        shelf.library.change_cart(None, Some(patron), &CartChange::Add(part)).await.unwrap();
    }
    let mut request = shelf.request(&[book, dvd], 0, "central");
    request.op = OpId(Uuid::from_u128(99));
    shelf.library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
    let left = shelf.library.cart(None, Some(patron)).await.unwrap();
    assert_eq!(left.arrangement().parts, [dvd], "what was refused stays");
}
