//! The button カートに入れる, or what stands in its place.

use domain::{BibId, PartId, cart::CartChange, circulation::Refusal, messages::Key};
use leptos::{ev::SubmitEvent, prelude::*, server_fn::ServerFn};

use crate::{
    browser,
    cart::{api::AddToCart, state::use_cart},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    written::Escaped,
};

/// What a patron can do with a title in a list or on its page.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The bib.
    pub bib: BibId,
    /// What is added; `None` when a volume or issue has to be chosen first.
    pub part: Option<PartId>,
    /// Title as shown.
    pub title: String,
    /// The id of the element that names the title, which tells one button from the next.
    pub named_by: String,
    /// Why it can't be reserved (R18).
    pub refusal: Option<Refusal>,
}

/// The button, the reason why there is none, or the way to the volumes.
pub fn cart_button(offered: Offered) -> ErasedView {
    let i18n = use_i18n();
    match offered {
        Offered { refusal: Some(refusal), .. } => view! { <p class="why-not">{i18n.refusal(&refusal)}</p> }.erased(),
        Offered { part: None, bib, named_by, .. } => view! {
            <p><a class="button" href=format!("/bibs/{bib}") aria-describedby=named_by>{i18n.show(Key::ChoosePart)}</a></p>
        }
        .erased(),
        Offered { part: Some(part), title, .. } => add_button(part, title),
    }
}

fn add_button(part: PartId, title: String) -> ErasedView {
    let i18n = use_i18n();
    let cart = use_cart();
    let title = StoredValue::new(title);
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        cart.change(CartChange::Add(part));
        let said = title.with_value(|title| i18n.fill(Key::CartAdded, &[("title", title)]));
        cart.announcement.say(said);
        // The button gives way to a link; the focus should not be lost with it.
        browser::focus_soon(format!("[id='in-cart-{part}']"));
    };
    let button = move || {
        // Whoever lists the buttons of a page hears which is whose.
        let named = title.with_value(|title| i18n.fill(Key::CartAddOf, &[("title", title)]));
        format!(
            "<input type=\"hidden\" name=\"part\" value=\"{part}\">\
             <button class=\"primary\" aria-label=\"{}\">{}</button>",
            Escaped(&named),
            i18n.written(Key::CartAdd)
        )
    };
    let in_cart = Memo::new(move |_| cart.contains(part));
    let view = move || {
        if in_cart.get() {
            view! {
                <p class="in-cart">
                    <span>{i18n.show(Key::InCart)}</span>
                    <a id=format!("in-cart-{part}") href="/cart">{i18n.show(Key::CartSee)}</a>
                </p>
            }
            .erased()
        } else {
            view! {
                <form method="post" action=AddToCart::PATH on:submit=on_submit inner_html=button()></form>
            }
            .erased()
        }
    };
    view! { {view} }.erased()
}
