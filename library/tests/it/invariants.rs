//! What may never be, asked after random commands, after many people at once, and after a crash: see
//! [`library::check`], which a library's own people ask by `hondana check`.

use chrono::TimeDelta;
use domain::circulation::By;
use library::{Clock, Library, storage::Database};

use crate::support::{Shelf, morning, on_both_engines, policy};

/// All rows of a statement, on whichever engine, outside any transaction.
macro_rules! rows {
    ($database:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $database {
            library::storage::Database::Sqlite { readers, .. } => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(readers).await.unwrap()
            }
            library::storage::Database::Postgres(pool) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(&**pool).await.unwrap()
            }
        }
    };
}
pub(crate) use rows;

/// What is wrong in this library's database; nothing, if all is well.
pub(crate) async fn check(library: &Library) -> Vec<String> {
    library.check().await.unwrap().wrong.iter().map(ToString::to_string).collect()
}

on_both_engines!(
    what_is_broken_is_found,
    what_keys_and_locks_prevent_is_found,
    what_is_broken_in_a_bookshelf_is_found,
    what_is_odd_is_found,
);

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
    assert_eq!(check(&shelf.library).await, [""; 0]);
    let stranger = shelf.uuid(uuid::Uuid::from_u128(7));
    let of_a_stranger = format!(
        "insert into event (id, at, kind, reservation_id, actor_role, data)
         values ({stranger}, '2026-04-01T00:00:00Z', 'cancelled', {stranger}, 'system', '{{}}')"
    );
    let without_part = format!(
        "insert into bib (id, source, source_key, record, title, material, revision, changed_at)
         select {stranger}, 'test', 'bare', record, title, material, 0, changed_at from bib"
    );
    let set = format!(
        "insert into ordered_set (id, patron_id, made_at)
             select {stranger}, patron_id, '2026-04-01T00:00:00Z' from loan;
         update reservation set set_id = {stranger}, set_ordinal = 1 where state = 'ready'"
    );
    let gap = format!("insert into set_gap (set_id, set_ordinal) values ({stranger}, 1)");
    let passkey = format!(
        "insert into passkey (id, patron_id, credential_id, algorithm, public_key, sign_count, name, made_at)
         values ({stranger}, {}, {stranger}, -7, {stranger}, 0, '', '2026-04-01T00:00:00Z')",
        shelf.uuid(first.0)
    );
    for (sql, what) in [
        (of_a_stranger.as_str(), "events of a reservation that is not there"),
        (&without_part, "a title without a part"),
        (&set, "somebody else's ordered set"),
        (&gap, "a place in an ordered set that counts twice"),
        ("update reservation set set_ordinal = 0 where set_id is not null", "a place before the first"),
        ("update reservation set hold_extended = true where state = 'in-transit'", "an extended hold"),
        (
            "update reservation set loan_id = (select id from loan) where state = 'ready'",
            "a fulfilled reservation without its loan, or a loan of one that is not fulfilled",
        ),
        (&passkey, "a passkey of a patron without a password"),
        ("update patron set mail2_confirmed = true", "a confirmed mail address that is not there"),
        ("update item set lender = '県立図書館' where state = 'on-loan'", "without the day it wants it back"),
        ("update bib set title = '別の題名'", "has another title or material"),
        ("update bib set record = '{}'", "description can't be read"),
        (
            "update item set place = 'east' where state = 'in-transit'",
            "in transit whose copy is not, or goes elsewhere",
        ),
        ("update item set state = 'on-shelf' where state = 'on-hold-shelf'", "is not on the hold shelf"),
        ("update item set loan_rule = 'in-library-only'", "may not leave the library"),
        ("update item set state = 'missing' where state = 'on-loan'", "copy that is not on loan"),
        ("update item set state = 'on-loan'", "on loan without a loan"),
        ("update item set place = null", "a copy without a place"),
        (
            "drop index reservation_one_per_item;
             update reservation set item_id = (select r.item_id from reservation r where r.state = 'ready')
             where state = 'in-transit'",
            "two active reservations on one copy",
        ),
        (
            "update claim set reservation_id = null, loan_id = (select id from loan)",
            "an active reservation without its claim",
        ),
        ("delete from claim", "an open loan without its claim"),
        ("update loan set patron_id = (select patron_id from reservation where state = 'ready')", "has on loan"),
        ("update loan set patron_id = null", "an open loan of nobody"),
        ("update loan set renewals = 1", "renewed another number of times than its events say"),
        ("update loan set renewals = -1", "renewed less than never"),
        (
            "update reservation set since = placed_at where state = 'ready'",
            "whose last event is of another moment than its state",
        ),
        (
            "update event set kind = 'back-in-queue' where kind = 'in-transit'",
            "in another state than its events lead to",
        ),
        ("delete from event where kind = 'checked-out'", "not begun by one event"),
        ("delete from event where kind = 'reserved'", "first event is not its beginning"),
        ("update bib set merged_into = id", "of a title that was merged"),
    ] {
        let before = check(&shelf.library).await;
        assert!(!before.iter().any(|line| line.contains(what)), "{what}: {before:?}");
        shelf.run(sql).await;
        let wrong = check(&shelf.library).await;
        assert!(wrong.iter().any(|line| line.contains(what)), "{what}: {wrong:?}");
    }
}

