//! 貸出履歴 (R28): sealed to its patron, and what somebody with the database in hand can learn of it.

use std::time::Instant;

use chrono::TimeDelta;
use domain::{
    OpId, PatronId,
    bookshelf::{HistoryEntry, HistoryProblem, HistoryView},
    circulation::By,
    patrons::{DoorProblem, DoorRefusal, OneTimeForm},
};
use library::{
    Clock, Library, Origin,
    bookshelf::{OpenKey, Opening, Started},
    storage::Database,
};
use uuid::Uuid;

use crate::support::{Shelf, morning, on_both_engines, place, policy};

on_both_engines!(
    r28_only_what_is_lent_after_the_choice_is_kept,
    r28_an_undone_loan_leaves_nothing,
    r28_one_or_all_can_be_deleted_at_any_time,
    r28_a_new_password_opens_what_the_old_one_did,
    r28_a_forgotten_password_needs_the_recovery_code,
    r28_without_code_and_password_one_begins_anew,
    r28_wrong_guesses_at_the_earlier_password_are_slowed_down,
    r28_a_curious_administrator_learns_no_title,
    r28_what_was_opened_is_sealed_anew_and_tells_nothing_of_it,
    r28_a_days_entries_lie_in_no_order,
    r28_an_entry_is_written_with_its_loan_or_not_at_all,
);

const PASSWORD: &str = "Hon2dana";
const OTHER: &str = "Tana3hon";

fn nobody() -> Origin {
    Origin::unknown()
}

/// A patron with a password.
pub(crate) async fn reader(shelf: &Shelf) -> PatronId {
    let patron = shelf.patron().await;
    set(shelf, &shelf.library, patron, PASSWORD).await;
    patron
}

/// Sets a password as the desk helps to: the one in use is not asked for.
pub(crate) async fn set(shelf: &Shelf, library: &Library, patron: PatronId, password: &str) {
    let once = library.issue_one_time(patron).await.unwrap().unwrap();
    let id = shelf.uuid(patron.0);
    let card = shelf.rows(&format!("select card_number, id from patron where id = {id}")).await.remove(0).0;
    let form = OneTimeForm {
        card,
        once,
        birth_date: "2000-01-01".to_owned(),
        password: password.to_owned(),
        again: password.to_owned(),
    };
    library.use_one_time(&form, &nobody()).await.unwrap().unwrap();
}

pub(crate) async fn start(library: &Library, patron: PatronId) -> (OpenKey, String) {
    let Started { key, code } = library.start_history(patron, PASSWORD, &nobody()).await.unwrap().unwrap();
    (key, code.unwrap())
}

pub(crate) async fn lend(library: &Library, patron: PatronId, barcode: &str) {
    library.check_out(&By::Staff, &place("central"), patron, barcode).await.unwrap().unwrap();
}

async fn kept(library: &Library, patron: PatronId, key: &OpenKey) -> Vec<HistoryEntry> {
    library.opened_history(patron, key).await.unwrap().into_iter().map(|(_, entry)| entry).collect()
}

pub(crate) fn tomorrow(shelf: &Shelf) -> Library {
    shelf.again(Clock::Fixed(morning() + TimeDelta::days(1)), policy())
}

/// All that patrons do with a history, for those who listen.
pub(crate) async fn live(shelf: &Shelf) {
    let (library, patron) = (&shelf.library, reader(shelf).await);
    let (_, code) = start(library, patron).await;
    let (_, copies) = shelf.book(&["central", "central"]).await;
    let (_, more) = shelf.book(&["central"]).await;
    lend(library, patron, &copies[0]).await;
    let later = tomorrow(shelf);
    later.daily().await.unwrap();
    lend(&later, patron, &more[0]).await;
    let key = later.open_at_sign_in(patron, PASSWORD).await.unwrap().unwrap();
    for _ in 0..2 {
        later.history(patron, Some(&key), 1).await.unwrap();
    }
    let entries = later.opened_history(patron, &key).await.unwrap();
    later.say_read(patron, &key, entries[0].0, false).await.unwrap();
    later.history_as_csv(patron, &key).await.unwrap();
    later.new_recovery_code(patron, PASSWORD, &nobody()).await.unwrap().unwrap();
    later.reopen_history(patron, PASSWORD, &code, &nobody()).await.unwrap().unwrap_err();
    later.change_password(patron, (PASSWORD, OTHER, OTHER), &nobody()).await.unwrap().unwrap();
    later.stop_history(patron).await.unwrap();
    later.start_history(patron, OTHER, &nobody()).await.unwrap().unwrap();
    later.delete_history_entry(patron, entries[0].0).await.unwrap();
    later.delete_history(patron).await.unwrap();
    later.end_history(patron).await.unwrap();
}

