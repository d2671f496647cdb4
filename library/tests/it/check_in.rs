use domain::circulation::{By, Instruction, Refusal, Slip, Status};

use crate::support::{Shelf, on_both_engines, place, positions};

on_both_engines!(
    a_copy_that_comes_back_goes_to_the_first_in_the_queue,
    a_copy_for_another_place_travels_and_is_ready_there,
    scanning_again_says_the_same_again,
    nobody_waits,
    what_cannot_be_checked_in_says_why,
    lending_fulfils_and_releases,
    a_copy_released_on_its_way_goes_on_for_the_next,
    a_copy_released_on_the_hold_shelf_is_not_lent_past_the_queue,
    a_captured_copy_is_lent_to_nobody_else,
    a_set_wakes_member_by_member,
    two_desks_scan_one_copy_at_once,
);

fn slip(instruction: &Instruction) -> &Slip {
    match instruction {
        Instruction::HoldShelf(slip) | Instruction::Transit(slip) => slip,
        other => panic!("{other:?}"),
    }
}

async fn scan(shelf: &Shelf, here: &str, barcode: &str) -> Instruction {
    shelf.library.check_in(&place(here), barcode).await.unwrap().unwrap().instruction
}

async fn status(shelf: &Shelf, patron: domain::PatronId) -> Vec<Status> {
    shelf.library.reservations(patron).await.unwrap().into_iter().map(|view| view.status).collect()
}

async fn a_copy_that_comes_back_goes_to_the_first_in_the_queue(shelf: Shelf) {
    let (part, barcodes) = shelf.book(&["central"]).await;
    let (reader, first, second) = (shelf.patron().await, shelf.patron().await, shelf.patron().await);
    shelf.library.check_out(&By::Staff, &place("central"), reader, &barcodes[0]).await.unwrap().unwrap();
    shelf.reserve(first, &[part], 0, "central").await;
    shelf.reserve(second, &[part], 0, "central").await;

    let done = shelf.library.check_in(&place("central"), &barcodes[0]).await.unwrap().unwrap();
    assert!(done.was_on_loan);
    let until = chrono::NaiveDate::from_ymd_opt(2026, 4, 15).unwrap();
    let Instruction::HoldShelf(slip) = done.instruction else { panic!("{:?}", done.instruction) };
    assert_eq!((slip.until, slip.pickup_place), (Some(until), place("central")));
    assert!(slip.label.starts_with("ヤ ") && !slip.label.contains("マダ"), "no full name: {}", slip.label);
    assert_eq!(status(&shelf, first).await, [Status::Ready { until }]);
    assert_eq!(status(&shelf, second).await, [Status::Waiting { position: 1 }]);
    // The loan is over: the reader may reserve the title again, behind the others.
    assert_eq!(positions(&shelf.reserve(reader, &[part], 0, "central").await), [Ok(2)]);
}

async fn a_copy_for_another_place_travels_and_is_ready_there(shelf: Shelf) {
    let (part, barcodes) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part], 0, "south-hall").await;
    let Instruction::Transit(slip) = scan(&shelf, "central", &barcodes[0]).await else { panic!("not in transit") };
    assert_eq!((slip.pickup_place, slip.until), (place("south-hall"), None));
    assert_eq!(status(&shelf, patron).await, [Status::InTransit]);
    // On the way it is scanned at a third place: it goes on.
    assert!(matches!(scan(&shelf, "north", &barcodes[0]).await, Instruction::Transit(_)));
    assert!(matches!(scan(&shelf, "south-hall", &barcodes[0]).await, Instruction::HoldShelf(_)));
    assert!(matches!(status(&shelf, patron).await[..], [Status::Ready { .. }]));
    // Found elsewhere, it travels again.
    assert!(matches!(scan(&shelf, "north", &barcodes[0]).await, Instruction::Transit(_)));
    assert_eq!(status(&shelf, patron).await, [Status::InTransit]);
}

async fn scanning_again_says_the_same_again(shelf: Shelf) {
    let (part, barcodes) = shelf.book(&["central"]).await;
    assert!(matches!(scan(&shelf, "central", &barcodes[0]).await, Instruction::Shelve { .. }));
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part], 0, "central").await;
    // Judged on the present state: a reservation came in between.
    let first = scan(&shelf, "central", &barcodes[0]).await;
    assert!(matches!(first, Instruction::HoldShelf(_)));
    assert_eq!(scan(&shelf, "central", &barcodes[0]).await, first);
    assert_eq!(shelf.count("select count(*) from outbox").await, 1, "told once");
}

async fn nobody_waits(shelf: Shelf) {
    let (_, barcodes) = shelf.book(&["central"]).await;
    assert_eq!(scan(&shelf, "central", &barcodes[0]).await, Instruction::Shelve { shelf_mark: "913.6 ヤ".to_owned() });
    assert_eq!(scan(&shelf, "north", &barcodes[0]).await, Instruction::SendHome { branch: place("central") });
}

async fn what_cannot_be_checked_in_says_why(shelf: Shelf) {
    let (_, barcodes) = shelf.book(&["central"]).await;
    let refused = async |here: &str, barcode: &str| shelf.library.check_in(&place(here), barcode).await.unwrap();
    assert_eq!(refused("central", "no-such").await, Err(Refusal::UnknownBarcode));
    assert_eq!(refused("moon", &barcodes[0]).await, Err(Refusal::UnknownPlace));
    shelf.run("update item set state = 'withdrawn'").await;
    assert_eq!(refused("central", &barcodes[0]).await, Err(Refusal::ItemWithdrawn));
}

