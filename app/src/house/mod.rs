//! What the library says of itself to everybody: はじめての方へ, and on which days each place is open (R30). Both stand still.

pub mod api;

use domain::messages::Key;
use leptos::prelude::*;

use crate::{
    components::{loading, standing, trouble},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::titled,
    load::{Loaded, awaited, load},
    page::asked_of,
    visit::use_visit,
};

/// `/guide`
#[component]
pub fn GuidePage() -> ErasedView {
    let language = use_i18n().language();
    house_page("page narrow prose", Key::GuideTitle, "/guide", load(|| (), move |()| api::guide(language)))
}

/// `/calendar?place=…&month=…`; what can't be read is left out.
#[component]
pub fn CalendarPage() -> ErasedView {
    let language = use_i18n().language();
    let asked = asked_of("/calendar");
    let answer = load(move || asked.get(), move |asked| api::calendar(asked, language));
    house_page("page calendar", Key::CalendarTitle, "/calendar", answer)
}

fn house_page(class: &'static str, title: Key, address: &'static str, answer: Loaded<()>) -> ErasedView {
    let visit = use_visit();
    let title = use_i18n().t(title);
    view! {
        <div class=class>
            <Transition fallback=loading>
                {awaited(move || {
                    let title = title.clone();
                    async move {
                        visit.here().await;
                        match answer.get_beside().await {
                            Ok(((), html)) => view! { {titled(&title)} {standing(html)} }.erased(),
                            Err(failure) => trouble(failure, address),
                        }
                    }
                })}
            </Transition>
        </div>
    }
    .erased()
}
