//! Whose sessions are, the second factor of staff, what staff did to which card, and what a patron may see and erase.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    OpId, PatronId, StaffId,
    circulation::{By, PatronAction},
    patrons::{AuditQuery, CardForm, CardState, Deed, FactorProblem, SignIn, StaffForm, StaffProblem, StaffRole},
};
use library::{
    Clock, Library, Origin,
    patrons::{code_of, new_secret},
    sessions::{Owner, SessionRow},
};
use uuid::Uuid;

use crate::support::{Shelf, morning, on_both_engines, place, policy};

on_both_engines!(
    a_patron_sees_and_ends_their_own_sessions,
    a_replaced_card_ends_the_sessions_and_a_suspended_one_does_not,
    a_browser_of_a_patron_and_of_staff_counts_for_each_by_their_own_limits,
    staff_see_where_they_are_signed_in_and_change_their_own_password,
    a_code_opens_once_and_wrong_ones_cost_time,
    a_recovery_code_is_used_up_and_a_lost_factor_can_be_taken_away,
    what_staff_do_to_a_card_is_written_down_without_a_title,
    the_log_of_staff_is_erased_in_time,
    a_patron_gets_what_is_kept_of_them_and_erases_what_is_theirs,
    every_table_stands_on_the_page_about_privacy,
);

const PASSWORD: &str = "long enough";

async fn session(library: &Library, id: &[u8], patron: PatronId, browser: &str, seen_at: DateTime<Utc>) {
    let row = SessionRow {
        data: "{}".to_owned(),
        patron: Some(patron),
        browser: browser.to_owned(),
        begun_at: Some(seen_at),
        seen_at: Some(seen_at),
        expires_at: library.now() + TimeDelta::days(30),
        ..SessionRow::default()
    };
    library.create_session(id, &row).await.unwrap();
}

async fn a_patron_sees_and_ends_their_own_sessions(shelf: Shelf) {
    let library = &shelf.library;
    let (patron, other) = (shelf.patron().await, shelf.patron().await);
    let now = library.now();
    let [here, phone, tablet] = [[1_u8; 32], [2; 32], [3; 32]];
    session(library, &here, patron, "Firefox · Linux", now - TimeDelta::days(3)).await;
    session(library, &phone, patron, "Chrome · Android", now).await;
    session(library, &tablet, patron, "Safari · iPad", now - TimeDelta::days(1)).await;
    session(library, &[4; 32], patron, "too old", now - TimeDelta::days(15)).await;
    session(library, &[5; 32], other, "another's", now).await;

    let browsers = async |patron| {
        let views = library.sessions_of(Owner::Patron(patron), &here).await.unwrap();
        views.into_iter().map(|view| (view.browser, view.here)).collect::<Vec<_>>()
    };
    let expected = [("Firefox · Linux", true), ("Chrome · Android", false), ("Safari · iPad", false)];
    assert_eq!(browsers(patron).await, expected.map(|(browser, here)| (browser.to_owned(), here)));

    let keys = library.sessions_of(Owner::Patron(patron), &here).await.unwrap();
    let key = &keys[1].key;
    assert!(!library.end_patron_session(other, key).await.unwrap(), "nobody ends another's");
    assert!(library.end_patron_session(patron, key).await.unwrap());
    assert!(!library.end_patron_session(patron, key).await.unwrap());
    for nonsense in ["", "zz", "é", &"é".repeat(32), &"0".repeat(63)] {
        assert!(!library.end_patron_session(patron, nonsense).await.unwrap(), "{nonsense}");
    }
    assert_eq!(library.load_session(&phone).await.unwrap(), None, "ended in the database");
    library.end_other_sessions(Owner::Patron(patron), &here).await.unwrap();
    assert_eq!(browsers(patron).await, [("Firefox · Linux".to_owned(), true)]);
    assert_eq!(browsers(other).await, [("another's".to_owned(), false)]);
}

