//! What the page ログインと個人情報 asks the server, for the patron who is signed in.

use domain::patrons::SessionView;
use leptos::prelude::*;

use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};
#[cfg(feature = "ssr")]
use library::sessions::Owner;

#[cfg(feature = "ssr")]
use crate::{
    ssr::{fault, forms, visit},
    visit::Flash,
};

/// Where the patron is signed in.
#[server(endpoint = "my-sessions", input = Json, output = Loadable)]
pub async fn sessions() -> Result<Answer<Vec<SessionView>>, Failure> {
    let (visit, patron) = visit::patron().await?;
    let here = visit.hash().unwrap_or_default();
    Answer::of(&visit.library.sessions_of(Owner::Patron(patron), &here).await.map_err(fault)?)
}

/// Signs the patron out in one browser.
#[server(endpoint = "end-session")]
pub async fn end_session(
    /// Which, see [`SessionView::key`].
    #[server(default)]
    key: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        if visit.library.end_patron_session(patron, &key).await.map_err(fault)? {
            visit.tell(Flash::SignedOutElsewhere).await?;
        }
        Ok(super::data::ADDRESS.to_owned())
    })
    .await
}

/// Signs the patron out in every other browser.
#[server(endpoint = "end-other-sessions")]
pub async fn end_other_sessions() -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let here = visit.hash().unwrap_or_default();
        visit.library.end_other_sessions(Owner::Patron(patron), &here).await.map_err(fault)?;
        visit.tell(Flash::SignedOutElsewhere).await?;
        Ok(super::data::ADDRESS.to_owned())
    })
    .await
}

/// Erases what a patron may erase themselves, and signs them out everywhere.
#[server(endpoint = "erase-my-data")]
pub async fn erase_my_data() -> Result<(), Failure> {
    forms::answer(async {
        let (visit, patron) = visit::patron().await?;
        visit.library.erase_own_data(patron).await.map_err(fault)?;
        visit.end().await?;
        Ok("/account/data/erased".to_owned())
    })
    .await
}
