//! What must not be in My本棚: lists, the sealed history, reading marathons. Nothing here looks at what a list or a note says,
//! and nothing could look into a history.

use uuid::Uuid;

use super::{Finding, Of, find};
use crate::storage::{StorageError, Tx, fetch_all};

/// What must not be, what its rows are, and a query for the cases of it.
const NEVER: &[(&str, Of, &str)] = &[
    (
        "a list that everybody has once there twice, or two lists of one name",
        Of::Patron,
        "select patron_id from book_list group by patron_id, kind, name having count(*) > 1",
    ),
    (
        "a list whose link can be guessed, or whose notes are shared and the list is not",
        Of::List,
        "select id from book_list where length(share_key) <> 32 or (share_notes and share_key is null)",
    ),
    (
        "a title twice in a list",
        Of::List,
        "select list_id from book_entry where bib_id is not null group by list_id, bib_id, label having count(*) > 1",
    ),
    (
        "an entry of a list for a title that was merged",
        Of::Entry,
        "select e.id from book_entry e join bib b on b.id = e.bib_id where b.merged_into is not null",
    ),
    ("an entry of a list that says nothing", Of::Entry, "select id from book_entry where title = ''"),
    (
        "an entry of a history without a key",
        Of::Patron,
        "select h.patron_id from history_entry h
             where not exists (select 1 from history_key k where k.patron_id = h.patron_id)
         union select t.patron_id from history_today t
             where not exists (select 1 from history_key k where k.patron_id = t.patron_id)",
    ),
    (
        "a box of a history of another length than all others, which tells something of what is in it",
        Of::Entry,
        "select id from history_entry where length(sealed) <> 816
         union select id from history_today where length(sealed) <> 816",
    ),
    (
        "a key of a history that opens nothing",
        Of::Patron,
        "select patron_id from history_key where length(public_key) <> 32 or length(salt) <> 16
             or length(by_password) <> 80 or length(by_code) <> 80",
    ),
    (
        "an entry of a history that is settled and can still be undone",
        Of::Entry,
        "select t.id from history_today t join history_entry h on h.id = t.id",
    ),
    (
        "an entry of a history beside a loan of somebody else, or of nobody any more",
        Of::Loan,
        "select l.id from history_today t join loan l on l.id = t.loan_id
         where l.patron_id is null or l.patron_id <> t.patron_id",
    ),
    (
        "a season joined twice by one patron",
        Of::Patron,
        "select patron_id from marathon where season_id is not null group by patron_id, season_id having count(*) > 1",
    ),
    (
        "a marathon with another name or other days than the season it is part of",
        Of::Marathon,
        "select m.id from marathon m join season s on s.id = m.season_id
         where m.name <> s.name or m.from_on <> s.from_on or m.until_on <> s.until_on",
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
