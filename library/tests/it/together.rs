//! Many want one title at the same moment: they go together, and each gets what they would have got alone.

use std::{future::poll_fn, task::Poll, time::Duration};

use domain::{
    PartId, PatronId,
    cart::{Arrangement, CartChange},
    circulation::{By, Refusal, ReserveAnswer, ReserveRequest},
    patrons::Contact,
};
use library::{Fault, storage::Tx};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::support::{Shelf, on_both_engines, positions};

on_both_engines!(
    who_comes_while_others_are_at_it_goes_together,
    each_of_a_crowd_gets_what_is_theirs,
    a_crowd_outlives_whoever_leads_it,
    a_crowd_that_fails_goes_one_by_one,
);

type Answer = Result<Result<ReserveAnswer, Refusal>, Fault>;

/// Keeps everybody from reserving anything until it is dropped.
async fn hold(shelf: &Shelf) -> Tx {
    let mut tx = shelf.library.database().begin_write().await.unwrap();
    // On SQLite nobody else writes anyhow.
    if let Tx::Postgres(tx) = &mut tx {
        sqlx::query("update bib set revision = revision + 1").execute(&mut **tx).await.unwrap();
    }
    tx
}

/// Somebody who presses 予約する, and has come when this returns.
async fn press(shelf: &Shelf, patron: PatronId, request: &ReserveRequest) -> JoinHandle<Answer> {
    let (library, request) = (shelf.library.clone(), request.clone());
    let mut pressed = Box::pin(async move { library.reserve(&By::Patron, patron, &request).await });
    // Who wants what is held comes, and then waits.
    assert!(poll_fn(|context| Poll::Ready(pressed.as_mut().poll(context).is_pending())).await);
    tokio::spawn(pressed)
}

/// All of a crowd, one after the other.
async fn press_all(shelf: &Shelf, crowd: &[(PatronId, ReserveRequest)]) -> Vec<JoinHandle<Answer>> {
    let mut pressed = Vec::new();
    for (patron, request) in crowd {
        pressed.push(press(shelf, *patron, request).await);
    }
    pressed
}

async fn position(pressed: JoinHandle<Answer>) -> u32 {
    // Whose turn never comes would wait for ever.
    let answered = tokio::time::timeout(Duration::from_secs(60), pressed).await.unwrap();
    let answer = answered.unwrap().unwrap().unwrap();
    let [Ok(position)] = positions(&answer)[..] else { panic!("{answer:?}") };
    position
}

/// So many patrons, each with a request for the title.
async fn crowd(shelf: &Shelf, part: PartId, many: usize) -> Vec<(PatronId, ReserveRequest)> {
    let mut crowd = Vec::new();
    for _ in 0..many {
        crowd.push((shelf.patron().await, shelf.request(&[part], 0, "central")));
    }
    crowd
}

async fn who_comes_while_others_are_at_it_goes_together(shelf: Shelf) {
    let (part, _) = shelf.book(&["central"]).await;
    let crowd = crowd(&shelf, part, 45).await;
    let held = hold(&shelf).await;
    let pressed = press_all(&shelf, &crowd).await;
    let before = shelf.library.database().figures().writes;
    drop(held);
    for (n, pressed) in (1..).zip(pressed) {
        assert_eq!(position(pressed).await, n, "first come, first served");
    }
    // The first alone, then twenty, twenty and four.
    let writes = shelf.library.database().figures().writes - before;
    assert_eq!(writes, 4, "transactions for 45 patrons");
    assert_eq!(shelf.count("select count(*) from claim").await, 45);
    assert_eq!(shelf.count("select count(distinct placed_at) from reservation").await, 45);
    assert_eq!(shelf.count("select count(*) from event where kind = 'reserved'").await, 45);
    // Nobody is at it any more.
    assert_eq!(positions(&shelf.reserve(shelf.patron().await, &[part], 0, "central").await), [Ok(46)]);
}

