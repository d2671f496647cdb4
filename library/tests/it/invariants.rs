//! What may never be, whatever happened before: read from the database by plain SQL, so that it can be asked after
//! random commands, after many people at once, and after a crash.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::circulation::By;
use library::{Clock, storage::Database};
use uuid::Uuid;

use crate::support::{Shelf, morning, on_both_engines, policy};

/// All rows of a statement, on whichever engine, outside any transaction.
macro_rules! rows {
    ($database:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $database {
            library::storage::Database::Sqlite { readers, .. } => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(readers).await.unwrap()
            }
            library::storage::Database::Postgres(pool) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(pool).await.unwrap()
            }
        }
    };
}
pub(crate) use rows;

/// Each a sentence about what must not be, and a query for the cases of it.
const NEVER: &[(&str, &str)] = &[
    (
        "two active reservations on one item",
        "select item_id from reservation where item_id is not null group by item_id having count(*) > 1",
    ),
    (
        "a patron's second active reservation of a part",
        "select part_id from reservation where state not in ('lent', 'cancelled')
         group by patron_id, part_id having count(*) > 1",
    ),
    (
        "a patron's second loan of a part",
        "select part_id from loan where returned_at is null group by patron_id, part_id having count(*) > 1",
    ),
    (
        "a reservation of what the patron has on loan",
        "select r.id from reservation r join loan l on l.patron_id = r.patron_id and l.part_id = r.part_id
         where l.returned_at is null and r.state not in ('lent', 'cancelled')",
    ),
    (
        "an active reservation without its claim",
        "select r.id from reservation r where r.state not in ('lent', 'cancelled') and not exists
            (select 1 from claim c where c.reservation_id = r.id and c.patron_id = r.patron_id and c.part_id = r.part_id)",
    ),
    (
        "an open loan without its claim",
        "select l.id from loan l where l.returned_at is null and not exists
            (select 1 from claim c where c.loan_id = l.id and c.patron_id = l.patron_id and c.part_id = l.part_id)",
    ),
    (
        "a claim of a reservation that is over",
        "select r.id from claim c join reservation r on r.id = c.reservation_id
         where r.state in ('lent', 'cancelled') or r.patron_id <> c.patron_id or r.part_id <> c.part_id",
    ),
    (
        "a claim of a loan that is over",
        "select l.id from claim c join loan l on l.id = c.loan_id
         where l.returned_at is not null or l.patron_id <> c.patron_id or l.part_id <> c.part_id",
    ),
    (
        "a copy held for a reservation of another part",
        "select r.id from reservation r join item i on i.id = r.item_id where i.part_id <> r.part_id",
    ),
    (
        "a copy that is picked and not on the shelf",
        "select r.id from reservation r join item i on i.id = r.item_id
         where r.state = 'assigned' and i.state <> 'on-shelf'",
    ),
    (
        "a reservation in transit whose copy is not, or goes elsewhere",
        "select r.id from reservation r join item i on i.id = r.item_id
         where r.state = 'in-transit' and (i.state <> 'in-transit' or i.place <> r.pickup_place)",
    ),
    (
        "a ready reservation whose copy is not on the hold shelf of its place",
        "select r.id from reservation r join item i on i.id = r.item_id
         where r.state = 'ready' and (i.state <> 'on-hold-shelf' or i.place <> r.pickup_place)",
    ),
    (
        "a held copy that may not leave the library",
        "select r.id from reservation r join item i on i.id = r.item_id where i.loan_rule <> 'lendable'",
    ),
    ("a copy without a place", "select id from item where place is null"),
    (
        "a copy on loan without a loan",
        "select i.id from item i where i.state = 'on-loan' and not exists
            (select 1 from loan l where l.item_id = i.id and l.returned_at is null)",
    ),
    (
        "an open loan of a copy that is not on loan, or of another part",
        "select l.id from loan l join item i on i.id = l.item_id
         where l.returned_at is null and (i.state <> 'on-loan' or i.part_id <> l.part_id)",
    ),
    ("an open loan of nobody", "select id from loan where returned_at is null and patron_id is null"),
    (
        "a member of somebody else's ordered set",
        "select r.id from reservation r join ordered_set s on s.id = r.set_id where r.patron_id <> s.patron_id",
    ),
    (
        "a title the library does not own in an ordered set",
        "select id from reservation where state = 'not-owned' and set_id is not null",
    ),
    (
        "a place in an ordered set that counts twice",
        "select r.id from reservation r join set_gap g on g.set_id = r.set_id and g.set_ordinal = r.set_ordinal",
    ),
    (
        "a fulfilled reservation without its loan, or a loan of one that is not fulfilled",
        "select id from reservation where (state = 'lent') <> (loan_id is not null)",
    ),
    (
        "a fulfilled reservation of a patron whose loan is of another, or of nobody",
        "select r.id from reservation r left join loan l on l.id = r.loan_id
         where r.state = 'lent' and r.patron_id is not null and (l.patron_id is null or l.patron_id <> r.patron_id)",
    ),
    (
        "an active reservation, or a copy, of a record that was merged",
        "select p.id from part p join bib b on b.id = p.bib_id where b.merged_into is not null
            and (exists (select 1 from reservation r where r.part_id = p.id) or exists
                (select 1 from item i where i.part_id = p.id) or exists (select 1 from loan l where l.part_id = p.id))",
    ),
    ("a record merged into one that was merged", "select b.id from bib b join bib o on o.id = b.merged_into
        where o.merged_into is not null"),
];

/// The events that are steps of a reservation, what they lead to, and from where: the table of `ARCHITECTURE.md`.
const STEPS: &[(&str, &str, &[&str])] = &[
    ("reserved", "waiting", &[""]),
    ("requested", "not-owned", &[""]),
    ("arrived", "waiting", &["not-owned"]),
    ("assigned", "assigned", &["waiting", "not-owned"]),
    ("back-in-queue", "waiting", &["assigned", "in-transit", "ready"]),
    ("in-transit", "in-transit", &["waiting", "assigned", "ready"]),
    ("ready", "ready", &["waiting", "assigned", "in-transit"]),
    ("fulfilled", "lent", &["waiting", "assigned", "in-transit", "ready", "not-owned"]),
    ("undone", "waiting", &["lent"]),
    ("cancelled", "cancelled", &["waiting", "assigned", "in-transit", "ready", "not-owned"]),
];

/// What is wrong in this database; nothing, if all is well.
pub(crate) async fn check(database: &Database) -> Vec<String> {
    let mut wrong = Vec::new();
    for (what, sql) in NEVER {
        for (id,) in rows!(database, (Uuid,), *sql) {
            wrong.push(format!("{what}: {id}"));
        }
    }
    events_tell_the_states(database, &mut wrong).await;
    loans_are_told(database, &mut wrong).await;
    wrong
}

/// The events of each reservation, one after the other, lead to the state it is in, at the moment they say.
async fn events_tell_the_states(database: &Database, wrong: &mut Vec<String>) {
    let events = rows!(
        database,
        (Uuid, String, DateTime<Utc>),
        "select reservation_id, kind, at from event where reservation_id is not null order by at"
    );
    let mut steps: BTreeMap<Uuid, Vec<(String, DateTime<Utc>)>> = BTreeMap::new();
    for (reservation, kind, at) in events {
        if STEPS.iter().any(|(name, ..)| *name == kind) {
            steps.entry(reservation).or_default().push((kind, at));
        }
    }
    let reservations = rows!(
        database,
        (Uuid, String, DateTime<Utc>, DateTime<Utc>),
        "select id, state, since, placed_at from reservation"
    );
    let known: BTreeSet<Uuid> = reservations.iter().map(|(id, ..)| *id).collect();
    for id in steps.keys().filter(|id| !known.contains(id)) {
        wrong.push(format!("an event of a reservation that is not there: {id}"));
    }
    for (id, state, since, placed_at) in reservations {
        let taken = steps.remove(&id).unwrap_or_default();
        if taken.last().map(|(_, at)| *at) != Some(since) {
            wrong.push(format!("reservation {id} is {state} since {since}; its last event is another: {taken:?}"));
        }
        if taken.first().is_none_or(|(_, at)| (placed_at - *at).num_seconds().abs() > 60) {
            wrong.push(format!("reservation {id} was placed at {placed_at}; its first event is another: {taken:?}"));
        }
        if !ends(&taken, "").contains(state.as_str()) {
            wrong.push(format!("reservation {id} is {state}, but its events say {taken:?}"));
        }
    }
}

/// The states these events can lead to. Events of one moment have no order among themselves, so any is tried.
fn ends(taken: &[(String, DateTime<Utc>)], from: &'static str) -> BTreeSet<&'static str> {
    let Some((_, at)) = taken.first() else { return BTreeSet::from([from]) };
    let mut reached = BTreeSet::new();
    for n in (0..taken.len()).take_while(|n| taken[*n].1 == *at) {
        let Some((_, state, sources)) = STEPS.iter().find(|(name, ..)| *name == taken[n].0) else { continue };
        if sources.contains(&from) {
            let mut rest = taken.to_vec();
            rest.remove(n);
            reached.extend(ends(&rest, state));
        }
    }
    reached
}

/// Each loan was begun by one event and ended by one that was not undone, and renewed as often as events say.
async fn loans_are_told(database: &Database, wrong: &mut Vec<String>) {
    let mut told: BTreeMap<(Uuid, String), i64> = BTreeMap::new();
    let events = rows!(database, (Uuid, String), "select loan_id, kind from event where loan_id is not null");
    for event in events {
        *told.entry(event).or_default() += 1;
    }
    let loans = rows!(database, (Uuid, i64, Option<DateTime<Utc>>), "select id, renewals, returned_at from loan");
    for (id, renewals, returned_at) in loans {
        let count = |kind: &str| told.get(&(id, kind.to_owned())).copied().unwrap_or_default();
        if count("checked-out") != 1 {
            wrong.push(format!("loan {id} was begun by {} events", count("checked-out")));
        }
        let ended = count("checked-in") - count("check-in-undone");
        if ended != i64::from(returned_at.is_some()) {
            wrong.push(format!("loan {id}, returned {returned_at:?}, was ended by {ended} events"));
        }
        if count("renewed") != renewals {
            wrong.push(format!("loan {id} was renewed {renewals} times by {} events", count("renewed")));
        }
    }
}

on_both_engines!(what_is_broken_is_found);

/// Breaks one thing after the other behind the library's back. What the schema forbids by itself is left out.
async fn what_is_broken_is_found(shelf: Shelf) {
    let (book, barcodes) = shelf.book(&["central", "central", "central"]).await;
    let (first, second, third) = (shelf.patron().await, shelf.patron().await, shelf.patron().await);
    let central = crate::support::place("central");
    shelf.reserve(first, &[book], 0, "central").await;
    shelf.reserve(second, &[book], 0, "north").await;
    let later = shelf.again(Clock::Fixed(morning() + TimeDelta::hours(1)), policy());
    later.check_out(&By::Staff, &central, third, &barcodes[0]).await.unwrap().unwrap();
    later.check_in(&central, &barcodes[1]).await.unwrap().unwrap();
    later.check_in(&central, &barcodes[2]).await.unwrap().unwrap();
    assert_eq!(check(shelf.library.database()).await, [""; 0]);
    for (sql, what) in [
        (
            "update item set place = 'east' where state = 'in-transit'",
            "in transit whose copy is not, or goes elsewhere",
        ),
        ("update item set state = 'on-shelf' where state = 'on-hold-shelf'", "is not on the hold shelf"),
        ("update item set loan_rule = 'in-library-only'", "may not leave the library"),
        ("update item set state = 'missing' where state = 'on-loan'", "copy that is not on loan"),
        ("update item set state = 'on-loan'", "on loan without a loan"),
        ("update item set place = null", "without a place"),
        (
            "update claim set reservation_id = null, loan_id = (select id from loan)",
            "an active reservation without its claim",
        ),
        ("delete from claim", "an open loan without its claim"),
        ("update loan set patron_id = (select patron_id from reservation where state = 'ready')", "has on loan"),
        ("update loan set patron_id = null", "an open loan of nobody"),
        ("update loan set renewals = 1", "was renewed 1 times by 0 events"),
        ("update reservation set since = placed_at where state = 'ready'", "its last event is another"),
        ("update event set kind = 'back-in-queue' where kind = 'in-transit'", "but its events say"),
        ("delete from event where kind = 'checked-out'", "was begun by 0 events"),
        ("delete from event where kind = 'reserved'", "its first event is another"),
        ("update bib set merged_into = id", "of a record that was merged"),
    ] {
        let before = check(shelf.library.database()).await;
        assert!(!before.iter().any(|line| line.contains(what)), "{what}: {before:?}");
        shelf.run(sql).await;
        let wrong = check(shelf.library.database()).await;
        assert!(wrong.iter().any(|line| line.contains(what)), "{what}: {wrong:?}");
    }
}
