//! The buttons 読みたい本に入れる and お気に入りに入れる, wherever a title stands.

use domain::{BibId, PartId, messages::Key};
use leptos::prelude::*;

use super::api::AddToList;
use crate::{components::native_form, erase::Erase as _, i18n::use_i18n};

/// A plain form: it works before the page has come to life, and whoever is not signed in is led to the sign-in.
pub(crate) fn shelf_buttons(bib: BibId, part: Option<PartId>, title: &str) -> AnyView {
    let i18n = use_i18n();
    let named = |key: Key| i18n.fill(key, &[("title", title)]);
    let buttons = view! {
        <input type="hidden" name="bib" value=bib.to_string() />
        <input type="hidden" name="part" value=part.map(|part| part.to_string()).unwrap_or_default() />
        <button class="quiet" name="list" value="wanted" aria-label=named(Key::ShelfAddWantedOf)>
            {i18n.show(Key::ShelfAddWanted)}
        </button>
        <button class="quiet" name="list" value="favourite" aria-label=named(Key::ShelfAddFavouriteOf)>
            {i18n.show(Key::ShelfAddFavourite)}
        </button>
    };
    native_form::<AddToList>("to-shelf", buttons.erased())
}
