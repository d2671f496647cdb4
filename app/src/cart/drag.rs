//! Dragging a title by its handle, with mouse, pen or finger.
//!
//! The listeners sit on the window for as long as it lasts: the list moves the title under the pointer at once, and an
//! element that is moved in the page loses the pointer it had captured.

use domain::{
    PartId,
    cart::{Arrangement, CartChange},
};
use leptos::{ev, leptos_dom::helpers::WindowListenerHandle, prelude::*};

use super::state::Cart;
use crate::browser;

/// The titles of the list, in the order of the page.
const TITLES: &str = ".cart-list > li";

/// A title on its way.
#[derive(Clone)]
struct Dragged {
    part: PartId,
    /// The pointer that drags it; a second finger does not.
    pointer: i32,
    /// The cart as it was.
    before: Arrangement,
    /// Where it would be put down.
    to: usize,
}

/// Dragging in the cart's list.
#[derive(Clone, Copy)]
pub(crate) struct Drag {
    cart: Cart,
    dragged: RwSignal<Option<Dragged>>,
    listeners: StoredValue<Vec<WindowListenerHandle>>,
}

impl Drag {
    /// Nothing is dragged yet.
    pub(crate) fn new(cart: Cart) -> Self {
        let drag = Self { cart, dragged: RwSignal::new(None), listeners: StoredValue::new(Vec::new()) };
        on_cleanup(move || drag.stop_listening());
        drag
    }

    /// Whether this title is being dragged.
    pub(crate) fn is_dragging(self, part: PartId) -> bool {
        self.dragged.read().as_ref().is_some_and(|dragged| dragged.part == part)
    }

    /// A handle was taken.
    pub(crate) fn take(self, event: &ev::PointerEvent, part: PartId) {
        if event.button() != 0 || self.dragged.read_untracked().is_some() {
            return;
        }
        // No text is marked while dragging.
        event.prevent_default();
        let before = self.cart.arrangement();
        let Some(to) = before.parts.iter().position(|p| *p == part) else { return };
        self.dragged.set(Some(Dragged { part, pointer: event.pointer_id(), before, to }));
        self.listeners.set_value(vec![
            window_event_listener(ev::pointermove, move |event| self.follow(&event)),
            window_event_listener(ev::pointerup, move |event| self.put_down(event.pointer_id(), true)),
            window_event_listener(ev::pointercancel, move |event| self.put_down(event.pointer_id(), false)),
        ]);
    }

    /// The list follows the pointer.
    fn follow(self, event: &ev::PointerEvent) {
        let Some(mut dragged) = self.dragged.get_untracked().filter(|d| d.pointer == event.pointer_id()) else {
            return;
        };
        let at = self.cart.arrangement().parts.iter().position(|part| *part == dragged.part);
        let y = f64::from(event.client_y());
        // As many titles lie before it as have their middle above the pointer.
        let above = |(n, middle): &(usize, f64)| Some(*n) != at && *middle < y;
        let to = browser::middles(TITLES).into_iter().enumerate().filter(above).count();
        if to != dragged.to {
            dragged.to = to;
            let mut shown = dragged.before.clone();
            shown.apply(&CartChange::MoveTo(dragged.part, to));
            self.cart.preview(shown);
            self.dragged.set(Some(dragged));
        }
    }

    /// The handle was let go, or the browser took the pointer for scrolling.
    fn put_down(self, pointer: i32, there: bool) {
        let Some(dragged) = self.dragged.get_untracked().filter(|d| d.pointer == pointer) else { return };
        self.dragged.set(None);
        self.stop_listening();
        let from = dragged.before.parts.iter().position(|part| *part == dragged.part);
        self.cart.preview(dragged.before);
        if there && from != Some(dragged.to) {
            self.cart.change(CartChange::MoveTo(dragged.part, dragged.to));
        }
    }

    fn stop_listening(self) {
        self.listeners.update_value(|listeners| listeners.drain(..).for_each(WindowListenerHandle::remove));
    }
}