async fn r28_only_what_is_lent_after_the_choice_is_kept(shelf: Shelf) {
    let (library, patron) = (&shelf.library, reader(&shelf).await);
    let (_, before) = shelf.book(&["central"]).await;
    let (part, after) = shelf.book(&["central"]).await;
    let (_, stopped) = shelf.book(&["central"]).await;
    lend(library, patron, &before[0]).await;
    assert_eq!(library.history(patron, None, 1).await.unwrap(), HistoryView::Off, "利用しない is the default");
    let wrong = library.start_history(patron, "wrong", &nobody()).await.unwrap().unwrap_err();
    assert_eq!(wrong, HistoryProblem::Door(DoorRefusal::Problems(vec![DoorProblem::Old])));
    let (key, _) = start(library, patron).await;
    lend(library, patron, &after[0]).await;
    library.stop_history(patron).await.unwrap();
    lend(library, patron, &stopped[0]).await;
    let bib = shelf.rows(&format!("select 'x', bib_id from part where id = {}", shelf.uuid(part.0))).await[0].1;
    let entries = kept(library, patron, &key).await;
    assert_eq!(entries.iter().map(|entry| (entry.bib.0, entry.lent_on)).collect::<Vec<_>>(), [(bib, library.today())]);
    assert!(matches!(
        library.history(patron, Some(&key), 1).await.unwrap(),
        HistoryView::Open { keeping: false, total: 1, .. }
    ));
    assert_eq!(library.history(patron, None, 1).await.unwrap(), HistoryView::Closed { keeping: false });
    let again = library.start_history(patron, PASSWORD, &nobody()).await.unwrap().unwrap();
    assert!(again.code.is_none(), "the same key goes on");
    // The day's work moves the entry; it is read all the same, and the sign-in opens it.
    let later = tomorrow(&shelf);
    later.daily().await.unwrap();
    assert_eq!(shelf.count("select count(*) from history_today").await, 0);
    let at_sign_in = later.open_at_sign_in(patron, PASSWORD).await.unwrap().unwrap();
    assert_eq!(kept(&later, patron, &at_sign_in).await, entries);
    let csv = later.history_as_csv(patron, &at_sign_in).await.unwrap();
    assert!(csv.contains(&entries[0].title) && csv.starts_with('\u{FEFF}'), "{csv}");
}

async fn r28_an_undone_loan_leaves_nothing(shelf: Shelf) {
    let (library, patron) = (&shelf.library, reader(&shelf).await);
    let (_, copies) = shelf.book(&["central"]).await;
    let (key, _) = start(library, patron).await;
    lend(library, patron, &copies[0]).await;
    library.undo_scan(OpId(Uuid::now_v7()), &copies[0]).await.unwrap().unwrap();
    assert!(kept(library, patron, &key).await.is_empty());
    assert_eq!(shelf.count("select count(*) from history_today").await, 0);
    lend(library, patron, &copies[0]).await;
    library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    library.undo_scan(OpId(Uuid::now_v7()), &copies[0]).await.unwrap().unwrap();
    assert_eq!(kept(library, patron, &key).await.len(), 1, "the loan was made, only its end was a slip");
}

