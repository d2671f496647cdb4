//! The shape of every page that loads something: who is asking, what is loaded, then the page, or what went wrong.

use std::sync::Arc;

use domain::patrons::Account;
use leptos::prelude::*;
use leptos_router::{hooks::use_location, location::Location};
use serde::de::DeserializeOwned;

use crate::{
    components::{loading, trouble},
    erase::{Erase as _, ErasedView},
    failure::Failure,
    load::{self, Arrived, Arriving, Loaded, awaited},
    visit::{Flash, Here, use_visit},
};

/// What stands behind the question mark of a page's address, for as long as the page is open: while it is being left the address is the
/// next page's already, and what that asks for is not asked for here.
pub(crate) fn asked_of(page: &'static str) -> Memo<String> {
    let Location { pathname, search, .. } = use_location();
    Memo::new(move |before: Option<&String>| {
        let asked = search.get();
        let is_open = pathname.read().trim_end_matches('/') == page;
        before.filter(|_| !is_open).cloned().unwrap_or(asked)
    })
}

/// What a patron's own page is made from.
pub(crate) struct Own<T> {
    /// Whose page it is.
    pub(crate) account: Account,
    /// What came of the form that led here.
    pub(crate) flash: Option<Flash>,
    /// What was loaded.
    pub(crate) loaded: T,
}

/// A page that only a patron who is signed in sees. Others are led to the sign-in, and from there back to `address`.
pub(crate) fn patron_page<T: DeserializeOwned + 'static>(
    address: String,
    loaded: Loaded<T>,
    show: impl Fn(Own<T>) -> ErasedView + Send + Sync + 'static,
) -> ErasedView {
    let show = move |here: Here, flash, text: Result<&str, Failure>| {
        let account = here.account.ok_or(Failure::SignIn)?;
        Ok(show(Own { account, flash, loaded: load::read(text?)? }))
    };
    loaded_page(address, loaded.text(), Arc::new(show))
}

/// Makes the page of who is looking, what came of the form that led here, and the text of what was loaded.
pub(crate) type Show =
    Arc<dyn Fn(Here, Option<Flash>, Result<&str, Failure>) -> Result<ErasedView, Failure> + Send + Sync>;

/// The part of every such page that does not depend on what it loads, nor on who may see it.
pub(crate) fn loaded_page(address: String, text: Arriving, show: Show) -> ErasedView {
    let visit = use_visit();
    let address = StoredValue::new(address);
    view! {
        <Suspense fallback=loading>
            {awaited(move || {
                let show = Arc::clone(&show);
                async move {
                    let here = visit.here().await;
                    let flash = visit.flash(&here);
                    let Arrived(came) = text.await;
                    let text = came.as_ref().map(|came| &*came.text).map_err(|failure| *failure);
                    // All that is shown has been loaded.
                    show(here, flash, text).unwrap_or_else(|failure| trouble(failure, &address.get_value())).still()
                }
            })}
        </Suspense>
    }
    .erased()
}
