//! The shape of the pages on which the desk keeps something: who works here, what is loaded, the page, its fields.

use std::sync::Arc;

use domain::{OpId, messages::Key};
use leptos::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    frame::{frame, staff_page},
    line::Line,
    said::Said,
};
pub(crate) use crate::components::facts;
#[cfg(feature = "ssr")]
use crate::written::Escaped;
use crate::{
    account::parts::of_column,
    components::alert,
    erase::{Erase as _, ErasedView},
    field::TextField,
    i18n::use_i18n,
    load::{self, Loaded},
    visit::{Flash, Outcome as _, StaffHere},
};
#[cfg(feature = "ssr")]
use crate::{failure::Failure, load::Answer, ssr::visit::Visit};

/// What such a page is made from.
pub(crate) struct Room<T> {
    /// Who works here.
    pub(crate) staff: StaffHere,
    /// What came of the form that led here.
    pub(crate) said: Option<Said>,
    /// Whether that form met our failure.
    fault: bool,
    /// What was loaded.
    pub(crate) loaded: T,
}

/// What a page shows, and the id under which something is done on it once, however often it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer<T> {
    /// Comes back with the form.
    pub op: OpId,
    /// What is shown.
    pub shown: T,
}

#[cfg(feature = "ssr")]
impl<T: Serialize> Offer<T> {
    pub(crate) fn of(visit: &Visit, shown: T) -> Result<Answer<Self>, Failure> {
        Answer::of(&Self { op: visit.library.new_op(), shown })
    }
}

/// A page for staff who have said where they work; the others are asked for that first.
pub(crate) fn room_page<T: DeserializeOwned + 'static>(
    address: String,
    loaded: Loaded<T>,
    show: impl Fn(Room<T>) -> ErasedView + Send + Sync + 'static,
) -> ErasedView {
    let show = move |staff, flash: Option<Flash>, text: &str| {
        let fault = flash == Some(Flash::Fault);
        Ok(show(Room { staff, said: Said::of(flash.as_ref()), fault, loaded: load::read(text)? }))
    };
    staff_page(address, loaded.text(), Arc::new(show))
}

impl<T> Room<T> {
    /// The page: the ways on, its heading, what came of the last form, then the rest.
    pub(crate) fn page(&self, title: String, rest: ErasedView) -> ErasedView {
        let i18n = use_i18n();
        let fault = self.fault.then(|| alert(i18n.t(Key::TroubleFault)));
        let rest = view! { {fault} {self.said.as_ref().map(Said::view)} {rest} };
        frame("keeping", &self.staff, Line::of(&self.staff, false), None, title, rest.erased())
    }

    /// A field of a form: as it was typed, else as it is.
    pub(crate) fn field(&self, input: Input) -> ErasedView {
        let value = self.value(input.name, &input.value);
        let i18n = use_i18n();
        let Input { name, label, hint, kind, mode, auto, required, focus, .. } = input;
        let (problem, hint) = (self.problem(name), hint.map(|hint| i18n.t(hint)));
        let field = TextField::text(name, i18n.t(label));
        TextField { value, kind, mode, auto, required, focus, problem, hint, ..field }.view()
    }

    /// A field for paragraphs: as they were typed, else as they are.
    pub(crate) fn paragraphs(&self, name: &'static str, label: Key, hint: Key, now: &str) -> ErasedView {
        let i18n = use_i18n();
        let problem = self.problem(name);
        let wrong = problem.is_some().then_some("true");
        let (class, note) = problem.map_or_else(|| ("hint", i18n.t(hint)), |problem| ("why-not", problem));
        let note_id = format!("{name}-note");
        let value = self.value(name, now);
        // Leptos writes what stands in it into the page as it is.
        #[cfg(feature = "ssr")]
        let value = Escaped(&value).to_string();
        view! {
            <div class="field">
                <label for=name>{i18n.t(label)}</label>
                <textarea id=name name=name rows="6" aria-invalid=wrong aria-describedby=note_id.clone()>{value}</textarea>
                <p class=class id=note_id>{note}</p>
            </div>
        }
        .erased()
    }

    /// A choice of one among some: as it was chosen, else `now`.
    pub(crate) fn select(
        &self,
        name: &'static str,
        label: Key,
        options: Vec<(String, String)>,
        now: &str,
    ) -> ErasedView {
        let chosen = self.value(name, now);
        let options = options
            .into_iter()
            .map(|(value, text)| {
                let selected = value == chosen;
                view! { <option value=value selected=selected>{text}</option> }
            })
            .collect_view();
        let note = self.problem(name).map(|text| view! { <p class="why-not">{text}</p> });
        view! {
            <div class="field">
                <label for=name>{use_i18n().t(label)}</label>
                <select id=name name=name>{options}</select>
                {note}
            </div>
        }
        .erased()
    }

