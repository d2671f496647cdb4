//! What can come about honestly, and should be looked at all the same.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    catalog::{LimitGroup, MaterialType},
    policy::Policy,
};
use uuid::Uuid;

use super::{Finding, Of, find};
use crate::storage::{StorageError, Tx, fetch_all};

/// Looks for it.
pub(super) async fn look(
    tx: &mut Tx,
    policy: &Policy,
    (day, cut_before): (NaiveDate, DateTime<Utc>),
    found: &mut Vec<Finding>,
) -> Result<(), StorageError> {
    places(tx, policy, found).await?;
    limits(tx, policy, found).await?;
    let uncut = fetch_all!(
        &mut *tx,
        (Uuid,),
        "select id from loan where patron_id is not null and returned_at < $1 order by returned_at",
        cut_before
    )?;
    let uncut: Vec<Uuid> = uncut.into_iter().map(|(id,)| id).collect();
    find(
        tx,
        found,
        "a loan that ended before yesterday and still names its patron; does `hondana daily` run?",
        Of::Loan,
        &uncut,
    )
    .await?;
    let beside =
        fetch_all!(&mut *tx, (Uuid,), "select loan_id from history_today where day < $1 order by day, loan_id", day)?;
    let beside: Vec<Uuid> = beside.into_iter().map(|(id,)| id).collect();
    let what = "a loan of before yesterday that an entry of a history still stands beside; does `hondana daily` run?";
    find(tx, found, what, Of::Loan, &beside).await
}

/// Copies, reservations and loans at places the policy does not name: nobody would look for them there.
async fn places(tx: &mut Tx, policy: &Policy, found: &mut Vec<Finding>) -> Result<(), StorageError> {
    const ASKED: [(&str, Of, &str); 4] = [
        ("a copy of a branch the policy does not name", Of::Copy, "select id, branch from item"),
        ("a copy at a place the policy does not name", Of::Copy, "select id, place from item where place is not null"),
        (
            "a reservation to be picked up at a place the policy does not name",
            Of::Reservation,
            "select id, pickup_place from reservation where state not in ('lent', 'cancelled')",
        ),
        (
            "a loan made at a place the policy does not name",
            Of::Loan,
            "select id, place from loan where returned_at is null",
        ),
    ];
    for (what, of, sql) in ASKED {
        let rows = fetch_all!(&mut *tx, (Uuid, String), sql)?;
        let known = |place: &str| policy.places.iter().any(|known| known.code.0 == place);
        let ids: Vec<Uuid> = rows.into_iter().filter(|(_, place)| !known(place)).map(|(id, _)| id).collect();
        find(tx, found, what, of, &ids).await?;
    }
    Ok(())
}

/// More reserved or borrowed than the policy allows, without an overrule that says why. The policy may have been changed
/// since, which is honest.
async fn limits(tx: &mut Tx, policy: &Policy, found: &mut Vec<Finding>) -> Result<(), StorageError> {
    // The event that began it has a note where staff overruled, or where it came from another system.
    let rows = fetch_all!(
        &mut *tx,
        (Uuid, String, bool, String),
        "select c.patron_id, b.material, c.loan_id is not null, e.data from claim c
         join part p on p.id = c.part_id join bib b on b.id = p.bib_id
         join event e on (e.reservation_id = c.reservation_id and e.kind in ('reserved', 'requested'))
         union all
         select c.patron_id, b.material, c.loan_id is not null, e.data from claim c
         join part p on p.id = c.part_id join bib b on b.id = p.bib_id
         join event e on (e.loan_id = c.loan_id and e.kind = 'checked-out')"
    )?;
    let mut counted: HashMap<(Uuid, bool, LimitGroup), (u32, u32)> = HashMap::new();
    for (patron, material, lent, data) in rows {
        let material: MaterialType = material.parse().map_err(|error| StorageError::corrupt("material type", error))?;
        let (all, overruled) = counted.entry((patron, lent, material.limit_group())).or_default();
        *all += 1;
        *overruled += u32::from(data != "{}");
    }
    for (lent, what) in [
        (false, "a patron with more reservations than the policy allows, and no reason given"),
        (true, "a patron with more on loan than the policy allows, and no reason given"),
    ] {
        let limit = |group| if lent { policy.loans.limits.of(group) } else { policy.reservations.limits.of(group) };
        let mut ids: Vec<Uuid> = counted
            .iter()
            .filter(|((_, of, group), (all, overruled))| *of == lent && all.saturating_sub(*overruled) > limit(*group))
            .map(|((patron, ..), _)| *patron)
            .collect();
        ids.sort_unstable();
        find(tx, found, what, Of::Patron, &ids).await?;
    }
    Ok(())
}
