//! Writers on SQLite share commits: whoever gives up takes nobody along, and whoever is answered is on the disk.

use std::time::Duration;

use domain::{
    PatronId,
    circulation::{Refusal, ReserveAnswer},
};
use library::{
    Fault,
    storage::{Database, Tx},
};
use tokio::{sync::oneshot, task::JoinSet};
use uuid::Uuid;

use crate::support::{Shelf, on_both_engines};

on_both_engines! {
    one_who_gives_up_takes_nobody_along,
    one_who_goes_away_takes_nobody_along,
    faults_among_many_take_nobody_along,
    of_many_the_first_does_not_wait_for_the_last,
}

async fn put(tx: &mut Tx, key: &str) {
    let sql = sqlx::query("insert into meta (key, value) values ($1, '')");
    match tx {
        Tx::Sqlite(tx) => {
            sql.bind(key).execute(tx.connection().unwrap()).await.unwrap();
        }
        Tx::Postgres(tx) => {
            sqlx::query("insert into meta (key, value) values ($1, '')").bind(key).execute(&mut **tx).await.unwrap();
        }
    }
}

/// A write that is under way until it is told to go on.
struct Held {
    go_on: oneshot::Sender<()>,
    done: tokio::task::JoinHandle<()>,
}

async fn hold(database: &Database, key: &'static str) -> Held {
    let mut tx = database.begin_write().await.unwrap();
    put(&mut tx, key).await;
    let (go_on, told) = oneshot::channel();
    let done = tokio::spawn(async move {
        told.await.unwrap();
        tx.commit().await.unwrap();
    });
    Held { go_on, done }
}

/// Begins when the writers before it are done, and gives up or commits.
fn queue(database: &Database, key: &'static str, commits: bool) -> tokio::task::JoinHandle<()> {
    let database = database.clone();
    tokio::spawn(async move {
        let mut tx = database.begin_write().await.unwrap();
        put(&mut tx, key).await;
        if commits {
            tx.commit().await.unwrap();
        }
    })
}

async fn of_many_the_first_does_not_wait_for_the_last(shelf: Shelf) {
    let database = shelf.library.database();
    let first = hold(database, "first").await;
    let mut many = JoinSet::new();
    for n in 0..200 {
        let database = database.clone();
        many.spawn(async move {
            let mut tx = database.begin_write().await.unwrap();
            put(&mut tx, &format!("one of many {n}")).await;
            tx.commit().await.unwrap();
        });
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (reached, last) = oneshot::channel();
    let (go_on, told) = oneshot::channel::<()>();
    let waiting = tokio::spawn({
        let database = database.clone();
        async move {
            let mut tx = database.begin_write().await.unwrap();
            put(&mut tx, "last").await;
            reached.send(()).unwrap();
            told.await.unwrap();
            tx.commit().await.unwrap();
        }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    first.go_on.send(()).unwrap();
    last.await.unwrap();
    // The last is at work and won't end by itself; long enough for any machine.
    tokio::time::timeout(Duration::from_secs(60), first.done).await.expect("answered before").unwrap();
    go_on.send(()).unwrap();
    waiting.await.unwrap();
    many.join_all().await;
    assert_eq!(shelf.count("select count(*) from meta where key like 'one of many %'").await, 200);
}

async fn kept(shelf: &Shelf) -> i64 {
    shelf.count("select count(*) from meta where key in ('first', 'second', 'third', 'fourth')").await
}

async fn one_who_gives_up_takes_nobody_along(shelf: Shelf) {
    let database = shelf.library.database();
    let first = hold(database, "first").await;
    let rest = [queue(database, "second", false), queue(database, "third", true), queue(database, "fourth", false)];
    // So that they stand in the queue before the first is done.
    tokio::time::sleep(Duration::from_millis(50)).await;
    first.go_on.send(()).unwrap();
    first.done.await.unwrap();
    for one in rest {
        one.await.unwrap();
    }
    assert_eq!(kept(&shelf).await, 2);
    assert_eq!(shelf.count("select count(*) from meta where key in ('first', 'third')").await, 2);
    // The connection is free for the next.
    queue(database, "second", true).await.unwrap();
    assert_eq!(kept(&shelf).await, 3);
}

async fn one_who_goes_away_takes_nobody_along(shelf: Shelf) {
    let database = shelf.library.database();
    let first = hold(database, "first").await;
    let leaving = tokio::spawn({
        let database = database.clone();
        async move {
            let mut tx = database.begin_write().await.unwrap();
            put(&mut tx, "second").await;
            std::future::pending::<()>().await;
        }
    });
    let third = queue(database, "third", true);
    tokio::time::sleep(Duration::from_millis(50)).await;
    first.go_on.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    leaving.abort();
    first.done.await.unwrap();
    third.await.unwrap();
    assert_eq!(shelf.count("select count(*) from meta where key in ('first', 'third')").await, 2);
    assert_eq!(kept(&shelf).await, 2);
}

async fn faults_among_many_take_nobody_along(shelf: Shelf) {
    let (part, _) = shelf.book(&["central"]).await;
    let mut all = JoinSet::new();
    for n in 0..24u128 {
        let patron = if n % 3 == 0 { PatronId(Uuid::from_u128(n + 1)) } else { shelf.patron().await };
        let library = shelf.library.clone();
        let request = shelf.request(&[part], 0, "central");
        all.spawn(async move { library.reserve(&domain::circulation::By::Patron, patron, &request).await });
    }
    let answers: Vec<Result<Result<ReserveAnswer, Refusal>, Fault>> = all.join_all().await;
    let gone = answers.iter().filter(|answer| matches!(answer, Err(Fault::AccountGone))).count();
    let reserved = answers.iter().filter(|answer| matches!(answer, Ok(Ok(_)))).count();
    assert_eq!((gone, reserved), (8, 16));
    assert_eq!(shelf.count("select count(*) from reservation where state = 'waiting'").await, 16);
}
