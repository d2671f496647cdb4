//! The buttons 読みたい本に入れる and お気に入りに入れる, wherever a title stands.

use domain::{BibId, PartId, messages::Key};
use leptos::{prelude::*, server_fn::ServerFn};

use super::api::AddToList;
use crate::{
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    written::Escaped,
};

/// A plain form: it works before the page has come to life, and whoever is not signed in is led to the sign-in.
pub(crate) fn shelf_buttons(bib: BibId, part: Option<PartId>, title: &str) -> ErasedView {
    let i18n = use_i18n();
    let part = part.map(|part| part.to_string()).unwrap_or_default();
    let mut written = format!(
        "<input type=\"hidden\" name=\"bib\" value=\"{bib}\"><input type=\"hidden\" name=\"part\" value=\"{part}\">"
    );
    let lists = [
        ("wanted", Key::ShelfAddWanted, Key::ShelfAddWantedOf),
        ("favourite", Key::ShelfAddFavourite, Key::ShelfAddFavouriteOf),
    ];
    for (list, text, named) in lists {
        let (named, text) = (i18n.fill(named, &[("title", title)]), i18n.written(text));
        written += &format!(
            "<button class=\"quiet\" name=\"list\" value=\"{list}\" aria-label=\"{}\">{text}</button>",
            Escaped(&named)
        );
    }
    view! { <form method="post" action=AddToList::PATH class="to-shelf" inner_html=written></form> }.erased()
}