async fn lending_fulfils_and_releases(shelf: Shelf) {
    let (part, barcodes) = shelf.book(&["central", "central"]).await;
    let (patron, next) = (shelf.patron().await, shelf.patron().await);
    shelf.reserve(patron, &[part], 0, "central").await;
    scan(&shelf, "central", &barcodes[0]).await;
    shelf.reserve(next, &[part], 0, "central").await;
    // They take the other copy from the shelf instead.
    shelf.library.check_out(&By::Staff, &place("central"), patron, &barcodes[1]).await.unwrap().unwrap();
    assert!(status(&shelf, patron).await.is_empty());
    // The captured one is released at its next scan, to the next in the queue.
    assert!(matches!(scan(&shelf, "central", &barcodes[0]).await, Instruction::HoldShelf(_)));
    assert!(matches!(status(&shelf, next).await[..], [Status::Ready { .. }]));
}

async fn a_captured_copy_is_lent_to_nobody_else(shelf: Shelf) {
    let (part, barcodes) = shelf.book(&["central"]).await;
    let (patron, other) = (shelf.patron().await, shelf.patron().await);
    shelf.reserve(patron, &[part], 0, "central").await;
    scan(&shelf, "central", &barcodes[0]).await;
    let lend = async |to| shelf.library.check_out(&By::Staff, &place("central"), to, &barcodes[0]).await.unwrap();
    assert_eq!(lend(other).await, Err(Refusal::CapturedForAnother));
    assert!(lend(patron).await.is_ok());
    assert_eq!(lend(other).await, Err(Refusal::NotCheckedIn));
}

async fn a_set_wakes_member_by_member(shelf: Shelf) {
    let (first, first_copy) = shelf.book(&["central"]).await;
    let (second, second_copy) = shelf.book(&["central"]).await;
    let (patron, later) = (shelf.patron().await, shelf.patron().await);
    shelf.reserve(patron, &[first, second], 2, "central").await;
    shelf.reserve(later, &[second], 0, "central").await;
    // The second member sleeps, so whoever came later is served first.
    let slip_of = scan(&shelf, "central", &second_copy[0]).await;
    assert!(matches!(slip_of, Instruction::HoldShelf(_)));
    assert!(matches!(status(&shelf, later).await[..], [Status::Ready { .. }]));
    assert_eq!(status(&shelf, patron).await, [Status::Waiting { position: 1 }, Status::Dormant { position: 1 }]);
    scan(&shelf, "central", &first_copy[0]).await;
    assert!(matches!(status(&shelf, patron).await[..], [Status::Ready { .. }, Status::Waiting { position: 1 }]));
    // The copy comes back from the other patron.
    shelf.library.check_out(&By::Staff, &place("central"), later, &second_copy[0]).await.unwrap().unwrap();
    let instruction = scan(&shelf, "central", &second_copy[0]).await;
    assert_eq!(slip(&instruction).pickup_place, place("central"));
    assert!(matches!(status(&shelf, patron).await[..], [Status::Ready { .. }, Status::Ready { .. }]));
}

async fn two_desks_scan_one_copy_at_once(shelf: Shelf) {
    let (part, barcodes) = shelf.book(&["central"]).await;
    for _ in 0..3 {
        let patron = shelf.patron().await;
        shelf.reserve(patron, &[part], 0, "central").await;
    }
    let mut desks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (library, barcode) = (shelf.library.clone(), barcodes[0].clone());
        desks.spawn(async move { library.check_in(&place("central"), &barcode).await.unwrap().unwrap() });
    }
    let told = desks.join_all().await;
    assert!(told.iter().all(|done| done.instruction == told[0].instruction), "{told:?}");
    assert_eq!(shelf.count("select count(*) from reservation where state = 'ready'").await, 1);
    assert_eq!(shelf.count("select count(*) from outbox").await, 1);
}

async fn a_copy_released_on_its_way_goes_on_for_the_next(shelf: Shelf) {
    let (part, barcodes) = shelf.book(&["central", "central"]).await;
    let (first, second) = (shelf.patron().await, shelf.patron().await);
    shelf.reserve(first, &[part], 0, "north").await;
    scan(&shelf, "central", &barcodes[0]).await;
    assert_eq!(status(&shelf, first).await, [Status::InTransit]);
    shelf.reserve(second, &[part], 0, "east").await;
    // The first one borrows the other copy meanwhile.
    shelf.library.check_out(&By::Staff, &place("central"), first, &barcodes[1]).await.unwrap().unwrap();
    let Instruction::Transit(slip) = scan(&shelf, "north", &barcodes[0]).await else { panic!("not in transit") };
    assert_eq!(slip.pickup_place, place("east"));
    assert_eq!(status(&shelf, second).await, [Status::InTransit], "as the slip says");
}

async fn a_copy_released_on_the_hold_shelf_is_not_lent_past_the_queue(shelf: Shelf) {
    let (part, barcodes) = shelf.book(&["central", "central"]).await;
    let (first, second, passer_by) = (shelf.patron().await, shelf.patron().await, shelf.patron().await);
    shelf.reserve(first, &[part], 0, "central").await;
    scan(&shelf, "central", &barcodes[0]).await;
    shelf.reserve(second, &[part], 0, "central").await;
    shelf.library.check_out(&By::Staff, &place("central"), first, &barcodes[1]).await.unwrap().unwrap();
    let lend = async |to| shelf.library.check_out(&By::Staff, &place("central"), to, &barcodes[0]).await.unwrap();
    assert_eq!(lend(passer_by).await, Err(Refusal::NotCheckedIn));
    scan(&shelf, "central", &barcodes[0]).await;
    assert!(matches!(status(&shelf, second).await[..], [Status::Ready { .. }]));
    assert!(lend(second).await.is_ok());
}
