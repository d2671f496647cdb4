//! The chart (R36): lines as `domain` places them, and the same numbers as a table.

use chrono::{Datelike, NaiveDate};
use domain::{
    bookshelf::marathon::{CHART_HEIGHT, CHART_WIDTH, Chart, Frame, Measure, even},
    messages::Key,
};
use leptos::prelude::*;

use crate::{
    erase::{Erase as _, ErasedView},
    i18n::I18n,
};

/// How far from the lines the words stand, in the units of the sheet.
const BESIDE: u64 = 80;
const BELOW: u64 = 190;
const HALF_LETTER: u64 = 50;

/// What a chart is drawn from.
pub(super) struct Drawing<'a> {
    pub(super) chart: Chart,
    /// What is counted.
    pub(super) title: Key,
    /// What it is called for those who don't see it.
    pub(super) name: Key,
    pub(super) measure: Measure,
    /// The days on which something was read, with what had come together by then.
    pub(super) rows: Vec<(NaiveDate, u64)>,
    pub(super) frame: &'a Frame,
    /// The day the even pace begins on.
    pub(super) since: NaiveDate,
    pub(super) today: NaiveDate,
}

/// Draws it.
pub(super) fn chart_view(i18n: I18n, drawing: &Drawing<'_>) -> ErasedView {
    let Drawing { chart, title, name, measure, frame, .. } = drawing;
    let [left, right, top, lower] = chart.frame;
    let values =
        [("goal", &*measure.goal.to_string()), ("done", &measure.done.to_string()), ("due", &measure.due.to_string())];
    let heights = chart
        .heights
        .iter()
        .map(|(y, count)| {
            view! {
                <line class="grid" x1=left.to_string() x2=right.to_string() y1=y.to_string() y2=y.to_string()></line>
                <text class="end" x=(left - BESIDE).to_string() y=(y + HALF_LETTER).to_string()>{count.to_string()}</text>
            }
        })
        .collect_view();
    let points: Vec<_> = chart.own.iter().map(|point| format!("{},{}", point.x, point.y)).collect();
    let [from, to] = chart.even;
    let today = chart.today.map(|x| {
        // The word stands on the side that has room for it.
        let side = if x > (left + right) / 2 { "end" } else { "" };
        view! {
            <line class="today" x1=x.to_string() x2=x.to_string() y1=(top - BESIDE).to_string() y2=lower.to_string()></line>
            <text class=side x=x.to_string() y=(top - BESIDE - HALF_LETTER / 2).to_string()>{i18n.t(Key::MarathonToday)}</text>
        }
    });
    let below = (lower + BELOW).to_string();
    view! {
        <figure class="marathon-chart">
            <p class="title">{i18n.t(*title)}</p>
            <svg role="img" aria-label=i18n.fill(*name, &values) viewBox=format!("0 0 {CHART_WIDTH} {CHART_HEIGHT}")>
                {heights}
                {today}
                <line
                    class="even"
                    x1=from.x.to_string()
                    y1=from.y.to_string()
                    x2=to.x.to_string()
                    y2=to.y.to_string()
                ></line>
                <polyline class="own" points=points.join(" ")></polyline>
                <text x=left.to_string() y=below.clone()>{short(i18n, frame.from)}</text>
                <text class="end" x=right.to_string() y=below>{short(i18n, frame.until)}</text>
            </svg>
            <figcaption>
                {key(i18n, "own", Key::MarathonOwnLine)} {key(i18n, "even", Key::MarathonEvenLine)}
            </figcaption>
            {table(i18n, drawing)}
        </figure>
    }
    .erased()
}

/// What a kind of line stands for.
fn key(i18n: I18n, class: &'static str, text: Key) -> ErasedView {
    view! {
        <span class="key">
            <svg aria-hidden="true" viewBox="0 0 400 100">
                <line class=class x1="0" x2="400" y1="50" y2="50"></line>
            </svg>
            {i18n.t(text)}
        </span>
    }
    .erased()
}

/// A day without its year.
fn short(i18n: I18n, day: NaiveDate) -> String {
    let months = i18n.t(Key::DateMonths);
    let month = months.split(' ').nth(day.month0() as usize).unwrap_or_default();
    i18n.fill(Key::MarathonDayShort, &[("month", month), ("day", &day.day().to_string())])
}

/// The days of the line, and today, as a table.
fn table(i18n: I18n, drawing: &Drawing<'_>) -> ErasedView {
    let Drawing { measure, rows, frame, since, today, .. } = drawing;
    let mut rows = rows.clone();
    let last = (*today).min(frame.until);
    if last >= frame.from && rows.last().is_none_or(|(day, _)| *day < last) {
        rows.push((last, measure.done));
    }
    let rows = rows
        .into_iter()
        .map(|(day, done)| {
            let due = even(measure.goal, *since, frame.until, day);
            view! {
                <tr>
                    <th scope="row">{i18n.date(day)}</th>
                    <td>{done.to_string()}</td>
                    <td>{due.to_string()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <details>
            <summary>{i18n.show(Key::MarathonTable)}</summary>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{i18n.show(Key::MarathonTableDay)}</th>
                        <th scope="col">{i18n.show(Key::MarathonOwnLine)}</th>
                        <th scope="col">{i18n.show(Key::MarathonTableEven)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
    .erased()
}
