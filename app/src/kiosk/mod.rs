//! What a kiosk shows around every page: that somebody is signed in there, and how long it stays so when nobody does
//! anything (R32). The server ends it in any case; the clock makes that visible, and clears the screen.

use domain::messages::Key;
use leptos::{prelude::*, server_fn::ServerFn as _};

use crate::{
    account::api::SignOut,
    cart::state::use_cart,
    components::{form, p},
    erase::Erase as _,
    i18n::use_i18n,
    site::use_site,
    visit::use_visit,
};

/// The form that ends the visit.
const END: &str = "kiosk-end";

/// Seconds before the end in which it is counted down.
#[cfg(feature = "hydrate")]
const WARNED: f64 = 60.0;

/// Seconds between two signs of life for the server.
#[cfg(feature = "hydrate")]
const SIGNS_APART: f64 = 20.0;

/// The bar of a kiosk; elsewhere nothing.
#[component]
pub fn KioskBar() -> AnyView {
    let visit = use_visit();
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let here = visit.here().await;
                here.kiosk.then(|| bar(here.account.is_some()))
            })}
        </Suspense>
    }
    .erased()
}

fn bar(signed_in: bool) -> AnyView {
    let i18n = use_i18n();
    let around = |content: AnyView| {
        view! { <section class="kiosk-bar" aria-label=i18n.t(Key::KioskTitle)>{content}</section> }.erased()
    };
    if !signed_in {
        return around(p("", i18n.t(Key::KioskHere)));
    }
    let minutes = use_site().with(|site| site.accounts.kiosk_idle_minutes);
    let left = RwSignal::new(None);
    let sign = count_down(f64::from(minutes) * 60.0, left);
    let cart = use_cart();
    let told = move || match left.get() {
        Some(seconds) => i18n.number(Key::KioskSecondsLeft, seconds),
        None => i18n.number(Key::KioskIdle, minutes),
    };
    let end = view! {
        <button class="primary" on:click=move |_| cart.forget_here()>{i18n.t(Key::KioskEnd)}</button>
    };
    // Without scripts the page leaves by itself a little later, when the server has ended it.
    let leave = format!("{};url=/", minutes * 60 + 5);
    let content = view! {
        <p role="timer">{told}</p>
        <button class="with-scripts" hidden=move || left.get().is_none() on:click=move |_| sign()>
            {i18n.t(Key::KioskGoOn)}
        </button>
        {form(SignOut::PATH, "inline", Some(END.to_owned()), end.erased())}
        <noscript>
            <meta http-equiv="refresh" content=leave />
        </noscript>
    };
    around(content.erased())
}

/// Counts down to the end while nobody does anything. Answers what says that somebody is there.
#[cfg(feature = "hydrate")]
fn count_down(idle: f64, left: RwSignal<Option<u32>>) -> impl Fn() + Copy + 'static {
    use std::time::Duration;

    use crate::{browser, visit::load_here};

    let i18n = use_i18n();
    let cart = use_cart();
    let seen = StoredValue::new(browser::now());
    let sign = move || {
        seen.set_value(browser::now());
        left.set(None);
        // What it answers is known; that it was asked is what counts.
        leptos::task::spawn_local(async { drop(load_here().await) });
    };
    Effect::new(move |_| {
        for sort in ["pointerdown", "keydown"] {
            let _ = window_event_listener_untyped(sort, move |_| {
                if (browser::now() - seen.get_value()) / 1000.0 > SIGNS_APART {
                    sign();
                }
            });
        }
        let tick = move || {
            let rest = idle - (browser::now() - seen.get_value()) / 1000.0;
            if rest <= 0.0 {
                cart.forget_here();
                browser::submit(END);
            } else if rest <= WARNED {
                if left.get_untracked().is_none() {
                    cart.announcement.say(i18n.t(Key::KioskSoon));
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
fn count_down(_idle: f64, _left: RwSignal<Option<u32>>) -> impl Fn() + Copy + 'static {
    || ()
}
