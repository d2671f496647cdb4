//! Who is to be looked at anew, and who is still signed in.

use chrono::Utc;
use uuid::Uuid;

use super::*;

fn patron(n: u128) -> PatronId {
    PatronId(Uuid::from_u128(n))
}

fn watcher(n: u8) -> Watcher {
    Watcher { session: [n; 32], generation: 0, signed: Signed::Patron { kiosk: false } }
}

fn seen(bibs: &[BibId], sessions: Vec<SignedIn>) -> Seen {
    let (version, fields) = ("v".to_owned(), String::new());
    Seen { version, fields, bibs: bibs.to_vec(), sessions, at: String::new() }
}

fn signed_in(n: u8) -> SignedIn {
    SignedIn { hash: vec![n; 32], begun: Utc::now(), seen: Utc::now(), generation: 0 }
}

fn open() -> Hub {
    let mut hub = Hub::default();
    hub.open(100);
    hub
}

#[test]
fn what_happens_to_a_title_during_the_first_look_is_looked_at_once_more() {
    let (mut hub, topic, bib) = (open(), Topic::Patron(patron(1)), BibId(Uuid::from_u128(7)));
    let other = Topic::Patron(patron(2));
    let _seats = (hub.join(&topic, &watcher(1)), hub.join(&other, &watcher(2)));
    for topic in [&topic, &other] {
        assert!(hub.stir(topic));
    }
    let (look, _) = hub.begin_look(&other).expect("it is watched");
    hub.end_look(&other, look, seen(&[], Vec::new()));
    assert!(!hub.looks_again(&other));
    // It has read its titles and has not said yet which they are.
    let (look, _) = hub.begin_look(&topic).expect("it is watched");
    let concerned = hub.concerned(&[Told::Bib(bib)]);
    assert_eq!(concerned, std::slice::from_ref(&topic), "and who looks at nothing is left alone");
    for topic in &concerned {
        assert!(!hub.stir(topic), "somebody is looking already");
    }
    hub.end_look(&topic, look, seen(&[bib], Vec::new()));
    assert!(hub.looks_again(&topic));
    let (look, _) = hub.begin_look(&topic).expect("it is watched");
    hub.end_look(&topic, look, seen(&[bib], Vec::new()));
    assert!(!hub.looks_again(&topic));
    assert_eq!(hub.concerned(&[Told::Bib(bib)]), [topic], "now it is known");
}

#[test]
fn a_beat_does_not_end_who_signed_in_while_it_was_made() {
    let (mut hub, topic) = (open(), Topic::Patron(patron(1)));
    let old = hub.join(&topic, &watcher(1)).expect("there is room");
    hub.stir(&topic);
    let (look, _) = hub.begin_look(&topic).expect("it is watched");
    hub.end_look(&topic, look, seen(&[], vec![signed_in(1)]));
    // The beat reads who is signed in; then somebody signs in elsewhere, and a look sees both.
    let known = hub.looks();
    let mut who = SignedInNow { patrons: [(patron(1), vec![signed_in(1)])].into(), staff: Vec::new() };
    let _new = hub.join(&topic, &watcher(2)).expect("there is room");
    let (look, _) = hub.begin_look(&topic).expect("it is watched");
    hub.end_look(&topic, look, seen(&[], vec![signed_in(1), signed_in(2)]));
    hub.beat(&mut who, known, "12:34");
    let present = old.present.borrow();
    assert_eq!(present.sessions.iter().map(|one| one.hash[0]).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((present.beat, present.at.as_str()), (1, "12:34"));
    drop(present);
    // What the next beat reads is the newest.
    let mut who = SignedInNow { patrons: [(patron(1), vec![signed_in(2)])].into(), staff: Vec::new() };
    hub.beat(&mut who, hub.looks(), "12:35");
    assert_eq!(old.present.borrow().sessions.iter().map(|one| one.hash[0]).collect::<Vec<_>>(), [2]);
}