async fn a_replaced_card_ends_the_sessions_and_a_suspended_one_does_not(shelf: Shelf) {
    let library = &shelf.library;
    let patron = shelf.patron().await;
    session(library, &[1; 32], patron, "Chrome · Android", library.now()).await;
    library.set_card_state(patron, CardState::Suspended).await.unwrap();
    assert!(library.load_session(&[1; 32]).await.unwrap().is_some());
    library.replace_card(patron, "7000001").await.unwrap().unwrap();
    assert!(library.load_session(&[1; 32]).await.unwrap().is_none());
}

async fn member(library: &Library, login: &str, role: StaffRole) -> StaffId {
    let form = StaffForm { login: login.to_owned(), password: PASSWORD.to_owned(), role };
    library.add_staff(&form).await.unwrap().unwrap()
}

async fn staff_see_where_they_are_signed_in_and_change_their_own_password(shelf: Shelf) {
    let library = &shelf.library;
    let staff = member(library, "sato", StaffRole::Desk).await;
    let other = member(library, "ito", StaffRole::Desk).await;
    let now = library.now();
    for (id, whose, browser, seen_at) in [
        (1, staff, "here", now),
        (2, staff, "the kiosk's room", now),
        (3, staff, "over since lunch", now - TimeDelta::minutes(61)),
        (4, other, "another's", now),
    ] {
        let row = SessionRow {
            data: "{}".to_owned(),
            staff: Some(whose),
            browser: browser.to_owned(),
            staff_begun_at: Some(seen_at),
            staff_seen_at: Some(seen_at),
            expires_at: now + TimeDelta::days(30),
            ..SessionRow::default()
        };
        library.create_session(&[id; 32], &row).await.unwrap();
    }
    let browsers = async |staff| {
        let views = library.sessions_of(Owner::Staff(staff), &[1; 32]).await.unwrap();
        views.into_iter().map(|view| view.browser).collect::<Vec<_>>()
    };
    assert_eq!(browsers(staff).await, ["here", "the kiosk's room"]);
    library.end_other_sessions(Owner::Staff(staff), &[1; 32]).await.unwrap();
    assert_eq!(browsers(staff).await, ["here"]);
    assert_eq!(browsers(other).await, ["another's"]);

    let origin = Origin::unknown();
    let change = async |form| library.change_staff_password(staff, form, &origin).await.unwrap();
    let generation = async || library.staff_member(staff).await.unwrap().unwrap().generation;
    let before = generation().await;
    assert_eq!(change((PASSWORD, "short", "short")).await, Err(StaffProblem::Password));
    assert_eq!(change((PASSWORD, "much longer", "much lounger")).await, Err(StaffProblem::Again));
    assert_eq!(change(("not this one", "much longer", "much longer")).await, Err(StaffProblem::Old));
    assert_eq!(generation().await, before);
    assert_eq!(change((PASSWORD, "much longer", "much longer")).await, Ok(()));
    assert_eq!(generation().await, before + 1, "other sessions are over");
    let sign_in = async |password| library.staff_sign_in("sato", password, &origin).await.unwrap();
    assert_eq!(sign_in(PASSWORD).await, SignIn::Wrong);
    assert!(matches!(sign_in("much longer").await, SignIn::Done(_)));
    let mut last = Ok(());
    for _ in 0..20 {
        last = change(("not this one", "much longer", "much longer")).await;
    }
    assert_eq!(last, Err(StaffProblem::Wait), "a desk that was left open is no place to guess at leisure");
}

