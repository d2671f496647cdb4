//! Pages that follow what happens (R34): who is told what, when, and by which server.

use std::{future::Future, time::Duration};

use chrono::TimeDelta;
use domain::{
    PatronId, StaffId,
    circulation::{By, DeskCounts, DeskRoom, HoldShelf, PatronAction, ReservationView, Status},
    patrons::{CardState, StaffForm, StaffRole},
};
use library::{
    Clock, Library,
    catalog::search::SearchIndex,
    live::{News, NoRoom, Signed, Topic, Watcher, Watching},
    sessions::{Owner, SessionRow},
    storage::Database,
};
use tokio::sync::watch;
use uuid::Uuid;

use crate::support::{Shelf, morning, on_both_engines, place, policy};

on_both_engines!(
    a_watcher_sees_what_happens_to_their_reservations,
    who_stands_behind_moves_up,
    another_patrons_affairs_are_nobodys,
    whoever_has_the_present_state_is_told_the_next,
    two_browsers_of_one_patron_see_the_same,
    a_set_and_a_card_are_seen_though_no_event_names_them,
    a_merged_title_is_seen_by_those_who_waited_for_it,
    the_end_of_a_session_is_the_end_of_its_watching,
    a_visit_to_a_kiosk_ends_though_nobody_signs_out,
    the_desks_list_follows_and_ends_with_its_session,
    another_server_is_heard,
    what_no_word_told_is_found_in_the_log,
    there_is_room_for_so_many_and_none_when_the_server_stops,
);

/// How long something may take before the test is taken for hung.
const HUNG: Duration = Duration::from_secs(30);

pub(crate) async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(HUNG, work).await.expect("it comes")
}

/// A server; it stops when this is dropped.
pub(crate) struct Server {
    pub(crate) library: Library,
    stop: watch::Sender<bool>,
    running: tokio::task::JoinHandle<()>,
}

impl Server {
    fn new(library: Library, room: usize) -> Self {
        let (stop, mut stopped) = watch::channel(false);
        let of = library.clone();
        let running = tokio::spawn(async move {
            let until = async {
                let _ = stopped.wait_for(|stopped| *stopped).await;
            };
            of.run_live(room, until).await;
        });
        Self { library, stop, running }
    }

    pub(crate) fn of(shelf: &Shelf) -> Self {
        Self::new(shelf.library.clone(), 100)
    }

    /// Watches; the server may still be starting.
    pub(crate) async fn watch(&self, topic: &Topic, watcher: &Watcher, version: Option<&str>) -> Watching {
        within(async {
            loop {
                match self.library.watch(topic.clone(), watcher.clone(), version.map(ToOwned::to_owned)) {
                    Ok(watching) => return watching,
                    Err(NoRoom) => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            }
        })
        .await
    }
}

/// A patron who is signed in in one browser.
struct Reader {
    id: PatronId,
    watcher: Watcher,
}

impl Reader {
    async fn new(shelf: &Shelf) -> Self {
        let id = shelf.patron().await;
        Self { id, watcher: sign_in(&shelf.library, id, false).await }
    }

    fn topic(&self) -> Topic {
        Topic::Patron(self.id)
    }
}

fn session() -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    hash
}

async fn sign_in(library: &Library, patron: PatronId, kiosk: bool) -> Watcher {
    let session = session();
    let now = library.now();
    let row = SessionRow {
        data: "{}".to_owned(),
        patron: Some(patron),
        begun_at: Some(now),
        seen_at: Some(now),
        expires_at: now + TimeDelta::days(90),
        ..SessionRow::default()
    };
    library.create_session(&session, &row).await.unwrap();
    Watcher { session, generation: 0, signed: Signed::Patron { kiosk } }
}

/// The next state, with its version; beats are passed over.
async fn state(watching: &mut Watching) -> (String, Vec<ReservationView>) {
    match within(said(watching)).await {
        News::State { version, fields, .. } => (version, wire::read(&fields).unwrap()),
        other => panic!("{other:?} instead of a state"),
    }
}

/// What is said next but that all is as it was.
pub(crate) async fn said(watching: &mut Watching) -> News {
    loop {
        match watching.next().await {
            Some(News::Beat { .. }) => {}
            Some(news) => return news,
            None => panic!("the watching ended"),
        }
    }
}

