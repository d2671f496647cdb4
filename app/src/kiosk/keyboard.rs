//! A keyboard on the screen of a kiosk, for whoever has no other: it comes when a field is touched, and goes when somebody
//! types on a keyboard of the device. It needs scripts; without them the fields are what they are everywhere.

use domain::messages::Key;
use leptos::prelude::*;

use super::keys::{Go, Panel};
use crate::{
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
};

/// What the keyboard shows.
#[derive(Clone, Copy)]
pub(super) struct Board {
    open: RwSignal<bool>,
    panel: RwSignal<Panel>,
    capitals: RwSignal<bool>,
    go: RwSignal<Go>,
}

/// The keyboard, with scripts only.
pub(super) fn kiosk_keyboard() -> ErasedView {
    let board = Board {
        open: RwSignal::new(false),
        panel: RwSignal::new(Panel::Kana),
        capitals: RwSignal::new(false),
        go: RwSignal::new(Go::Search),
    };
    let alive = RwSignal::new(false);
    let begun = StoredValue::new(false);
    let owner = Owner::current();
    let shown = move || {
        // When this place comes to life, and not before: a part of the program that is still on its way holds up what stands
        // below it, but no effect, and a keyboard that is not in the page could not come to life.
        if !begun.get_value() {
            begun.set_value(true);
            let begin = || {
                Effect::new(move |_| {
                    alive.set(true);
                    #[cfg(feature = "hydrate")]
                    hand::listen(board);
                })
            };
            owner.as_ref().map(|owner| owner.with(begin));
        }
        alive.get().then(|| keyboard(board))
    };
    view! { {shown} }.erased()
}

fn keyboard(board: Board) -> ErasedView {
    let i18n = use_i18n();
    let key = move |name: &'static str, sign: &'static str, text: Key| {
        view! { <button type="button" data-key=name aria-label=i18n.t(text)>{sign}</button> }.erased()
    };
    let word = move |name: &'static str, text: Key| {
        view! { <button type="button" data-key=name>{i18n.t(text)}</button> }.erased()
    };
    let panels = Panel::ALL.map(|panel| {
        let pressed = move || if board.panel.get() == panel { "true" } else { "false" };
        let name = panel.as_str();
        view! { <button type="button" data-key=name aria-pressed=pressed>{i18n.t(panel.name())}</button> }.erased()
    });
    let is = move |panel: Panel| move || board.panel.get() != panel;
    let capitals = move || if board.capitals.get() { "true" } else { "false" };
    let on_click = move |event: leptos::ev::MouseEvent| {
        #[cfg(feature = "hydrate")]
        hand::press(board, &event);
        #[cfg(not(feature = "hydrate"))]
        drop(event);
    };
    view! {
        <section
            class="keyboard no-print"
            aria-label=i18n.t(Key::KeyboardTitle)
            hidden=move || !board.open.get()
            // The field keeps the focus, and with it its caret and its suggestions.
            on:mousedown=move |event| event.prevent_default()
            on:click=on_click
        >
            <div class="panels" role="group" aria-label=i18n.t(Key::KeyboardPanels)>{Vec::from(panels)}</div>
            {Vec::from(Panel::ALL.map(|panel| letters(board, panel)))}
            <div class="turns">
                <span hidden=is(Panel::Kana)>
                    {key("voiced", "゛", Key::KeyboardVoiced)} {key("half-voiced", "゜", Key::KeyboardHalfVoiced)}
                    {key("small", "小", Key::KeyboardSmall)}
                </span>
                <span hidden=is(Panel::Latin)>
                    <button type="button" data-key="case" aria-pressed=capitals>{i18n.show(Key::KeyboardCapitals)}</button>
                </span>
                {word("space", Key::KeyboardSpace)}
            </div>
            <div class="deeds">
                {word("delete", Key::KeyboardDelete)} {word("clear", Key::KeyboardClear)}
                {word("close", Key::KeyboardClose)}
                <button type="button" class="primary" data-key="go">{move || i18n.t(board.go.get().name())}</button>
            </div>
        </section>
    }
    .erased()
}

