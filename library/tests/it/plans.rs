//! Every statement on the way of a request finds its rows by an index, on both engines.
//!
//! The statements are not listed here: the use cases are run and what they send is overheard, so that a new statement
//! is looked at without anybody thinking of it.

use std::{
    collections::BTreeSet,
    fmt,
    process::Command,
    sync::{Arc, Mutex},
};

use domain::{
    NoticeId, OpId, PatronId,
    cart::CartChange,
    catalog::{BibForm, CopyForm},
    circulation::{By, CounterScan, LateScan, PatronAction, ReservationState, Settle},
    figures::Span,
    notices::CallResult,
    patrons::{AuditQuery, CardForm, Contact, StaffForm, StaffRole},
};
use library::{
    Origin,
    patrons::{code_of, new_secret},
    sessions::{Owner, SessionRow},
    storage::Database,
};
use sqlx::Row;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};
use uuid::Uuid;

use crate::support::{Shelf, place};

/// In a process of its own: what one test listens to, others that run beside it decide too.
#[test]
fn every_statement_of_a_request_uses_an_index() {
    let done = Command::new(std::env::current_exe().unwrap())
        .args(["plans::overheard_alone", "--exact", "--ignored"])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by another test, in a process of its own"]
async fn overheard_alone() {
    let overheard = Arc::new(Mutex::new(BTreeSet::new()));
    let mut scans = Vec::new();
    let mut listening = false;
    for (engine, shelf) in [("PostgreSQL", Shelf::on_postgres().await), ("SQLite", Shelf::on_sqlite().await)] {
        if !listening {
            tracing::subscriber::set_global_default(Listener(Arc::clone(&overheard))).unwrap();
            listening = true;
        }
        overheard.lock().unwrap().clear();
        live(&shelf).await;
        let statements = overheard.lock().unwrap().clone();
        let asked: Vec<&str> = statements.iter().map(String::as_str).filter(|sql| reads_rows(sql)).collect();
        assert!(asked.len() > 35, "only {} statements were overheard on {engine}: {asked:#?}", asked.len());
        for sql in asked {
            let plan = plan_of(&shelf, sql).await;
            if plan.iter().any(|line| is_scan(line)) {
                scans.push(format!("{engine}: {sql}\n{}", plan.join("\n")));
            }
        }
    }
    assert!(scans.is_empty(), "{}", scans.join("\n\n"));
}

/// All that patrons and the desk do in a day.
async fn live(shelf: &Shelf) {
    let library = &shelf.library;
    let (first, copies) = shelf.book(&["central", "north"]).await;
    let (second, others) = shelf.book(&["central"]).await;
    let (reader, waiting) = (shelf.patron().await, shelf.patron().await);
    let here = place("central");
    let act = async |patron: PatronId, action: PatronAction| {
        library.act(&By::Patron, patron, OpId(Uuid::now_v7()), &action).await.unwrap()
    };
    let loan = library.check_out(&By::Staff, &here, reader, &copies[0]).await.unwrap().unwrap().loan;
    act(reader, PatronAction::Renew(loan)).await.unwrap_err();
    act(reader, PatronAction::SayReturned(loan)).await.unwrap();
    library.change_cart(None, Some(waiting), &CartChange::Add(second)).await.unwrap();
    shelf.reserve(waiting, &[first, second], 2, "north").await;
    let views = library.reservations(waiting).await.unwrap();
    let set = views[0].in_set.unwrap().set;
    let order = vec![views[1].id, views[0].id];
    act(waiting, PatronAction::ArrangeSet { set: Some(set), order }).await.unwrap();
    act(waiting, PatronAction::DissolveSet(set)).await.unwrap();
    library.loans(reader).await.unwrap();
    library.cart(None, Some(reader)).await.unwrap();
    library.check_in(&here, &copies[0]).await.unwrap().unwrap();
    library.check_in(&place("north"), &copies[0]).await.unwrap().unwrap();
    library.check_in(&here, &others[0]).await.unwrap().unwrap();
    library.extend_hold(views[0].id).await.unwrap().unwrap();
    library.check_out(&By::Staff, &place("north"), waiting, &copies[0]).await.unwrap().unwrap();
    act(waiting, PatronAction::Cancel(views[1].id)).await.unwrap();
    library.cancelled_reservations(waiting).await.unwrap();
    library.account(waiting).await.unwrap();
    lists(shelf).await;
    keep(shelf, waiting).await;
    crate::marathon::live(library, waiting).await;
    crate::marathon::live_from_history(shelf).await;
    walls(shelf, waiting).await;
    at_the_counter(shelf, &others[0]).await;
    crate::notices::live(shelf).await;
    crate::door::live(shelf).await;
    crate::kiosk::live(shelf).await;
    crate::passkeys::live(shelf).await;
    crate::live::live(shelf).await;
    crate::bookshelf::live(shelf).await;
    crate::history::live(shelf).await;
    crate::home::live(shelf).await;
}

/// What the desk does with its working lists.
async fn lists(shelf: &Shelf) {
    let library = &shelf.library;
    let here = place("central");
    let (pulled, _) = shelf.book(&["central", "north"]).await;
    let (held, copies) = shelf.book(&["central"]).await;
    let (lent, loans) = shelf.book(&["central", "central"]).await;
    let patron = shelf.patron().await;
    let (second, third) = (shelf.patron().await, shelf.patron().await);
    library.change_cart(None, Some(third), &CartChange::Add(pulled)).await.unwrap();
    let press = async |patron| shelf.reserve(patron, &[pulled], 0, "central").await;
    // The second and the third wait for the first, and go together.
    tokio::join!(press(patron), press(second), press(third));
    let mut request = shelf.request(&[held], 0, "central");
    request.contact = Contact::Telephone;
    library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
    library.assign_pulls().await.unwrap();
    library.pull_list(&here).await.unwrap();
    library.check_in(&here, &copies[0]).await.unwrap().unwrap();
    library.hold_shelf(&here).await.unwrap();
    let calls = library.telephone_list(&here).await.unwrap().list.to_call;
    library.note_call(OpId(Uuid::now_v7()), &[calls[0].matters[0].event], CallResult::LeftWord).await.unwrap().unwrap();
    for view in library.reservations(patron).await.unwrap() {
        let state = if view.part == held { ReservationState::Ready } else { ReservationState::Assigned };
        library.copy_not_found(view.id, state).await.unwrap().unwrap();
    }
    library.telephone_list(&here).await.unwrap();
    for copy in &loans {
        let reader = shelf.patron().await;
        let loan = library.check_out(&By::Staff, &here, reader, copy).await.unwrap().unwrap().loan;
        let said = PatronAction::SayReturned(loan);
        library.act(&By::Patron, reader, OpId(Uuid::now_v7()), &said).await.unwrap().unwrap();
        library.searched_in_vain(loan).await.unwrap().unwrap();
        library.decisions(&here).await.unwrap();
        library.give_up_said_returned(loan).await.unwrap().unwrap();
    }
    library.cancel_queue(held).await.unwrap().unwrap();
    library.give_up_missing(&copies[0]).await.unwrap().unwrap();
    library.cancel_queue(lent).await.unwrap().unwrap_err();
    library.not_arrived(&copies[0]).await.unwrap().unwrap_err();
    library.send_again(NoticeId(Uuid::now_v7())).await.unwrap().unwrap_err();
    library.give_up_mail(NoticeId(Uuid::now_v7()), OpId(Uuid::now_v7())).await.unwrap().unwrap_err();
    library.transit(&here).await.unwrap();
    library.overdue_letters(&here).await.unwrap();
    library.desk_counts(&here).await.unwrap();
}

/// What the desk keeps beside circulation.
async fn keep(shelf: &Shelf, patron: PatronId) {
    let library = &shelf.library;
    let op = || OpId(Uuid::now_v7());
    library.find_cards("やまだ").await.unwrap();
    let form = library.card_page(patron).await.unwrap().unwrap().form();
    library.edit_card(patron, &form).await.unwrap().unwrap();
    library.replace_card(patron, "7000001").await.unwrap().unwrap();
    library.issue_card(op(), &CardForm { number: "7000002".to_owned(), ..form }).await.unwrap().unwrap();
    library.open_requests().await.unwrap();
    library.borrowed_copies().await.unwrap();
    let magazine = BibForm { title: "月刊".to_owned(), material: "magazine".to_owned(), ..BibForm::default() };
    let bib = library.add_bib(op(), &magazine).await.unwrap().unwrap();
    library.edit_bib(bib, &BibForm { material: "book".to_owned(), ..magazine.clone() }).await.unwrap().unwrap();
    library.edit_bib(bib, &magazine).await.unwrap().unwrap();
    let copy = |barcode: &str| CopyForm {
        barcode: barcode.to_owned(),
        branch: "central".to_owned(),
        shelf_mark: String::new(),
        loan_rule: "in-library-only".to_owned(),
    };
    library.receive_issue(bib, "第1号", "", &copy("P-1")).await.unwrap().unwrap();
    library.receive_issue(bib, "第2号", "", &copy("P-2")).await.unwrap().unwrap();
    let kept = library.kept_bib(bib).await.unwrap().unwrap();
    library.add_copy(kept.parts[0].id, &copy("P-3")).await.unwrap().unwrap();
    library.change_copy(&copy("P-3")).await.unwrap().unwrap();
    library.note_damage("P-3", "表紙").await.unwrap().unwrap();
    library.find_bibs("P-3").await.unwrap();
    library.figures(Span::Month(library.today())).await.unwrap();
}

/// Sessions, the second factor, the log of staff, and what a patron does with their own data.
async fn walls(shelf: &Shelf, patron: PatronId) {
    let library = &shelf.library;
    let now = library.now();
    let row = SessionRow { data: "{}".to_owned(), patron: Some(patron), expires_at: now, ..SessionRow::default() };
    library.create_session(&[1; 32], &row).await.unwrap();
    library.save_session(&[1; 32], &row).await.unwrap();
    library.load_session(&[1; 32]).await.unwrap();
    library.sessions_of(Owner::Patron(patron), &[1; 32]).await.unwrap();
    library.end_patron_session(patron, &"01".repeat(32)).await.unwrap();
    library.end_other_sessions(Owner::Patron(patron), &[1; 32]).await.unwrap();
    let form = StaffForm { login: "boss".into(), password: "long enough".into(), role: StaffRole::Manager };
    let staff = library.add_staff(&form).await.unwrap().unwrap();
    library.sessions_of(Owner::Staff(staff), &[1; 32]).await.unwrap();
    library.end_other_sessions(Owner::Staff(staff), &[1; 32]).await.unwrap();
    let own = ("long enough", "long enough, too", "long enough, too");
    library.change_staff_password(staff, own, &Origin::unknown()).await.unwrap().unwrap();
    let secret = new_secret();
    let code = code_of(&secret, now).unwrap();
    let typed = ("long enough, too", code.as_str());
    let codes = library.set_factor(staff, &secret, typed, &Origin::unknown()).await.unwrap().unwrap();
    library.give_code(staff, &code).await.unwrap().unwrap_err();
    library.give_code(staff, &codes[0]).await.unwrap().unwrap();
    library.second_factor(staff).await.unwrap();
    library.remove_factor(staff).await.unwrap();
    library.as_staff(staff).note_staff_sign_in().await.unwrap();
    for card in ["", "7000001"] {
        let query = AuditQuery { card: card.to_owned(), staff: Some(staff), ..AuditQuery::default() };
        library.audit_page(&query).await.unwrap();
    }
    library.own_data(patron).await.unwrap();
    library.erase_own_data(patron).await.unwrap();
}

/// Lending, taking back and undoing at the desk, what comes late, and what is forgotten of it.
async fn at_the_counter(shelf: &Shelf, copy: &str) {
    let (library, here) = (&shelf.library, place("central"));
    let op = || OpId(Uuid::now_v7());
    let patron = shelf.patron().await;
    let card = crate::counter::card_of(shelf, patron).await;
    let scan = |text: &str| CounterScan { text: text.to_owned(), read_as: None, reason: None };
    let begun = library.scan_at_counter(op(), &here, None, &scan(&card)).await.unwrap();
    let turn = begun.patron.map(|patron| patron.turn);
    library.scan_at_counter(op(), &here, turn, &scan(copy)).await.unwrap();
    library.undo_at_counter(op(), &here, turn, copy).await.unwrap();
    library.scan_in(op(), &here, copy).await.unwrap().unwrap();
    let late =
        |card: &str| LateScan { op: op(), place: here.clone(), barcode: copy.to_owned(), card: Some(card.into()) };
    library.play_in(&late(&card), 0).await.unwrap();
    let unknown = late("7777777");
    library.play_in(&unknown, 0).await.unwrap();
    library.late_troubles().await.unwrap();
    library.settle_late(unknown.op, &Settle::Dismiss { reason: "確認".to_owned() }).await.unwrap().unwrap();
    library.scan_in(op(), &here, copy).await.unwrap().unwrap();
    library.undo_scan(op(), copy).await.unwrap().unwrap();
}

/// Whether the statement looks for rows at all.
fn reads_rows(sql: &str) -> bool {
    ["select", "with", "update", "delete", "insert"].iter().any(|verb| sql.trim_start().starts_with(verb))
        && !sql.contains("_sqlx_migrations")
        // The work of the night walks through whole tables to find what was touched by day.
        && !sql.contains("age(xmin)")
}

/// Whether a line of a plan reads a whole table. Closures are few, and looking whether there is one reads them all; what
/// a statement has put together itself has no index.
fn is_scan(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '-', '>']);
    let whole = line.starts_with("Seq Scan on ") || (line.starts_with("SCAN ") && !line.contains("USING"));
    whole && ["closure", "CONSTANT ROW", "VALUES CLAUSE", "these_parts"].iter().all(|name| !line.contains(name))
}

