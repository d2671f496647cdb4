//! What is kept of a day once it is over (R28): by no moment, no transaction and no rare deed can a patron be laid beside a title.

mod erased;
mod keys;
mod seen;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    PartId, PatronId,
    cart::CartChange,
    circulation::{By, PatronAction, Refusal},
    figures::Span,
    patrons::{AuditQuery, Contact, Deed, StaffForm, StaffRole},
};
use library::{Clock, Library, Origin, notices::Mailer, storage::Database};
use seen::{Seen, everything};
use uuid::Uuid;

use crate::{
    history::{lend, set, start},
    support::{Shelf, morning, on_both_engines, place, policy},
};

on_both_engines!(
    r28_no_moment_and_no_transaction_ties_a_patron_to_a_title,
    r28_a_rare_deed_of_staff_is_not_found_by_its_day,
    r28_answers_lose_their_titles_and_are_still_given_once,
    r28_the_engines_log_is_emptied,
    r28_the_figures_are_as_they_were,
);

pub(crate) const PASSWORD: &str = "Hon2dana";

/// The library so many seconds after that morning.
fn at(shelf: &Shelf, seconds: i64) -> Library {
    // A fraction of a second, as real clocks have.
    let moment = morning() + TimeDelta::seconds(seconds) + TimeDelta::microseconds(123_457);
    shelf.again(Clock::Fixed(moment), policy())
}

fn day(shelf: &Shelf, days: i64) -> Library {
    at(shelf, days * 86_400 - 5 * 3600)
}

/// A day on which somebody, who keeps a history, reserves, borrows and brings back.
struct Day {
    patron: PatronId,
    /// What they borrowed.
    parts: Vec<PartId>,
    /// When that happened.
    moments: Vec<DateTime<Utc>>,
}

async fn a_day(shelf: &Shelf) -> Day {
    let eve = at(shelf, -40_000);
    let patron = shelf.patron().await;
    set(shelf, &eve, patron, PASSWORD).await;
    start(&eve, patron).await;
    let clerk = StaffForm { login: "clerk".into(), password: "long enough".into(), role: StaffRole::Desk };
    let clerk = eve.add_staff(&clerk).await.unwrap().unwrap();
    let (mut parts, mut copies) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let (part, barcodes) = shelf.book(&["central"]).await;
        parts.push(part);
        copies.extend(barcodes);
    }
    let here = place("central");
    let mut moments = Vec::new();
    let mut now = |seconds| {
        let library = at(shelf, seconds);
        moments.push(library.now());
        library
    };

    // Signed in, into the cart, and reserved, two of them as a set, whose second one goes on waiting.
    let library = now(60);
    let card = shelf.rows(&format!("select card_number, id from patron where id = {}", shelf.uuid(patron.0))).await;
    library.sign_in(&card[0].0, PASSWORD, &Origin::unknown()).await.unwrap();
    // The last one stays in the cart.
    for part in [&parts[0], &parts[1], &parts[4]] {
        library.change_cart(None, Some(patron), &CartChange::Add(*part)).await.unwrap();
    }
    let library = now(62);
    let mut request = shelf.request(&[parts[0], parts[1]], 2, "central");
    request.op = library.new_op();
    library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
    now(600).check_in(&here, &copies[0]).await.unwrap().unwrap();
    let mailer = Mailer::Folder(shelf.folder.path().join("mail"));
    assert!(now(601).send_due(&mailer).await.unwrap() > 0);
    lend(&now(900), patron, &copies[0]).await;
    // What a member of staff reserves for them, and what is lent by way of exception.
    let library = now(1200).as_staff(clerk);
    let request = shelf.request(&[parts[2]], 0, "central");
    library.reserve(&By::Staff, patron, &request).await.unwrap().unwrap();
    lend(&now(1250), patron, &copies[2]).await;
    let library = now(1300).as_staff(clerk);
    let why = By::Overrule("館長の承認".to_owned());
    let loan = library.check_out(&why, &here, patron, &copies[3]).await.unwrap().unwrap().loan;
    let library = now(1400);
    library.act(&By::Patron, patron, library.new_op(), &PatronAction::SayReturned(loan)).await.unwrap().unwrap();
    for (n, copy) in [0, 2, 3].into_iter().zip([&copies[0], &copies[2], &copies[3]]) {
        now(5000 + 10 * n).check_in(&here, copy).await.unwrap().unwrap();
    }
    let parts = vec![parts[0], parts[2], parts[3]];
    Day { patron, parts, moments }
}