/// The keys of a panel.
fn letters(board: Board, panel: Panel) -> ErasedView {
    let groups: Vec<_> = panel
        .groups()
        .iter()
        .map(|group| {
            let keys: Vec<_> = group.chars().map(|letter| letter_key(board, letter)).collect();
            view! { <div class="group">{keys}</div> }.erased()
        })
        .collect();
    let is_away = move || board.panel.get() != panel;
    view! { <div class="letters" data-panel=panel.as_str() hidden=is_away>{groups}</div> }.erased()
}

fn letter_key(board: Board, letter: char) -> ErasedView {
    if letter == '　' {
        return view! { <span></span> }.erased();
    }
    if !letter.is_ascii_lowercase() {
        return view! { <button type="button" data-key=letter.to_string()>{letter.to_string()}</button> }.erased();
    }
    let shown = move || if board.capitals.get() { letter.to_ascii_uppercase() } else { letter }.to_string();
    view! { <button type="button" data-key=shown>{shown}</button> }.erased()
}

/// What happens at the keys.
#[cfg(feature = "hydrate")]
mod hand {
    use std::cell::{Cell, RefCell};

    use domain::text;
    use leptos::{
        prelude::*,
        wasm_bindgen::{JsCast, JsValue},
    };
    use web_sys::{Element, Event, HtmlInputElement};

    use super::{Board, Go, Panel};
    use crate::{
        browser::member,
        kiosk::{
            device,
            keys::{Deed, deed},
        },
    };

    /// The fields one types a text into.
    const FIELDS: [&str; 5] = ["search", "text", "password", "tel", "email"];

