//! Notices to a patron's own devices.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Most devices of one patron.
pub const MOST_DEVICES: usize = 10;

/// A device that gets the ready notice, as its patron sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    /// By which it is named when it is taken away.
    pub key: String,
    /// Browser and system in a few words.
    pub browser: String,
    /// Whether the title is shown, also on the locked screen.
    pub titles: bool,
    /// Since which day.
    pub made: NaiveDate,
}

/// The devices on 利用者情報.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    /// Those that get notices, the oldest first.
    pub known: Vec<DeviceView>,
    /// By which key a browser asks for notices; `None` where the library offers none, and at a kiosk.
    pub offered_by: Option<String>,
}

/// Why a device was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceRefusal {
    /// The library offers none, or not here.
    NotOffered,
    /// What the browser answered is no subscription, or of a push service the library does not know.
    Unknown,
    /// There are as many as there may be.
    TooMany,
}