async fn statuses(watching: &mut Watching) -> Vec<Status> {
    state(watching).await.1.into_iter().map(|view| view.status).collect()
}

async fn cancel(library: &Library, patron: PatronId) {
    let view = library.reservations(patron).await.unwrap().remove(0);
    let cancel = PatronAction::Cancel(view.id);
    library.act(&By::Patron, patron, library.new_op(), &cancel).await.unwrap().unwrap();
}

/// The same database as another server has it.
pub(crate) async fn another(shelf: &Shelf) -> Library {
    let database = Database::open(&shelf.address).await.unwrap();
    Library::new(database, policy(), SearchIndex::in_ram().unwrap(), Clock::Fixed(morning())).unwrap()
}

async fn a_watcher_sees_what_happens_to_their_reservations(shelf: Shelf) {
    let server = Server::of(&shelf);
    let reader = Reader::new(&shelf).await;
    let mut watching = server.watch(&reader.topic(), &reader.watcher, None).await;
    assert_eq!(statuses(&mut watching).await, []);
    let (part, copies) = shelf.book(&["central"]).await;
    shelf.reserve(reader.id, &[part], 0, "central").await;
    assert_eq!(statuses(&mut watching).await, [Status::Waiting { position: 1 }]);
    shelf.library.check_in(&place("north"), &copies[0]).await.unwrap().unwrap();
    assert_eq!(statuses(&mut watching).await, [Status::InTransit]);
    shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    assert!(matches!(statuses(&mut watching).await[..], [Status::Ready { .. }]));
    shelf.library.check_out(&By::Staff, &place("central"), reader.id, &copies[0]).await.unwrap().unwrap();
    assert_eq!(statuses(&mut watching).await, []);
}

async fn who_stands_behind_moves_up(shelf: Shelf) {
    let server = Server::of(&shelf);
    let (part, _) = shelf.book(&["central"]).await;
    let (first, second) = (Reader::new(&shelf).await, Reader::new(&shelf).await);
    for patron in [first.id, second.id] {
        shelf.reserve(patron, &[part], 0, "central").await;
    }
    let mut watching = server.watch(&second.topic(), &second.watcher, None).await;
    assert_eq!(statuses(&mut watching).await, [Status::Waiting { position: 2 }]);
    cancel(&shelf.library, first.id).await;
    assert_eq!(statuses(&mut watching).await, [Status::Waiting { position: 1 }]);
}

async fn another_patrons_affairs_are_nobodys(shelf: Shelf) {
    let server = Server::of(&shelf);
    let (reader, other) = (Reader::new(&shelf).await, Reader::new(&shelf).await);
    let mut watching = server.watch(&reader.topic(), &reader.watcher, None).await;
    let mut theirs = server.watch(&other.topic(), &other.watcher, None).await;
    assert_eq!(statuses(&mut watching).await, []);
    assert_eq!(statuses(&mut theirs).await, []);
    let (part, _) = shelf.book(&["central"]).await;
    shelf.reserve(other.id, &[part], 0, "central").await;
    let (_, views) = state(&mut theirs).await;
    assert_eq!(views[0].part, part);
    // What the reader is told next is their own affair.
    let (own, _) = shelf.book(&["central"]).await;
    shelf.reserve(reader.id, &[own], 0, "central").await;
    let (_, views) = state(&mut watching).await;
    assert_eq!(views.iter().map(|view| view.part).collect::<Vec<_>>(), [own]);
    // A session of somebody else's watches nobody's reservations but theirs.
    let mut foreign = server.watch(&reader.topic(), &other.watcher, None).await;
    assert_eq!(within(foreign.next()).await, Some(News::Over));
    assert_eq!(within(foreign.next()).await, None);
}

async fn whoever_has_the_present_state_is_told_the_next(shelf: Shelf) {
    let server = Server::of(&shelf);
    let reader = Reader::new(&shelf).await;
    let (part, copies) = shelf.book(&["central"]).await;
    shelf.reserve(reader.id, &[part], 0, "central").await;
    let mut watching = server.watch(&reader.topic(), &reader.watcher, None).await;
    let (version, _) = state(&mut watching).await;
    drop(watching);
    assert_eq!(server.library.streams(), 0);
    // Back, with nothing changed, the first word is the next change.
    let mut back = server.watch(&reader.topic(), &reader.watcher, Some(&version)).await;
    let nothing = tokio::time::timeout(Duration::from_millis(300), said(&mut back)).await;
    assert!(nothing.is_err(), "{nothing:?} though nothing had changed");
    shelf.library.check_in(&place("north"), &copies[0]).await.unwrap().unwrap();
    assert_eq!(statuses(&mut back).await, [Status::InTransit]);
    // Back after a change, the first word is the present state, once.
    drop(back);
    shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    let mut later = server.watch(&reader.topic(), &reader.watcher, Some(&version)).await;
    assert!(matches!(statuses(&mut later).await[..], [Status::Ready { .. }]));
    cancel(&shelf.library, reader.id).await;
    assert_eq!(statuses(&mut later).await, []);
}