async fn each_of_a_crowd_gets_what_is_theirs(shelf: Shelf) {
    let (part, _) = shelf.book(&["central"]).await;
    let (before, after) = (shelf.book(&["central"]).await.0, shelf.book(&["central"]).await.0);
    let (unordered, _) = shelf.book(&["central"]).await;
    let crowd = crowd(&shelf, part, 9).await;
    let [first, barred, unreached, twice, again, cart, elsewhere, stranger, last] = crowd.try_into().unwrap();
    shelf.run(&format!("update patron set card_state = 'suspended' where id = {}", shelf.uuid(barred.0.0))).await;
    shelf.run(&format!("update patron set mail1_confirmed = false where id = {}", shelf.uuid(unreached.0.0))).await;
    // One has reserved before, by the request that comes once more.
    let earlier = shelf.library.reserve(&By::Patron, again.0, &again.1).await.unwrap().unwrap();
    // One has it in the cart, between two others, all three in an order, and one more.
    for title in [before, part, after] {
        shelf.library.change_cart(None, Some(cart.0), &CartChange::Add(title)).await.unwrap();
    }
    shelf.library.change_cart(None, Some(cart.0), &CartChange::SpecifyOrder(vec![])).await.unwrap();
    shelf.library.change_cart(None, Some(cart.0), &CartChange::Add(unordered)).await.unwrap();
    let mut by_telephone = elsewhere.clone();
    by_telephone.1.contact = Contact::Telephone;
    by_telephone.1.pickup_place = crate::support::place("north");

    let held = hold(&shelf).await;
    let nobody = PatronId(Uuid::from_u128(77));
    let (first, barred) = (press(&shelf, first.0, &first.1).await, press(&shelf, barred.0, &barred.1).await);
    let unreached = press(&shelf, unreached.0, &unreached.1).await;
    let twice = [press(&shelf, twice.0, &twice.1).await, press(&shelf, twice.0, &twice.1).await];
    let again = press(&shelf, again.0, &again.1).await;
    let from_cart = press(&shelf, cart.0, &cart.1).await;
    let by_telephone = press(&shelf, by_telephone.0, &by_telephone.1).await;
    let stranger = press(&shelf, nobody, &stranger.1).await;
    let last = press(&shelf, last.0, &last.1).await;
    drop(held);

    let refused = |answer: Answer| positions(&answer.unwrap().unwrap());
    assert_eq!(position(first).await, 2, "behind the one who had reserved before");
    assert_eq!(refused(barred.await.unwrap()), [Err(Refusal::CardSuspended)]);
    assert_eq!(unreached.await.unwrap().unwrap(), Err(Refusal::MailNotConfirmed));
    assert_eq!(again.await.unwrap().unwrap().unwrap(), earlier, "the same request, the same answer");
    let [once, twice] = twice;
    assert_eq!((position(once).await, position(twice).await), (3, 3), "twice is once");
    assert_eq!(position(from_cart).await, 4);
    assert_eq!(position(by_telephone).await, 5);
    assert!(matches!(stranger.await.unwrap(), Err(Fault::AccountGone)));
    assert_eq!(position(last).await, 6);
    assert_eq!(shelf.count("select count(*) from reservation").await, 6);
    let left = shelf.library.cart(None, Some(cart.0)).await.unwrap().arrangement();
    assert_eq!(
        left,
        Arrangement { parts: vec![before, after, unordered], ordered: 2 },
        "the others stay in the cart, in their order"
    );
    let views = shelf.library.reservations(elsewhere.0).await.unwrap();
    assert_eq!((views[0].pickup_place.0.as_str(), views[0].contact), ("north", Contact::Telephone));
}

async fn a_crowd_outlives_whoever_leads_it(shelf: Shelf) {
    let (part, _) = shelf.book(&["central"]).await;
    let crowd = crowd(&shelf, part, 8).await;
    let held = hold(&shelf).await;
    let mut pressed = press_all(&shelf, &crowd).await;
    // The one who is at it goes away, so that the second leads the others; then the second goes away as well.
    for leader in pressed.drain(..2) {
        leader.abort();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(held);
    let mut told = Vec::new();
    for pressed in pressed {
        told.push(position(pressed).await);
    }
    told.sort_unstable();
    assert_eq!(told, [1, 2, 3, 4, 5, 6]);
    // And those who went away may come again.
    for ((patron, request), expected) in crowd.iter().zip([7, 8]) {
        let answer = shelf.library.reserve(&By::Patron, *patron, request).await.unwrap().unwrap();
        assert_eq!(positions(&answer), [Ok(expected)]);
    }
}

async fn a_crowd_that_fails_goes_one_by_one(shelf: Shelf) {
    let (part, _) = shelf.book(&["central"]).await;
    let (other, _) = shelf.book(&["central"]).await;
    let crowd = crowd(&shelf, part, 6).await;
    // One comes with the number of a request of theirs that was for another title: it can't be kept twice.
    let (patron, request) = &crowd[3];
    let earlier = ReserveRequest { parts: vec![other], ..request.clone() };
    let earlier = shelf.library.reserve(&By::Patron, *patron, &earlier).await.unwrap().unwrap();
    let held = hold(&shelf).await;
    let mut pressed = press_all(&shelf, &crowd).await;
    drop(held);
    let strange = pressed.remove(3);
    assert_eq!(strange.await.unwrap().unwrap().unwrap(), earlier);
    let mut told = Vec::new();
    for pressed in pressed {
        told.push(position(pressed).await);
    }
    told.sort_unstable();
    assert_eq!(told, [1, 2, 3, 4, 5]);
    assert_eq!(shelf.count("select count(*) from reservation").await, 6);
}
