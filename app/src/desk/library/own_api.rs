//! What the page 自分のアカウント asks the server. For the member of staff who asks, about themselves.

use domain::patrons::SessionView;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use library::sessions::Owner;

#[cfg(feature = "ssr")]
use super::{
    super::said::{Done, Problem, Said},
    own::ADDRESS,
};
#[cfg(feature = "ssr")]
use crate::ssr::{fault, forms, origin, visit};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// Where the member of staff is signed in.
#[server(endpoint = "staff-sessions", input = Json, output = Loadable)]
pub async fn staff_sessions() -> Result<Answer<Vec<SessionView>>, Failure> {
    let (visit, staff) = visit::staff().await?;
    let here = visit.hash().unwrap_or_default();
    Answer::of(&visit.library.sessions_of(Owner::Staff(staff.id), &here).await.map_err(fault)?)
}

/// Signs the member of staff out in every other browser.
#[server(endpoint = "end-other-staff-sessions")]
pub async fn end_other_staff_sessions() -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, staff) = visit::staff().await?;
        let here = visit.hash().unwrap_or_default();
        visit.library.end_other_sessions(Owner::Staff(staff.id), &here).await.map_err(fault)?;
        Said::done(Done::SignedOutElsewhere).keep(&mut visit).await?;
        Ok(ADDRESS.to_owned())
    })
    .await
}

/// Changes the password of the member of staff.
#[server(endpoint = "change-staff-password")]
pub async fn change_staff_password(
    /// The password in use.
    #[server(default)]
    old: String,
    /// The new one.
    #[server(default)]
    password: String,
    /// The new one, once more.
    #[server(default)]
    again: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, staff) = visit::staff().await?;
        let form = (old.as_str(), password.as_str(), again.as_str());
        let said = match visit.library.change_staff_password(staff.id, form, &origin()).await.map_err(fault)? {
            Ok(()) => {
                visit.go_on_as_staff(staff).await?;
                Said::done(Done::OwnPassword)
            }
            Err(problem) => Said::not([Problem::Staff(problem)], &[]),
        };
        said.keep(&mut visit).await?;
        Ok(ADDRESS.to_owned())
    })
    .await
}