/// The rows that name a patron, and those that only these lead to: what is in their cart, what their sets remember.
fn beside(patron: PatronId, all: &[Seen]) -> Vec<&Seen> {
    let own: Vec<Uuid> = all
        .iter()
        .filter(|row| ["cart", "ordered_set"].contains(&row.table.as_str()) && row.names(patron.0))
        .flat_map(|row| row.ids.clone())
        .collect();
    // Of what is still reserved it is said whose it is.
    let tied = ["reservation", "claim"];
    // Cards are hashed in `guess` with a secret that lies beside it, and a mail went to an address of theirs.
    let nobody_elses = ["guess", "sent_mail"];
    all.iter()
        .filter(|row| !tied.contains(&row.table.as_str()))
        .filter(|row| {
            nobody_elses.contains(&row.table.as_str()) || own.iter().chain([&patron.0]).any(|id| row.names(*id))
        })
        .collect()
}

/// The rows that name what was borrowed: its part, its bib, its copy, its loan, its reservation.
async fn of_titles<'a>(shelf: &Shelf, parts: &[PartId], all: &'a [Seen]) -> Vec<&'a Seen> {
    let mut ids = BTreeSet::new();
    for part in parts {
        let id = shelf.uuid(part.0);
        let sql = format!(
            "select '', id from part where id = {id} union all select '', bib_id from part where id = {id}
             union all select '', id from item where part_id = {id} union all select '', id from loan where part_id = {id}
             union all select '', id from reservation where part_id = {id}"
        );
        ids.extend(shelf.rows(&sql).await.into_iter().map(|(_, id)| id));
    }
    all.iter().filter(|row| ids.iter().any(|id| row.names(*id))).collect()
}

/// Where in these rows one of those moments can be read.
fn telling(rows: &[&Seen], moments: &[DateTime<Utc>]) -> BTreeSet<String> {
    let near = |at: DateTime<Utc>| moments.iter().any(|moment| (at - moment).num_seconds().abs() <= 2);
    rows.iter()
        .flat_map(|row| row.moments.iter().map(|(column, at)| (&row.table, column, *at)))
        .filter(|(.., at)| near(*at))
        .map(|(table, column, _)| format!("{table}.{column}"))
        .collect()
}

async fn r28_no_moment_and_no_transaction_ties_a_patron_to_a_title(shelf: Shelf) {
    let Day { patron, parts, moments } = a_day(&shelf).await;
    let during = everything(&shelf).await;
    assert!(telling(&beside(patron, &during), &moments).len() > 2, "on the day itself there are moments");
    for days in 1..=5 {
        day(&shelf, days).daily().await.unwrap();
    }
    let all = everything(&shelf).await;
    let (patrons, titles) = (beside(patron, &all), of_titles(&shelf, &parts, &all).await);
    for table in ["patron", "cart", "cart_line", "op", "ordered_set", "set_gap", "audit", "sent_mail", "guess"] {
        assert!(patrons.iter().any(|row| row.table == table), "there is a row of {table} to be looked at");
    }
    for table in ["event", "loan", "reservation", "item", "bib"] {
        assert!(titles.iter().any(|row| row.table == table), "there is a row of {table} to be looked at");
    }
    let one_transaction: BTreeSet<_> = patrons
        .iter()
        .flat_map(|one| titles.iter().map(move |other| (one, other)))
        .filter(|(one, other)| one.table != other.table)
        .filter(|(one, other)| !one.transactions.is_disjoint(&other.transactions))
        .map(|(one, other)| format!("{} and {}", one.table, other.table))
        .collect();
    let told = [telling(&patrons, &moments), telling(&titles, &moments), one_transaction];
    let nothing = [const { BTreeSet::<String>::new() }; 3];
    assert_eq!(told, nothing, "when the patron was seen, when the titles were, and what one transaction wrote");

    // The same, asked as somebody would who knows SQL.
    let moments_of = |table: &str, column: &str| {
        format!(
            "select count(*) from {table} p join event e on e.at = p.{column}
             where e.bib_id is not null and p.{column} is not null"
        )
    };
    let mut tried: Vec<String> = [
        ("cart", "touched_at"),
        ("op", "at"),
        ("ordered_set", "made_at"),
        ("sent_mail", "sent_at"),
        ("sent_mail", "came_back_at"),
        ("audit", "at"),
        ("guess", "last_at"),
        ("guess", "known_until"),
        ("passkey", "used_at"),
        ("session", "begun_at"),
        ("session", "seen_at"),
        ("session", "expires_at"),
    ]
    .map(|(table, column)| moments_of(table, column))
    .to_vec();
    tried.extend(
        [
            "select count(*) from loan where patron_id is null and return_said_at is not null",
            "select count(*) from event where loan_id is not null and (data <> '{}' or actor_role <> 'system')",
            "select count(*) from op where answer like '%題名%'",
            "select count(*) from notice_try t join sent_mail s on s.notice_id = t.op",
            "select count(*) from sent_mail where event_id is not null",
        ]
        .map(ToOwned::to_owned),
    );
    if matches!(shelf.library.database(), Database::Postgres(_)) {
        for table in ["patron", "audit", "ordered_set", "set_gap", "cart", "cart_line", "op", "sent_mail"] {
            for other in ["event", "loan", "bib", "item"] {
                tried.push(format!("select count(*) from {table} p join {other} t on t.xmin = p.xmin"));
            }
        }
    }
    for sql in tried {
        assert_eq!(shelf.count(&sql).await, 0, "{sql}");
    }
    let moments = "select count(distinct at) from event where loan_id is not null";
    assert!(shelf.count(moments).await <= 3, "the hours of that day, for the figures");
    for table in ["loan", "event", "ordered_set", "cart", "reservation", "sent_mail"] {
        let column = if table == "sent_mail" { "notice_id" } else { "id" };
        for (_, id) in shelf.rows(&format!("select '', {column} from {table}")).await {
            assert_ne!(id.get_version_num(), 7, "an id of {table} tells a moment");
        }
    }
    assert_eq!(crate::invariants::check(&day(&shelf, 5)).await, [""; 0]);
}

