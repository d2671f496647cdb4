//! The key to a patron's history while they are signed in (R28), parted in two: their session has a box, their browser what
//! opens it. Neither the database nor the browser alone gives the key, and it ends with the session or with the browser.
//!
//! The recovery code goes the same way to the one page that shows it: it lies in the browser for as long as the redirect
//! takes, and never in a session, which is a row of the database.

use axum::http::{HeaderMap, request::Parts};
use leptos::prelude::with_context;
use library::bookshelf::OpenKey;

use super::{cookie::Secret, fault, visit::Visit};
use crate::failure::Failure;

/// Names of the cookies.
const KEY: &str = "history";
const CODE: &str = "history-code";

/// How long a recovery code lies in the browser before its page has to be there, in seconds.
const CODE_SECONDS: u32 = 300;

impl Visit {
    /// Keeps an opened key for the rest of the session.
    ///
    /// # Errors
    /// When it can't be sealed or the session can't be written.
    pub(crate) async fn keep_history_open(&mut self, key: &OpenKey) -> Result<(), Failure> {
        let (browser, session) = key.parted().map_err(fault)?;
        self.data.history = Some(session);
        self.save().await?;
        self.cookie(KEY).give(&browser, None);
        Ok(())
    }

    /// The key, when this browser opened it.
    pub fn history_key(&self, headers: &HeaderMap) -> Option<OpenKey> {
        OpenKey::rejoined(self.patron()?, &self.cookie(KEY).read(headers)?, self.data.history.as_deref()?)
    }

    /// The key, when the browser that asks opened it.
    pub(crate) fn own_history_key(&self) -> Option<OpenKey> {
        with_context(|parts: &Parts| self.history_key(&parts.headers))?
    }

    /// Closes the history in this browser.
    ///
    /// # Errors
    /// When the session can't be written.
    pub(crate) async fn close_history(&mut self) -> Result<(), Failure> {
        self.drop_history_cookie();
        self.data.history = None;
        self.save().await
    }

    /// Takes away what the browser keeps.
    pub(super) fn drop_history_cookie(&self) {
        // A browser that has none need not hear of it.
        if with_context(|parts: &Parts| self.cookie(KEY).read(&parts.headers)).flatten().is_some() {
            self.cookie(KEY).give("", Some(0));
        }
    }

    /// Hands a recovery code to the page that shows it.
    pub(crate) fn hand_over_code(&self, code: &str) {
        self.cookie(CODE).give(code, Some(CODE_SECONDS));
    }

    /// The recovery code that was handed over, once.
    pub(crate) fn take_code(&self) -> Option<String> {
        let code = with_context(|parts: &Parts| self.cookie(CODE).read(&parts.headers))??;
        self.cookie(CODE).give("", Some(0));
        Some(code)
    }

    const fn cookie(&self, name: &'static str) -> Secret<'_> {
        Secret { library: &self.library, name }
    }
}
