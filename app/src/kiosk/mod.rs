//! Kiosks: devices of the library that everybody uses after each other (館内OPAC, R32).
//!
//! A kiosk has a frame of its own with few ways and large keys, a keyboard on its screen, and a visit that ends by itself and
//! leaves nothing to whoever comes next. What the pages show is the same as elsewhere.

mod bar;
#[cfg(feature = "hydrate")]
mod device;
mod frame;
mod keyboard;
mod keys;
mod line;

use domain::messages::Key;
use leptos::prelude::*;

use crate::{
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    site::use_site,
};

/// What stands around every page of a kiosk. A function makes each part of it, and nothing else leads to them, so that they are a
/// piece of the program that no other device loads ([`crate::pieces`]).
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Above the page. It is made first: the others ask it how the line is.
    pub(crate) header: fn() -> ErasedView,
    /// Below the page: the keyboard.
    pub(crate) keyboard: fn() -> ErasedView,
    /// What covers the page while the line is down, and when the visit is over.
    pub(crate) line: fn() -> ErasedView,
}

impl Frame {
    pub(crate) fn new() -> Self {
        Self { header: frame::kiosk_header, keyboard: keyboard::kiosk_keyboard, line: line::kiosk_line }
    }
}

/// The frame of this device, if it is a kiosk. In the browser its piece was fetched before anything came to life.
pub(crate) fn frame_here() -> Option<Frame> {
    #[cfg(feature = "hydrate")]
    return use_context();
    #[cfg(not(feature = "hydrate"))]
    is_kiosk().then(Frame::new)
}

/// Whether this device says it is a kiosk.
pub(crate) fn is_kiosk() -> bool {
    use_site().with(|site| site.kiosk)
}

/// How the browser may fill in a field. At a kiosk it may not: it would offer what somebody else typed.
pub(crate) fn filled_in(auto: &'static str) -> &'static str {
    if is_kiosk() { "off" } else { auto }
}

/// The link to a file. At a kiosk nobody could take it along, and it would stay there.
pub(crate) fn file_link(href: String, text: String) -> ErasedView {
    if is_kiosk() {
        return p("hint", use_i18n().t(Key::KioskNoFiles));
    }
    view! { <a class="button" rel="external" download href=href>{text}</a> }.erased()
}
