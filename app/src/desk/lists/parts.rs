//! Parts that several lists use.

use domain::messages::Key;
use leptos::prelude::*;

use super::{Room, api::ListScan};
use crate::{
    components::native_form,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
};

/// The field of the scanner. What a scan says stands on the same list.
pub(super) fn scan_field(room: Room) -> ErasedView {
    let i18n = use_i18n();
    let fields = view! {
        <input type="hidden" name="room" value=room.as_str() />
        <label for="barcode">{i18n.show(Key::Barcode)}</label>
        <input
            id="barcode"
            name="barcode"
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            required
            autofocus
        />
        <button class="primary">{i18n.show(Key::ListsScanButton)}</button>
    };
    native_form::<ListScan>("scan", fields.erased())
}

/// A value a form brings along.
pub(super) fn hidden(name: &'static str, value: String) -> ErasedView {
    view! { <input type="hidden" name=name value=value /> }.erased()
}

/// A button whose longer name says what it is about.
pub(super) fn button(text: Key, name: String, value: Option<(&'static str, &'static str)>) -> ErasedView {
    let (field, value) = value.unzip();
    view! { <button class="quiet" name=field value=value aria-label=name>{use_i18n().t(text)}</button> }.erased()
}

/// What a line is about: the title, and what else tells the copy apart.
pub(super) fn titled(title: String, facts: Vec<String>) -> ErasedView {
    let facts = facts.into_iter().map(|fact| view! { <span>{fact}</span> " " }).collect_view();
    view! { <th scope="row">{title} <p class="facts">{facts}</p></th> }.erased()
}

/// A section with its heading.
pub(super) fn section(title: Key, lead: Option<String>, rest: ErasedView) -> ErasedView {
    let lead = lead.map(|lead| view! { <p>{lead}</p> });
    view! {
        <section>
            <h2>{use_i18n().t(title)}</h2>
            {lead}
            {rest}
        </section>
    }
    .erased()
}

/// The longer name of a button about a copy.
pub(super) fn about(key: Key, title: &str, barcode: &str) -> String {
    use_i18n().fill(key, &[("title", title), ("barcode", barcode)])
}

/// A word that matters beside others.
pub(super) fn mark(text: String) -> ErasedView {
    view! { <span class="mark" data-attention="overdue">{text}</span> }.erased()
}
