//! A record with its parts and copies.

use domain::BibId;
use leptos::{ev::MouseEvent, prelude::*};
use leptos_router::{components::Redirect, hooks::use_params_map};

use super::{
    api::{self, RecordFound},
    cart_button::{alive, with_cart},
};
use crate::{
    cart::state::use_cart,
    components::{loading, said_still, standing, trouble},
    erase::{Erase as _, ErasedView},
    failure::Failure,
    i18n::use_i18n,
    layout::titled,
    load::{awaited, load},
    receipt,
    visit::use_visit,
};

/// `/bibs/{id}`
#[component]
pub fn RecordPage() -> ErasedView {
    let visit = use_visit();
    let cart = use_cart();
    let language = use_i18n().language();
    let params = use_params_map();
    let bib = Memo::new(move |_| params.read().get_str("id").and_then(|id| id.parse::<BibId>().ok()));
    let answer = load(
        move || bib.get(),
        move |bib| async move {
            match bib {
                Some(bib) => api::record(bib, language).await,
                None => Err(Failure::NotFound),
            }
        },
    );
    let view = view! {
        <Suspense fallback=loading>
            {awaited(move || async move {
                let here = visit.here().await;
                let said = said_still(visit.flash(&here).as_ref());
                match answer.get_beside().await {
                    Ok((RecordFound::Shown { title }, html)) => {
                        view! { {said} {titled(&title)} {standing(with_cart(html, &cart.arrangement_now()))} }.still()
                    }
                    // Merged into another: its own address from here on.
                    Ok((RecordFound::Elsewhere(bib), _)) => {
                        view! { <Redirect path=format!("/bibs/{bib}") /> }.erased()
                    }
                    Err(failure) => {
                        let here = bib.get_untracked().map(|bib| format!("/bibs/{bib}")).unwrap_or_default();
                        trouble(failure, &here)
                    }
                }
            })}
        </Suspense>
    };
    let on_click = move |event: MouseEvent| receipt::print_chosen(&event);
    view! { <div class="alive" on:click=on_click>{alive(view.erased())}</div> }.erased()
}
