//! The buttons 読みたい本に入れる and お気に入りに入れる, wherever a title stands.

use domain::{BibId, PartId, messages::Key};
use leptos::server_fn::ServerFn;

use super::api::AddToList;
use crate::{i18n::I18n, written::Escaped};

/// A plain form, as HTML: it works before the page has come to life, and whoever is not signed in is led to the sign-in.
pub(crate) fn shelf_buttons(i18n: I18n, bib: BibId, part: Option<PartId>, title: &str) -> String {
    let part = part.map(|part| part.to_string()).unwrap_or_default();
    let mut written = format!(
        "<form method=\"post\" action=\"{}\" class=\"to-shelf\"><input type=\"hidden\" name=\"bib\" value=\"{bib}\">\
         <input type=\"hidden\" name=\"part\" value=\"{part}\">",
        AddToList::PATH
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
    written + "</form>"
}
