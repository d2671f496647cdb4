//! The event log tells how everything came about: the events of a reservation, one after the other, lead to the state it
//! is in, and those of a loan say how it began, how often it was renewed and whether it ended.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use domain::circulation::{ReservationState, Step, may_follow};
use uuid::Uuid;

use super::{Finding, Of, find};
use crate::storage::{StorageError, Tx, fetch_all};

/// How many reservations are held against their events at once; the events are read through once for each page.
const PAGE: i64 = 50_000;

/// How far the first event may be from the moment of reservation, which is made a little later where two would
/// otherwise be of one moment.
const FIRST_WITHIN_SECONDS: i64 = 60;

/// The longest a day lasts, when clocks are put back. Of a reservation whose tie is cut the day is left.
const DAY: TimeDelta = TimeDelta::hours(25);

/// A step that was taken, and when.
type Taken = (Step, DateTime<Utc>);

/// Holds reservations and loans against the log.
pub(super) async fn look(tx: &mut Tx, found: &mut Vec<Finding>) -> Result<(), StorageError> {
    reservations(tx, found).await?;
    loans(tx, found).await
}

async fn reservations(tx: &mut Tx, found: &mut Vec<Finding>) -> Result<(), StorageError> {
    let orphans = fetch_all!(
        &mut *tx,
        (Option<Uuid>,),
        "select distinct e.reservation_id from event e where e.reservation_id is not null
             and not exists (select 1 from reservation r where r.id = e.reservation_id)"
    )?;
    let orphans: Vec<Uuid> = orphans.into_iter().filter_map(|(id,)| id).collect();
    find(tx, found, "events of a reservation that is not there", Of::Reservation, &orphans).await?;

    let (mut last_differs, mut first_differs, mut fold_differs) = (Vec::new(), Vec::new(), Vec::new());
    let mut after = Uuid::nil();
    loop {
        let rows = fetch_all!(
            &mut *tx,
            (Uuid, String, DateTime<Utc>, DateTime<Utc>, bool),
            "select id, state, since, placed_at, patron_id is null from reservation where id > $1 order by id limit $2",
            after,
            PAGE
        )?;
        let Some(last) = rows.last().map(|row| row.0) else { break };
        let mut steps = steps_between(tx, after, last).await?;
        after = last;
        for (id, state, since, placed_at, cut) in rows {
            let taken = steps.remove(&id).unwrap_or_default();
            let on_its_day =
                |at: DateTime<Utc>, day: DateTime<Utc>| cut && (TimeDelta::zero()..DAY).contains(&(at - day));
            if !taken.last().is_some_and(|(_, at)| *at == since || on_its_day(*at, since)) {
                last_differs.push(id);
            }
            let near = |at: DateTime<Utc>| {
                (placed_at - at).num_seconds().abs() <= FIRST_WITHIN_SECONDS || on_its_day(at, placed_at)
            };
            if taken.first().is_none_or(|(_, at)| !near(*at)) {
                first_differs.push(id);
            }
            if !ends(&taken, None).iter().flatten().any(|reached| reached.as_str() == state) {
                fold_differs.push(id);
            }
        }
    }
    let of = Of::Reservation;
    find(tx, found, "a reservation whose last event is of another moment than its state", of, &last_differs).await?;
    find(tx, found, "a reservation whose first event is not its beginning", of, &first_differs).await?;
    find(tx, found, "a reservation in another state than its events lead to", of, &fold_differs).await
}

/// The steps of the reservations after one id up to another, in their order.
async fn steps_between(tx: &mut Tx, after: Uuid, last: Uuid) -> Result<HashMap<Uuid, Vec<Taken>>, StorageError> {
    let events = fetch_all!(
        &mut *tx,
        (Uuid, String, DateTime<Utc>),
        "select reservation_id, kind, at from event where reservation_id > $1 and reservation_id <= $2 order by at",
        after,
        last
    )?;
    let mut steps: HashMap<Uuid, Vec<Taken>> = HashMap::new();
    for (reservation, kind, at) in events {
        // Other events of a reservation change nothing of where it stands.
        if let Ok(step) = kind.parse::<Step>() {
            steps.entry(reservation).or_default().push((step, at));
        }
    }
    Ok(steps)
}

/// The states these steps can lead to. Steps of one moment have no order among themselves, so any is tried.
fn ends(taken: &[Taken], from: Option<ReservationState>) -> BTreeSet<Option<ReservationState>> {
    let Some((_, moment)) = taken.first() else { return BTreeSet::from([from]) };
    let mut reached = BTreeSet::new();
    for (n, (step, _)) in taken.iter().enumerate().take_while(|(_, (_, at))| at == moment) {
        if may_follow(from, *step) {
            let mut rest = taken.to_vec();
            rest.remove(n);
            reached.extend(ends(&rest, Some(step.leads_to())));
        }
    }
    reached
}

async fn loans(tx: &mut Tx, found: &mut Vec<Finding>) -> Result<(), StorageError> {
    // Counted by the database: loans are many, and those whose events do not fit are few.
    let rows = fetch_all!(
        &mut *tx,
        (Uuid, bool, bool, bool),
        "select l.id, coalesce(e.begun, 0) <> 1,
                coalesce(e.ended, 0) <> case when l.returned_at is null then 0 else 1 end,
                coalesce(e.renewed, 0) <> l.renewals
         from loan l left join
             (select loan_id, count(case when kind = 'checked-out' then 1 end) as begun,
                     count(case when kind = 'checked-in' then 1 end)
                         - count(case when kind = 'check-in-undone' then 1 end) as ended,
                     count(case when kind = 'renewed' then 1 end) as renewed
              from event where loan_id is not null group by loan_id) as e on e.loan_id = l.id
         where coalesce(e.begun, 0) <> 1 or coalesce(e.ended, 0) <> case when l.returned_at is null then 0 else 1 end
             or coalesce(e.renewed, 0) <> l.renewals"
    )?;
    let those = |which: fn(&(Uuid, bool, bool, bool)) -> bool| {
        rows.iter().filter(|row| which(row)).map(|row| row.0).collect::<Vec<Uuid>>()
    };
    find(tx, found, "a loan that was not begun by one event", Of::Loan, &those(|row| row.1)).await?;
    find(tx, found, "a loan whose end and whose events do not agree", Of::Loan, &those(|row| row.2)).await?;
    find(tx, found, "a loan renewed another number of times than its events say", Of::Loan, &those(|row| row.3)).await
}
