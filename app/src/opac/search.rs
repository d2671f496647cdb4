//! The result list (検索結果一覧).

use leptos::prelude::*;
use leptos_router::components::Redirect;

use super::{
    api::{self, SearchFound},
    cart_button::{alive, with_cart},
    search_box::SearchBox,
};
use crate::{
    address,
    cart::state::use_cart,
    components::{loading, said_still, standing, trouble},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::titled,
    load::{awaited, load},
    page::asked_of,
    visit::use_visit,
};

/// `/search`
#[component]
pub fn SearchPage() -> ErasedView {
    let visit = use_visit();
    let cart = use_cart();
    let language = use_i18n().language();
    let asked = asked_of("/search");
    let typed = Memo::new(move |_| address::words(&asked.read()));
    let answer = load(move || asked.get(), move |asked| api::search(asked, language));
    let view = view! {
        <div class="page search">
            {move || view! { <SearchBox typed=typed.get() /> }}
            <Transition fallback=loading>
                {awaited(move || async move {
                    let here = visit.here().await;
                    let said = said_still(visit.flash(&here).as_ref());
                    match answer.get_beside().await {
                        Ok((SearchFound::Shown { heading }, html)) => {
                            view! { {said} {titled(&heading)} {standing(with_cart(html, &cart.arrangement_now()))} }.still()
                        }
                        Ok((SearchFound::Elsewhere { path }, _)) => view! { <Redirect path /> }.erased(),
                        Err(failure) => trouble(failure, &format!("/search?{}", asked.get_untracked())),
                    }
                })}
            </Transition>
        </div>
    };
    alive(view.erased())
}
