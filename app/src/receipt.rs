//! Slips to take along (R32): on narrow paper at a kiosk, on any paper elsewhere. They say what and where, and of nobody whose
//! they are: what is left in a book or on a table tells no stranger who reads what.

use domain::messages::Key;
use leptos::prelude::*;

use crate::{
    browser,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    site::use_site,
};

/// What stands on a slip.
pub(crate) struct Receipt {
    /// What it is.
    pub(crate) title: Key,
    /// Title by title, with what there is to know of each.
    pub(crate) lines: Vec<(String, Vec<String>)>,
    /// What holds for all of it, name by name.
    pub(crate) facts: Vec<(Key, String)>,
    /// A sentence at its end.
    pub(crate) note: Option<String>,
}

impl Receipt {
    /// The slip, which is seen on paper only.
    pub(crate) fn view(self) -> ErasedView {
        let i18n = use_i18n();
        let site = use_site();
        let Self { title, lines, facts, note } = self;
        let lines: Vec<_> = lines
            .into_iter()
            .map(|(title, known)| {
                let known: Vec<_> = known.into_iter().map(|known| view! { <p>{known}</p> }.erased()).collect();
                view! { <li><strong>{title}</strong>{known}</li> }.erased()
            })
            .collect();
        let facts: Vec<_> = facts
            .into_iter()
            .map(|(name, value)| view! { <div><dt>{i18n.t(name)}</dt><dd>{value}</dd></div> }.erased())
            .collect();
        let telephone = site.with(|site| i18n.fill(Key::FooterTelephone, &[("telephone", &site.telephone)]));
        let today = i18n.date(site.with(|site| site.today));
        view! {
            <section class="receipt" aria-hidden="true">
                <p class="what">{i18n.t(title)}</p>
                <p>{today}</p>
                <ol>{lines}</ol>
                <dl>{facts}</dl>
                {note.map(|note| view! { <p>{note}</p> })}
                <p class="from">{site.name()} " " {telephone}</p>
            </section>
        }
        .erased()
    }
}

/// The id of the place for the slip that is chosen.
const CHOSEN: &str = "slip";
/// A button that prints a slip of its own, on a page of several. It stands still: the page hears of it by [`print_chosen`].
#[cfg(feature = "ssr")]
pub(crate) fn choose_button(text: Key, name: String, slip: Receipt) -> ErasedView {
    view! {
        <button type="button" class="choose-slip with-scripts no-print" aria-label=name>{use_i18n().show(text)}</button>
        <template inner_html=slip.view().to_html()></template>
    }
    .erased()
}

/// The place for the slip that is chosen, with the one that is printed when none was.
#[cfg(feature = "ssr")]
pub(crate) fn chosen_slip(first: Option<Receipt>) -> ErasedView {
    view! { <div id=CHOSEN>{first.map(Receipt::view)}</div> }.erased()
}

/// Prints the slip of the button that was pressed, if it was one of these.
pub(crate) fn print_chosen(event: &leptos::ev::MouseEvent) {
    #[cfg(feature = "hydrate")]
    {
        let slip = browser::meant(event, ".choose-slip").and_then(|button| button.next_element_sibling());
        let place = leptos::prelude::document().get_element_by_id(CHOSEN);
        if let (Some(slip), Some(place)) = (slip, place) {
            place.set_inner_html(&slip.inner_html());
            // The slip is there first.
            request_animation_frame(print);
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = event;
}

/// The button that prints the slip of its page. Without scripts the browser's own way prints it.
pub(crate) fn print_button(text: Key) -> ErasedView {
    let text = use_i18n().t(text);
    view! {
        <button type="button" class="with-scripts no-print" on:click=move |_| print()>{text}</button>
    }
    .erased()
}

/// Prints the slip of the page that is open.
pub(crate) fn print() {
    browser::print("receipt");
}
