//! The key of a history under its password, and what comes between the work of the day and its patron.

use std::{sync::Arc, time::Duration};

use domain::{PatronId, patrons::DoorRefusal};
use library::{Clock, Library, Origin, storage::Database};

use super::{PASSWORD, day};
use crate::{
    history::{lend, reader, start},
    support::{Shelf, morning, on_both_engines, policy},
};

on_both_engines!(
    r28_what_is_deleted_while_the_day_is_done_does_not_come_back,
    r28_dearer_hashing_wraps_the_key_anew,
    r28_pressed_twice_the_code_is_shown,
    r28_pressed_twice_at_once_a_code_is_shown,
    r28_a_busy_hour_closes_no_history,
);

const OTHER: &str = "Tana3hon";

fn nobody() -> Origin {
    Origin::unknown()
}

/// The work of the day is held up in the middle, between taking the entries from where they can be undone and putting them where
/// they stay; meanwhile their patron deletes them.
async fn r28_what_is_deleted_while_the_day_is_done_does_not_come_back(shelf: Shelf) {
    let (library, patron) = (&shelf.library, reader(&shelf).await);
    let (key, _) = start(library, patron).await;
    let (_, copies) = shelf.book(&["central"]).await;
    lend(library, patron, &copies[0]).await;
    let next = Arc::new(day(&shelf, 1));
    let of_the_day = |next: &Arc<Library>| {
        let next = Arc::clone(next);
        tokio::spawn(async move { next.daily().await.unwrap() })
    };
    let deleting = |next: &Arc<Library>| {
        let next = Arc::clone(next);
        tokio::spawn(async move { next.delete_history(patron).await.unwrap() })
    };
    let tasks = match library.database() {
        Database::Postgres(pool) => {
            // Somebody who has put a row of the same id, and has not decided yet.
            let mut other = pool.begin().await.unwrap();
            sqlx::query(
                "insert into history_entry (id, patron_id, sealed) select id, patron_id, sealed from history_today",
            )
            .execute(&mut *other)
            .await
            .unwrap();
            let work = of_the_day(&next);
            waiting(&shelf, 1).await;
            let deletion = deleting(&next);
            // Either it is done, or it waits as well.
            for _ in 0..50 {
                if deletion.is_finished() || count_waiting(&shelf).await == 2 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            other.rollback().await.unwrap();
            (work, deletion)
        }
        // Here one writes after the other.
        Database::Sqlite { .. } => (of_the_day(&next), deleting(&next)),
    };
    tasks.0.await.unwrap();
    tasks.1.await.unwrap();
    assert!(next.opened_history(patron, &key).await.unwrap().is_empty());
    for table in ["history_entry", "history_today"] {
        assert_eq!(shelf.count(&format!("select count(*) from {table}")).await, 0, "{table}");
    }
}

async fn count_waiting(shelf: &Shelf) -> i64 {
    shelf
        .count("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
        .await
}

async fn waiting(shelf: &Shelf, many: i64) {
    while count_waiting(shelf).await < many {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn r28_dearer_hashing_wraps_the_key_anew(shelf: Shelf) {
    let (library, patron) = (&shelf.library, reader(&shelf).await);
    let (key, code) = start(library, patron).await;
    let (_, copies) = shelf.book(&["central"]).await;
    lend(library, patron, &copies[0]).await;
    let entries = library.opened_history(patron, &key).await.unwrap();
    let cost = "select count(*) from history_key where memory_kib = 64 and passes = 2";
    let mut dearer = policy();
    (dearer.accounts.hash_memory_kib, dearer.accounts.hash_passes) = (64, 2);
    let later = shelf.again(Clock::Fixed(morning()), dearer);
    assert!(later.open_at_sign_in(patron, "Wrong1").await.unwrap().is_none());
    assert_eq!(shelf.count(cost).await, 0, "not by a wrong one");
    for _ in 0..2 {
        let key = later.open_at_sign_in(patron, PASSWORD).await.unwrap().unwrap();
        assert_eq!(later.opened_history(patron, &key).await.unwrap(), entries);
        assert_eq!(shelf.count(cost).await, 1, "by the visit that gives the password");
    }
    later.change_password(patron, (PASSWORD, OTHER, OTHER), &nobody()).await.unwrap().unwrap();
    later.reopen_history(patron, OTHER, &code, &nobody()).await.unwrap().unwrap();
}

async fn r28_pressed_twice_the_code_is_shown(shelf: Shelf) {
    let (library, patron) = (&shelf.library, reader(&shelf).await);
    let (_, first) = start(library, patron).await;
    let second = library.start_history(patron, PASSWORD, &nobody()).await.unwrap().unwrap().code.unwrap();
    library.reopen_history(patron, PASSWORD, &second, &nobody()).await.unwrap().unwrap();
    library.reopen_history(patron, PASSWORD, &first, &nobody()).await.unwrap().unwrap_err();
    // Who had stopped goes on; the code they were given is good.
    library.stop_history(patron).await.unwrap();
    assert!(library.start_history(patron, PASSWORD, &nobody()).await.unwrap().unwrap().code.is_none());
    library.reopen_history(patron, PASSWORD, &second, &nobody()).await.unwrap().unwrap();
}

async fn r28_pressed_twice_at_once_a_code_is_shown(shelf: Shelf) {
    let (library, patron) = (&shelf.library, reader(&shelf).await);
    let origin = nobody();
    let press = || library.start_history(patron, PASSWORD, &origin);
    let (one, other) = tokio::join!(press(), press());
    let codes = [one, other].map(|answer| answer.unwrap().unwrap().code.unwrap());
    let mut good = 0;
    for code in &codes {
        good += u32::from(library.reopen_history(patron, PASSWORD, code, &nobody()).await.unwrap().is_ok());
    }
    assert_eq!(good, 1, "the later one");
}

/// While others hash without end, a password is changed again and again: it is changed with the history, or not at all.
async fn r28_a_busy_hour_closes_no_history(shelf: Shelf) {
    let (patron, busy) = (reader(&shelf).await, reader(&shelf).await);
    start(&shelf.library, patron).await;
    // What keeps the place is a key that is dear to derive.
    let mut dear = policy();
    dear.accounts.hash_memory_kib = 2048;
    start(&shelf.again(Clock::Fixed(morning()), dear), busy).await;
    let mut narrow = policy();
    (narrow.accounts.hash_at_once, narrow.accounts.hash_queue) = (1, 1);
    let library = Arc::new(shelf.again(Clock::Fixed(morning()), narrow));
    let mut others = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let library = Arc::clone(&library);
        others.spawn(async move {
            loop {
                library.open_at_sign_in(busy, "Wrong1").await.unwrap();
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
    }
    let (mut password, mut other) = (PASSWORD, OTHER);
    let (mut changed, mut refused) = (0, 0);
    while changed < 5 || refused < 40 {
        match library.change_password(patron, (password, other, other), &nobody()).await.unwrap() {
            Ok(_) => {
                changed += 1;
                std::mem::swap(&mut password, &mut other);
            }
            Err(refusal) => {
                assert_eq!(refusal, DoorRefusal::Busy);
                refused += 1;
            }
        }
        assert!(opens(&shelf.library, patron, password).await, "after {changed} changes and {refused} refusals");
    }
    others.shutdown().await;
}

async fn opens(library: &Library, patron: PatronId, password: &str) -> bool {
    library.open_at_sign_in(patron, password).await.unwrap().is_some()
}
