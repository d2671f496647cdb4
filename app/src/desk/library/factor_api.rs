//! What the page 確認コード asks the server. For the member of staff who asks, about themselves.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{
    super::said::{Done, Problem, Said},
    factor::{ADDRESS, CodeFlash},
};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};
#[cfg(feature = "ssr")]
use crate::{
    ssr::{fault, forms, origin, picture, visit},
    visit::Outcome as _,
};

/// The second factor as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FactorView {
    /// It is set up; so many recovery codes are left.
    On(u64),
    /// It can be set up with this.
    Offer {
        /// The secret in groups of four, to be typed.
        secret: String,
        /// The picture that holds it: how many fields it has on each side, and the dark ones as a path.
        picture: (usize, String),
    },
}

/// The second factor, or what it takes to set it up.
#[server(endpoint = "second-factor", input = Json, output = Loadable)]
pub async fn second_factor() -> Result<Answer<FactorView>, Failure> {
    let (visit, staff) = visit::entering().await?;
    let library = &visit.library;
    if let Some(left) = library.second_factor(staff.id).await.map_err(fault)? {
        return Answer::of(&FactorView::On(left));
    }
    let secret = visit.offered_secret(&staff).await?;
    let picture = picture::of_secret(&library.policy().library.name, &staff.login, &secret).map_err(fault)?;
    Answer::of(&FactorView::Offer { secret: picture::in_groups(&secret), picture })
}

/// Sets up the second factor.
#[server(endpoint = "set-factor")]
pub async fn set_factor(
    /// The first code of the app.
    #[server(default)]
    code: String,
    /// The password, once more.
    #[server(default)]
    password: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, staff) = visit::entering().await?;
        let secret = visit.offered_secret(&staff).await?;
        let set = visit.library.set_factor(staff.id, &secret, (&password, &code), &origin()).await.map_err(fault)?;
        let said = match set {
            Ok(codes) => {
                visit.forget_offered_secret().await?;
                visit.pass_second_step(staff).await?;
                Said::done(Done::FactorSet { codes })
            }
            Err(problem) => Said::not([Problem::Factor(problem)], &[]),
        };
        said.keep(&mut visit).await?;
        Ok(ADDRESS.to_owned())
    })
    .await
}

/// The second step of a sign-in.
#[server(endpoint = "give-code")]
pub async fn give_code(
    /// Of the app, or a recovery code.
    #[server(default)]
    code: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, staff) = visit::entering().await?;
        match visit.library.give_code(staff.id, &code).await.map_err(fault)? {
            Ok(()) => visit.pass_second_step(staff).await?,
            Err(problem) => {
                tracing::info!(staff = %staff.id, %problem, "a second factor was not accepted");
                visit.tell(CodeFlash(problem).flash()?).await?;
            }
        }
        Ok("/desk".to_owned())
    })
    .await
}

/// Takes away one's own second factor.
#[server(endpoint = "factor-off")]
pub async fn remove_factor(
    /// Of the app, or a recovery code.
    #[server(default)]
    code: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, staff) = visit::staff().await?;
        let said = match visit.library.give_code(staff.id, &code).await.map_err(fault)? {
            Ok(()) => {
                visit.library.remove_factor(staff.id).await.map_err(fault)?;
                visit.pass_second_step(staff).await?;
                Said::done(Done::FactorRemoved)
            }
            Err(problem) => Said::not([Problem::Factor(problem)], &[]),
        };
        said.keep(&mut visit).await?;
        Ok(ADDRESS.to_owned())
    })
    .await
}
