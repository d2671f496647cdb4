//! What a browser's session holds. It is kept small: ids and what has to be said once.

use chrono::{DateTime, Utc};
use domain::{
    CartId, PatronId, PlaceCode, StaffId,
    patrons::{SecondStep, SignedInBy, StaffRole},
    policy::AccountPolicy,
};
use library::sessions::SessionRow;
use serde::{Deserialize, Deserializer, Serialize};

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
    /// When somebody who is not signed in last did something at a kiosk with a cart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kiosk_seen: Option<DateTime<Utc>>,
    /// What came of the last form.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "what_can_be_read")]
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

/// What another version of the program was about to say is not worth a session.
fn what_can_be_read<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Flash>, D::Error> {
    Ok(serde_json::from_value(serde_json::Value::deserialize(from)?).ok())
}

impl SessionData {
    /// What the database is to know beside the data: whose session it is.
    pub fn row(&self, data: String, expires_at: DateTime<Utc>, accounts: &AccountPolicy) -> SessionRow {
        // Nothing of a visit to a kiosk is kept when it is over.
        let at_kiosk = self.patron.filter(|patron| patron.kiosk).map(|patron| accounts.kiosk_ends(patron.begun));
        let expires_at = at_kiosk.map_or(expires_at, |ends| ends.min(expires_at));
        SessionRow {
            data,
            patron: self.patron.map(|patron| patron.id),
            staff: self.staff.as_ref().map(|staff| staff.id),
            browser: self.browser.clone(),
            begun_at: self.patron.map(|patron| patron.begun),
            seen_at: self.patron.map(|patron| patron.seen),
            staff_begun_at: self.staff.as_ref().map(|staff| staff.begun),
            staff_seen_at: self.staff.as_ref().map(|staff| staff.seen),
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

#[cfg(test)]
mod tests {
    use std::{fmt::Debug, str::FromStr};

    use domain::patrons::SignedInBy;

    use super::*;

    fn id<T: FromStr<Err: Debug>>(n: u8) -> T {
        format!("00000000-0000-0000-0000-00000000000{n}").parse().expect("an id")
    }

    #[test]
    fn what_another_version_was_about_to_say_costs_nobody_their_session() {
        let kept = r#"{"cart":"00000000-0000-0000-0000-000000000001","flash":{"Door":{"form":"card"}}}"#;
        let read: SessionData = serde_json::from_str(kept).expect("a session");
        assert_eq!(read, SessionData { cart: Some(id(1)), ..SessionData::default() });
        let flash = Some(Flash::NothingChosen);
        let told = SessionData { flash, ..SessionData::default() };
        let json = serde_json::to_string(&told).expect("JSON");
        assert_eq!(serde_json::from_str::<SessionData>(&json).expect("a session"), told);
    }

    #[test]
    fn a_browser_of_both_says_of_each_since_when() {
        let at = |minute| DateTime::UNIX_EPOCH + chrono::TimeDelta::minutes(minute);
        let patron = PatronSession {
            id: id(1),
            generation: 0,
            by: SignedInBy::Password,
            begun: at(1),
            kiosk: false,
            seen: at(2),
        };
        let staff = StaffSession {
            id: id(2),
            login: "clerk".to_owned(),
            place: None,
            role: StaffRole::Desk,
            generation: 0,
            step: SecondStep::Done,
            begun: at(3),
            seen: at(4),
        };
        let spans = |data: SessionData| {
            let row = data.row(String::new(), at(100), &AccountPolicy::default());
            (row.begun_at.zip(row.seen_at), row.staff_begun_at.zip(row.staff_seen_at))
        };
        let (patrons, staffs) = (Some((at(1), at(2))), Some((at(3), at(4))));
        let of = |patron, staff| SessionData { patron, staff, ..SessionData::default() };
        assert_eq!(spans(of(Some(patron), Some(staff.clone()))), (patrons, staffs));
        assert_eq!(spans(of(None, Some(staff))), (None, staffs));
        assert_eq!(spans(of(Some(patron), None)), (patrons, None));
    }
}