/// What unique indexes and the use cases prevent, done by hand: an index may be damaged, and somebody may have been at
/// the database with other tools.
async fn what_keys_and_locks_prevent_is_found(shelf: Shelf) {
    let (book, barcodes) = shelf.book(&["central", "central"]).await;
    shelf.book(&["central"]).await;
    let (reader, waiting) = (shelf.patron().await, shelf.patron().await);
    let central = crate::support::place("central");
    shelf.library.check_out(&By::Staff, &central, reader, &barcodes[0]).await.unwrap().unwrap();
    shelf.reserve(waiting, &[book], 0, "central").await;
    let second = shelf.uuid(uuid::Uuid::from_u128(9));
    let twin_loan = format!(
        "drop index loan_one_per_item;
         insert into loan (id, item_id, part_id, patron_id, place, lent_at, due_on, renewals)
             select {second}, item_id, part_id, patron_id, place, lent_at, due_on, renewals from loan"
    );
    let twin_reservation = format!(
        "insert into reservation (id, part_id, patron_id, placed_at, pickup_place, contact, state, since, hold_extended)
             select {second}, part_id, patron_id, placed_at, pickup_place, contact, state, since, false
             from reservation"
    );
    let not_owned = format!(
        "insert into ordered_set (id, patron_id, made_at)
             select {second}, patron_id, placed_at from reservation where id <> {second};
         update reservation set state = 'not-owned', request_step = 'received', set_id = {second}, set_ordinal = 1
             where id = {second}"
    );
    let picked = format!(
        "update reservation set state = 'assigned', item_id = (select id from item where barcode = '{}')
             where id <> {second};
         update item set state = 'missing' where barcode = '{}'",
        barcodes[1], barcodes[1]
    );
    let of_another = format!(
        "update item set part_id = (select id from part where id <> (select part_id from loan where id = {second}))
         where barcode = '{}'",
        barcodes[1]
    );
    let lent =
        format!("update reservation set state = 'lent', item_id = null, loan_id = {second} where id <> {second}");
    for (sql, what) in [
        (twin_loan.as_str(), "two open loans of one copy"),
        (&twin_reservation, "a patron's second active reservation of a title"),
        (&not_owned, "a title the library does not own in an ordered set"),
        (&picked, "a copy that is picked and not on the shelf"),
        (&of_another, "a copy held for a reservation of another title"),
        (&lent, "a fulfilled reservation of a patron whose loan is of another"),
        ("update loan set returned_at = lent_at", "a claim of a loan that is over"),
    ] {
        let before = check(&shelf.library).await;
        assert!(!before.iter().any(|line| line.contains(what)), "{what}: {before:?}");
        shelf.run(sql).await;
        let wrong = check(&shelf.library).await;
        assert!(wrong.iter().any(|line| line.contains(what)), "{what}: {wrong:?}");
    }
    let wrong = check(&shelf.library).await;
    for what in ["a claim of a reservation that is over", "a reservation in another state than its events lead to"] {
        assert!(wrong.iter().any(|line| line.contains(what)), "{what}: {wrong:?}");
    }
}

