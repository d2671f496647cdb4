//! What a member of staff is offered for an authenticator app. It lies in the session that asked until a code of it came back,
//! and nowhere else: else whoever sat at the desk before could note it, and wait until it is made the second factor.

use domain::StaffId;
use library::patrons::new_secret;
use serde::{Deserialize, Serialize};

use super::{fault, session::StaffSession, visit::Visit};
use crate::failure::Failure;

/// Where it lies in the session. Apart from [`SessionData`](super::session::SessionData), which other parts of the page that
/// shows it may write at the same time.
const KEY: &str = "offered-factor";

#[derive(Serialize, Deserialize)]
struct Offered {
    /// To whom.
    staff: StaffId,
    /// The generation of the password they signed in with: another one ends the offer.
    generation: i64,
    /// The secret, in Base32.
    secret: String,
}

impl Visit {
    /// The secret that is offered in this session: the same each time, so that a page may be loaded twice and a code mistyped.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn offered_secret(&self, staff: &StaffSession) -> Result<String, Failure> {
        let kept: Option<Offered> = self.session.get(KEY).await.map_err(fault)?;
        if let Some(kept) = kept.filter(|kept| kept.staff == staff.id && kept.generation == staff.generation) {
            return Ok(kept.secret);
        }
        let offered = Offered { staff: staff.id, generation: staff.generation, secret: new_secret() };
        self.session.insert(KEY, &offered).await.map_err(fault)?;
        Ok(offered.secret)
    }

    /// Forgets what was offered, as it is in use from now on.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn forget_offered_secret(&self) -> Result<(), Failure> {
        self.session.remove::<Offered>(KEY).await.map(drop).map_err(fault)
    }
}
