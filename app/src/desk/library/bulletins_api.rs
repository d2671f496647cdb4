//! What the page お知らせ asks the server. Every member of staff may write what the library tells.

use domain::{
    BulletinId, OpId,
    bulletin::{Bulletin, BulletinForm},
};
use leptos::prelude::*;

use super::super::room::Offer;
#[cfg(feature = "ssr")]
use domain::bulletin::BulletinProblem;

#[cfg(feature = "ssr")]
use super::super::said::{Done, Problem, Said};
#[cfg(feature = "ssr")]
use crate::ssr::{fault, forms, visit};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// All that is told, was told or will be.
#[server(endpoint = "desk-bulletins", input = Json, output = Loadable)]
pub async fn bulletins() -> Result<Answer<Offer<Vec<Bulletin>>>, Failure> {
    let (visit, _) = visit::staff().await?;
    let bulletins = visit.library.bulletins().await.map_err(fault)?;
    Offer::of(&visit, bulletins)
}

/// Tells everybody something.
#[server(endpoint = "add-bulletin")]
pub async fn add_bulletin(
    /// See [`Offer`].
    op: OpId,
    /// As typed.
    #[server(flatten)]
    form: BulletinForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let said = match visit.library.add_bulletin(BulletinId(op.0), &form).await.map_err(fault)? {
            Ok(()) => Said::done(Done::BulletinAdded),
            Err(problems) => not(problems, &form),
        };
        said.keep(&mut visit).await?;
        Ok(super::bulletins::ADDRESS.to_owned())
    })
    .await
}

/// Changes what is told.
#[server(endpoint = "change-bulletin")]
pub async fn change_bulletin(
    /// Which.
    id: BulletinId,
    /// As typed.
    #[server(flatten)]
    form: BulletinForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let (said, to) = match visit.library.change_bulletin(id, &form).await.map_err(fault)? {
            Ok(()) => (Said::done(Done::BulletinChanged), super::bulletins::ADDRESS.to_owned()),
            Err(problems) => (not(problems, &form), super::bulletins::edit_address(id)),
        };
        said.keep(&mut visit).await?;
        Ok(to)
    })
    .await
}

#[cfg(feature = "ssr")]
fn not(problems: Vec<BulletinProblem>, form: &BulletinForm) -> Said {
    let typed = [("title", &*form.title), ("text", &form.text), ("from", &form.from), ("until", &form.until)];
    Said::not(problems.into_iter().map(Problem::Bulletin), &typed)
}

/// Takes it back.
#[server(endpoint = "remove-bulletin")]
pub async fn remove_bulletin(
    /// Which.
    id: BulletinId,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        visit.library.remove_bulletin(id).await.map_err(fault)?;
        Said::done(Done::BulletinRemoved).keep(&mut visit).await?;
        Ok(super::bulletins::ADDRESS.to_owned())
    })
    .await
}