    thread_local! {
        /// The field that is typed into.
        static FIELD: RefCell<Option<HtmlInputElement>> = const { RefCell::new(None) };
        /// Whether somebody types on a keyboard of the device.
        static TYPES: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn listen(board: Board) {
        let on = |name: &str, heard: fn(Board, &Event)| {
            // It listens until the page is left.
            let _ = window_event_listener_untyped(name, move |event| heard(board, &event));
        };
        on("focusin", |board, event| match field_of(event) {
            Some(field) => board.take(field),
            None if !device::is_within(event, ".keyboard") => board.drop_lost(),
            None => {}
        });
        on("pointerdown", |_, _| TYPES.set(false));
        on("click", |board, event| match field_of(event) {
            Some(field) => board.take(field),
            None if !device::is_within(event, ".keyboard") => board.open.set(false),
            None => {}
        });
        on("keydown", |board, event| {
            let key = member(event, "key").ok().and_then(|key| key.as_string()).unwrap_or_default();
            if key == "Enter" {
                // A scanner ends with it, and who scans their card has no keyboard in front of them.
                TYPES.set(false);
            } else if field_of(event).is_some() && (key.chars().count() == 1 || key == "Process") {
                TYPES.set(true);
                board.open.set(false);
            }
        });
        let focused = document().active_element().and_then(|element| element.dyn_into::<HtmlInputElement>().ok());
        if let Some(field) = focused.filter(is_typed_into) {
            board.take(field);
        }
    }

    /// Does what a key says.
    pub(super) fn press(board: Board, event: &Event) {
        let key = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let key = key.and_then(|target| target.closest("[data-key]").ok().flatten());
        let Some(deed) = key.and_then(|key| key.get_attribute("data-key")).as_deref().and_then(deed) else { return };
        match deed {
            Deed::Show(panel) => board.panel.set(panel),
            Deed::Case => board.capitals.update(|capitals| *capitals = !*capitals),
            Deed::Close => board.open.set(false),
            Deed::Type(stroke) => with_field(|field| enter(field, stroke)),
            Deed::Go => with_field(|field| match (next(field), board.go.get_untracked()) {
                (Some(next), Go::Next) => drop(next.focus()),
                _ => send(field),
            }),
        }
    }

    fn with_field(work: impl FnOnce(&HtmlInputElement)) {
        let field = FIELD.with_borrow(Clone::clone);
        if let Some(field) = field.filter(|field| field.is_connected()) {
            work(&field);
        }
    }

    fn field_of(event: &Event) -> Option<HtmlInputElement> {
        event.target()?.dyn_into::<HtmlInputElement>().ok().filter(is_typed_into)
    }

    fn is_typed_into(field: &HtmlInputElement) -> bool {
        let in_main = field.closest("main").is_ok_and(|main| main.is_some());
        let at_desk = field.closest(".desk").is_ok_and(|desk| desk.is_some());
        FIELDS.contains(&field.type_().as_str()) && in_main && !at_desk && !field.read_only() && !field.disabled()
    }

    /// The field after this one in its form that is still empty.
    fn next(field: &HtmlInputElement) -> Option<HtmlInputElement> {
        let form = field.form()?;
        let all = form.query_selector_all("input").ok()?;
        let fields = (0..all.length()).filter_map(|at| all.item(at)?.dyn_into::<HtmlInputElement>().ok());
        fields.filter(is_typed_into).skip_while(|other| other != field).nth(1)
    }

    fn send(field: &HtmlInputElement) {
        if let Some(form) = field.form() {
            // Not `submit`: what is wrong with a field has to be said.
            let _ = form.request_submit();
        }
    }

    impl Board {
        /// Types into this field from now on.
        fn take(self, field: HtmlInputElement) {
            if FIELD.with_borrow(|known| known.as_ref() != Some(&field)) {
                let said = |name: &str| field.get_attribute(name).unwrap_or_default();
                // Asked of a field once: after that it says that the device need not show a keyboard of its own.
                let mode = if field.has_attribute("data-mode") { said("data-mode") } else { said("inputmode") };
                let _ = field.set_attribute("data-mode", &mode);
                let _ = field.set_attribute("inputmode", "none");
                let is_password = said("type") == "password" || field.id().contains("password");
                self.panel.set(match mode.as_str() {
                    _ if is_password => Panel::Latin,
                    "numeric" | "tel" => Panel::Digits,
                    "email" => Panel::Latin,
                    _ => Panel::Kana,
                });
                self.capitals.set(false);
                let searches = field.closest("[role=search]").is_ok_and(|found| found.is_some());
                self.go.set(match (searches, next(&field)) {
                    (true, _) => Go::Search,
                    (false, Some(_)) => Go::Next,
                    (false, None) => Go::Send,
                });
                FIELD.set(Some(field));
            }
            if !TYPES.get() {
                self.open.set(true);
            }
        }

        /// The field is not on the page any more.
        fn drop_lost(self) {
            if FIELD.with_borrow(|field| field.as_ref().is_some_and(|field| !field.is_connected())) {
                FIELD.take();
                self.open.set(false);
            }
        }
    }

    /// Types into the field, at its caret and over what is marked.
    fn enter(field: &HtmlInputElement, stroke: text::Stroke) {
        let units: Vec<u16> = field.value().encode_utf16().collect();
        let last = units.len();
        let at = |caret: Result<Option<u32>, JsValue>| {
            // A field without a caret of its own is typed into at its end.
            caret.ok().flatten().and_then(|at| usize::try_from(at).ok()).map_or(last, |at| at.min(last))
        };
        let (start, end) = (at(field.selection_start()), at(field.selection_end()));
        let before = String::from_utf16_lossy(&units[..start.min(end)]);
        let is_marked = start != end;
        let (typed, after) = match stroke {
            text::Stroke::Clear => (String::new(), String::new()),
            // What is marked is what is taken away.
            text::Stroke::Delete if is_marked => (before, String::from_utf16_lossy(&units[end..])),
            _ => (text::press(&before, stroke), String::from_utf16_lossy(&units[end..])),
        };
        let caret = u32::try_from(typed.encode_utf16().count()).unwrap_or(u32::MAX);
        field.set_value(&format!("{typed}{after}"));
        let _ = field.set_selection_range(caret, caret);
        let init = web_sys::EventInit::new();
        init.set_bubbles(true);
        if let Ok(event) = Event::new_with_event_init_dict("input", &init) {
            let _ = field.dispatch_event(&event);
        }
    }
}
