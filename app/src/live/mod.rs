//! Pages that follow what happens while they are open (R34).
//!
//! Such a page says of which moment it is, and has a link that loads it anew: that is all there is with scripts off, or while
//! the line is down. With scripts it follows a stream of the server's, see [`follow`]; what comes is drawn at once, but for
//! a part in which somebody is doing something, which is left alone until they have done.

#[cfg(feature = "hydrate")]
mod follow;

#[cfg(any(feature = "hydrate", feature = "ssr"))]
use domain::OpId;
use domain::{PlaceCode, circulation::DeskRoom, messages::Key};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use wire::Unwritable;

#[cfg(any(feature = "hydrate", feature = "ssr"))]
use crate::load;

use crate::{
    browser::focus_soon,
    cart::state::use_cart,
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    layout::Announcement,
};

/// The stream of the patron's reservations.
pub(crate) const OWN: &str = "/live";
/// The stream of a list of the desk at a place.
pub(crate) fn of_desk(room: DeskRoom, place: Option<&PlaceCode>) -> String {
    let place = place.map(|place| format!("&place={}", place)).unwrap_or_default();
    format!("/live/desk?room={room}{place}")
}

/// A state as it is told to a browser: what pages load that show it (`Offer`, `DeskList`), of which the library wrote the last
/// fields.
///
/// # Errors
/// As [`load::write`].
#[cfg(feature = "ssr")]
pub fn state(op: OpId, at: &str, fields: &str) -> Result<String, Unwritable> {
    Ok(load::write(&(op, at))? + fields)
}

/// The same state with another op, which all are written alike long.
#[cfg(feature = "hydrate")]
fn with_op(text: &str, op: OpId) -> Option<String> {
    let begin = load::write(&op).ok()?;
    text.get(begin.len()..).map(|rest| begin + rest)
}

/// The part that is drawn anew.
const REGION: &str = "follows";

/// Where the focus is while somebody does something. A heading that has it only says where one is.
const DOING: &str = "a, button, input, select, textarea, summary";

/// Whether the focus is in the element with this id, on what the selector says.
fn is_focused(id: &str, on: &str) -> bool {
    #[cfg(feature = "hydrate")]
    {
        follow::is_focused(id, on)
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (id, on);
        false
    }
}

/// A part of a page that follows.
#[derive(Clone, Copy)]
pub(crate) struct Follows {
    /// What it is drawn from.
    drawn: RwSignal<String>,
    /// What came while it was in use.
    waiting: RwSignal<Option<String>>,
    /// Whether something was chosen or typed in it.
    touched: StoredValue<bool>,
    /// Up to when it is known to be true.
    at: RwSignal<String>,
    /// Whether the line to the server is up; `None` before anything was heard.
    up: RwSignal<Option<bool>>,
    announcement: Announcement,
    i18n: I18n,
}

impl Follows {
    /// A part that was drawn from this text at that time.
    pub(crate) fn new(text: &str, at: String) -> Self {
        Self {
            drawn: RwSignal::new(text.to_owned()),
            waiting: RwSignal::new(None),
            touched: StoredValue::new(false),
            at: RwSignal::new(at),
            up: RwSignal::new(None),
            announcement: use_cart().announcement,
            i18n: use_i18n(),
        }
    }

    /// Follows a stream for as long as the page is open. Each state that comes is given to `took`.
    pub(crate) fn follow(self, stream: String, took: impl Fn(String) + Send + Sync + 'static) {
        #[cfg(feature = "hydrate")]
        {
            let took = std::sync::Arc::new(took);
            Effect::new(move |_| {
                let took = std::sync::Arc::clone(&took);
                let hear = move |heard| match heard {
                    follow::Heard::State(text) => {
                        self.up.set(Some(true));
                        took(text);
                    }
                    follow::Heard::Beat(at) => {
                        self.up.set(Some(true));
                        self.at.set(at);
                    }
                    follow::Heard::Down => self.up.set(Some(false)),
                };
                let following = follow::begin(stream.clone(), Box::new(hear));
                on_cleanup(move || follow::end(following));
            });
        }
        #[cfg(not(feature = "hydrate"))]
        drop((stream, took));
    }

    /// The state is of this moment.
    pub(crate) fn is_of(self, at: String) {
        self.at.set(at);
    }

    /// Draws the part from this text, now or when it is no longer in use.
    pub(crate) fn draw(self, text: String) {
        if self.is_in_use() {
            self.waiting.set(Some(text));
            self.announcement.say(self.i18n.t(Key::LiveHeld));
        } else {
            self.draw_now(text);
        }
    }

    /// What waited is no longer so.
    pub(crate) fn drop_waiting(self) {
        self.waiting.set(None);
    }

    fn draw_now(self, text: String) {
        let was_focused = is_focused(REGION, "*");
        self.touched.set_value(false);
        self.waiting.set(None);
        self.drawn.set(text);
        // The head of the first line, which had the focus, is another element now.
        if was_focused {
            focus_soon(format!("#{REGION} [autofocus]"));
        }
    }

    /// Draws what waited, when the part is no longer in use. The focus also goes when the page is left, and with it what
    /// waited.
    fn settle(self) {
        if let Some(text) = self.waiting.try_get_untracked().flatten() {
            self.draw(text);
        }
    }

    fn is_in_use(self) -> bool {
        is_focused(REGION, DOING) || self.touched.get_value()
    }

    /// The part itself.
    pub(crate) fn region(self, draw: impl Fn(&str) -> ErasedView + Send + Sync + 'static) -> ErasedView {
        let drawn = self.drawn;
        // The focus is at its new place in the next frame.
        let left = move |_| request_animation_frame(move || self.settle());
        view! {
            <div id=REGION on:change=move |_| self.touched.set_value(true) on:focusout=left>
                {move || draw(&drawn.read())}
            </div>
        }
        .erased()
    }

    /// Of which moment the page is, whether it follows, and the way to the present state where it does not.
    pub(crate) fn as_of(self, page: &'static str) -> ErasedView {
        let i18n = self.i18n;
        let time = move || i18n.fill(Key::LiveAt, &[("time", &self.at.read())]);
        let line = move || match self.up.get() {
            None => String::new(),
            Some(true) => i18n.t(Key::LiveFollows),
            Some(false) => i18n.t(Key::LiveDown),
        };
        let is_current = move || self.up.get() == Some(true) && self.waiting.read().is_none();
        let held = move || self.waiting.read().is_some().then(|| p("notice", i18n.t(Key::LiveHeld)));
        view! {
            <div class="as-of no-print">
                <p>{time} " " {line}</p>
                <a class="button quiet" rel="external" href=page hidden=is_current>{i18n.show(Key::LiveRefresh)}</a>
                {held}
            </div>
        }
        .erased()
    }
}