async fn r28_one_or_all_can_be_deleted_at_any_time(shelf: Shelf) {
    let (library, patron, other) = (&shelf.library, reader(&shelf).await, reader(&shelf).await);
    let (key, _) = start(library, patron).await;
    let (others_key, _) = start(library, other).await;
    let (_, copies) = shelf.book(&["central", "central"]).await;
    let (_, more) = shelf.book(&["central"]).await;
    lend(library, other, &copies[1]).await;
    lend(library, patron, &copies[0]).await;
    let later = tomorrow(&shelf);
    later.daily().await.unwrap();
    lend(&later, patron, &more[0]).await;
    let entries = later.opened_history(patron, &key).await.unwrap();
    assert_eq!(entries.len(), 2, "of yesterday and of today");
    assert!(!later.delete_history_entry(other, entries[1].0).await.unwrap(), "only by whose it is");
    assert!(later.delete_history_entry(patron, entries[1].0).await.unwrap());
    assert_eq!(later.opened_history(patron, &key).await.unwrap().len(), 1);
    later.delete_history(patron).await.unwrap();
    assert!(matches!(
        later.history(patron, Some(&key), 1).await.unwrap(),
        HistoryView::Open { keeping: true, total: 0, .. }
    ));
    later.end_history(patron).await.unwrap();
    assert_eq!(later.history(patron, None, 1).await.unwrap(), HistoryView::Off);
    later.erase_own_data(patron).await.unwrap();
    assert_eq!(kept(&later, other, &others_key).await.len(), 1, "another's stays");
    assert!(kept(&later, other, &key).await.is_empty(), "and opens with its own key alone");
}

async fn r28_a_new_password_opens_what_the_old_one_did(shelf: Shelf) {
    let (library, patron) = (&shelf.library, reader(&shelf).await);
    let (key, code) = start(library, patron).await;
    let (_, copies) = shelf.book(&["central"]).await;
    lend(library, patron, &copies[0]).await;
    library.change_password(patron, (PASSWORD, OTHER, OTHER), &nobody()).await.unwrap().unwrap();
    assert!(library.open_at_sign_in(patron, PASSWORD).await.unwrap().is_none());
    let opened = library.open_at_sign_in(patron, OTHER).await.unwrap().unwrap();
    assert_eq!(kept(library, patron, &opened).await, kept(library, patron, &key).await);
    assert_eq!(kept(library, patron, &opened).await.len(), 1);
    let other = library.new_recovery_code(patron, OTHER, &nobody()).await.unwrap().unwrap().code.unwrap();
    assert_ne!(other, code);
    let tried = library.reopen_history(patron, OTHER, &code, &nobody()).await.unwrap();
    assert_eq!(tried.unwrap_err(), HistoryProblem::NotOpened, "the code before opens nothing any more");
    library.reopen_history(patron, OTHER, &other, &nobody()).await.unwrap().unwrap();
}

async fn r28_a_forgotten_password_needs_the_recovery_code(shelf: Shelf) {
    let (library, patron) = (&shelf.library, reader(&shelf).await);
    let (_, code) = start(library, patron).await;
    let (_, copies) = shelf.book(&["central", "north"]).await;
    lend(library, patron, &copies[0]).await;
    set(&shelf, library, patron, OTHER).await;
    assert!(library.open_at_sign_in(patron, OTHER).await.unwrap().is_none(), "closed");
    let opening = library.open_history(patron, OTHER, &nobody()).await.unwrap().unwrap();
    assert!(matches!(opening, Opening::OtherPassword));
    // Loans go on being kept meanwhile.
    let (_, more) = shelf.book(&["central"]).await;
    lend(library, patron, &more[0]).await;
    let key =
        library.reopen_history(patron, OTHER, &code.to_uppercase().replace('-', ""), &nobody()).await.unwrap().unwrap();
    assert_eq!(kept(library, patron, &key).await.len(), 2);
    assert!(library.open_at_sign_in(patron, OTHER).await.unwrap().is_some(), "from now on by the password");
    // Or by the earlier password, remembered again.
    set(&shelf, library, patron, PASSWORD).await;
    let key = library.reopen_history(patron, PASSWORD, OTHER, &nobody()).await.unwrap().unwrap();
    assert_eq!(kept(library, patron, &key).await.len(), 2);
}

async fn r28_without_code_and_password_one_begins_anew(shelf: Shelf) {
    let (library, patron) = (&shelf.library, reader(&shelf).await);
    start(library, patron).await;
    let (_, copies) = shelf.book(&["central"]).await;
    lend(library, patron, &copies[0]).await;
    set(&shelf, library, patron, OTHER).await;
    let tried = library.start_history(patron, OTHER, &nobody()).await.unwrap().unwrap_err();
    assert_eq!(tried, HistoryProblem::NotOpened, "nothing is thrown away behind their back");
    library.end_history(patron).await.unwrap();
    let anew = library.start_history(patron, OTHER, &nobody()).await.unwrap().unwrap();
    assert!(anew.code.is_some());
    assert!(kept(library, patron, &anew.key).await.is_empty(), "what was kept is lost");
}