async fn r28_a_rare_deed_of_staff_is_not_found_by_its_day(shelf: Shelf) {
    // On the tenth day of a month: of a deed the first of its month is left.
    let morning = |days: i64| shelf.again(Clock::Fixed(morning() + TimeDelta::days(9 + days)), policy());
    let library = morning(0);
    let clerk = StaffForm { login: "clerk".into(), password: "long enough".into(), role: StaffRole::Desk };
    let clerk = library.add_staff(&clerk).await.unwrap().unwrap();
    let desk = library.as_staff(clerk);
    let patron = shelf.patron().await;
    let (reserved, copies) = shelf.book(&["central"]).await;
    let (_, others) = shelf.book(&["central"]).await;
    let (open, _) = shelf.book(&["central"]).await;
    let mut request = shelf.request(&[reserved], 0, "central");
    request.contact = Contact::Telephone;
    desk.reserve(&By::Staff, patron, &request).await.unwrap().unwrap();
    desk.check_out(&By::Staff, &place("central"), patron, &copies[0]).await.unwrap().unwrap();
    let why = By::Overrule("館長の承認".to_owned());
    desk.check_out(&why, &place("central"), patron, &others[0]).await.unwrap().unwrap();
    desk.set_card_state(patron, domain::patrons::CardState::Active).await.unwrap();
    for copy in [&copies[0], &others[0]] {
        desk.check_in(&place("central"), copy).await.unwrap().unwrap();
    }
    let rare = "select count(*) from event where data like '%overruled%'";
    assert_eq!(shelf.count(rare).await, 1);
    // A day later something else is reserved for them, and goes on.
    let next = morning(1);
    next.daily().await.unwrap();
    let request = shelf.request(&[open], 0, "central");
    next.as_staff(clerk).reserve(&By::Staff, patron, &request).await.unwrap().unwrap();
    morning(2).daily().await.unwrap();

    assert_eq!(shelf.count(rare).await, 0, "that it was an exception");
    let by_staff = "select count(*) from event e join reservation r on r.id = e.reservation_id
         where r.patron_id is null and e.actor_role = 'staff'";
    assert_eq!(shelf.count(by_staff).await, 0, "that it was staff who reserved");
    let same_day = "select count(*) from audit a join loan l on l.lent_at = a.at where l.patron_id is null";
    assert_eq!(shelf.count(same_day).await, 0, "the day");
    // Who did what to which card, and why, is there as before.
    let card = shelf.rows(&format!("select card_number, id from patron where id = {}", shelf.uuid(patron.0))).await;
    let query = AuditQuery { card: card[0].0.clone(), ..AuditQuery::default() };
    let mut rows: Vec<_> = morning(2)
        .audit_page(&query)
        .await
        .unwrap()
        .rows
        .into_iter()
        .map(|row| (row.deed, row.day, row.staff, row.note, row.time.is_some()))
        .collect();
    rows.sort();
    let april = |day| NaiveDate::from_ymd_opt(2026, 4, day).unwrap();
    let by = || Some("clerk".to_owned());
    let expected = [
        (Deed::CardActivated, april(10), by(), None, true),
        (Deed::Reserved, april(1), by(), None, false),
        (Deed::Reserved, april(11), by(), None, false),
        (Deed::Overruled, april(1), by(), Some("館長の承認".to_owned()), false),
    ];
    assert_eq!(rows, expected);
}

