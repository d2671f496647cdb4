//! Streams as browsers have them, from the program as it is run.

use domain::{
    OpId,
    circulation::{DeskCounts, HoldShelf, Status},
};
use library::sessions::Owner;
use tokio::time::timeout;

use crate::{
    postgres,
    streams::{HUNG, Serving, Stream, Town, ask},
};

async fn town_on_sqlite(readers: usize) -> (tempfile::TempDir, Town) {
    let folder = tempfile::tempdir().expect("a folder");
    let address = format!("sqlite:{}", folder.path().join("test.db").display());
    let town = Town::new(folder.path(), address, readers).await;
    (folder, town)
}

async fn open(serving: &Serving, path: &str, cookie: &str) -> Stream {
    timeout(HUNG, Stream::open(serving.address, path, cookie)).await.expect("it comes").expect("it opens")
}

/// The status of the first reservation that the next state shows.
async fn status(stream: &mut Stream) -> Status {
    let event = timeout(HUNG, stream.state()).await.expect("it comes").expect("it goes on");
    event.shown()[0].status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_shows_what_happens_and_ends_when_its_reader_signs_out() {
    let (_folder, town) = town_on_sqlite(2).await;
    let serving = town.serve("one").await;
    let reader = &town.readers[0];
    let mut stream = open(&serving, "/live", &reader.cookie).await;
    let first = timeout(HUNG, stream.state()).await.expect("it comes").expect("a state");
    assert_eq!(first.shown(), town.library.reservations(reader.id).await.expect("read"));
    let mut known = open(&serving, &format!("/live?since={}", first.id), &reader.cookie).await;
    let beat = timeout(HUNG, known.next()).await.expect("it comes").expect("an event");
    assert_eq!(beat.kind, "beat", "whoever has the state is told so at once, and not the state");
    town.check_in(serving.address, &town.readers[1].barcode).await;
    town.check_in(serving.address, &reader.barcode).await;
    for stream in [&mut stream, &mut known] {
        assert!(matches!(status(stream).await, Status::Ready { .. }), "another's copy was not a word");
    }
    let form = "application/x-www-form-urlencoded";
    ask(serving.address, "/api/sign-out", &reader.cookie, form, "").await.expect("an answer");
    for stream in [&mut stream, &mut known] {
        let end = timeout(HUNG, stream.next()).await.expect("it comes").expect("an event");
        assert_eq!(end.kind, "end");
        assert_eq!(timeout(HUNG, stream.next()).await.expect("it ends"), None);
    }
    for cookie in [reader.cookie.as_str(), "hondana=AAAAAAAAAAAAAAAAAAAAAA", "none=1"] {
        let mut refused = open(&serving, "/live", cookie).await;
        assert_eq!(refused.next().await.expect("an event").kind, "end");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_left_open_keeps_nobody_signed_in_and_a_server_that_stops_waits_for_none() {
    let (_folder, town) = town_on_sqlite(1).await;
    let mut serving = town.serve("one").await;
    let reader = &town.readers[0];
    let seen = async || town.library.sessions_of(Owner::Patron(reader.id), &[]).await.expect("read").len();
    let mut stream = open(&serving, "/live", &reader.cookie).await;
    let mut desk = open(&serving, "/live/desk?room=holds", &town.desk).await;
    let (_, at_desk) = (stream.state().await.expect("a state"), desk.state().await.expect("a state"));
    let (_, list) = at_desk.data.split_once(';').expect("of a version");
    let (_, _, _, list): (OpId, String, DeskCounts, HoldShelf) = wire::read(list).expect("a list");
    assert!(list.to_clear.is_empty() && list.ready.is_empty(), "{list:?}");
    let before = moments(&town).await;
    town.check_in(serving.address, &reader.barcode).await;
    assert!(matches!(status(&mut stream).await, Status::Ready { .. }));
    assert!(desk.state().await.expect("a state").data.contains(&reader.barcode));
    assert_eq!((moments(&town).await, seen().await), (before, 1), "when a reader was here last");
    assert!(serving.stop().await, "it ends well, and soon");
    assert!(timeout(HUNG, stream.next()).await.expect("it ends").is_none());
    assert!(timeout(HUNG, desk.next()).await.expect("it ends").is_none());
}

/// When the readers were here last.
async fn moments(town: &Town) -> Vec<String> {
    let library::storage::Database::Sqlite { readers, .. } = town.library.database() else { return Vec::new() };
    let sql = "select cast(seen_at as text) from session where patron_id is not null order by id_hash";
    sqlx::query_scalar(sql).fetch_all(readers).await.expect("read")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_of_one_place_is_not_shown_under_anothers_name_and_the_newest_streams_live() {
    let (_folder, town) = town_on_sqlite(1).await;
    let serving = town.serve("one").await;
    // Whoever moved on in another tab: the page of the place before loads itself anew.
    let mut moved = open(&serving, "/live/desk?room=holds&place=north", &town.desk).await;
    assert_eq!(timeout(HUNG, moved.next()).await.expect("it comes").expect("an event").kind, "end");
    assert!(timeout(HUNG, moved.next()).await.expect("it ends").is_none());
    let here = "/live/desk?room=holds&place=central";
    let mut first = open(&serving, here, &town.desk).await;
    assert_eq!(timeout(HUNG, first.state()).await.expect("it comes").expect("a state").kind, "state");
    let mut newer = Vec::new();
    for _ in 0..4 {
        newer.push(open(&serving, here, &town.desk).await);
    }
    let last = timeout(HUNG, async {
        loop {
            match first.next().await {
                Some(event) if event.kind == "full" => break first.next().await,
                Some(_) => {}
                None => panic!("it ended without a word"),
            }
        }
    });
    assert_eq!(last.await.expect("it ends"), None);
    for stream in &mut newer {
        assert!(timeout(HUNG, stream.state()).await.expect("it comes").is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_a_server_is_killed_its_readers_go_on_at_the_other_without_gap() {
    let folder = tempfile::tempdir().expect("a folder");
    let town = Town::new(folder.path(), postgres::fresh_database().await, 3).await;
    let (mut first, second) = (town.serve("one").await, town.serve("two").await);
    let mut streams = Vec::new();
    for reader in &town.readers {
        let mut stream = open(&first, "/live", &reader.cookie).await;
        let state = timeout(HUNG, stream.state()).await.expect("it comes").expect("a state");
        streams.push((reader, stream, state.id));
    }
    // One scan at the other server is seen at this one.
    town.check_in(second.address, &town.readers[0].barcode).await;
    assert!(matches!(status(&mut streams[0].1).await, Status::Ready { .. }));
    first.kill();
    // One while nobody listens.
    town.check_in(second.address, &town.readers[1].barcode).await;
    for (n, (reader, mut stream, version)) in streams.into_iter().enumerate() {
        assert!(timeout(HUNG, stream.next()).await.expect("it ends").is_none());
        let mut stream = open(&second, &format!("/live?since={version}"), &reader.cookie).await;
        let event = timeout(HUNG, stream.next()).await.expect("it comes").expect("an event");
        // The first had not heard its last state under the version it names.
        assert_eq!(event.kind, if n < 2 { "state" } else { "beat" }, "reader {n}");
        if event.kind == "state" {
            assert_eq!(event.shown(), town.library.reservations(reader.id).await.expect("read"));
        }
    }
}