async fn r28_wrong_guesses_at_the_earlier_password_are_slowed_down(shelf: Shelf) {
    let (library, patron) = (&shelf.library, reader(&shelf).await);
    start(library, patron).await;
    set(&shelf, library, patron, OTHER).await;
    let mut answers = Vec::new();
    for n in 0..20 {
        let tried = library.reopen_history(patron, OTHER, &format!("Wrong{n}"), &nobody()).await.unwrap();
        answers.push(tried.unwrap_err());
    }
    assert_eq!(answers[0], HistoryProblem::NotOpened);
    assert!(matches!(answers[19], HistoryProblem::Door(DoorRefusal::Slow(_))), "{answers:?}");
}

/// The boxes that are settled, as text and by their ids.
async fn boxes(shelf: &Shelf) -> Vec<(String, Uuid)> {
    shelf
        .rows(match shelf.library.database() {
            Database::Sqlite { .. } => "select hex(sealed), id from history_entry order by id",
            Database::Postgres(_) => "select encode(sealed, 'hex'), id from history_entry order by id",
        })
        .await
}

async fn r28_what_was_opened_is_sealed_anew_and_tells_nothing_of_it(shelf: Shelf) {
    let (library, patron, other) = (&shelf.library, reader(&shelf).await, reader(&shelf).await);
    let (key, _) = start(library, patron).await;
    start(library, other).await;
    for of in [patron, patron, other] {
        let (_, copies) = shelf.book(&["central"]).await;
        lend(library, of, &copies[0]).await;
    }
    let entries = library.opened_history(patron, &key).await.unwrap();
    assert_eq!(entries.len(), 2);
    let later = tomorrow(&shelf);
    later.daily().await.unwrap();
    let sealed = boxes(&shelf).await;
    assert_eq!(later.opened_history(patron, &key).await.unwrap(), entries);
    let anew = boxes(&shelf).await;
    let changed: Vec<Uuid> = sealed.iter().zip(&anew).filter(|(was, now)| was != now).map(|(_, (_, id))| *id).collect();
    let mut own: Vec<Uuid> = entries.iter().map(|(id, _)| id.0).collect();
    own.sort_unstable();
    assert_eq!(changed, own, "the patron's, and nobody else's");
    assert!(anew.iter().all(|(sealed, _)| sealed.len() == anew[0].0.len()), "one length for both kinds");
    assert_eq!(later.opened_history(patron, &key).await.unwrap(), entries);
    assert_eq!(boxes(&shelf).await, anew, "once");
    assert!(kept(&later, other, &key).await.is_empty(), "the key is the patron's");
}

/// In the order of the rows in the file nobody reads the order of the loans.
async fn r28_a_days_entries_lie_in_no_order(shelf: Shelf) {
    let mut generous = policy();
    generous.loans.limits.books_and_magazines = 20;
    let library = shelf.again(Clock::Fixed(morning()), generous);
    let patron = reader(&shelf).await;
    let (key, _) = start(&library, patron).await;
    for _ in 0..14 {
        let (_, copies) = shelf.book(&["central"]).await;
        lend(&library, patron, &copies[0]).await;
    }
    let lent = shelf
        .rows(match library.database() {
            Database::Sqlite { .. } => "select '', id from history_today order by rowid",
            Database::Postgres(_) => "select '', id from history_today order by ctid",
        })
        .await;
    let later = tomorrow(&shelf);
    later.daily().await.unwrap();
    let kept = shelf
        .rows(match library.database() {
            Database::Sqlite { .. } => "select '', id from history_entry order by rowid",
            Database::Postgres(_) => "select '', id from history_entry order by ctid",
        })
        .await;
    assert_eq!(kept.len(), 14);
    assert_ne!(kept, lent, "one time in 87 thousand million it is by chance");
    assert_eq!(later.opened_history(patron, &key).await.unwrap().len(), 14);
}

async fn r28_an_entry_is_written_with_its_loan_or_not_at_all(shelf: Shelf) {
    let (library, patron) = (&shelf.library, reader(&shelf).await);
    start(library, patron).await;
    let (_, copies) = shelf.book(&["central"]).await;
    shelf.run("alter table history_today rename to elsewhere").await;
    library.check_out(&By::Staff, &place("central"), patron, &copies[0]).await.unwrap_err();
    assert_eq!(shelf.count("select count(*) from loan").await, 0, "no loan without its entry");
    shelf.run("alter table elsewhere rename to history_today").await;
    lend(library, patron, &copies[0]).await;
    let both = "select count(*) from loan l join history_today t on t.loan_id = l.id and t.patron_id = l.patron_id";
    assert_eq!(shelf.count(both).await, 1);
}

