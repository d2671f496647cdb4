//! The few things asked of the browser itself. On the server each of them does nothing.

use serde::{Serialize, de::DeserializeOwned};

/// Reads a JSON data block of the page.
#[cfg(not(feature = "ssr"))]
pub(crate) fn data_block<T: DeserializeOwned>(id: &str) -> Option<T> {
    let text = leptos::prelude::document().get_element_by_id(id)?.text_content()?;
    serde_json::from_str(&text).ok()
}

/// Moves the focus to the first element the selector finds, once the page has been painted.
pub(crate) fn focus_soon(selector: String) {
    #[cfg(feature = "hydrate")]
    leptos::prelude::request_animation_frame(move || focus(&selector));
    #[cfg(not(feature = "hydrate"))]
    drop(selector);
}

#[cfg(feature = "hydrate")]
fn focus(selector: &str) {
    use leptos::wasm_bindgen::JsCast;
    let found = leptos::prelude::document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        // It fails only for elements that can't have the focus.
        let _ = element.focus();
    }
}

/// The same, unless something on the page has the focus already.
pub(crate) fn focus_when_free(selector: &'static str) {
    #[cfg(feature = "hydrate")]
    leptos::prelude::request_animation_frame(move || {
        let focused = leptos::prelude::document().active_element();
        if focused.is_none_or(|element| element.tag_name() == "BODY") {
            // Now and not a frame later, in which somebody may have gone on already.
            focus(selector);
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = selector;
}

/// Sends the form with this id.
#[cfg(feature = "hydrate")]
pub(crate) fn submit(form: &str) {
    use leptos::wasm_bindgen::JsCast;
    let found = leptos::prelude::document().get_element_by_id(form);
    if let Some(form) = found.and_then(|element| element.dyn_into::<web_sys::HtmlFormElement>().ok()) {
        // It fails only for a form that is not on the page any more.
        let _ = form.submit();
    }
}

/// Prints a part of the page: the style sheet looks for its word at the body.
pub(crate) fn print(part: &str) {
    #[cfg(feature = "hydrate")]
    {
        let body = leptos::prelude::document().body();
        let body = body.as_deref();
        // What fails here leaves the page as it is: where there is nothing to print with, all stays on the screen.
        let _ = body.map(|body| body.set_attribute("data-print", part));
        let _ = leptos::prelude::window().print();
        let _ = body.map(|body| body.remove_attribute("data-print"));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = part;
}

/// Reads what this browser kept.
pub(crate) fn recall<T: DeserializeOwned>(key: &str) -> Option<T> {
    #[cfg(feature = "hydrate")]
    {
        use gloo_storage::{LocalStorage, Storage};
        LocalStorage::get(key).ok()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = key;
        None
    }
}

/// Keeps something in this browser. Where storage is full or forbidden the page works on without.
pub(crate) fn keep<T: Serialize>(key: &str, value: &T) {
    #[cfg(feature = "hydrate")]
    {
        use gloo_storage::{LocalStorage, Storage};
        let _ = LocalStorage::set(key, value);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (key, value);
}

/// Keeps something in this browser, and answers whether it is kept.
#[cfg(feature = "hydrate")]
pub(crate) fn keep_surely<T: Serialize>(key: &str, value: &T) -> bool {
    use gloo_storage::{LocalStorage, Storage};
    LocalStorage::set(key, value).is_ok()
}

/// All that was kept under keys that begin so.
#[cfg(feature = "hydrate")]
pub(crate) fn recall_all<T: DeserializeOwned>(prefix: &str) -> Vec<T> {
    use gloo_storage::{LocalStorage, Storage};
    let key = |at| LocalStorage::raw().key(at).ok().flatten();
    (0..LocalStorage::length())
        .filter_map(key)
        .filter(|key| key.starts_with(prefix))
        .filter_map(|key| recall(&key))
        .collect()
}

/// What this browser's clock says, in milliseconds since 1970. It may be wrong.
#[cfg(feature = "hydrate")]
pub(crate) fn now() -> f64 {
    js_sys::Date::now()
}

/// Ten bytes that nobody can guess.
#[cfg(feature = "hydrate")]
pub(crate) fn draw() -> [u8; 10] {
    let mut drawn = [0; 10];
    if let Ok(crypto) = leptos::prelude::window().crypto() {
        // It fails for more bytes than a browser gives at once only, which is tens of thousands.
        let _ = crypto.get_random_values_with_u8_array(&mut drawn);
    }
    drawn
}

/// Forgets what was kept under a key.
pub(crate) fn forget(key: &str) {
    #[cfg(feature = "hydrate")]
    {
        use gloo_storage::{LocalStorage, Storage};
        LocalStorage::delete(key);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = key;
}

/// The vertical middles of the elements a selector finds, in the order of the page.
pub(crate) fn middles(selector: &str) -> Vec<f64> {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::JsCast;
        let Ok(list) = leptos::prelude::document().query_selector_all(selector) else { return Vec::new() };
        (0..list.length())
            .filter_map(|at| list.item(at)?.dyn_into::<web_sys::Element>().ok())
            .map(|element| {
                let place = element.get_bounding_client_rect();
                place.top() + place.height() / 2.0
            })
            .collect()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        Vec::new()
    }
}