async fn a_browser_of_a_patron_and_of_staff_counts_for_each_by_their_own_limits(shelf: Shelf) {
    let library = &shelf.library;
    let (patron, staff) = (shelf.patron().await, member(library, "sato", StaffRole::Desk).await);
    let now = library.now();
    let ago = |minutes| Some(now - TimeDelta::minutes(minutes));
    // A patron who was here on another day and works here now; one who works here no more and reserves at home.
    for (id, patrons, staffs) in [(1, 3 * 24 * 60, 5), (2, 5, 61)] {
        let row = SessionRow {
            data: "{}".to_owned(),
            patron: Some(patron),
            staff: Some(staff),
            browser: id.to_string(),
            begun_at: ago(patrons),
            seen_at: ago(patrons),
            staff_begun_at: ago(staffs),
            staff_seen_at: ago(staffs),
            expires_at: now + TimeDelta::days(30),
        };
        library.create_session(&[0; 32], &SessionRow { browser: "other".to_owned(), ..row.clone() }).await.unwrap();
        library.save_session(&[0; 32], &row).await.unwrap();
        let browsers = async |owner| {
            let views = library.sessions_of(owner, &[]).await.unwrap();
            views.into_iter().map(|view| (view.browser, view.seen)).collect::<Vec<_>>()
        };
        let day = (now - TimeDelta::minutes(patrons)).date_naive();
        assert_eq!(browsers(Owner::Patron(patron)).await, [(id.to_string(), day)]);
        let at_work = if staffs < 60 { vec![(id.to_string(), library.today())] } else { Vec::new() };
        assert_eq!(browsers(Owner::Staff(staff)).await, at_work);
        library.delete_session(&[0; 32]).await.unwrap();
    }
}

fn seconds(shelf: &Shelf, n: i64) -> Library {
    shelf.again(Clock::Fixed(morning() + TimeDelta::seconds(n)), policy())
}

/// Sets up a second factor at the tests' morning; its secret and the recovery codes.
async fn with_factor(library: &Library, staff: StaffId) -> (String, Vec<String>) {
    let secret = new_secret();
    let code = code_of(&secret, morning()).unwrap();
    let codes = library.set_factor(staff, &secret, (PASSWORD, &code), &Origin::unknown()).await.unwrap().unwrap();
    (secret, codes)
}

async fn a_code_opens_once_and_wrong_ones_cost_time(shelf: Shelf) {
    let library = &shelf.library;
    let staff = member(library, "boss", StaffRole::Manager).await;
    assert_eq!(library.second_factor(staff).await.unwrap(), None);
    let (secret, another) = (new_secret(), new_secret());
    assert_ne!(secret, another);
    let set = async |secret: &str, password: &str, code: &str| {
        library.set_factor(staff, secret, (password, code), &Origin::unknown()).await.unwrap()
    };
    let first = code_of(&secret, morning()).unwrap();
    assert_eq!(set(&secret, "not this one", &first).await, Err(FactorProblem::Password));
    assert_eq!(set(&secret, PASSWORD, "000000").await, Err(FactorProblem::Wrong));
    for wrong in [another.as_str(), "", "no secret"] {
        assert_eq!(set(wrong, PASSWORD, &first).await, Err(FactorProblem::Wrong), "{wrong}");
    }
    assert_eq!(library.second_factor(staff).await.unwrap(), None, "what was only offered asks nobody for a code");
    assert_eq!(shelf.count("select count(*) from staff_factor").await, 0, "nor is it kept");
    let before = library.staff_member(staff).await.unwrap().unwrap().generation;
    let codes = set(&secret, PASSWORD, &first).await.unwrap();
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 10);
    assert_eq!(library.second_factor(staff).await.unwrap(), Some(10));
    assert_eq!(library.staff_member(staff).await.unwrap().unwrap().generation, before + 1, "other sessions are over");
    let others = code_of(&another, morning()).unwrap();
    assert_eq!(set(&another, PASSWORD, &others).await, Err(FactorProblem::Wrong), "there is one");
    assert_eq!(library.second_factor(staff).await.unwrap(), Some(10));

    assert_eq!(library.give_code(staff, &first).await.unwrap(), Err(FactorProblem::Wrong), "it was used to set up");
    let later = seconds(&shelf, 60);
    let code = code_of(&secret, later.now()).unwrap();
    assert_eq!(later.give_code(staff, &code).await.unwrap(), Ok(()));
    assert_eq!(later.give_code(staff, &code).await.unwrap(), Err(FactorProblem::Wrong), "somebody looked on");

    let shelf_wrong = seconds(&shelf, 120);
    for _ in 0..4 {
        assert_eq!(shelf_wrong.give_code(staff, "12345").await.unwrap(), Err(FactorProblem::Wrong));
    }
    let right = code_of(&secret, shelf_wrong.now()).unwrap();
    assert_eq!(shelf_wrong.give_code(staff, &right).await.unwrap(), Err(FactorProblem::Wait), "even the right one");
    assert_eq!(shelf_wrong.give_code(staff, &codes[0]).await.unwrap(), Err(FactorProblem::Wait));
    let patient = seconds(&shelf, 181);
    let right = code_of(&secret, patient.now()).unwrap();
    assert_eq!(patient.give_code(staff, &right).await.unwrap(), Ok(()));
}

