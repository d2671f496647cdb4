//! The shape of a patron's own page: who is asking, what is loaded, then the page, or what went wrong.

use std::sync::Arc;

use domain::patrons::Account;
use leptos::prelude::*;
use serde::de::DeserializeOwned;

use crate::{
    components::{loading, trouble},
    erase::Erase as _,
    failure::Failure,
    load::{self, Loaded},
    visit::{Flash, use_visit},
};

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
    show: impl Fn(Own<T>) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let show = move |account, flash, text: &str| Ok(show(Own { account, flash, loaded: load::read(text)? }));
    shape(address, loaded.text(), Arc::new(show))
}

/// Reads what was loaded and shows it.
type Show = Arc<dyn Fn(Account, Option<Flash>, &str) -> Result<AnyView, Failure> + Send + Sync>;

/// The part of every such page that does not depend on what it loads.
fn shape(address: String, text: Resource<Result<String, Failure>>, show: Show) -> AnyView {
    let visit = use_visit();
    let address = StoredValue::new(address);
    view! {
        <Suspense fallback=loading>
            {move || {
                let show = Arc::clone(&show);
                Suspend::new(async move {
                    let here = visit.here().await;
                    let flash = visit.flash(&here);
                    let text = text.await;
                    let account = here.account.ok_or(Failure::SignIn);
                    match account.and_then(|account| show(account, flash, &text?)) {
                        Ok(page) => page,
                        Err(failure) => trouble(failure, &address.get_value()),
                    }
                })
            }}
        </Suspense>
    }
    .erased()
}
