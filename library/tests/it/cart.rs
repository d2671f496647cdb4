use domain::{PartId, cart::CartChange, circulation::By};
use uuid::Uuid;

use crate::support::{Shelf, on_both_engines};

on_both_engines!(
    a_cart_keeps_its_order,
    a_cart_goes_along_at_sign_in,
    a_patrons_cart_opens_only_signed_in,
    what_is_not_in_the_catalogue_is_not_kept,
    nothing_is_lost_when_two_pages_change_one_cart,
);

async fn a_cart_keeps_its_order(shelf: Shelf) {
    let mut parts = Vec::new();
    for _ in 0..3 {
        parts.push(shelf.book(&["central"]).await.0);
    }
    let (cart, _) = shelf.library.change_cart(None, None, &CartChange::Add(parts[0])).await.unwrap();
    for part in &parts[1..] {
        shelf.library.change_cart(Some(cart), None, &CartChange::Add(*part)).await.unwrap();
    }
    shelf.library.change_cart(Some(cart), None, &CartChange::SpecifyOrder(vec![])).await.unwrap();
    let (_, told) = shelf.library.change_cart(Some(cart), None, &CartChange::MoveTo(parts[2], 0)).await.unwrap();
    let view = shelf.library.cart(Some(cart), None).await.unwrap();
    assert_eq!(view.arrangement(), told);
    assert_eq!((view.arrangement().parts, view.ordered), (vec![parts[2], parts[0], parts[1]], 3));
    let late = shelf.book(&["central"]).await.0;
    shelf.library.change_cart(Some(cart), None, &CartChange::Add(late)).await.unwrap();
    // カートを空にする names what was shown; what was put in since stays.
    let (_, left) = shelf.library.change_cart(Some(cart), None, &CartChange::Remove(parts)).await.unwrap();
    assert_eq!((left.parts, left.ordered), (vec![late], 0));
    shelf.library.change_cart(Some(cart), None, &CartChange::Remove(vec![late])).await.unwrap();
    assert!(shelf.library.cart(Some(cart), None).await.unwrap().lines.is_empty());
}

async fn a_cart_goes_along_at_sign_in(shelf: Shelf) {
    let (patron, other) = (shelf.patron().await, shelf.patron().await);
    let (a, b) = (shelf.book(&["central"]).await.0, shelf.book(&["central"]).await.0);
    let (cart, _) = shelf.library.change_cart(None, None, &CartChange::Add(a)).await.unwrap();
    shelf.library.take_cart_along(cart, patron).await.unwrap();
    assert_eq!(shelf.library.cart(None, Some(patron)).await.unwrap().arrangement().parts, [a]);
    // Another visit: what was brought stands behind what was there, once.
    let (cart, _) = shelf.library.change_cart(None, None, &CartChange::Add(b)).await.unwrap();
    shelf.library.change_cart(Some(cart), None, &CartChange::Add(a)).await.unwrap();
    shelf.library.take_cart_along(cart, patron).await.unwrap();
    assert_eq!(shelf.library.cart(None, Some(patron)).await.unwrap().arrangement().parts, [a, b]);
    assert!(shelf.library.cart(None, Some(other)).await.unwrap().lines.is_empty());
}

async fn a_patrons_cart_opens_only_signed_in(shelf: Shelf) {
    let patron = shelf.patron().await;
    let (part, _) = shelf.book(&["central"]).await;
    let (cart, _) = shelf.library.change_cart(None, Some(patron), &CartChange::Add(part)).await.unwrap();
    assert!(shelf.library.cart(Some(cart), None).await.unwrap().lines.is_empty(), "after signing out");
}

async fn what_is_not_in_the_catalogue_is_not_kept(shelf: Shelf) {
    let unknown = PartId(Uuid::from_u128(5));
    let (cart, told) = shelf.library.change_cart(None, None, &CartChange::Add(unknown)).await.unwrap();
    assert!(told.parts.is_empty());
    assert!(shelf.library.cart(Some(cart), None).await.unwrap().lines.is_empty());
}

async fn nothing_is_lost_when_two_pages_change_one_cart(shelf: Shelf) {
    let patron = shelf.patron().await;
    let mut parts = Vec::new();
    for _ in 0..12 {
        parts.push(shelf.book(&["central"]).await.0);
    }
    let (brought, _) = shelf.library.change_cart(None, None, &CartChange::Add(parts[0])).await.unwrap();
    shelf.library.change_cart(None, Some(patron), &CartChange::Add(parts[1])).await.unwrap();
    // While one page adds titles, another signs in with a cart of its own and a third reserves what is there.
    let mut pages = tokio::task::JoinSet::new();
    for part in parts[2..].iter().copied() {
        let library = shelf.library.clone();
        pages.spawn(async move {
            library.change_cart(None, Some(patron), &CartChange::Add(part)).await.unwrap();
        });
    }
    let library = shelf.library.clone();
    pages.spawn(async move { library.take_cart_along(brought, patron).await.unwrap() });
    let (library, request) = (shelf.library.clone(), shelf.request(&parts[1..2], 0, "central"));
    pages.spawn(async move {
        library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
    });
    pages.join_all().await;
    let mut left = shelf.library.cart(None, Some(patron)).await.unwrap().arrangement().parts;
    left.sort_unstable();
    parts.remove(1);
    parts.sort_unstable();
    assert_eq!(left, parts, "all but the one that was reserved");
}