async fn a_recovery_code_is_used_up_and_a_lost_factor_can_be_taken_away(shelf: Shelf) {
    let library = &shelf.library;
    let (boss, desk) =
        (member(library, "boss", StaffRole::Manager).await, member(library, "desk", StaffRole::Desk).await);
    let (_, codes) = with_factor(library, desk).await;
    let typed = codes[3].to_lowercase().replace('-', " ");
    assert_eq!(library.give_code(boss, &typed).await.unwrap(), Err(FactorProblem::Wrong), "it is another's");
    assert_eq!(library.give_code(desk, &typed).await.unwrap(), Ok(()));
    assert_eq!(library.give_code(desk, &typed).await.unwrap(), Err(FactorProblem::Wrong));
    assert_eq!(library.second_factor(desk).await.unwrap(), Some(9));
    let of_a_hash = "select count(*) from staff_recovery where length(code_hash) = 32";
    assert_eq!(shelf.count(of_a_hash).await, 9, "the codes themselves are kept nowhere");

    library.as_staff(boss).remove_factor(desk).await.unwrap();
    assert_eq!(library.second_factor(desk).await.unwrap(), None);
    assert_eq!(shelf.count("select count(*) from staff_recovery").await, 0);
    assert!(library.staff_accounts().await.unwrap().iter().all(|account| !account.factor));
    // The command line lets in the manager who lost everything.
    with_factor(library, boss).await;
    library.make_manager("boss", "a new password").await.unwrap().unwrap();
    assert_eq!(library.second_factor(boss).await.unwrap(), None);
    assert!(matches!(
        library.staff_sign_in("boss", "a new password", &Origin::unknown()).await.unwrap(),
        SignIn::Done(_)
    ));
}

/// Deeds, who did them and the notes beside, the oldest first.
async fn deeds(library: &Library, card: &str) -> Vec<(Deed, Option<String>, bool, Option<String>)> {
    let query = AuditQuery { card: card.to_owned(), ..AuditQuery::default() };
    let rows = library.audit_page(&query).await.unwrap().rows;
    rows.into_iter().map(|row| (row.deed, row.staff, row.time.is_some(), row.note)).collect()
}