    /// What was typed into a field, else `now`.
    pub(crate) fn value(&self, name: &str, now: &str) -> String {
        self.said.as_ref().and_then(|said| said.typed(name)).unwrap_or_else(|| now.to_owned())
    }

    fn problem(&self, name: &str) -> Option<String> {
        let problems = self.said.iter().flat_map(|said| &said.problems);
        let i18n = use_i18n();
        problems.filter(|problem| problem.field() == Some(name)).map(|problem| problem.sentence(i18n)).next()
    }
}

/// A field of a form.
pub(crate) struct Input {
    name: &'static str,
    label: Key,
    value: String,
    hint: Option<Key>,
    kind: &'static str,
    mode: &'static str,
    auto: &'static str,
    required: bool,
    focus: bool,
}

impl Input {
    /// A field for a text.
    pub(crate) fn text(name: &'static str, label: Key, value: &str) -> Self {
        let value = value.to_owned();
        Self { name, label, value, hint: None, kind: "text", mode: "text", auto: "off", required: false, focus: false }
    }

    /// A field for digits.
    pub(crate) fn digits(name: &'static str, label: Key, value: &str) -> Self {
        Self { mode: "numeric", ..Self::text(name, label, value) }
    }

    /// A field for a day.
    pub(crate) fn date(name: &'static str, label: Key, value: &str) -> Self {
        Self { kind: "date", ..Self::text(name, label, value) }
    }

    /// A field for the password in use, which is never brought back.
    pub(crate) fn password(name: &'static str, label: Key) -> Self {
        Self { kind: "password", auto: "current-password", required: true, ..Self::text(name, label, "") }
    }

    /// A field for a new password.
    pub(crate) fn new_password(name: &'static str, label: Key) -> Self {
        Self { auto: "new-password", ..Self::password(name, label) }
    }

    /// It must not be empty.
    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// It has the focus when the page opens.
    pub(crate) const fn focused(mut self, focus: bool) -> Self {
        self.focus = focus;
        self
    }

    /// With a line of help.
    pub(crate) const fn hint(mut self, hint: Key) -> Self {
        self.hint = Some(hint);
        self
    }
}

/// A value the form carries without showing it.
pub(crate) fn hidden(name: &'static str, value: impl ToString) -> ErasedView {
    view! { <input type="hidden" name=name value=value.to_string() /> }.erased()
}

/// The button of a form.
pub(crate) fn submit(text: Key) -> ErasedView {
    view! { <button class="primary">{use_i18n().t(text)}</button> }.erased()
}

/// A way on that looks like a button.
pub(crate) fn way(href: String, text: Key) -> ErasedView {
    view! { <a class="button" href=href>{use_i18n().t(text)}</a> }.erased()
}

/// A section with its heading.
pub(crate) fn section(title: Key, content: ErasedView) -> ErasedView {
    view! {
        <section>
            <h2>{use_i18n().t(title)}</h2>
            {content}
        </section>
    }
    .erased()
}

/// A table with a heading for each column; on a phone each row is a card.
pub(crate) fn table(columns: &[Key], rows: Vec<Vec<ErasedView>>) -> ErasedView {
    let i18n = use_i18n();
    let heads =
        columns.iter().map(|key| view! { <th scope="col" class=of_column(*key)>{i18n.t(*key)}</th> }).collect_view();
    let rows = rows
        .into_iter()
        .map(|cells| {
            let mut cells = cells.into_iter();
            let first = cells.next();
            let rest = cells
                .zip(columns.iter().skip(1))
                .map(|(cell, column)| view! { <td data-label=i18n.t(*column) class=of_column(*column)><div>{cell}</div></td> })
                .collect_view();
            view! { <tr><th scope="row">{first}</th>{rest}</tr> }
        })
        .collect_view();
    view! {
        <table class="cards">
            <thead>
                <tr>{heads}</tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .erased()
}

/// A text as a cell.
pub(crate) fn text(text: impl Into<String>) -> ErasedView {
    let text: String = text.into();
    view! { {text} }.erased()
}

/// A search of the desk: one field, which has the focus.
pub(crate) fn search(action: String, label: Key, typed: &str, more: Option<ErasedView>) -> ErasedView {
    let i18n = use_i18n();
    view! {
        <form action=action class="scan" role="search">
            <label for="q">{i18n.t(label)}</label>
            <input id="q" name="q" type="text" autocomplete="off" autocapitalize="none" value=typed.to_owned() autofocus />
            {more}
            <button class="primary">{i18n.show(Key::SearchButton)}</button>
        </form>
    }
    .erased()
}
