//! What plain SQL can say must not be.
//!
//! Some of it the schema forbids as well; it stands here all the same, because an index can be damaged and a database
//! can be changed by hand.

use uuid::Uuid;

use super::{Finding, Of, find};
use crate::storage::{StorageError, Tx, fetch_all};

/// What must not be, what its rows are, and a query for the cases of it.
const NEVER: &[(&str, Of, &str)] = &[
    (
        "two active reservations on one copy",
        Of::Copy,
        "select item_id from reservation where item_id is not null group by item_id having count(*) > 1",
    ),
    (
        "two open loans of one copy",
        Of::Copy,
        "select item_id from loan where returned_at is null group by item_id having count(*) > 1",
    ),
    (
        "a patron's second active reservation of a title",
        Of::Patron,
        "select patron_id from reservation where state not in ('lent', 'cancelled') and patron_id is not null
         group by patron_id, part_id having count(*) > 1",
    ),
    (
        "a patron's second loan of a title",
        Of::Patron,
        "select patron_id from loan where returned_at is null and patron_id is not null
         group by patron_id, part_id having count(*) > 1",
    ),
    (
        "a reservation of what the patron has on loan",
        Of::Reservation,
        "select r.id from reservation r join loan l on l.patron_id = r.patron_id and l.part_id = r.part_id
         where l.returned_at is null and r.state not in ('lent', 'cancelled')",
    ),
    (
        "an active reservation without its claim",
        Of::Reservation,
        "select r.id from reservation r where r.state not in ('lent', 'cancelled') and not exists
            (select 1 from claim c where c.reservation_id = r.id and c.patron_id = r.patron_id and c.part_id = r.part_id)",
    ),
    (
        "an open loan without its claim",
        Of::Loan,
        "select l.id from loan l where l.returned_at is null and not exists
            (select 1 from claim c where c.loan_id = l.id and c.patron_id = l.patron_id and c.part_id = l.part_id)",
    ),
    (
        "a claim of a reservation that is over, or of another title or patron",
        Of::Reservation,
        "select r.id from claim c join reservation r on r.id = c.reservation_id
         where r.state in ('lent', 'cancelled') or r.patron_id <> c.patron_id or r.part_id <> c.part_id",
    ),
    (
        "a claim of a loan that is over, or of another title or patron",
        Of::Loan,
        "select l.id from claim c join loan l on l.id = c.loan_id
         where l.returned_at is not null or l.patron_id <> c.patron_id or l.part_id <> c.part_id",
    ),
    (
        "an active reservation of nobody",
        Of::Reservation,
        "select id from reservation where patron_id is null and state not in ('lent', 'cancelled')",
    ),
    (
        "a reservation with a copy that its state does not have, or without the one it has",
        Of::Reservation,
        "select id from reservation where (item_id is not null) <> (state in ('assigned', 'in-transit', 'ready'))",
    ),
    (
        "a ready reservation without a deadline, or a deadline of one that is not ready",
        Of::Reservation,
        "select id from reservation where (hold_until is not null) <> (state = 'ready')",
    ),
    (
        "an extended hold of a reservation that is not ready",
        Of::Reservation,
        "select id from reservation where hold_extended and state <> 'ready'",
    ),
    (
        "a cancelled reservation without a reason, or a reason of one that is not cancelled",
        Of::Reservation,
        "select id from reservation where (cancelled_for is not null) <> (state = 'cancelled')",
    ),
    (
        "a copy held for a reservation of another title",
        Of::Copy,
        "select i.id from reservation r join item i on i.id = r.item_id where i.part_id <> r.part_id",
    ),
    (
        "a copy that is picked and not on the shelf",
        Of::Copy,
        "select i.id from reservation r join item i on i.id = r.item_id
         where r.state = 'assigned' and i.state <> 'on-shelf'",
    ),
    (
        "a reservation in transit whose copy is not, or goes elsewhere",
        Of::Copy,
        "select i.id from reservation r join item i on i.id = r.item_id
         where r.state = 'in-transit' and (i.state <> 'in-transit' or i.place <> r.pickup_place)",
    ),
    (
        "a ready reservation whose copy is not on the hold shelf of its place",
        Of::Copy,
        "select i.id from reservation r join item i on i.id = r.item_id
         where r.state = 'ready' and (i.state <> 'on-hold-shelf' or i.place <> r.pickup_place)",
    ),
    (
        "a held copy that may not leave the library",
        Of::Copy,
        "select i.id from reservation r join item i on i.id = r.item_id where i.loan_rule <> 'lendable'",
    ),
    ("a copy without a place", Of::Copy, "select id from item where place is null"),
    (
        "a copy on loan without a loan",
        Of::Copy,
        "select i.id from item i where i.state = 'on-loan' and not exists
            (select 1 from loan l where l.item_id = i.id and l.returned_at is null)",
    ),
    (
        "an open loan of a copy that is not on loan, or of another title",
        Of::Copy,
        "select i.id from loan l join item i on i.id = l.item_id
         where l.returned_at is null and (i.state <> 'on-loan' or i.part_id <> l.part_id)",
    ),
    ("an open loan of nobody", Of::Loan, "select id from loan where returned_at is null and patron_id is null"),
    ("a loan renewed less than never", Of::Loan, "select id from loan where renewals < 0"),
    (
        "a copy of another library without the day it wants it back, or such a day of a copy of our own",
        Of::Copy,
        "select id from item where (lender is null) <> (lender_due_on is null)",
    ),
    (
        "a member of somebody else's ordered set",
        Of::Reservation,
        "select r.id from reservation r join ordered_set s on s.id = r.set_id where r.patron_id <> s.patron_id",
    ),
    (
        "a title the library does not own in an ordered set",
        Of::Reservation,
        "select id from reservation where state = 'not-owned' and set_id is not null",
    ),
    (
        "a member of an ordered set without its place in it, or a place without a set",
        Of::Reservation,
        "select id from reservation where (set_id is null) <> (set_ordinal is null)",
    ),
    (
        "a place before the first in an ordered set",
        Of::Set,
        "select set_id from reservation where set_ordinal < 1
         union select set_id from set_gap where set_ordinal < 1",
    ),
    (
        "a place in an ordered set that counts twice",
        Of::Set,
        "select set_id from
            (select set_id, set_ordinal from reservation where set_id is not null
             union all select set_id, set_ordinal from set_gap) as places
         group by set_id, set_ordinal having count(*) > 1",
    ),
    (
        "a fulfilled reservation without its loan, or a loan of one that is not fulfilled",
        Of::Reservation,
        "select id from reservation where (state = 'lent') <> (loan_id is not null)",
    ),
    (
        "a fulfilled reservation of a patron whose loan is of another, or of nobody",
        Of::Reservation,
        "select r.id from reservation r left join loan l on l.id = r.loan_id
         where r.state = 'lent' and r.patron_id is not null and (l.patron_id is null or l.patron_id <> r.patron_id)",
    ),
    (
        "a reservation, a copy or a loan of a title that was merged",
        Of::Bib,
        "select b.id from part p join bib b on b.id = p.bib_id where b.merged_into is not null
            and (exists (select 1 from reservation r where r.part_id = p.id) or exists
                (select 1 from item i where i.part_id = p.id) or exists (select 1 from loan l where l.part_id = p.id))",
    ),
    (
        "a title merged into one that was merged",
        Of::Bib,
        "select b.id from bib b join bib o on o.id = b.merged_into where o.merged_into is not null",
    ),
    (
        "a title without a part",
        Of::Bib,
        "select b.id from bib b where b.merged_into is null and not exists (select 1 from part p where p.bib_id = b.id)",
    ),
    (
        "a confirmed mail address that is not there",
        Of::Patron,
        "select id from patron where (mail1 is null and mail1_confirmed) or (mail2 is null and mail2_confirmed)",
    ),
    (
        "a mail address that refuses mail and is not there, or is confirmed all the same",
        Of::Patron,
        "select id from patron where (mail1_refused_at is not null and (mail1 is null or mail1_confirmed))
             or (mail2_refused_at is not null and (mail2 is null or mail2_confirmed))",
    ),
    (
        "a passkey of a patron without a password, which it takes to register one",
        Of::Patron,
        "select p.id from patron p where p.password_hash is null and exists
            (select 1 from passkey k where k.patron_id = p.id)",
    ),
];

/// Asks all of it.
pub(super) async fn look(tx: &mut Tx, found: &mut Vec<Finding>) -> Result<(), StorageError> {
    for (what, of, sql) in NEVER {
        let ids: Vec<Uuid> = fetch_all!(&mut *tx, (Uuid,), *sql)?.into_iter().map(|(id,)| id).collect();
        find(tx, found, *what, *of, &ids).await?;
    }
    Ok(())
}