async fn what_staff_do_to_a_card_is_written_down_without_a_title(shelf: Shelf) {
    let clerk = member(&shelf.library, "clerk", StaffRole::Desk).await;
    let desk = shelf.library.as_staff(clerk);
    let form = CardForm {
        number: "7000001".to_owned(),
        name: "川上 みどり".to_owned(),
        kana: "かわかみ みどり".to_owned(),
        birth_date: "1985-05-06".to_owned(),
        telephone: "0480-12-3456".to_owned(),
        ..CardForm::default()
    };
    let patron = desk.issue_card(OpId(Uuid::now_v7()), &form).await.unwrap().unwrap();
    desk.edit_card(patron, &form).await.unwrap().unwrap();
    desk.set_card_state(patron, CardState::Suspended).await.unwrap();
    desk.set_card_state(patron, CardState::Active).await.unwrap();
    let card_deeds: Vec<Deed> = deeds(&shelf.library, "7000001").await.into_iter().map(|(deed, ..)| deed).collect();
    let issued = [Deed::CardIssued, Deed::CardEdited, Deed::CardSuspended, Deed::CardActivated];
    assert_eq!(card_deeds.iter().collect::<BTreeSet<_>>(), issued.iter().collect());

    let (part, copies) = shelf.book(&["central"]).await;
    let (held, held_copies) = shelf.book(&["central"]).await;
    let mut request = shelf.request(&[part], 0, "central");
    request.contact = domain::patrons::Contact::Telephone;
    let reservation =
        desk.reserve(&By::Staff, patron, &request).await.unwrap().unwrap().titles[0].answer.clone().unwrap().0;
    let cancel = PatronAction::Cancel(reservation);
    desk.act(&By::Staff, patron, OpId(Uuid::now_v7()), &cancel).await.unwrap().unwrap();
    // Lending is the desk's daily bread, but not what somebody else waits for.
    desk.check_out(&By::Staff, &place("central"), patron, &copies[0]).await.unwrap().unwrap();
    let waiting = shelf.patron().await;
    shelf.reserve(waiting, &[held], 0, "central").await;
    desk.check_in(&place("central"), &held_copies[0]).await.unwrap().unwrap();
    let why = By::Overrule("館長の承認".to_owned());
    desk.check_out(&why, &place("central"), patron, &held_copies[0]).await.unwrap().unwrap();

    let by = || Some("clerk".to_owned());
    let of_titles: BTreeSet<_> =
        deeds(&shelf.library, "7000001").await.into_iter().filter(|(deed, ..)| deed.concerns_title()).collect();
    let expected = [
        (Deed::Reserved, by(), false, None),
        (Deed::Cancelled, by(), false, None),
        (Deed::Overruled, by(), false, Some("館長の承認".to_owned())),
    ];
    assert_eq!(of_titles, expected.into_iter().collect());

    // Neither by a moment nor by a sentence can a line be brought together with what the event log says of a title.
    let same_moment = "select count(*) from audit a join event e on e.at = a.at\n         where e.bib_id is not null and a.deed in ('reserved', 'cancelled', 'overruled')";
    assert_eq!(shelf.count(same_moment).await, 0);
    assert_eq!(shelf.count("select count(*) from event where data like '%館長の承認%'").await, 0);
    assert_eq!(
        shelf.count("select count(*) from event where kind = 'checked-out' and data like '%overruled%'").await,
        1
    );

    // What a patron does themselves is nobody's business.
    let before = deeds(&shelf.library, "2000001").await.len();
    shelf.reserve(waiting, &[shelf.book(&["central"]).await.0], 0, "central").await;
    assert_eq!(deeds(&shelf.library, "2000001").await.len(), before);
    let unknown = AuditQuery { card: "7777777".to_owned(), ..AuditQuery::default() };
    assert!(shelf.library.audit_page(&unknown).await.unwrap().unknown_card);
}

async fn the_log_of_staff_is_erased_in_time(shelf: Shelf) {
    let boss = member(&shelf.library, "boss", StaffRole::Manager).await;
    shelf.library.as_staff(boss).note_staff_sign_in().await.unwrap();
    let page = shelf.library.audit_page(&AuditQuery::default()).await.unwrap();
    let lines: BTreeSet<_> =
        page.rows.iter().map(|row| (row.deed, row.staff.as_deref(), row.note.as_deref())).collect();
    let expected = [(Deed::SignedIn, Some("boss"), None), (Deed::StaffAdded, None, Some("boss"))];
    assert_eq!(lines, expected.into_iter().collect());
    let of_boss = AuditQuery { staff: Some(boss), ..AuditQuery::default() };
    assert_eq!(shelf.library.audit_page(&of_boss).await.unwrap().rows.len(), 1);
    let yesterday = AuditQuery { day: shelf.library.today().pred_opt(), ..AuditQuery::default() };
    assert_eq!(shelf.library.audit_page(&yesterday).await.unwrap().rows, []);

    let day = async |n: i64| {
        let report = shelf.again(Clock::Fixed(morning() + TimeDelta::days(n)), policy()).daily().await.unwrap();
        report.deeds_forgotten
    };
    assert_eq!(day(365).await, 0);
    assert_eq!(day(366).await, 2);
}

