//! What a browser's session holds. It is kept small: ids and what has to be said once.

use chrono::{DateTime, Utc};
use domain::{
    CartId, PatronId, PlaceCode, StaffId,
    patrons::{SecondStep, SignedInBy, StaffRole},
    policy::AccountPolicy,
};
use library::sessions::SessionRow;
use serde::{Deserialize, Serialize};

use crate::visit::Flash;

/// The name under which it lies in the session.
pub const KEY: &str = "hondana";

/// What a browser's session holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionData {
    /// The patron who is signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patron: Option<PatronSession>,
    /// The member of staff who is signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<StaffSession>,
    /// The cart of somebody who is not signed in; a patron's cart is found by the patron.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart: Option<CartId>,
    /// What came of the last form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flash: Option<Flash>,
    /// The key to the patron's history, in a box that only what their browser keeps can open (R28).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<String>,
    /// The browser in a few words, as it called itself when somebody signed in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub browser: String,
}

/// What a session holds without what was to be said on its next page; `None` when nothing was. In that there may be a title.
pub fn without_flash(data: &str) -> Option<String> {
    let mut data: serde_json::Value = serde_json::from_str(data).ok()?;
    data.get_mut(KEY)?.as_object_mut()?.remove("flash")?;
    Some(data.to_string())
}

impl SessionData {
    /// What the database is to know beside the data: whose session it is.
    pub fn row(&self, data: String, expires_at: DateTime<Utc>, accounts: &AccountPolicy) -> SessionRow {
        let span = match (&self.patron, &self.staff) {
            (Some(patron), _) => Some((patron.begun, patron.seen)),
            (None, Some(staff)) => Some((staff.begun, staff.seen)),
            (None, None) => None,
        };
        // Nothing of a visit to a kiosk is kept when it is over.
        let at_kiosk = self.patron.filter(|patron| patron.kiosk).map(|patron| accounts.kiosk_ends(patron.begun));
        let expires_at = at_kiosk.map_or(expires_at, |ends| ends.min(expires_at));
        SessionRow {
            data,
            patron: self.patron.as_ref().map(|patron| patron.id),
            staff: self.staff.as_ref().map(|staff| staff.id),
            browser: self.browser.clone(),
            begun_at: span.map(|(begun, _)| begun),
            seen_at: span.map(|(_, seen)| seen),
            expires_at,
        }
    }
}

/// A patron who is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatronSession {
    /// Who.
    pub id: PatronId,
    /// The generation of the password they signed in with.
    #[serde(default)]
    pub generation: i64,
    /// By what they signed in. What is to be opened by the password alone asks for it after a passkey.
    #[serde(default)]
    pub by: SignedInBy,
    /// When they signed in, to the day; at a kiosk exactly. A session from before this was kept is over.
    #[serde(default)]
    pub begun: DateTime<Utc>,
    /// Whether they signed in at a kiosk.
    #[serde(default)]
    pub kiosk: bool,
    /// When they last did something, to the day; at a kiosk to the minute. The browser is known for longer than the patron stays signed in, so
    /// the end of that is kept here.
    pub seen: DateTime<Utc>,
}

/// A member of staff at work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffSession {
    /// Who.
    pub id: StaffId,
    /// Login name.
    pub login: String,
    /// Where they work today.
    pub place: Option<PlaceCode>,
    /// What they may do; read anew with every request.
    #[serde(default = "desk")]
    pub role: StaffRole,
    /// The generation of the password they signed in with.
    #[serde(default)]
    pub generation: i64,
    /// What stands between them and the desk.
    #[serde(default)]
    pub step: SecondStep,
    /// When they signed in.
    #[serde(default)]
    pub begun: DateTime<Utc>,
    /// When they last did something. A session of staff ends sooner than the one of a patron in the same store, so
    /// its end is kept here.
    pub seen: DateTime<Utc>,
}

/// What a session begun before there were roles may do until the account is read.
const fn desk() -> StaffRole {
    StaffRole::Desk
}
