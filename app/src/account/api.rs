//! What the patron's own pages ask the server.

use domain::circulation::ReservationView;
#[cfg(feature = "ssr")]
use domain::patrons::SignIn as Attempt;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::{
    address,
    ssr::{fault, forms, visit},
    visit::Flash,
};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// Signs a patron in and goes on to `next`, the cart taken along (R7, R9).
#[server(endpoint = "sign-in")]
pub async fn sign_in(
    /// 利用者番号, as typed.
    #[server(default)]
    card: String,
    /// The password.
    #[server(default)]
    password: String,
    /// The page of ours to go on to.
    #[server(default)]
    next: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let mut visit = visit::anyone().await?;
        match visit.library.sign_in(&card, &password).await.map_err(fault)? {
            Attempt::Done(account) => visit.begin(account.id).await?,
            Attempt::Wrong => {
                visit.tell(Flash::SignInWrong { card }).await?;
                return Ok(format!("/login?next={}", address::encode(&next)));
            }
        }
        Ok(address::own_page(&next).unwrap_or("/account/reservations").to_owned())
    })
    .await
}

/// Signs out whoever is asking, patron or staff.
#[server(endpoint = "sign-out")]
pub async fn sign_out() -> Result<(), Failure> {
    forms::answer(async {
        let visit = visit::anyone().await?;
        visit.end().await?;
        Ok("/".to_owned())
    })
    .await
}

/// The reservations of the patron who is signed in (R19).
#[server(endpoint = "reservations", input = Json, output = Loadable)]
pub async fn reservations() -> Result<Answer<Vec<ReservationView>>, Failure> {
    let (visit, patron) = visit::patron().await?;
    Answer::of(&visit.library.reservations(patron).await.map_err(fault)?)
}