async fn a_patron_gets_what_is_kept_of_them_and_erases_what_is_theirs(shelf: Shelf) {
    use domain::cart::CartChange;

    let library = &shelf.library;
    let (patron, other) = (shelf.patron().await, shelf.patron().await);
    let [kept, cancelled, lent, wanted] = [
        shelf.book(&["central"]).await,
        shelf.book(&["central"]).await,
        shelf.book(&["central"]).await,
        shelf.book(&["central"]).await,
    ];
    let answer = shelf.reserve(patron, &[kept.0, cancelled.0], 0, "central").await;
    let gone = answer.titles[1].answer.clone().unwrap().0;
    library.act(&By::Patron, patron, OpId(Uuid::now_v7()), &PatronAction::Cancel(gone)).await.unwrap().unwrap();
    library.check_out(&By::Staff, &place("central"), patron, &lent.1[0]).await.unwrap().unwrap();
    library.change_cart(None, Some(patron), &CartChange::Add(wanted.0)).await.unwrap();
    library.check_in(&place("central"), &kept.1[0]).await.unwrap().unwrap();
    for (id, whose) in [([1; 32], patron), ([2; 32], other)] {
        session(library, &id, whose, "Chrome · Android", library.now()).await;
    }

    let data = library.own_data(patron).await.unwrap().unwrap();
    assert_eq!((data.card.number.as_str(), data.card.mails.len(), data.card.has_password), ("2000001", 1, false));
    assert_eq!((data.loans.len(), data.reservations.len(), data.cancelled.len()), (1, 1, 1));
    assert_eq!((data.cart.len(), data.sessions.len(), data.mails.len()), (1, 1, 1));
    assert!(serde_json::to_string(&data).unwrap().contains("hanako1@example.jp"));

    library.erase_own_data(patron).await.unwrap();
    let data = library.own_data(patron).await.unwrap().unwrap();
    assert_eq!((data.card.mails.len(), data.cart.len(), data.sessions.len(), data.cancelled.len()), (0, 0, 0, 0));
    assert_eq!((data.loans.len(), data.reservations.len()), (1, 1), "what the library needs to know stays");
    assert_eq!(library.telephone_list(&place("central")).await.unwrap().list.to_call.len(), 1, "told all the same");
    for left in [
        "select count(*) from session where patron_id is not null and browser <> 'Chrome · Android'",
        "select count(*) from op where answer like '%題名%'",
    ] {
        assert_eq!(shelf.count(left).await, 0, "{left}");
    }
    assert!(library.load_session(&[2; 32]).await.unwrap().is_some(), "another's stays");
}

/// docs/privacy.md says of every table whose it is; a new one has to find its line there.
async fn every_table_stands_on_the_page_about_privacy(shelf: Shelf) {
    let page = include_str!("../../../docs/privacy.md");
    let list = match shelf.library.database() {
        library::storage::Database::Sqlite { .. } => {
            "select name, x'00000000000000000000000000000000' from sqlite_master
             where type = 'table' and name not like 'sqlite_%' and name not like '\\_sqlx%' escape '\\'"
        }
        library::storage::Database::Postgres(_) => {
            "select tablename::text, '00000000-0000-0000-0000-000000000000'::uuid from pg_tables
             where schemaname = 'public' and tablename not like '\\_sqlx%'"
        }
    };
    let tables: Vec<String> = shelf.rows(list).await.into_iter().map(|(name, _)| name).collect();
    assert!(tables.len() > 25, "{tables:?}");
    let missing: Vec<_> = tables.iter().filter(|table| !page.contains(&format!("`{table}`"))).collect();
    assert!(missing.is_empty(), "docs/privacy.md says nothing of {missing:?}");
}