async fn plan_of(shelf: &Shelf, sql: &str) -> Vec<String> {
    match shelf.library.database() {
        Database::Sqlite { readers, .. } => {
            let mut plan = Vec::new();
            // Writes that travel together are one text.
            for sql in sql.split(";\n").filter(|sql| !sql.is_empty()) {
                let explain = sqlx::AssertSqlSafe(format!("explain query plan {sql}"));
                let rows = sqlx::query(explain).fetch_all(readers).await.unwrap();
                plan.extend(rows.iter().map(|row| row.get::<String, _>("detail")));
            }
            plan
        }
        Database::Postgres(pool) => {
            let mut connection = pool.acquire().await.unwrap();
            let count = (1..200).rev().find(|n| sql.contains(&format!("${n}"))).unwrap_or(0);
            let nulls = vec!["null"; count].join(", ");
            let values = if count == 0 { String::new() } else { format!("({nulls})") };
            let types = types_of(sql, count);
            // Without sequential scans where there is another way: those that are left have none.
            let text = format!(
                "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; prepare asked{types} as {sql};"
            );
            sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut *connection).await.unwrap();
            let explain = sqlx::AssertSqlSafe(format!("explain execute asked{values}"));
            let rows = sqlx::raw_sql(explain).fetch_all(&mut *connection).await.unwrap();
            sqlx::raw_sql("deallocate asked").execute(&mut *connection).await.unwrap();
            rows.iter().map(|row| row.get::<String, _>(0)).collect()
        }
    }
}

/// What PostgreSQL must be told of the parameters: sqlx says the type of each, and nothing else tells it for rows of ids that are
/// compared as a whole.
fn types_of(sql: &str, count: usize) -> String {
    let Some((_, rows)) = sql.split_once("in (values ") else { return String::new() };
    let rows = rows.split("))").next().unwrap_or_default();
    let ids: Vec<usize> =
        rows.split('$').skip(1).map(|piece| piece.trim_end_matches([')', '(', ',', ' ']).parse().unwrap()).collect();
    let types = (1..=count).map(|n| if ids.contains(&n) { "uuid" } else { "unknown" });
    format!("({})", types.collect::<Vec<_>>().join(", "))
}

/// Collects the statements sqlx sends.
struct Listener(Arc<Mutex<BTreeSet<String>>>);

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        // A short statement is its own summary.
        let sql = if statement.whole.trim().is_empty() { statement.summary } else { statement.whole };
        self.0.lock().unwrap().insert(sql.trim().to_owned());
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Statement {
    summary: String,
    whole: String,
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.whole),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
