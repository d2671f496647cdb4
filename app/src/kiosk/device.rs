//! What a kiosk asks of the browser itself.
//!
//! A visit has a number, which the browser's session storage holds and every page of the visit carries in its place in the
//! history. Who goes back to a page of an earlier visit is led to the first page instead.

use std::cell::RefCell;

use js_sys::{Array, Object, Promise, Reflect};
use leptos::{
    prelude::{document, request_animation_frame, set_timeout, window, window_event_listener_untyped},
    wasm_bindgen::{JsCast, JsValue},
};
use web_sys::{Element, Event, HtmlElement, HtmlFormElement, HtmlInputElement, Storage};

use crate::browser::{call, draw, forget, kept_keys, member};

/// Where the number of the visit is kept, and its name in the history.
const VISIT: &str = "hondana.kiosk.visit";
/// Where it is kept that the visit is to end.
const ENDING: &str = "hondana.kiosk.ending";
/// What the desk keeps until it can be sent is not the reader's.
const OF_THE_DESK: &str = "hondana.desk.";
/// How long the server may take to say that it is there, in milliseconds.
const PATIENCE: f64 = 5_000.0;
/// How a page is known in the browser's own list to which somebody went back.
const BACK_OR_FORWARD: f64 = 2.0;

thread_local! {
    /// A form that waits for the line, and the button it was sent by.
    static HELD: RefCell<Option<(HtmlFormElement, Option<HtmlElement>)>> = const { RefCell::new(None) };
    /// What had the focus before it was taken away.
    static FOCUSED: RefCell<Option<HtmlElement>> = const { RefCell::new(None) };
}

/// Begins or goes on with a visit; `false` when the page is one of an earlier visit, which is left at once.
pub(super) fn begin() -> bool {
    // What was loaded otherwise came from the server just now, which knows who is here. Led to the first page for that, it
    // would be led there for ever.
    if came_back() && !is_of_this_visit() {
        start_anew();
        return false;
    }
    note_move();
    // A page may come back as it was left, without being loaded.
    let _ = window_event_listener_untyped("pageshow", |event| {
        let is_kept = member(&event, "persisted").is_ok_and(|kept| kept.is_truthy());
        if is_kept && !is_of_this_visit() {
            start_anew();
        }
    });
    if let Some(body) = document().body() {
        // It fails for names that are none only.
        let _ = body.set_attribute("data-visit", "");
    }
    request_animation_frame(|| crate::browser::focus_when_free("main [autofocus]"));
    true
}

/// Whether somebody has typed something into a field of the page.
pub(super) fn has_typed() -> bool {
    let Ok(fields) = document().query_selector_all("main input:not([type=hidden])") else { return false };
    (0..fields.length())
        .filter_map(|at| fields.item(at)?.dyn_into::<HtmlInputElement>().ok())
        .any(|field| field.value() != field.default_value())
}

/// Whether somebody went back or forward to the page.
fn came_back() -> bool {
    let performance: Result<_, JsValue> =
        member(&window().into(), "performance").and_then(|performance| member(&performance, "navigation"));
    let sort = performance.and_then(|navigation| member(&navigation, "type"));
    sort.is_ok_and(|sort| sort.as_f64() == Some(BACK_OR_FORWARD))
}

fn visit_store() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// What is kept until the visit ends.
fn of_the_visit(key: &str) -> Option<String> {
    visit_store()?.get_item(key).ok().flatten()
}

fn keep_for_the_visit(key: &str, text: &str) {
    // Where storage is forbidden nothing is known of the visit on the next page.
    let _ = visit_store().map(|store| store.set_item(key, text));
}

fn forget_the_visit() {
    let _ = visit_store().map(|store| store.clear());
}

fn is_of_this_visit() -> bool {
    let state = window().history().and_then(|history| history.state());
    let of = state.and_then(|state| member(&state, VISIT)).ok().and_then(|visit| visit.as_string());
    of_the_visit(VISIT).zip(of).is_some_and(|(visit, of)| visit == of)
}

/// Writes the number of the visit into the page's place in the history, once it has one.
pub(super) fn note_move() {
    write_number();
    // The router writes the new place a little later.
    set_timeout(write_number, std::time::Duration::from_millis(200));
}

fn write_number() {
    let visit = of_the_visit(VISIT).unwrap_or_else(|| {
        let drawn: String = draw().iter().map(|byte| format!("{byte:02x}")).collect();
        // Without storage every page is a visit of its own, and none can be gone back to.
        keep_for_the_visit(VISIT, &drawn);
        drawn
    });
    let Ok(history) = window().history() else { return };
    let state = Object::new();
    if let Ok(before) = history.state()
        && let Some(before) = before.dyn_ref::<Object>()
    {
        Object::assign(&state, before);
    }
    // Both fail for documents that are going away only.
    let _ = Reflect::set(&state, &VISIT.into(), &visit.into());
    let _ = history.replace_state(&state, "");
}

