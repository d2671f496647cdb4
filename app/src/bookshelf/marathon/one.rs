//! `/account/marathon/:id`: how it stands, and what was read.

use domain::{
    bookshelf::marathon::{Chart, Day, Drawn, Entry, Marathon, MarathonPage, Measure, Progress, Stage},
    messages::Key,
};
use leptos::prelude::*;

use super::{
    ADDRESS, One, address_of,
    api::{DropRead, EnterRead},
    borrowed::{borrowed, closed},
    chart::{Drawing, chart_view},
    parts::{Field, Kind, Typed, hidden, page as page_of, section, span, ways},
    route::route_view,
};
use crate::{
    components::{facts, native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
};

/// The page.
pub(super) fn page(own: &One) -> ErasedView {
    let i18n = use_i18n();
    let shown = &own.loaded.shown;
    let MarathonPage { marathon, today, .. } = shown;
    let reads = shown.reads();
    let progress = marathon.progress(&reads, *today);
    let days = marathon.days(&reads, *today);
    let rest = view! {
        {p("hint", span(i18n, &marathon.frame))}
        {closed(shown)}
        {standing(i18n, marathon, &progress)}
        {pictures(i18n, shown, &progress, &days)}
        {numbers(i18n, &progress, marathon)}
        {enter(own, &progress)}
        {entries(i18n, shown)}
        {borrowed(shown)}
        {ways(vec![
            (format!("{}/edit", address_of(marathon.id)), Key::MarathonChange),
            (ADDRESS.to_owned(), Key::MarathonAll),
        ])}
    };
    page_of(marathon.frame.name.clone(), own, rest.erased())
}

/// How it stands, in a sentence.
fn standing(i18n: I18n, marathon: &Marathon, progress: &Progress) -> ErasedView {
    if let Some(day) = progress.reached_on {
        return view! {
            <div class="notice good">
                <p>{i18n.fill(Key::MarathonReached, &[("date", &i18n.date(day))])}</p>
                <p class="no-print">
                    <a class="button" href=format!("{}/certificate", address_of(marathon.id))>
                        {i18n.show(Key::MarathonCertificate)}
                    </a>
                </p>
            </div>
        }
        .erased();
    }
    let behind = progress.books.behind;
    let text = match progress.stage {
        Stage::ToCome => i18n.fill(Key::MarathonToCome, &[("date", &i18n.date(marathon.frame.from))]),
        Stage::Over => i18n.fill(Key::MarathonEnded, &[("date", &i18n.date(marathon.frame.until))]),
        Stage::Running if progress.is_on_course() => i18n.t(Key::MarathonOnCourse),
        Stage::Running if behind > 0 => i18n.number(Key::MarathonBehind, behind),
        Stage::Running => i18n.t(Key::MarathonBehindPages),
    };
    p("standing", text)
}

/// The line or the route of the books, and the line of the pages, where they count.
fn pictures(i18n: I18n, shown: &MarathonPage, progress: &Progress, days: &[Day]) -> ErasedView {
    let MarathonPage { marathon, today, .. } = shown;
    let drawing = |measure: Measure, [title, name]: [Key; 2], of: fn(&Day) -> u64| Drawing {
        chart: Chart::new(marathon, days, (progress.since, *today), measure.goal, of),
        title,
        name,
        measure,
        rows: days.iter().map(|day| (day.day, of(day))).collect(),
        frame: &marathon.frame,
        since: progress.since,
        today: *today,
    };
    let books = match marathon.aim.drawn {
        Drawn::Line => {
            chart_view(i18n, &drawing(progress.books, [Key::MarathonDone, Key::MarathonChartBooks], |day| day.books))
        }
        Drawn::Stations => route_view(i18n, &progress.books),
    };
    let pages = progress.pages.map(|pages| {
        chart_view(i18n, &drawing(pages, [Key::MarathonPagesDone, Key::MarathonChartPages], |day| day.pages))
    });
    view! { {books} {pages} }.erased()
}

/// Days left, what is done and what is needed.
fn numbers(i18n: I18n, progress: &Progress, marathon: &Marathon) -> ErasedView {
    let running = progress.stage == Stage::Running;
    let mut known = vec![(Key::MarathonDaysLeft, String::new())];
    if progress.stage != Stage::Over {
        known[0].1 = i18n.number(Key::MarathonDaysLeftValue, progress.days_left);
    }
    let finish = |day: chrono::NaiveDate| {
        let date = i18n.date(day);
        if day > marathon.frame.until { i18n.fill(Key::MarathonFinishLate, &[("date", &date)]) } else { date }
    };
    let books = (
        Key::MarathonDone,
        Key::MarathonOfBooks,
        Key::MarathonBooksN,
        [Key::MarathonPaceValue, Key::MarathonPaceShort],
    );
    let pages = (
        Key::MarathonPagesDone,
        Key::MarathonOfPages,
        Key::MarathonPagesN,
        [Key::MarathonPacePages, Key::MarathonPacePagesShort],
    );
    for (measure, (done, of_goal, n, pace)) in [(Some(progress.books), books), (progress.pages, pages)]
        .into_iter()
        .filter_map(|(one, keys)| Some((one?, keys)))
    {
        let values = [("goal", &*measure.goal.to_string()), ("done", &measure.done.to_string())];
        known.push((done, i18n.fill(of_goal, &values)));
        if running {
            known.push((Key::MarathonDue, i18n.number(n, measure.due)));
        }
        if measure.per_day > 0 {
            let [week, short] = pace;
            let values = [
                ("day", &*tenths(measure.per_day)),
                ("week", &tenths(measure.per_week)),
                ("days", &progress.days_left.to_string()),
            ];
            known.push((Key::MarathonPace, i18n.fill(if progress.days_left < 7 { short } else { week }, &values)));
        }
        known.push((Key::MarathonFinish, measure.finish.map(finish).unwrap_or_default()));
    }
    facts(known)
}

/// A number of tenths as it is written: `0.3`, `2`.
fn tenths(n: u64) -> String {
    match n % 10 {
        0 => (n / 10).to_string(),
        tenth => format!("{}.{tenth}", n / 10),
    }
}

/// The form for a book that was read, and the titles on loan as buttons.
fn enter(own: &One, progress: &Progress) -> Option<ErasedView> {
    if progress.stage == Stage::ToCome {
        return None;
    }
    let i18n = use_i18n();
    let MarathonPage { marathon, today, on_loan, .. } = &own.loaded.shown;
    let typed = &Typed::of(own);
    let field = |name, label, now, kind, required| typed.field(Field { name, label, now, kind, required });
    let carried = || view! { {hidden("op", own.loaded.op)} {hidden("marathon", marathon.id)} };
    let last = marathon.frame.until.min(*today);
    let fields = view! {
        {carried()}
        {field("title", Key::MarathonBookTitle, String::new(), Kind::Text, false)}
        {field("day", Key::MarathonBookDay, last.to_string(), Kind::Day, true)}
        {field("pages", Key::MarathonBookPages, String::new(), Kind::Number, false)}
        <button class="primary">{i18n.show(Key::MarathonEnterButton)}</button>
    };
    let loans = (!on_loan.is_empty()).then(|| {
        let items = on_loan
            .iter()
            .map(|title| {
                let name = i18n.fill(Key::MarathonReadItOf, &[("title", title)]);
                let fields = view! {
                    {carried()} {hidden("title", title)} {hidden("day", today)}
                    <button aria-label=name>{i18n.show(Key::MarathonReadIt)}</button>
                };
                view! { <li><span>{title.clone()}</span> {native_form::<EnterRead>("", fields.erased())}</li> }
            })
            .collect_view();
        let content = view! {
            {p("hint", i18n.t(Key::MarathonLoansLead))}
            <ul class="reads">{items}</ul>
        };
        section(Key::MarathonLoans, content.erased())
    });
    let view = view! {
        <div class="no-print">
            {section(Key::MarathonEnter, native_form::<EnterRead>("stack", fields.erased()))}
            {loans}
        </div>
    };
    Some(view.erased())
}

/// What was read.
fn entries(i18n: I18n, shown: &MarathonPage) -> ErasedView {
    if shown.entries.is_empty() {
        return section(Key::MarathonEntries, p("hint", i18n.t(Key::MarathonEntriesNone)));
    }
    let items = shown.entries.iter().map(|one| entry(i18n, &shown.marathon, one)).collect_view();
    section(Key::MarathonEntries, view! { <ol class="reads">{items}</ol> }.erased())
}

fn entry(i18n: I18n, marathon: &Marathon, entry: &Entry) -> ErasedView {
    let title = if entry.title.is_empty() { i18n.t(Key::MarathonUntitled) } else { entry.title.clone() };
    let pages = (entry.read.pages > 0).then(|| i18n.number(Key::MarathonPagesN, entry.read.pages));
    let frame = &marathon.frame;
    let outside = (entry.read.day < frame.from || entry.read.day > frame.until)
        .then(|| p("why-not", i18n.t(Key::MarathonOutside)));
    let name = i18n.fill(Key::MarathonDropOf, &[("title", &title)]);
    let fields = view! {
        {hidden("marathon", marathon.id)} {hidden("read", entry.id)}
        <button class="quiet" aria-label=name>{i18n.show(Key::MarathonDrop)}</button>
    };
    view! {
        <li>
            <div>
                <span class="title">{title}</span>
                <p class="facts"><span>{i18n.date(entry.read.day)}</span> <span>{pages}</span></p>
                {outside}
            </div>
            {native_form::<DropRead>("no-print", fields.erased())}
        </li>
    }
    .erased()
}