async fn r28_answers_lose_their_titles_and_are_still_given_once(shelf: Shelf) {
    let patron = shelf.patron().await;
    let (part, _) = shelf.book(&["central"]).await;
    let (_, copies) = shelf.book(&["central"]).await;
    let library = at(&shelf, 60);
    let request = shelf.request(&[part], 0, "central");
    library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
    lend(&library, patron, &copies[0]).await;
    let loan = library.loans(patron).await.unwrap()[0].id;
    let renew = library.new_op();
    library.act(&By::Patron, patron, renew, &PatronAction::SayReturned(loan)).await.unwrap().unwrap();
    let titles = "select count(*) from op where answer like '%題名%'";
    assert_eq!(shelf.count(titles).await, 2);
    library.daily().await.unwrap();
    assert_eq!(shelf.count(titles).await, 2, "on its day the page may be loaded again");
    let next = day(&shelf, 1);
    next.daily().await.unwrap();
    assert_eq!(shelf.count(titles).await, 0);
    assert_eq!(shelf.count("select count(*) from op").await, 2);
    let again = next.reserve(&By::Patron, patron, &request).await.unwrap();
    assert_eq!(again, Err(Refusal::SettledAlready));
    let again = next.act(&By::Patron, patron, renew, &PatronAction::SayReturned(loan)).await.unwrap();
    assert_eq!(again, Err(Refusal::SettledAlready));
    assert_eq!(next.reserve_answer(patron, request.op).await.unwrap(), None);
    assert_eq!(next.reservations(patron).await.unwrap().len(), 1);
}

async fn r28_the_engines_log_is_emptied(shelf: Shelf) {
    a_day(&shelf).await;
    let log = shelf.folder.path().join("test.db-wal");
    let length = || std::fs::metadata(&log).map_or(0, |file| file.len());
    if matches!(shelf.library.database(), Database::Sqlite { .. }) {
        assert!(length() > 0, "the day stands in it");
    }
    day(&shelf, 1).daily().await.unwrap();
    assert_eq!(length(), 0);
    // What comes after finds a writer that waits as before.
    shelf.patron().await;
}

async fn r28_the_figures_are_as_they_were(shelf: Shelf) {
    let mut lent = Vec::new();
    for n in 0..6 {
        let patron = shelf.patron().await;
        let (part, copies) = shelf.book(&["central"]).await;
        at(&shelf, 60 + n).reserve(&By::Patron, patron, &shelf.request(&[part], 0, "central")).await.unwrap().unwrap();
        lend(&at(&shelf, 1700 + n), patron, &copies[0]).await;
        lent.push(copies[0].clone());
    }
    for (n, copy) in (0..).zip(&lent) {
        // Until the last second of an hour, and from the first of the next.
        at(&shelf, 5397 + n).check_in(&place("central"), copy).await.unwrap().unwrap();
    }
    let today = shelf.library.today();
    let mut before = Vec::new();
    for span in [Span::Day(today), Span::Month(today), Span::Year(today)] {
        before.push(shelf.library.figures(span).await.unwrap());
    }
    day(&shelf, 1).daily().await.unwrap();
    assert_eq!(shelf.count("select count(*) from loan where patron_id is not null").await, 0);
    for (span, was) in [Span::Day(today), Span::Month(today), Span::Year(today)].into_iter().zip(before) {
        assert_eq!(shelf.library.figures(span).await.unwrap(), was);
    }
}
