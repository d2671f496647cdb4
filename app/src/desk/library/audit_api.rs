//! What the page 操作の記録 asks the server. Managers only.

use domain::patrons::AuditPage;
#[cfg(feature = "ssr")]
use domain::patrons::AuditQuery;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::ssr::{fault, visit};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// What staff did: on a day, or to a card.
#[server(endpoint = "desk-audit", input = Json, output = Loadable)]
pub async fn audit(
    /// Of which day; today when it can't be read.
    day: String,
    /// Of whom; of everybody when it can't be read.
    staff: String,
    /// To which card, as typed.
    card: String,
) -> Result<Answer<AuditPage>, Failure> {
    let (visit, _) = visit::manager().await?;
    let query = AuditQuery { day: day.parse().ok(), staff: staff.parse().ok(), card };
    Answer::of(&visit.library.audit_page(&query).await.map_err(fault)?)
}
