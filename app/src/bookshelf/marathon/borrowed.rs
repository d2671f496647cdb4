//! What the loan history brings to a marathon (R29): the switch, the word that it is closed, the books out of it.

use domain::{
    bookshelf::marathon::{Borrowed, FromHistory, Marathon, MarathonPage, Stands},
    messages::Key,
};
use leptos::prelude::*;

use super::{
    api::SayRead,
    parts::{Typed, hidden, section},
};
use crate::{
    bookshelf::{HISTORY, history::with_password, history_api::OpenHistory},
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
};

/// The switch, with what follows from it; where there is no history, how to get one.
pub(super) fn switch(typed: &Typed, now: bool, has_history: bool, season: bool) -> ErasedView {
    let i18n = use_i18n();
    let of_season = season.then(|| p("hint", i18n.t(Key::MarathonHistorySeason)));
    let content = if has_history || now {
        let checked = typed.ticked("from_history", now);
        view! {
            <label class="choice">
                <input type="checkbox" name="from_history" value="true" checked=checked />
                {i18n.show(Key::MarathonHistorySwitch)}
            </label>
            {p("hint", i18n.t(Key::MarathonHistoryLead))}
            {of_season}
        }
        .erased()
    } else {
        view! {
            {p("hint", i18n.t(Key::MarathonHistoryOff))}
            <p><a href=format!("{HISTORY}/start")>{i18n.show(Key::HistoryToStart)}</a></p>
        }
        .erased()
    };
    view! {
        <fieldset>
            <legend>{i18n.show(Key::MarathonHistory)}</legend>
            {content}
        </fieldset>
    }
    .erased()
}

/// That books are missing in all that follows, and the way to open the history.
pub(super) fn closed(shown: &MarathonPage) -> Option<ErasedView> {
    let i18n = use_i18n();
    let rest = match &shown.history {
        FromHistory::Closed => view! {
            {p("", i18n.t(Key::MarathonHistoryClosed))}
            {with_password::<OpenHistory>(i18n, Key::MarathonHistoryOpen)}
        }
        .erased(),
        FromHistory::NotKept if shown.marathon.aim.from_history => p("", i18n.t(Key::MarathonHistoryGone)),
        _ => return None,
    };
    Some(view! { <div class="notice no-print">{rest}</div> }.erased())
}

/// The books out of an opened history.
pub(super) fn borrowed(shown: &MarathonPage) -> Option<ErasedView> {
    let FromHistory::Open(books) = &shown.history else { return None };
    let i18n = use_i18n();
    if books.is_empty() {
        return Some(section(Key::MarathonHistory, p("hint", i18n.t(Key::MarathonHistoryEmpty))));
    }
    let items = books.iter().map(|book| item(i18n, &shown.marathon, book)).collect_view();
    let content = view! {
        {p("hint", i18n.t(Key::MarathonHistoryBooks))}
        <ol class="reads">{items}</ol>
    };
    Some(section(Key::MarathonHistory, content.erased()))
}

fn item(i18n: I18n, marathon: &Marathon, book: &Borrowed) -> ErasedView {
    let pages = (book.read.pages > 0).then(|| i18n.number(Key::MarathonPagesN, book.read.pages));
    let (why, deed) = match book.stands {
        Stands::Counts => (None, Some((false, Key::MarathonUnread, Key::MarathonUnreadOf))),
        Stands::Noted => (Some(Key::MarathonNotedByHand), None),
        Stands::Unread => {
            (Some(Key::MarathonIsUnread), Some((true, Key::MarathonReadAfterAll, Key::MarathonReadAfterAllOf)))
        }
    };
    let form = deed.map(|(read, text, name)| {
        let fields = view! {
            {hidden("marathon", marathon.id)} {hidden("entry", book.id)} {hidden("read", read)}
            <button class="quiet" aria-label=i18n.fill(name, &[("title", &book.title)])>{i18n.t(text)}</button>
        };
        native_form::<SayRead>("no-print", fields.erased())
    });
    view! {
        <li>
            <div>
                <span class="title">{book.title.clone()}</span>
                <p class="facts">
                    <span>{i18n.fill(Key::MarathonLentOn, &[("date", &i18n.date(book.read.day))])}</span> <span>{pages}</span>
                </p>
                {why.map(|why| p("why-not", i18n.t(why)))}
            </div>
            {form}
        </li>
    }
    .erased()
}