/// Lists, the sealed history, reading marathons.
async fn what_is_broken_in_a_bookshelf_is_found(shelf: Shelf) {
    let (library, patron, other) =
        (&shelf.library, crate::history::reader(&shelf).await, crate::history::reader(&shelf).await);
    for patron in [patron, other] {
        crate::history::start(library, patron).await;
        let (_, copies) = shelf.book(&["central"]).await;
        crate::history::lend(library, patron, &copies[0]).await;
    }
    let later = crate::history::tomorrow(&shelf);
    later.daily().await.unwrap();
    let (_, copies) = shelf.book(&["central"]).await;
    crate::history::lend(&later, patron, &copies[0]).await;
    crate::bookshelf::live(&shelf).await;
    crate::marathon::live_from_history(&shelf).await;
    later.daily().await.unwrap();
    assert_eq!(check(&later).await, [""; 0]);
    let (of_patron, of_other) = (shelf.uuid(patron.0), shelf.uuid(other.0));
    let second = shelf.uuid(uuid::Uuid::from_u128(9));
    let twin_list = format!(
        "drop index book_list_fixed;
         insert into book_list (id, patron_id, kind, name, share_notes)
             select {second}, patron_id, kind, name, false from book_list where kind = 'wanted'"
    );
    let twin_entry = format!(
        "drop index book_entry_once;
         insert into book_entry (id, list_id, bib_id, label, title, reading, creators, creator_reading, isbn, note, day,
                 place)
             select {second}, list_id, bib_id, label, title, reading, creators, creator_reading, isbn, note, day, 99
             from book_entry order by id limit 1"
    );
    let merged = format!(
        "update bib set merged_into = (select id from bib order by id limit 1)
         where id = (select bib_id from book_entry where id <> {second} order by id desc limit 1)"
    );
    let beside_another = format!("update history_today set patron_id = {of_other} where patron_id = {of_patron}");
    let longer = match library.database() {
        Database::Sqlite { .. } => "update history_entry set sealed = cast(sealed || x'00' as blob)",
        Database::Postgres(_) => "update history_entry set sealed = sealed || '\\x00'::bytea",
    };
    let settled = "insert into history_entry (id, patron_id, sealed)
         select id, patron_id, sealed from history_today order by id limit 1";
    let without_key = format!("delete from history_key where patron_id = {of_patron}");
    let twice_joined = match library.database() {
        Database::Sqlite { .. } => {
            "create table joined as select * from marathon; update joined set id = randomblob(16);
             drop table marathon_read; drop table marathon; alter table joined rename to marathon;
             insert into marathon select * from (select * from marathon limit 1)"
        }
        Database::Postgres(_) => {
            "alter table marathon drop constraint marathon_patron_id_season_id_key;
             insert into marathon select gen_random_uuid(), patron_id, season_id, name, from_on, until_on, joined_on,
                 books, pages, drawn, from_history, reached from marathon where season_id is not null limit 1"
        }
    };
    for (sql, what) in [
        (twin_list.as_str(), "there twice, or two lists of one name"),
        ("update book_list set share_notes = true where kind = 'favourite'", "a list whose link can be guessed"),
        (&twin_entry, "a title twice in a list"),
        (&merged, "an entry of a list for a title that was merged"),
        ("update book_entry set title = ''", "an entry of a list that says nothing"),
        (&beside_another, "beside a loan of somebody else"),
        (settled, "settled and can still be undone"),
        (longer, "of another length"),
        ("update history_key set by_code = salt", "a key of a history that opens nothing"),
        (&without_key, "an entry of a history without a key"),
        ("update season set name = '別の季節'", "another name or other days than the season"),
        (twice_joined, "a season joined twice"),
    ] {
        let before = check(&later).await;
        assert!(!before.iter().any(|line| line.contains(what)), "{what}: {before:?}");
        shelf.run(sql).await;
        let wrong = check(&later).await;
        assert!(wrong.iter().any(|line| line.contains(what)), "{what}: {wrong:?}");
    }
    let odd = shelf.again(Clock::Fixed(morning() + TimeDelta::days(9)), policy()).check().await.unwrap().odd;
    assert!(odd.iter().any(|finding| finding.what.contains("an entry of a history still stands beside")), "{odd:?}");
}

/// What can come about honestly is told apart from what is wrong.
async fn what_is_odd_is_found(shelf: Shelf) {
    let (_, barcodes) = shelf.book(&["central"]).await;
    let patron = shelf.patron().await;
    let central = crate::support::place("central");
    shelf.library.check_out(&By::Staff, &central, patron, &barcodes[0]).await.unwrap().unwrap();
    let (other, _) = shelf.book(&["central"]).await;
    shelf.reserve(patron, &[other], 0, "north").await;
    assert_eq!(shelf.library.check().await.unwrap(), library::check::CheckReport::default());

    let mut strict = policy();
    strict.reservations.limits.books_and_magazines = 0;
    strict.loans.limits.books_and_magazines = 0;
    strict.places.retain(|place| place.code != central);
    strict.places.retain(|place| place.code.0 != "north");
    let strict = shelf.again(Clock::Fixed(morning()), strict);
    let odd = strict.check().await.unwrap().odd;
    for what in [
        "a copy of a branch the policy does not name (2): copy",
        "a copy at a place the policy does not name (2): copy",
        "to be picked up at a place the policy does not name (1): reservation",
        "a loan made at a place the policy does not name (1): loan",
        "more reservations than the policy allows, and no reason given (1): patron",
        "more on loan than the policy allows, and no reason given (1): patron",
    ] {
        assert!(odd.iter().any(|finding| finding.to_string().contains(what)), "{what}: {odd:?}");
    }
    // Staff overruled: the log has their reason.
    let overruled = By::Overrule("司書の判断".to_owned());
    shelf.library.check_in(&central, &barcodes[0]).await.unwrap().unwrap();
    strict.check_out(&overruled, &crate::support::place("east"), patron, &barcodes[0]).await.unwrap().unwrap();
    let odd = strict.check().await.unwrap().odd;
    assert!(!odd.iter().any(|finding| finding.what.contains("more on loan")), "{odd:?}");

    // Nobody ran the day's work.
    let later = shelf.again(Clock::Fixed(morning() + TimeDelta::days(3)), policy());
    let odd = later.check().await.unwrap().odd;
    assert!(odd.iter().any(|finding| finding.what.contains("still names its patron") && finding.cases == 1), "{odd:?}");
    later.daily().await.unwrap();
    assert_eq!(later.check().await.unwrap().odd, []);
}
