//! 貸出履歴 (R28): off until it is chosen, and closed until its patron opens it.

use domain::{
    bookshelf::{HISTORY_PAGE, HistoryLine, HistoryView},
    messages::Key,
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    HISTORY, HISTORY_FILE, SHELF,
    history_api::{
        self, DeleteAll, DeleteEntry, EndHistory, NewCode, OpenHistory, ReopenHistory, StartHistory, StopHistory,
    },
    list::paging,
};
use crate::{
    account::parts::{cell, own_page, row, table},
    browser,
    components::{material_mark, native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    kiosk::file_link,
    layout::NotFound,
    load::load,
    page::{Own, patron_page},
};

/// `/account/history`
#[component]
pub fn HistoryPage() -> ErasedView {
    let asked = use_query_map();
    let page = Memo::new(move |_| asked.read().get_str("page").and_then(|page| page.parse().ok()).unwrap_or(1));
    let answer = load(move || page.get(), history_api::load_history);
    patron_page(HISTORY.to_owned(), answer, |own| own_page(Key::HistoryTitle, &own, shown(&own.loaded)))
}

fn shown(view: &HistoryView) -> ErasedView {
    let i18n = use_i18n();
    let state =
        |keeping: bool| p("notice", i18n.t(if keeping { Key::HistoryStateOn } else { Key::HistoryStateStopped }));
    match view {
        HistoryView::Off => view! {
            {p("notice", i18n.t(Key::HistoryStateOff))}
            <p class="buttons">
                <a class="button" href=format!("{HISTORY}/start")>{i18n.show(Key::HistoryToStart)}</a>
                <a class="button" href=SHELF>{i18n.show(Key::ShelfBack)}</a>
            </p>
        }
        .erased(),
        HistoryView::Closed { keeping } => view! {
            {state(*keeping)}
            {p("", i18n.t(Key::HistoryClosedLead))}
            {with_password::<OpenHistory>(i18n, Key::HistoryOpenButton)}
            {ways(i18n, false)}
        }
        .erased(),
        HistoryView::Open { keeping, lines, total, page } => {
            let rest = if lines.is_empty() {
                p("empty", i18n.t(Key::HistoryEmpty))
            } else {
                let rows = lines.iter().map(|one| line(i18n, one)).collect();
                let columns = [Key::ColumnTitle, Key::HistoryColumnLent, Key::ColumnActions];
                view! { {p("", i18n.number(Key::HistoryCount, total))} {table(&columns, rows)} }.erased()
            };
            view! {
                {state(*keeping)}
                {rest}
                {paging(i18n, total.div_ceil(HISTORY_PAGE), *page, |page| format!("{HISTORY}?page={page}"))}
                {ways(i18n, *total > 0)}
            }
            .erased()
        }
    }
}

/// Where one can go from here.
fn ways(i18n: I18n, file: bool) -> ErasedView {
    let file = file.then(|| file_link(HISTORY_FILE.to_owned(), i18n.t(Key::HistoryDownload)));
    view! {
        <p class="buttons">
            {file}
            <a class="button" href=format!("{HISTORY}/manage")>{i18n.show(Key::HistoryManage)}</a>
            <a class="button" href=SHELF>{i18n.show(Key::ShelfBack)}</a>
        </p>
    }
    .erased()
}

fn line(i18n: I18n, line: &HistoryLine) -> ErasedView {
    let entry = &line.entry;
    let button = view! {
        <input type="hidden" name="entry" value=line.id.to_string() />
        <button aria-label=i18n.fill(Key::HistoryDeleteOf, &[("title", &entry.title)])>{i18n.show(Key::HistoryDelete)}</button>
    };
    let titled = view! {
        <th scope="row">
            <a href=format!("/bibs/{}", entry.bib)>{entry.title.clone()}</a>
            <p class="facts"><span>{entry.creators.clone()}</span> {material_mark(entry.material)}</p>
        </th>
    };
    row(vec![
        titled.erased(),
        cell(Key::HistoryColumnLent, i18n.date(entry.lent_on).erased()),
        cell(Key::ColumnActions, native_form::<DeleteEntry>("inline", button.erased())),
    ])
}

/// A form that asks for the password in use.
pub(super) fn with_password<F: ServerFn>(i18n: I18n, text: Key) -> ErasedView {
    let fields = view! {
        {password_field("password", i18n.t(Key::HistoryPassword), "current-password")}
        <button class="primary">{i18n.t(text)}</button>
    };
    native_form::<F>("stack", fields.erased())
}

fn password_field(name: &'static str, label: String, auto: &'static str) -> ErasedView {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input id=name name=name type="password" required autocomplete=auto />
        </div>
    }
    .erased()
}

/// `/account/history/{deed}`
#[component]
pub fn HistoryDeedPage() -> ErasedView {
    let params = use_params_map();
    let page = move || match params.read().get_str("deed") {
        Some("start") => of_history("start", Key::HistoryStartTitle, start),
        Some("reopen") => of_history("reopen", Key::HistoryTitle, reopen),
        Some("manage") => of_history("manage", Key::HistoryManage, manage),
        Some("code") => code_page(),
        _ => view! { <NotFound /> }.erased(),
    };
    view! { {page} }.erased()
}

