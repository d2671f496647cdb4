//! How long a visit to a kiosk stays when nobody does anything, and its end. The server ends it in any case; the clock
//! makes that visible, and clears the screen.

use domain::messages::Key;
use leptos::{prelude::*, server_fn::ServerFn as _};

use super::line::use_line;
use crate::{
    account::api::SignOut,
    components::form,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::awaited,
    site::use_site,
    visit::use_visit,
};

/// The form that ends the visit.
const END: &str = "kiosk-end";

/// Seconds before the end in which it is counted down over the whole screen.
#[cfg(feature = "hydrate")]
const WARNED: f64 = 60.0;

/// Seconds between two signs of life for the server.
#[cfg(feature = "hydrate")]
const SIGNS_APART: f64 = 20.0;

/// What is said of the end, and the button that brings it about.
pub(super) fn kiosk_bar() -> ErasedView {
    let visit = use_visit();
    view! {
        <Suspense>
            {awaited(move || async move {
                let here = visit.here().await;
                bar(here.account.is_some())
            })}
        </Suspense>
    }
    .erased()
}

fn bar(signed_in: bool) -> ErasedView {
    let i18n = use_i18n();
    let line = use_line();
    let minutes = use_site().with(|site| site.accounts.kiosk_idle_minutes);
    let left = RwSignal::new(None);
    let sign = count_down(signed_in, f64::from(minutes) * 60.0, left);
    let told = move || match (left.get(), signed_in) {
        (Some(seconds), true) => i18n.number(Key::KioskSecondsLeft, seconds),
        (Some(seconds), false) => i18n.number(Key::KioskSecondsToStart, seconds),
        (None, true) => i18n.number(Key::KioskIdle, minutes),
        (None, false) => i18n.t(Key::KioskHere),
    };
    let on_end = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        line.end();
    };
    let end = view! { <button class="primary">{i18n.show(Key::KioskEnd)}</button> };
    // Without scripts the page leaves by itself a little later, when the server has ended it.
    let leave = format!("{};url=/", minutes * 60 + 5);
    let is_soon = move || left.get().is_some();
    view! {
        <section class="kiosk-bar" class:soon=is_soon aria-label=i18n.t(Key::KioskTitle)>
            <p role="timer">{told}</p>
            <button class="go-on with-scripts" hidden=move || !is_soon() on:click=move |_| sign()>
                {i18n.show(Key::KioskGoOn)}
            </button>
            <div on:submit=on_end>{form(SignOut::PATH, "inline", Some(END.to_owned()), end.erased())}</div>
            <noscript>
                <meta http-equiv="refresh" content=leave />
            </noscript>
        </section>
    }
    .erased()
}

/// Counts down to the end while nobody does anything. Answers what says that somebody is there.
#[cfg(feature = "hydrate")]
fn count_down(signed_in: bool, idle: f64, left: RwSignal<Option<u32>>) -> impl Fn() + Copy + 'static {
    use std::time::Duration;

    use leptos_router::hooks::use_location;

    use domain::messages::Language;

    use super::device;
    use crate::{browser, cart::state::use_cart, visit::load_here};

    let i18n = use_i18n();
    let cart = use_cart();
    let line = use_line();
    let path = use_location().pathname;
    let seen = StoredValue::new(browser::now());
    let sign = move || {
        seen.set_value(browser::now());
        if left.get_untracked().is_some() {
            left.set(None);
            device::give_focus_back();
        }
        // What it answers is known; that it was asked is what counts.
        leptos::task::spawn_local(async { drop(load_here().await) });
    };
    // Nobody is reading the first page as it is, and the desk has an end of its own.
    let is_visit = move || {
        let path = path.read_untracked();
        let is_chosen = i18n.language() != Language::default() || device::has_typed();
        !path.starts_with("/desk") && (signed_in || path.as_str() != "/" || !cart.is_empty() || is_chosen)
    };
    Effect::new(move |_| {
        for sort in ["pointerdown", "keydown"] {
            let _ = window_event_listener_untyped(sort, move |event| {
                // What is pressed stays where it is until it was pressed.
                if device::is_within(&event, "#kiosk-end, .kiosk-line") {
                    return;
                }
                let still = left.get_untracked().is_none();
                if !still || (browser::now() - seen.get_value()) / 1000.0 > SIGNS_APART {
                    sign();
                }
            });
        }
        let tick = move || {
            if !is_visit() {
                seen.set_value(browser::now());
                return;
            }
            let rest = idle - (browser::now() - seen.get_value()) / 1000.0;
            if rest <= 0.0 {
                line.end();
            } else if rest <= WARNED {
                if left.get_untracked().is_none() {
                    cart.announcement.say(i18n.t(Key::KioskSoon));
                    device::take_focus(".kiosk-bar .go-on");
                }
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and WARNED")]
                left.set(Some(rest.ceil() as u32));
            }
        };
        // It runs until the page is left.
        let _ = set_interval_with_handle(tick, Duration::from_secs(1));
    });
    sign
}

/// There is no clock on the server.
#[cfg(not(feature = "hydrate"))]
fn count_down(_signed_in: bool, _idle: f64, _left: RwSignal<Option<u32>>) -> impl Fn() + Copy + 'static {
    || ()
}