/// Every table with every column as text, and the rows of it: what somebody sees who has the whole database.
async fn every_row(shelf: &Shelf) -> Vec<(String, String)> {
    let tables = match shelf.library.database() {
        Database::Sqlite { .. } => {
            "select name, x'00000000000000000000000000000000' from sqlite_master
             where type = 'table' and name not like 'sqlite_%' and name not like '\\_sqlx%' escape '\\'"
        }
        Database::Postgres(_) => {
            "select tablename::text, '00000000-0000-0000-0000-000000000000'::uuid from pg_tables
             where schemaname = 'public' and tablename not like '\\_sqlx%'"
        }
    };
    let mut all = Vec::new();
    for (table, _) in shelf.rows(tables).await {
        let rows: Vec<String> = match shelf.library.database() {
            Database::Sqlite { readers, .. } => {
                let columns =
                    format!("select name, x'00000000000000000000000000000000' from pragma_table_info('{table}')");
                let columns = shelf.rows(&columns).await;
                let parts: Vec<_> = columns
                    .iter()
                    .map(|(name, _)| format!("case typeof(\"{name}\") when 'blob' then lower(hex(\"{name}\")) else coalesce(\"{name}\", '') end"))
                    .collect();
                let sql = format!("select {} from \"{table}\"", parts.join(" || '|' || "));
                sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(readers).await.unwrap()
            }
            Database::Postgres(pool) => {
                let sql = format!("select replace(t::text, '-', '') from \"{table}\" t");
                sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&**pool).await.unwrap()
            }
        };
        all.extend(rows.into_iter().map(|row| (table.clone(), row.to_lowercase())));
    }
    all
}