fn of_history(deed: &'static str, title: Key, show: fn(&HistoryView) -> ErasedView) -> ErasedView {
    let answer = load(|| 1, history_api::load_history);
    patron_page(format!("{HISTORY}/{deed}"), answer, move |own: Own<HistoryView>| {
        own_page(title, &own, show(&own.loaded))
    })
}

/// The choice, with all that follows from it, before it is made.
fn start(view: &HistoryView) -> ErasedView {
    let i18n = use_i18n();
    let what = [
        Key::HistoryStartWhat,
        Key::HistoryStartSealed,
        Key::HistoryStartForgotten,
        Key::HistoryStartWeak,
        Key::HistoryStartEnd,
    ]
    .map(|key| view! { <li>{i18n.t(key)}</li> })
    .collect_view();
    let button = if *view == HistoryView::Off { Key::HistoryStartButton } else { Key::HistoryResumeButton };
    view! {
        <ul class="consequences">{what}</ul>
        {with_password::<StartHistory>(i18n, button)}
        <p><a class="button" href=HISTORY>{i18n.show(Key::HistoryNotNow)}</a></p>
    }
    .erased()
}

/// A history that was closed with an earlier password.
fn reopen(_: &HistoryView) -> ErasedView {
    let i18n = use_i18n();
    let fields = view! {
        {password_field("password", i18n.t(Key::HistoryNowPassword), "current-password")}
        {password_field("earlier", i18n.t(Key::HistoryEarlier), "off")}
        <button class="primary">{i18n.show(Key::HistoryOpenButton)}</button>
    };
    view! {
        {p("", i18n.t(Key::HistoryOtherLead))}
        {native_form::<ReopenHistory>("stack", fields.erased())}
        <section>
            {p("", i18n.t(Key::HistoryAnewLead))}
            {ending(i18n)}
        </section>
    }
    .erased()
}

fn ending(i18n: I18n) -> ErasedView {
    let button = view! { <button>{i18n.show(Key::HistoryEnd)}</button> };
    view! { {p("", i18n.t(Key::HistoryEndLead))} {native_form::<EndHistory>("inline", button.erased())} }.erased()
}

/// Stopping, going on, deleting, another recovery code.
fn manage(view: &HistoryView) -> ErasedView {
    let i18n = use_i18n();
    let keeping = match view {
        HistoryView::Off => return shown(view),
        HistoryView::Closed { keeping } | HistoryView::Open { keeping, .. } => *keeping,
    };
    let stop = if keeping {
        let button = view! { <button>{i18n.show(Key::HistoryStop)}</button> };
        view! { {p("", i18n.t(Key::HistoryStopLead))} {native_form::<StopHistory>("inline", button.erased())} }.erased()
    } else {
        let to = format!("{HISTORY}/start");
        view! { <p><a class="button" href=to>{i18n.show(Key::HistoryResumeButton)}</a></p> }.erased()
    };
    let delete = view! { <button>{i18n.show(Key::HistoryDeleteAll)}</button> };
    view! {
        <section>{stop}</section>
        <section>
            <h2>{i18n.show(Key::HistoryDeleteAll)}</h2>
            {p("", i18n.t(Key::HistoryDeleteAllLead))}
            {native_form::<DeleteAll>("inline", delete.erased())}
        </section>
        <section>
            <h2>{i18n.show(Key::HistoryEnd)}</h2>
            {ending(i18n)}
        </section>
        <section>
            <h2>{i18n.show(Key::HistoryCodeNew)}</h2>
            {p("", i18n.t(Key::HistoryCodeNewLead))}
            {with_password::<NewCode>(i18n, Key::HistoryCodeNew)}
        </section>
        <p><a class="button" href=HISTORY>{i18n.show(Key::AccountBack)}</a></p>
    }
    .erased()
}

/// The recovery code, once.
fn code_page() -> ErasedView {
    let answer = load(|| (), |()| history_api::load_code());
    patron_page(format!("{HISTORY}/code"), answer, |own: Own<Option<String>>| {
        let i18n = use_i18n();
        let rest = match &own.loaded {
            None => p("notice", i18n.t(Key::HistoryCodeGone)),
            Some(code) => view! {
                {p("", i18n.t(Key::HistoryCodeLead))}
                <p class="recovery-code"><code>{code.clone()}</code></p>
                <p class="no-print">
                    <button type="button" class="with-scripts" on:click=|_| browser::print("page")>
                        {i18n.show(Key::HistoryCodePrint)}
                    </button>
                </p>
            }
            .erased(),
        };
        let on = view! { <p class="no-print"><a class="button primary" href=HISTORY>{i18n.show(Key::HistoryCodeDone)}</a></p> };
        own_page(Key::HistoryCodeTitle, &own, view! { {rest}{on} }.erased())
    })
}