async fn two_browsers_of_one_patron_see_the_same(shelf: Shelf) {
    let server = Server::of(&shelf);
    let reader = Reader::new(&shelf).await;
    let phone = sign_in(&shelf.library, reader.id, false).await;
    let mut one = server.watch(&reader.topic(), &reader.watcher, None).await;
    let mut other = server.watch(&reader.topic(), &phone, None).await;
    assert_eq!(state(&mut one).await, state(&mut other).await);
    let (part, _) = shelf.book(&["central"]).await;
    shelf.reserve(reader.id, &[part], 0, "central").await;
    let seen = state(&mut one).await;
    assert_eq!(seen.1.len(), 1);
    assert_eq!(state(&mut other).await, seen);
}

async fn a_set_and_a_card_are_seen_though_no_event_names_them(shelf: Shelf) {
    let server = Server::of(&shelf);
    let reader = Reader::new(&shelf).await;
    let (first, _) = shelf.book(&["central"]).await;
    let (second, _) = shelf.book(&["central"]).await;
    shelf.reserve(reader.id, &[first, second], 2, "central").await;
    let mut watching = server.watch(&reader.topic(), &reader.watcher, None).await;
    let (_, views) = state(&mut watching).await;
    let set = views[0].in_set.unwrap().set;
    assert!(views[0].wait.is_some());
    let dissolve = PatronAction::DissolveSet(set);
    shelf.library.act(&By::Patron, reader.id, shelf.library.new_op(), &dissolve).await.unwrap().unwrap();
    let (_, views) = state(&mut watching).await;
    assert!(views.iter().all(|view| view.in_set.is_none()));
    // Of a card that is barred nothing is promised.
    shelf.library.set_card_state(reader.id, CardState::Suspended).await.unwrap();
    let (_, views) = state(&mut watching).await;
    assert!(views.iter().all(|view| view.wait.is_none()));
}

async fn a_merged_title_is_seen_by_those_who_waited_for_it(shelf: Shelf) {
    let server = Server::of(&shelf);
    let reader = Reader::new(&shelf).await;
    let (from, _) = shelf.book(&["central"]).await;
    let (into, _) = shelf.book(&["central"]).await;
    let other = shelf.patron().await;
    shelf.reserve(other, &[into], 0, "central").await;
    shelf.reserve(reader.id, &[from], 0, "central").await;
    let mut watching = server.watch(&reader.topic(), &reader.watcher, None).await;
    let from = state(&mut watching).await.1[0].bib;
    let into = shelf.library.reservations(other).await.unwrap()[0].bib;
    shelf.library.merge_bibs(from, into).await.unwrap().unwrap();
    let (_, views) = state(&mut watching).await;
    assert_eq!(views[0].bib, into);
    assert_eq!(views, shelf.library.reservations(reader.id).await.unwrap());
}

async fn the_end_of_a_session_is_the_end_of_its_watching(shelf: Shelf) {
    let server = Server::of(&shelf);
    let reader = Reader::new(&shelf).await;
    let elsewhere = sign_in(&shelf.library, reader.id, false).await;
    let mut here = server.watch(&reader.topic(), &reader.watcher, None).await;
    let mut there = server.watch(&reader.topic(), &elsewhere, None).await;
    assert_eq!((statuses(&mut here).await, statuses(&mut there).await), (vec![], vec![]));
    shelf.library.delete_session(&reader.watcher.session).await.unwrap();
    assert_eq!(within(said(&mut here)).await, News::Over);
    assert_eq!(within(here.next()).await, None);
    // The other browser goes on, and sees what happens.
    let (part, _) = shelf.book(&["central"]).await;
    shelf.reserve(reader.id, &[part], 0, "central").await;
    assert_eq!(state(&mut there).await.1.len(), 1);
    // A session of before the last password ends nobody's patience: it is over at once.
    let before = Watcher { generation: 7, ..elsewhere.clone() };
    let mut old = server.watch(&reader.topic(), &before, None).await;
    assert_eq!(within(said(&mut old)).await, News::Over);
    shelf.library.end_other_sessions(Owner::Patron(reader.id), &[]).await.unwrap();
    assert_eq!(within(said(&mut there)).await, News::Over);
}

