//! The line of a kiosk to the server, and the end of a visit.
//!
//! A line that is lost shows a calm page that goes on by itself. The end of a visit does not wait for it: what this browser
//! keeps and shows of the reader goes at once, and the server is told as soon as it can be reached. It ends the visit by itself
//! when it hears nothing.

use domain::messages::Key;
use leptos::prelude::*;

use crate::{
    cart::state::Cart,
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    pieces,
};

/// How the line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser loses its line"))]
enum State {
    Up,
    Down,
    /// The visit is over, and the server may not know yet.
    Over,
}

/// The line of this kiosk.
#[derive(Clone, Copy)]
pub(super) struct Line {
    state: RwSignal<State>,
    #[cfg(feature = "hydrate")]
    cart: Cart,
    /// Seconds since the server was asked last whether it is there.
    #[cfg(feature = "hydrate")]
    rested: StoredValue<u32>,
}

impl Line {
    /// A line that is there.
    #[cfg_attr(not(feature = "hydrate"), expect(unused_variables, reason = "the server keeps no cart in a browser"))]
    pub(super) fn new(cart: Cart) -> Self {
        Self {
            state: RwSignal::new(State::Up),
            #[cfg(feature = "hydrate")]
            cart,
            #[cfg(feature = "hydrate")]
            rested: StoredValue::new(0),
        }
    }
}

/// The line of this kiosk.
pub(super) fn use_line() -> Line {
    expect_context()
}

/// What covers the page while the line is down, and when the visit is over.
pub(super) fn kiosk_line() -> ErasedView {
    let i18n = use_i18n();
    let line = use_line();
    #[cfg(feature = "hydrate")]
    line.watch();
    pieces::fetch_for_kiosk();
    let cover = move || {
        let (title, text) = match line.state.get() {
            State::Up => return ().erased(),
            State::Down => (Key::KioskDownTitle, Key::KioskDownText),
            State::Over => (Key::KioskOverTitle, Key::KioskOverText),
        };
        let is_over = line.state.get() == State::Over;
        view! {
            <section class="kiosk-line" role="alert">
                <h2>{i18n.t(title)}</h2>
                {p("", i18n.t(text))}
                <button hidden=is_over on:click=move |_| line.end()>{i18n.show(Key::KioskEndNow)}</button>
            </section>
        }
        .erased()
    };
    view! { {cover} }.erased()
}

impl Line {
    /// Ends the visit: here at once, on the server as soon as it can be told. Where there are no scripts a form does it.
    pub(super) fn end(self) {
        #[cfg(feature = "hydrate")]
        self.end_here();
        #[cfg(not(feature = "hydrate"))]
        self.state.set(State::Over);
    }
}

#[cfg(feature = "hydrate")]
mod at_work {
    use std::time::Duration;

    use leptos::{ev, prelude::*, server_fn::ServerFn as _, task::spawn_local};

    use super::{Line, State};
    use crate::{account::api::SignOut, kiosk::device};

    /// Seconds after which a server that was there is asked again whether it still is.
    const REST: u32 = 10;
    /// Seconds after which one that was not is asked again.
    const REST_WHEN_DOWN: u32 = 2;

    impl Line {
        /// Watches over the visit from the moment the page has come to life.
        pub(super) fn watch(self) {
            Effect::new(move |_| {
                if device::is_ending() {
                    return self.end();
                }
                if !device::begin() {
                    return;
                }
                let _ = window_event_listener(ev::offline, move |_| self.learn(false));
                let _ = window_event_listener(ev::online, move |_| self.ask());
                let _ = window_event_listener_untyped("submit", move |event| self.hold(&event));
                let tick = move || {
                    self.rested.update_value(|rested| *rested += 1);
                    let rest = if self.state.get_untracked() == State::Up { REST } else { REST_WHEN_DOWN };
                    if self.rested.get_value() >= rest {
                        self.ask();
                    }
                };
                let _ = set_interval_with_handle(tick, Duration::from_secs(1));
            });
        }

        /// Asks whether the server is there.
        fn ask(self) {
            self.rested.set_value(0);
            spawn_local(async move { self.learn(device::is_reached().await) });
        }

        fn learn(self, is_up: bool) {
            match (self.state.get_untracked(), is_up) {
                (State::Up, false) => self.state.set(State::Down),
                (State::Down, true) => {
                    self.state.set(State::Up);
                    device::go_on();
                }
                _ => {}
            }
        }

        /// Sends a form only while the line is there: else the browser would leave the page for one of its own. A form that is
        /// held goes on its way by itself.
        fn hold(self, event: &web_sys::Event) {
            if event.default_prevented() || !device::hold(event) {
                return;
            }
            event.prevent_default();
            spawn_local(async move {
                let is_up = device::is_reached().await;
                if is_up && self.state.get_untracked() == State::Up {
                    device::go_on();
                } else {
                    self.learn(is_up);
                }
            });
        }

        pub(super) fn end_here(self) {
            if self.state.get_untracked() != State::Over {
                self.state.set(State::Over);
                self.cart.forget_here();
                device::forget_all();
                self.tell();
            }
        }

        fn tell(self) {
            spawn_local(async move {
                if device::post(SignOut::PATH).await {
                    device::start_anew();
                } else {
                    set_timeout(move || self.tell(), Duration::from_secs(REST_WHEN_DOWN.into()));
                }
            });
        }
    }
}
