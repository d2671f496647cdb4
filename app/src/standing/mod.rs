//! What stands still on pages that everybody sees. The server alone makes it, as HTML beside an answer ([`Answer`](crate::load::Answer)): the browser's
//! program has nothing of it, and nothing of it is sent twice.
//!
//! What can be pressed there is heard by the page it stands on: buttons of titles ([`crate::opac::cart_button`]), slips
//! ([`crate::receipt`]).

mod calendar;
mod cover;
mod guide;
mod home;
mod phone;
mod record;
mod search;
mod stands;

pub(crate) use calendar::calendar;
pub(crate) use guide::guide;
pub(crate) use home::beside_search;
pub(crate) use phone::{offline, waiting};
pub(crate) use record::record;
pub(crate) use search::{last_page, name, results};

use domain::messages::{Language, Messages};
use leptos::prelude::*;

use crate::{i18n::I18n, site::UseSite, ssr};

/// Provides what views need, where it is not there: an answer that is asked for by itself is not made within a page.
pub(crate) fn with_texts(language: Language) -> I18n {
    use_context::<I18n>().unwrap_or_else(|| {
        let i18n = I18n::new(Messages::of(language));
        provide_context(UseSite::new(ssr::site(language)));
        provide_context(i18n);
        i18n
    })
}