async fn a_visit_to_a_kiosk_ends_though_nobody_signs_out(shelf: Shelf) {
    let reader = Reader::new(&shelf).await;
    let kiosk = sign_in(&shelf.library, reader.id, true).await;
    // A server that lives four minutes later, in which nobody did anything.
    let later = shelf.again(Clock::Fixed(morning() + TimeDelta::minutes(4)), policy());
    let server = Server::new(later, 100);
    let mut at_kiosk = server.watch(&reader.topic(), &kiosk, None).await;
    assert_eq!(within(at_kiosk.next()).await, Some(News::Over));
    let mut at_home = server.watch(&reader.topic(), &reader.watcher, None).await;
    assert_eq!(statuses(&mut at_home).await, []);
}

pub(crate) async fn at_desk(shelf: &Shelf, login: &str) -> Watcher {
    let form = StaffForm { login: login.to_owned(), password: "long enough".to_owned(), role: StaffRole::Desk };
    let staff: StaffId = shelf.library.add_staff(&form).await.unwrap().unwrap();
    let session = session();
    let now = shelf.library.now();
    let row = SessionRow {
        data: "{}".to_owned(),
        staff: Some(staff),
        // It is a patron's as well, who has not been here for days.
        patron: Some(shelf.patron().await),
        begun_at: Some(now - TimeDelta::days(13)),
        seen_at: Some(now - TimeDelta::days(13)),
        staff_begun_at: Some(now),
        staff_seen_at: Some(now),
        expires_at: now + TimeDelta::days(1),
        ..SessionRow::default()
    };
    shelf.library.create_session(&session, &row).await.unwrap();
    Watcher { session, generation: 0, signed: Signed::Staff(staff) }
}

