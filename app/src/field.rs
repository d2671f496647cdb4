//! A field that is typed into, with its label and what is to be said of it.

use leptos::prelude::*;

use crate::{
    erase::{Erase as _, ErasedView},
    kiosk::filled_in,
};

/// A field of a form.
pub(crate) struct TextField {
    /// What it is on its page.
    pub(crate) id: String,
    /// What it is in the form.
    pub(crate) name: &'static str,
    pub(crate) label: String,
    pub(crate) value: String,
    /// The type of the input.
    pub(crate) kind: &'static str,
    /// Which keys a phone shows for it.
    pub(crate) mode: &'static str,
    /// How the browser may fill it in.
    pub(crate) auto: &'static str,
    pub(crate) required: bool,
    /// Whether it has the focus when the page opens.
    pub(crate) focus: bool,
    /// What was wrong with what was typed.
    pub(crate) problem: Option<String>,
    /// A line of help, where nothing was wrong.
    pub(crate) hint: Option<String>,
}

impl TextField {
    /// An empty field for a text.
    pub(crate) fn text(name: &'static str, label: String) -> Self {
        Self {
            id: name.to_owned(),
            name,
            label,
            value: String::new(),
            kind: "text",
            mode: "text",
            auto: "off",
            required: false,
            focus: false,
            problem: None,
            hint: None,
        }
    }

    pub(crate) fn view(self) -> ErasedView {
        let Self { id, name, label, value, kind, mode, auto, required, focus, problem, hint } = self;
        let wrong = problem.is_some();
        let note = problem.map(|text| ("why-not", text)).or_else(|| hint.map(|text| ("hint", text)));
        let described = note.is_some().then(|| format!("{id}-note"));
        let note = note.map(|(class, text)| view! { <p class=class id=format!("{id}-note")>{text}</p> });
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input
                    id=id
                    name=name
                    type=kind
                    inputmode=mode
                    autocomplete=filled_in(auto)
                    autocapitalize="none"
                    spellcheck="false"
                    required=required
                    value=value
                    autofocus=focus
                    aria-invalid=wrong.then_some("true")
                    aria-describedby=described
                />
                {note}
            </div>
        }
        .erased()
    }
}