/// Whether the visit was ended on a page that was left before the server knew.
pub(super) fn is_ending() -> bool {
    of_the_visit(ENDING).is_some()
}

/// Forgets what this browser keeps and shows of the reader.
pub(super) fn forget_all() {
    for key in kept_keys().iter().filter(|key| !key.starts_with(OF_THE_DESK)) {
        forget(key);
    }
    forget_the_visit();
    keep_for_the_visit(ENDING, "1");
    drop(HELD.take());
    // Unseen and out of reach; the page itself goes with the next one.
    for part in [".site-header", "main", ".keyboard"] {
        if let Ok(Some(part)) = document().query_selector(part) {
            let _ = part.set_attribute("hidden", "");
        }
    }
    if let Ok(fields) = document().query_selector_all("input:not([type=hidden])") {
        let fields = (0..fields.length()).filter_map(|at| fields.item(at)?.dyn_into::<HtmlInputElement>().ok());
        fields.for_each(|field| field.set_value(""));
    }
}

/// Goes to the first page, which takes this one's place in the history.
pub(super) fn start_anew() {
    forget_the_visit();
    // It fails only for addresses that are none.
    let _ = window().location().replace("/");
}

/// Whether the server can be reached.
pub(super) async fn is_reached() -> bool {
    fetch("/readyz", "GET").await.is_ok_and(|answer| member(&answer, "ok").is_ok_and(|ok| ok.is_truthy()))
}

/// Posts an empty form, and answers whether the server has taken it.
pub(super) async fn post(path: &str) -> bool {
    let answer = fetch(path, "POST").await;
    let sort = answer.and_then(|answer| member(&answer, "type")).ok().and_then(|sort| sort.as_string());
    // Where it leads to is of no interest.
    sort.as_deref() == Some("opaqueredirect")
}

async fn fetch(path: &str, method: &str) -> Result<JsValue, JsValue> {
    let window: JsValue = window().into();
    let init = Object::new();
    let set = |name: &str, value: &JsValue| Reflect::set(&init, &name.into(), value);
    set("method", &method.into())?;
    set("cache", &"no-store".into())?;
    set("redirect", &"manual".into())?;
    if method == "POST" {
        let headers = Object::new();
        Reflect::set(&headers, &"content-type".into(), &"application/x-www-form-urlencoded".into())?;
        set("headers", &headers)?;
        set("body", &"".into())?;
    }
    let signal = member(&window, "AbortSignal")?;
    set("signal", &call(&signal, "timeout", &Array::of1(&PATIENCE.into()))?)?;
    call(&window, "fetch", &Array::of2(&path.into(), &init))?.dyn_into::<Promise>()?.await
}

/// Keeps a form that is being sent until [`go_on`]; `false` when it is not one to keep.
pub(super) fn hold(event: &Event) -> bool {
    let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
    let Some(form) = form.filter(|form| form.method() == "post") else { return false };
    let is_at_desk = window().location().pathname().is_ok_and(|path| path.starts_with("/desk"));
    if is_at_desk || form.enctype() != "application/x-www-form-urlencoded" {
        return false;
    }
    let by = member(event, "submitter").ok().and_then(|by| by.dyn_into::<HtmlElement>().ok());
    HELD.set(Some((form, by)));
    true
}

/// The line is there: sends what was held, or loads a page anew that could not be loaded.
pub(super) fn go_on() {
    if let Some((form, by)) = HELD.take() {
        if let Some(by) = by {
            carry(&form, &by);
        }
        // It fails only for a form that is not on the page any more.
        let _ = form.submit();
    } else if document().query_selector(".page.trouble").is_ok_and(|trouble| trouble.is_some()) {
        let _ = window().location().reload();
    }
}

/// What a button adds to the form it sends.
fn carry(form: &HtmlFormElement, by: &HtmlElement) {
    if let Some(action) = by.get_attribute("formaction") {
        form.set_action(&action);
    }
    let Some(name) = by.get_attribute("name") else { return };
    let field = document().create_element("input").ok().and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    if let Some(field) = field {
        field.set_type("hidden");
        field.set_name(&name);
        field.set_value(&by.get_attribute("value").unwrap_or_default());
        let _ = form.append_child(&field);
    }
}

/// Whether an event is of what the selector finds.
pub(super) fn is_within(event: &Event, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest(selector).is_ok_and(|found| found.is_some()))
}

/// Takes the focus to what the selector finds, once it is there.
pub(super) fn take_focus(selector: &str) {
    let before = document().active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
    FOCUSED.set(before);
    crate::browser::focus_soon(selector.to_owned());
}

/// Gives it back to what had it before.
pub(super) fn give_focus_back() {
    if let Some(before) = FOCUSED.take() {
        request_animation_frame(move || drop(before.focus()));
    }
}