async fn the_desks_list_follows_and_ends_with_its_session(shelf: Shelf) {
    let server = Server::of(&shelf);
    let clerk = at_desk(&shelf, "clerk").await;
    let topic = Topic::Desk(place("central"), DeskRoom::Holds);
    let mut watching = server.watch(&topic, &clerk, None).await;
    let ready = async |watching: &mut Watching| match within(said(watching)).await {
        News::State { fields, .. } => {
            let (_, list): (DeskCounts, HoldShelf) = wire::read(&fields).unwrap();
            list.ready.len()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(ready(&mut watching).await, 0);
    let (part, copies) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    shelf.reserve(patron, &[part], 0, "central").await;
    shelf.library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    // A look in between may have seen another list.
    within(async { while ready(&mut watching).await != 1 {} }).await;
    let Signed::Staff(staff) = clerk.signed else { unreachable!() };
    at_desk(&shelf, "boss").await;
    shelf.library.enable_staff(staff, false).await.unwrap().unwrap();
    within(async { while said(&mut watching).await != News::Over {} }).await;
}

async fn another_server_is_heard(shelf: Shelf) {
    let reader = Reader::new(&shelf).await;
    let there = another(&shelf).await;
    let (here, far) = (Server::of(&shelf), Server::new(there.clone(), 100));
    let mut at_home = here.watch(&reader.topic(), &reader.watcher, None).await;
    let mut on_the_way = far.watch(&reader.topic(), &reader.watcher, None).await;
    let first = state(&mut at_home).await;
    assert_eq!(first, state(&mut on_the_way).await, "servers agree on a version");
    let (part, copies) = shelf.book(&["central"]).await;
    shelf.reserve(reader.id, &[part], 0, "central").await;
    assert_eq!(state(&mut at_home).await, state(&mut on_the_way).await);
    there.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    let now = state(&mut at_home).await;
    assert_eq!(now, state(&mut on_the_way).await);
    // The other server ends; what it knew is not told again.
    far.stop.send_replace(true);
    assert_eq!(within(on_the_way.next()).await, None);
    within(far.running).await.unwrap();
    let mut moved = here.watch(&reader.topic(), &reader.watcher, Some(&now.0)).await;
    cancel(&shelf.library, reader.id).await;
    assert_eq!(statuses(&mut moved).await, []);
    there.delete_session(&reader.watcher.session).await.unwrap();
    assert_eq!(within(said(&mut moved)).await, News::Over);
    there.database().close().await;
}

async fn what_no_word_told_is_found_in_the_log(shelf: Shelf) {
    let server = Server::of(&shelf);
    let reader = Reader::new(&shelf).await;
    let (part, _) = shelf.book(&["central"]).await;
    shelf.reserve(reader.id, &[part], 0, "central").await;
    let mut watching = server.watch(&reader.topic(), &reader.watcher, None).await;
    let view = state(&mut watching).await.1.remove(0);
    // As a program writes that rings for nobody.
    let at = match shelf.library.database() {
        Database::Sqlite { .. } => "'2026-04-01T00:30:00+00:00'",
        Database::Postgres(_) => "'2026-04-01 00:30:00+00'",
    };
    shelf
        .run(&format!(
            "update reservation set pickup_place = 'north' where id = {reservation};
             insert into event (id, at, kind, reservation_id, actor_role, data)
                 values ({event}, {at}, 'changed', {reservation}, 'system', '{{}}')",
            reservation = shelf.uuid(view.id.0),
            event = shelf.uuid(Uuid::now_v7()),
        ))
        .await;
    let (_, views) = state(&mut watching).await;
    assert_eq!(views[0].pickup_place, place("north"));
}

async fn there_is_room_for_so_many_and_none_when_the_server_stops(shelf: Shelf) {
    let server = Server::new(shelf.library.clone(), 3);
    let (one, other) = (Reader::new(&shelf).await, Reader::new(&shelf).await);
    let mut first = server.watch(&one.topic(), &one.watcher, None).await;
    let _second = server.watch(&other.topic(), &other.watcher, None).await;
    let third = server.watch(&other.topic(), &other.watcher, None).await;
    let again = || server.library.watch(one.topic(), one.watcher.clone(), None);
    assert_eq!(again().err(), Some(NoRoom));
    drop(third);
    drop(again().unwrap());
    assert_eq!(statuses(&mut first).await, []);
    server.stop.send_replace(true);
    assert_eq!(within(first.next()).await, None);
    within(server.running).await.unwrap();
    assert_eq!(server.library.watch(one.topic(), one.watcher.clone(), None).err(), Some(NoRoom));

    drop(first);
    // Of one session there are never many, so that a browser gone mad keeps nobody out. The newest are those that live.
    let of_many = Server::new(shelf.library.clone(), 100);
    let mut open = Vec::new();
    for _ in 0..6 {
        open.push(of_many.watch(&one.topic(), &one.watcher, None).await);
    }
    let mut elsewhere = of_many.library.watch(other.topic(), other.watcher.clone(), None).unwrap();
    for displaced in &mut open[..2] {
        within(async { while said(displaced).await != News::Displaced {} }).await;
        assert_eq!(within(displaced.next()).await, None);
    }
    for lives in open[2..].iter_mut().chain([&mut elsewhere]) {
        assert_eq!(statuses(lives).await, []);
    }
    // One that ends makes room.
    drop(open.pop());
    let _sixth = of_many.watch(&one.topic(), &one.watcher, None).await;
    let (part, _) = shelf.book(&["central"]).await;
    shelf.reserve(one.id, &[part], 0, "central").await;
    for lives in &mut open[2..] {
        assert_eq!(statuses(lives).await.len(), 1);
    }
}

/// What is watched, for whoever overhears the statements.
pub(crate) async fn live(shelf: &Shelf) {
    let server = Server::of(shelf);
    let reader = Reader::new(shelf).await;
    let (part, _) = shelf.book(&["central"]).await;
    let mut watching = server.watch(&reader.topic(), &reader.watcher, None).await;
    let clerk = at_desk(shelf, "watchful").await;
    let mut at_desk = server.watch(&Topic::Desk(place("central"), DeskRoom::Today), &clerk, None).await;
    state(&mut watching).await;
    within(said(&mut at_desk)).await;
    shelf.reserve(reader.id, &[part], 0, "central").await;
    state(&mut watching).await;
    server.stop.send_replace(true);
    within(server.running).await.unwrap();
}
