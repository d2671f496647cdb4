//! 図書館カレンダー: on which days each branch and pickup place is open (R30).

use chrono::{Datelike, NaiveDate};
use domain::{
    calendar::{CalendarDay, CalendarMonth, DayKind, Label, YearMonth},
    messages::{Key, Language},
};
use leptos::prelude::*;

use crate::{
    address,
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    layout::heading,
    site::use_site,
};

/// A month of a place.
pub(crate) fn calendar(answer: &CalendarMonth) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let month = month_name(i18n, answer.month);
    let place = site.place(&answer.place);
    let named = |key: Key| i18n.fill(key, &[("place", &place), ("month", &month)]);
    let unknown = (!answer.holidays_known).then(|| {
        view! { <p class="notice">{i18n.show(Key::CalendarHolidaysUnknown)}</p> }
    });
    let weeks = answer
        .weeks()
        .into_iter()
        .map(|week| view! { <tr>{week.map(|day| cell(i18n, day, answer.today)).collect_view()}</tr> })
        .collect_view();
    view! {
        {heading(i18n.t(Key::CalendarTitle))}
        {places(answer)}
        <div class="month-head">
            <h2>{named(Key::CalendarHeading)}</h2>
            {other_months(answer)}
        </div>
        {unknown}
        <table class="month">
            <caption class="unseen">{named(Key::CalendarCaption)}</caption>
            <thead>
                <tr>{weekdays(i18n)}</tr>
            </thead>
            <tbody>{weeks}</tbody>
        </table>
    }
    .erased()
}

/// The name of a month.
fn month_name(i18n: I18n, month: YearMonth) -> String {
    let months = i18n.t(Key::DateMonths);
    let name = months.split(' ').nth(month.month().saturating_sub(1) as usize).unwrap_or_default();
    i18n.fill(Key::CalendarMonth, &[("year", &month.year().to_string()), ("month", name)])
}

/// The calendars of all places, in the month that is shown.
fn places(answer: &CalendarMonth) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let links = site
        .places()
        .into_iter()
        .map(|place| {
            let current = (place == answer.place).then_some("true");
            let href = address::calendar(&place, answer.month);
            view! { <li><a href=href aria-current=current>{site.place(&place)}</a></li> }
        })
        .collect_view();
    view! {
        <nav aria-label=i18n.t(Key::CalendarPlaces)>
            <ul class="chips">{links}</ul>
        </nav>
    }
    .erased()
}

/// The way to the months before and after, and back to the one it is.
fn other_months(answer: &CalendarMonth) -> ErasedView {
    let i18n = use_i18n();
    let now = Some(YearMonth::of(answer.today)).filter(|now| *now != answer.month);
    let links =
        [(answer.previous, Key::CalendarPrevious), (now, Key::CalendarThisMonth), (answer.next, Key::CalendarNext)]
            .into_iter()
            .filter_map(|(month, name)| {
                let href = address::calendar(&answer.place, month?);
                Some(view! { <li><a class="button" href=href>{i18n.t(name)}</a></li> })
            })
            .collect_view();
    view! {
        <nav aria-label=i18n.t(Key::CalendarMonths)>
            <ul class="buttons">{links}</ul>
        </nav>
    }
    .erased()
}

/// The days of the week, Sunday first, as calendars in Japan have it.
fn weekdays(i18n: I18n) -> ErasedView {
    let names = i18n.t(Key::DateWeekdays);
    let from_monday: Vec<&str> = names.split(' ').collect();
    let from_sunday = from_monday.iter().cycle().skip(6).take(from_monday.len());
    from_sunday.map(|name| view! { <th scope="col">{(*name).to_owned()}</th> }).collect_view().erased()
}

/// A day: its number, whether the place is open, and why not.
fn cell(i18n: I18n, day: Option<&CalendarDay>, today: NaiveDate) -> ErasedView {
    let Some(day) = day else { return view! { <td></td> }.erased() };
    let open = day.kind.is_open();
    let is_today = day.day == today;
    let state = i18n.t(if open { Key::CalendarOpen } else { Key::CalendarClosed });
    let remarks = remarks(i18n, day)
        .into_iter()
        .map(|(text, language)| view! { <span class="remark" lang=language>{text}</span> })
        .collect_view();
    let mark = is_today.then(|| view! { <span class="mark">{i18n.show(Key::CalendarToday)}</span> });
    view! {
        <td class:closed=!open aria-current=is_today.then_some("date")>
            <time datetime=day.day.to_string()>{day.day.day()}</time>
            {mark}
            <span class="state">{state}</span>
            {remarks}
        </td>
    }
    .erased()
}

/// What is said about a day beside open and closed, each with its language where it is not the page's.
pub(super) fn remarks(i18n: I18n, day: &CalendarDay) -> Vec<(String, Option<&'static str>)> {
    let own = |key: Key| Some((i18n.t(key), None));
    let holiday = day.holiday.as_ref().map(|label| in_language(i18n, label));
    let (first, second) = match &day.kind {
        DayKind::Open => (holiday, None),
        DayKind::Weekly => (own(Key::CalendarWeekly), holiday),
        DayKind::Monthly => (own(Key::CalendarMonthly), holiday),
        DayKind::Substitute => (own(Key::CalendarSubstitute), None),
        DayKind::Holiday(label) => (Some(in_language(i18n, label)), None),
        DayKind::Special(label) => (Some(in_language(i18n, label)), None),
        DayKind::Closure { reason } => {
            let reason = Some(reason.clone()).filter(|reason| !reason.is_empty());
            (own(Key::CalendarClosure), reason.map(|reason| (reason, japanese_on(i18n))))
        }
    };
    first.into_iter().chain(second).collect()
}

/// A name in the language of the page, else in English or Japanese, with the mark of another language.
fn in_language(i18n: I18n, label: &Label) -> (String, Option<&'static str>) {
    match (&label.name_en, i18n.language()) {
        (Some(name), Language::En) => (name.clone(), None),
        (Some(name), language) if !language.is_japanese() => (name.clone(), Some(Language::En.code())),
        _ => (label.name.clone(), japanese_on(i18n)),
    }
}

/// The mark of a Japanese text on a page of another language.
fn japanese_on(i18n: I18n) -> Option<&'static str> {
    (!i18n.language().is_japanese()).then(|| Language::Ja.code())
}
