//! 操作の記録: what staff did to which card. Managers only.

use chrono::{Datelike as _, NaiveDate};
use domain::{
    messages::{self, Key},
    patrons::{AuditPage, AuditRow},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    super::room::{Input, Room, room_page, submit, table, text, way},
    audit_api,
};
use crate::{
    address::encode,
    components::{alert, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    load::load,
};

const ADDRESS: &str = "/desk/library/audit";

/// `/desk/library/audit?day=…&staff=…&card=…`
pub(super) fn page() -> ErasedView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        ["day", "staff", "card"].map(|name| query.get(name).unwrap_or_default())
    });
    let found = load(move || asked.get(), |[day, staff, card]| audit_api::audit(day, staff, card));
    room_page(ADDRESS.to_owned(), found, move |room| audit(&room, &asked.get_untracked()))
}

fn audit(room: &Room<AuditPage>, [_, staff, card]: &[String; 3]) -> ErasedView {
    let i18n = use_i18n();
    let page = &room.loaded;
    let mut who = vec![(String::new(), i18n.t(Key::AuditEverybody))];
    who.extend(page.staff.iter().map(|(id, login)| (id.to_string(), login.clone())));
    let day = page.day.map(|day| day.to_string()).unwrap_or_default();
    let outcome = if page.unknown_card {
        alert(i18n.t(Key::AuditUnknownCard))
    } else if page.rows.is_empty() {
        p("empty", i18n.t(Key::AuditNone))
    } else {
        let columns = [Key::AuditWhen, Key::AuditWho, Key::AuditWhat, Key::AuditWhom, Key::AuditNote];
        table(&columns, page.rows.iter().map(|line| row(i18n, line)).collect())
    };
    let rest = view! {
        {p("hint", i18n.number(Key::AuditLead, page.kept_days))}
        <form class="stack" action=ADDRESS>
            {room.field(Input::date("day", Key::AuditDay, &day))}
            {room.select("staff", Key::AuditStaff, who, staff)}
            {room.field(Input::digits("card", Key::AuditCard, card))}
            {submit(Key::AuditShow)}
        </form>
        {page.day.map(|day| days(i18n, day, staff))}
        {page.more.then(|| p("notice", i18n.t(Key::AuditMore)))}
        {outcome}
        <p>{way("/desk/library".to_owned(), Key::DeskBack)}</p>
    };
    room.page(i18n.t(Key::AuditTitle), rest.erased())
}

/// The day that is shown, and the ways to those beside it.
fn days(i18n: I18n, day: NaiveDate, staff: &str) -> ErasedView {
    let to = |day: Option<NaiveDate>, name: Key| {
        day.map(|day| way(format!("{ADDRESS}?day={day}&staff={}", encode(staff)), name))
    };
    view! {
        <h2>{i18n.date(day)}</h2>
        <div class="buttons">{to(day.pred_opt(), Key::AuditBefore)} {to(day.succ_opt(), Key::AuditAfter)}</div>
    }
    .erased()
}

fn month_of(i18n: I18n, day: NaiveDate) -> String {
    let months = i18n.t(Key::DateMonths);
    let month = months.split(' ').nth(day.month0() as usize).unwrap_or_default();
    i18n.fill(Key::AuditMonth, &[("year", &day.year().to_string()), ("month", month)])
}

fn row(i18n: I18n, row: &AuditRow) -> Vec<ErasedView> {
    let when = match row.time {
        Some(time) => format!("{} {}", i18n.date(row.day), time.format("%H:%M")),
        None if row.is_of_month() => month_of(i18n, row.day),
        None => i18n.date(row.day),
    };
    let card = row.card.as_ref().map(|(id, number)| view! { <a href=format!("/desk/cards/{id}")>{number.clone()}</a> });
    vec![
        text(when),
        text(row.staff.clone().unwrap_or_else(|| i18n.t(Key::AuditCommandLine))),
        text(i18n.t(messages::deed(row.deed))),
        view! { {card} }.erased(),
        view! { {row.note.clone()} }.erased(),
    ]
}
