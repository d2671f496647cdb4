//! The home page: the search box first.

use domain::{
    catalog::{MaterialType, SearchQuery},
    messages::{self, Key},
};
use leptos::prelude::*;

use super::search_box::SearchBox;
use crate::{address, erase::Erase as _, i18n::use_i18n, layout::Heading};

/// `/`
#[component]
pub fn HomePage() -> AnyView {
    let i18n = use_i18n();
    let materials = MaterialType::ALL
        .iter()
        .map(|material| {
            let query = SearchQuery { material: Some(*material), ..SearchQuery::default() };
            view! { <li><a href=address::search(&query)>{i18n.t(messages::material(*material))}</a></li> }
        })
        .collect_view();
    view! {
        <div class="page home">
            <section class="hero">
                <Heading text=i18n.t(Key::HomeTitle) />
                <p>{i18n.t(Key::HomeLead)}</p>
                <SearchBox typed=String::new() first=true />
                <p class="hint">{i18n.t(Key::SearchHint)}</p>
            </section>
            <nav class="browse" aria-label=i18n.t(Key::HomeBrowse)>
                <h2>{i18n.t(Key::HomeBrowse)}</h2>
                <ul class="chips">{materials}</ul>
            </nav>
            <section class="first-time">
                <h2>{i18n.t(Key::HomeFirstTitle)}</h2>
                <p>{i18n.t(Key::HomeFirst)}</p>
                <p><a href="/guide">{i18n.t(Key::HomeToGuide)}</a></p>
            </section>
        </div>
    }
    .erased()
}
