//! The button カートに入れる, or what stands in its place. It is HTML, like the titles it stands beside; the page that holds it
//! hears when it is pressed, and says at each title whether it is in the cart.

use domain::{BibId, PartId, cart::Arrangement, circulation::Refusal, messages::Key};
use leptos::{ev::SubmitEvent, prelude::*, server_fn::ServerFn};

use crate::{
    cart::{
        api::AddToCart,
        state::{Cart, use_cart},
    },
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
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

/// The button, the reason why there is none, or the way to the volumes; of a title that is not in the cart.
pub(crate) fn cart_button(i18n: I18n, offered: &Offered) -> String {
    match offered {
        Offered { refusal: Some(refusal), .. } => {
            format!("<p class=\"why-not\">{}</p>", Escaped(&i18n.refusal(refusal)))
        }
        Offered { part: None, bib, named_by, .. } => format!(
            "<p><a class=\"button\" href=\"/bibs/{bib}\" aria-describedby=\"{named_by}\">{}</a></p>",
            i18n.written(Key::ChoosePart)
        ),
        Offered { part: Some(part), title, .. } => add_button(i18n, *part, title),
    }
}

/// The button, and what takes its place once the title is in the cart: the style sheet shows the one or the other.
fn add_button(i18n: I18n, part: PartId, title: &str) -> String {
    // Whoever lists the buttons of a page hears which is whose.
    let named = i18n.fill(Key::CartAddOf, &[("title", title)]);
    format!(
        "<div class=\"offer\" {OFFER}=\"{part}\"><form method=\"post\" action=\"{}\" {TITLE}=\"{}\">\
         <input type=\"hidden\" name=\"part\" value=\"{part}\">\
         <button class=\"primary\" aria-label=\"{}\">{}</button></form>\
         <p class=\"in-cart\"><span>{}</span><a id=\"in-cart-{part}\" href=\"/cart\">{}</a></p></div>",
        AddToCart::PATH,
        Escaped(title),
        Escaped(&named),
        i18n.written(Key::CartAdd),
        i18n.written(Key::InCart),
        i18n.written(Key::CartSee),
    )
}

/// The attribute that says which title an offer is of.
const OFFER: &str = "data-offer";
/// The attribute that says what the title is called.
const TITLE: &str = "data-title";
/// The attribute of an offer whose title is in the cart.
const IN_CART: &str = "data-in-cart";

/// HTML with buttons of titles, as the page has it while this is in the cart.
pub(crate) fn with_cart(html: String, cart: &Arrangement) -> String {
    cart.parts.iter().fold(html, |html, part| {
        let offer = format!("{OFFER}=\"{part}\"");
        if html.contains(&offer) { html.replace(&offer, &format!("{offer} {IN_CART}")) } else { html }
    })
}

/// What has buttons of titles in it: they add to the cart, and it says at each title whether it is in the cart.
pub(crate) fn alive(view: ErasedView) -> ErasedView {
    let cart = use_cart();
    let i18n = use_i18n();
    Effect::new(move |_| {
        let cart = cart.arrangement();
        #[cfg(feature = "hydrate")]
        crate::browser::mark(&format!("[{OFFER}]"), IN_CART, |offer| {
            part_of(offer, OFFER).is_some_and(|part| cart.parts.contains(&part))
        });
        #[cfg(not(feature = "hydrate"))]
        drop(cart);
    });
    let on_submit = move |event: SubmitEvent| add(i18n, cart, &event);
    view! { <div class="alive" on:submit=on_submit>{view}</div> }.erased()
}

/// A button was pressed. Forms that are none of these go on their way.
#[cfg(feature = "hydrate")]
fn add(i18n: I18n, cart: Cart, event: &SubmitEvent) {
    let form = crate::browser::meant(event, &format!("[{TITLE}]"));
    let Some((form, offer)) = form.and_then(|form| Some((form.clone(), form.parent_element()?))) else { return };
    let (Some(part), Some(title)) = (part_of(&offer, OFFER), form.get_attribute(TITLE)) else { return };
    event.prevent_default();
    cart.change(domain::cart::CartChange::Add(part));
    cart.announcement.say(i18n.fill(Key::CartAdded, &[("title", &title)]));
    // The button gives way to a link; the focus should not be lost with it.
    crate::browser::focus_soon(format!("[id='in-cart-{part}']"));
}

/// No button is pressed on the server: there the form is posted.
#[cfg(not(feature = "hydrate"))]
fn add(_i18n: I18n, _cart: Cart, _event: &SubmitEvent) {}

#[cfg(feature = "hydrate")]
fn part_of(element: &web_sys::Element, attribute: &str) -> Option<PartId> {
    element.get_attribute(attribute)?.parse().ok()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use domain::messages::{Language, Messages};

    use super::*;

    fn part(n: u8) -> PartId {
        format!("00000000-0000-0000-0000-0000000000{n:02}").parse().expect("a uuid")
    }

    #[test]
    fn a_title_in_the_cart_and_no_other_is_marked_and_titles_are_only_text() {
        let owner = Owner::new();
        let i18n = owner.with(|| I18n::new(Messages::of(Language::Ja)));
        let button = |n: u8| {
            let title = format!("<b>\"{n}\"");
            let offered =
                Offered { bib: BibId(part(n).0), part: Some(part(n)), title, named_by: String::new(), refusal: None };
            cart_button(i18n, &offered)
        };
        let page = [1, 2, 3].map(button).concat();
        assert!(page.contains("data-title=\"&lt;b>&quot;1&quot;\"") && !page.contains("<b>"), "{page}");
        let cart = |parts: &[u8]| Arrangement { parts: parts.iter().map(|n| part(*n)).collect(), ordered: 0 };
        assert_eq!(with_cart(page.clone(), &cart(&[9])), page);
        let marked = with_cart(page.clone(), &cart(&[9, 2]));
        assert_eq!(marked.matches(IN_CART).count(), 1);
        assert_eq!(marked.replace(&format!(" {IN_CART}"), ""), page);
        assert!(marked.contains(&format!("{OFFER}=\"{}\" {IN_CART}>", part(2))), "{marked}");
    }
}
