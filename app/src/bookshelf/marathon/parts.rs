//! Parts of these pages.

use domain::{
    bookshelf::marathon::{Frame, MarathonProblem},
    messages::{self, Key},
};
use leptos::prelude::*;

use super::MarathonFlash;
use crate::{
    bookshelf::said::shelf_said,
    components::alert,
    erase::{Erase as _, ErasedView},
    field::TextField,
    i18n::{I18n, use_i18n},
    layout::Heading,
    page::Own,
    visit::{Flash, Outcome as _},
};

/// A page: its heading, what came of the last form, then the rest.
pub(super) fn page<T>(title: String, own: &Own<T>, rest: ErasedView) -> ErasedView {
    view! {
        <div class="page account marathon">
            <Heading text=title />
            {said(own.flash.as_ref())}
            {shelf_said(own.flash.as_ref())}
            {rest}
        </div>
    }
    .erased()
}

fn said(flash: Option<&Flash>) -> Option<ErasedView> {
    let i18n = use_i18n();
    if matches!(flash, Some(Flash::Fault)) {
        return Some(alert(i18n.t(Key::TroubleFault)));
    }
    Some(match MarathonFlash::of(flash)?.answer {
        Ok(done) => view! { <p class="notice good" role="status">{i18n.t(done.text())}</p> }.erased(),
        Err(problems) => {
            let sentences: Vec<_> =
                problems.iter().map(|problem| i18n.t(messages::marathon_problem(*problem))).collect();
            alert(sentences.join(" "))
        }
    })
}

/// What was typed and what was wrong with it.
pub(super) struct Typed(Option<MarathonFlash>);

impl Typed {
    pub(super) fn of<T>(own: &Own<T>) -> Self {
        Self(MarathonFlash::of(own.flash.as_ref()).filter(|flash| flash.answer.is_err()))
    }

    /// What was typed into a field, else `now`.
    pub(super) fn value(&self, name: &str, now: String) -> String {
        let typed = self.0.as_ref().and_then(|flash| flash.typed.iter().find(|(of, _)| of == name));
        typed.map_or(now, |(_, value)| value.clone())
    }

    /// Whether a box is ticked: as it was, else `now`. One that was not ticked was not sent.
    pub(super) fn ticked(&self, name: &str, now: bool) -> bool {
        if self.0.is_some() { !self.value(name, String::new()).is_empty() } else { now }
    }

    fn problem(&self, name: &str) -> Option<MarathonProblem> {
        let problems = self.0.as_ref()?.answer.as_ref().err()?;
        problems.iter().copied().find(|problem| problem.field() == Some(name))
    }

    /// A field: as it was typed, else as it is, with what was wrong with it. Numbers are texts, because they may be typed
    /// in full width.
    pub(super) fn field(&self, field: Field) -> ErasedView {
        let Field { name, label, now, kind, required } = field;
        let i18n = use_i18n();
        TextField {
            value: self.value(name, now),
            kind: if kind == Kind::Day { "date" } else { "text" },
            mode: if kind == Kind::Number { "numeric" } else { "text" },
            required,
            problem: self.problem(name).map(|problem| i18n.t(messages::marathon_problem(problem))),
            ..TextField::text(name, i18n.t(label))
        }
        .view()
    }
}

/// What is typed into a field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Day,
}

/// A field of a form.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: Key,
    pub(super) now: String,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

/// From when until when.
pub(super) fn span(i18n: I18n, frame: &Frame) -> String {
    i18n.fill(Key::MarathonSpan, &[("from", &i18n.date(frame.from)), ("until", &i18n.date(frame.until))])
}

/// A value the form carries without showing it.
pub(super) fn hidden(name: &'static str, value: impl ToString) -> ErasedView {
    view! { <input type="hidden" name=name value=value.to_string() /> }.erased()
}

/// A section with its heading.
pub(super) fn section(title: Key, content: ErasedView) -> ErasedView {
    view! {
        <section>
            <h2>{use_i18n().t(title)}</h2>
            {content}
        </section>
    }
    .erased()
}

/// The ways on at the foot of a page.
pub(super) fn ways(ways: Vec<(String, Key)>) -> ErasedView {
    let i18n = use_i18n();
    let links =
        ways.into_iter().map(|(href, name)| view! { <a class="button" href=href>{i18n.t(name)}</a> }).collect_view();
    view! { <p class="buttons no-print">{links}</p> }.erased()
}
