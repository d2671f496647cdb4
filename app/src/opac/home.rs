//! The home page: the search box first, then what the library tells, where it is open today, what came in, what people
//! wait for.

use domain::{
    catalog::{MaterialType, SearchQuery},
    messages::Key,
};
use leptos::prelude::*;

use super::{api, search_box::SearchBox};
use crate::{
    address,
    components::{material_written, p, standing},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::Heading,
    load::{awaited, load},
    visit::use_visit,
};

/// `/`
#[component]
pub fn HomePage() -> ErasedView {
    let i18n = use_i18n();
    let visit = use_visit();
    let language = i18n.language();
    let answer = load(|| (), move |()| api::home(language));
    let materials = MaterialType::ALL
        .iter()
        .map(|material| {
            let query = SearchQuery { material: Some(*material), ..SearchQuery::default() };
            view! {
                <li>
                    <a href=address::search(&query) inner_html=material_written(i18n, *material)></a>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="page home">
            <section class="hero">
                <Heading text=i18n.t(Key::HomeTitle) />
                <p>{i18n.show(Key::HomeLead)}</p>
                <SearchBox typed=String::new() first=true />
                <p class="hint">{i18n.show(Key::SearchHint)}</p>
            </section>
            // The search stands in any case, whatever becomes of the rest.
            <Suspense fallback=|| ()>
                {awaited(move || async move {
                    visit.here().await;
                    match answer.get_beside().await {
                        Ok(((), html)) => standing(html),
                        Err(_) => p("notice", i18n.t(Key::HomeTrouble)),
                    }
                })}
            </Suspense>
            <div class="home-ways">
                <nav class="browse" aria-label=i18n.t(Key::HomeBrowse)>
                    <h2>{i18n.show(Key::HomeBrowse)}</h2>
                    <ul class="chips">{materials}</ul>
                </nav>
                <section class="first-time">
                    <h2>{i18n.show(Key::HomeFirstTitle)}</h2>
                    <p>{i18n.show(Key::HomeFirst)}</p>
                    <p><a href="/guide">{i18n.show(Key::HomeToGuide)}</a></p>
                </section>
            </div>
        </div>
    }
    .erased()
}