/// With the database in hand, and the settings, but without a password: what ties a patron to what they borrowed, field by
/// field, for one who keeps a history and one who does not.
async fn r28_a_curious_administrator_learns_no_title(shelf: Shelf) {
    let library = &shelf.library;
    let (agreed, not) = (reader(&shelf).await, reader(&shelf).await);
    let (key, code) = start(library, agreed).await;
    let mut borrowed = Vec::new();
    for patron in [agreed, not, agreed, not] {
        let (part, copies) = shelf.book(&["central"]).await;
        lend(library, patron, &copies[0]).await;
        let row = format!(
            "select l.id || '', l.id from loan l where l.part_id = {} union all
             select i.barcode, i.id from item i where i.part_id = {0} union all
             select p.label, p.id from part p where p.id = {0} union all
             select b.title, b.id from bib b join part p on p.bib_id = b.id where p.id = {0}",
            shelf.uuid(part.0)
        );
        let row = match library.database() {
            Database::Sqlite { .. } => row.replace("l.id || ''", "'loan'"),
            Database::Postgres(_) => row,
        };
        let rows = shelf.rows(&row).await;
        assert_eq!(rows.len(), 4);
        library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
        let mut words: Vec<String> = rows.iter().map(|(_, id)| id.simple().to_string()).collect();
        words.extend(rows.iter().skip(1).map(|(word, _)| word.to_lowercase()).filter(|word| !word.is_empty()));
        borrowed.push((patron, words));
    }
    // During the day the desk can still undo: loan and patron stand side by side, for both of them. Not so any more when the
    // day's work is done.
    let later = tomorrow(&shelf);
    later.daily().await.unwrap();
    // Also not by what its patron's visit leaves behind.
    assert_eq!(later.opened_history(agreed, &key).await.unwrap().len(), 2);
    let rows = every_row(&shelf).await;
    assert!(rows.len() > 20);
    for (patron, words) in &borrowed {
        let whose = [patron.0.simple().to_string()];
        for (table, row) in rows.iter().filter(|(_, row)| whose.iter().any(|word| row.contains(word))) {
            for word in words {
                assert!(!row.contains(word.as_str()), "{table}: {word} beside the patron in {row}");
            }
        }
    }
    // Nor by a way of two steps: what stands beside the patron, looked up in every other table.
    for (patron, words) in &borrowed {
        let own = patron.0.simple().to_string();
        let mut reached: Vec<String> = vec![own.clone()];
        let ids = |row: &str| -> Vec<String> {
            row.split(|c: char| !c.is_ascii_hexdigit())
                .filter(|piece| piece.len() == 32)
                .map(ToOwned::to_owned)
                .collect()
        };
        for _ in 0..3 {
            let more: Vec<String> = rows
                .iter()
                // Of staff and of the library's work there are rows beside everybody.
                .filter(|(_, row)| reached.iter().any(|id| row.contains(id.as_str())))
                .flat_map(|(_, row)| ids(row))
                .collect();
            reached.extend(more);
            reached.sort_unstable();
            reached.dedup();
        }
        for word in words {
            assert!(!reached.contains(word), "{word} is reached from the patron");
        }
    }
    // What was tried, by name. Each answers with what it may: a count, never a title.
    let tried = [
        ("loans with a patron", "select count(*) from loan where patron_id is not null"),
        ("reservations with a patron", "select count(*) from reservation where patron_id is not null"),
        ("claims", "select count(*) from claim"),
        ("entries that can be undone, by loan", "select count(*) from history_today"),
        ("the last scans", "select count(*) from last_scan"),
        ("answers of the desk", "select count(*) from op where actor = 'desk'"),
        (
            "the log of staff beside a title",
            "select count(*) from audit a join bib b on a.note like '%' || b.title || '%'",
        ),
        ("entries by the id of an event", "select count(*) from history_entry h join event e on e.id = h.id"),
        ("entries by the id of a loan", "select count(*) from history_entry h join loan l on l.id = h.id"),
        ("boxes of another length", "select count(distinct length(sealed)) - 1 from history_entry"),
    ];
    for (what, sql) in tried {
        assert_eq!(shelf.count(sql).await, 0, "{what}: {sql}");
    }
    let id = shelf.uuid(not.0);
    for table in ["history_entry", "history_key"] {
        let sql = format!("select count(*) from {table} where patron_id = {id}");
        assert_eq!(shelf.count(&sql).await, 0, "who did not agree has nothing in {table}");
    }
    assert_eq!(
        shelf.count("select count(*) from history_entry").await,
        2,
        "who agreed: that there are two, and no more"
    );
    assert!(rows.iter().all(|(_, row)| !row.contains(&code) && !row.contains(&code.replace('-', ""))), "the code");
    // The key opens from no row alone: tried with every value there is as if it were the password.
    for (_, row) in &rows {
        for value in row.split('|').filter(|value| (4..=64).contains(&value.len())).take(3) {
            assert!(library.open_at_sign_in(agreed, value).await.unwrap().is_none());
        }
    }
}

/// `HISTORY=5000 cargo test --release -p library --test it history::opening -- --nocapture --ignored`: how long it takes to
/// seal and to open so many. It prints and asserts nothing of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn opening_many() {
    let count = crate::support::number_from("HISTORY").unwrap_or(5000);
    for (engine, shelf) in [("SQLite", Shelf::on_sqlite().await), ("PostgreSQL", Shelf::on_postgres().await)] {
        let (library, patron) = (&shelf.library, reader(&shelf).await);
        let (key, _) = start(library, patron).await;
        let (_, copies) = shelf.book(&["central"]).await;
        lend(library, patron, &copies[0]).await;
        let copy = match library.database() {
            Database::Sqlite { .. } => format!(
                "with recursive n(n) as (select 1 union all select n + 1 from n where n < {count})
                 insert into history_entry (id, patron_id, sealed)
                 select randomblob(16), patron_id, sealed from history_today, n"
            ),
            Database::Postgres(_) => format!(
                "insert into history_entry (id, patron_id, sealed)
                 select gen_random_uuid(), patron_id, sealed from history_today, generate_series(1, {count})"
            ),
        };
        shelf.run(&copy).await;
        // Each visit seals some of them anew; the last ones find all of them so.
        for visit in 1..=count.div_ceil(1000) + 2 {
            let begun = Instant::now();
            let view = library.history(patron, Some(&key), 1).await.unwrap();
            let took = begun.elapsed();
            let HistoryView::Open { total, .. } = view else { panic!("{view:?}") };
            #[expect(clippy::print_stdout, reason = "the figure this is run for")]
            {
                println!("{engine}, visit {visit}: {total} entries opened, sorted and paged in {took:?}");
            }
        }
    }
}
