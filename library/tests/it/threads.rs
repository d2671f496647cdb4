//! A server does what changes something on threads of its own. PostgreSQL's connections are listened to by the threads that
//! opened them, so those threads have others; SQLite's are files, and everybody's.

use library::storage::Database;
use tokio::runtime::Builder;

use crate::support::{Shelf, on_both_engines};

on_both_engines! {
    threads_of_another_runtime_have_connections_of_their_own,
}

async fn threads_of_another_runtime_have_connections_of_their_own(shelf: Shelf) {
    let database = shelf.library.database().clone();
    let touch = |database: Database| async move {
        for write in [false, true] {
            let tx = if write { database.begin_write().await } else { database.begin_read().await };
            tx.unwrap().commit().await.unwrap();
            // A connection is given back a moment later; until then another would be opened.
            while database.figures().idle < database.figures().connections {
                tokio::task::yield_now().await;
            }
        }
    };
    touch(database.clone()).await;
    let before = database.figures().connections;
    let elsewhere = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for _ in 0..3 {
        elsewhere.spawn(touch(database.clone())).await.unwrap();
    }
    let theirs = match database {
        Database::Sqlite { .. } => 0,
        Database::Postgres(_) => 1,
    };
    assert_eq!(database.figures().connections, before + theirs);
    for _ in 0..3 {
        touch(database.clone()).await;
    }
    assert_eq!(database.figures().connections, before + theirs, "and whoever was here before goes on with the same");
    database.close().await;
    assert_eq!(database.figures().connections, 0, "all of them are closed");
    elsewhere.shutdown_background();
}
