//! What staff did to which card, for those who answer for it.

use chrono::{Datelike as _, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::{PatronId, StaffId, words::words};

words! {
    /// What staff did.
    Deed, "deed of staff" {
        /// A card was given out.
        CardIssued = "card-issued",
        /// A card was corrected.
        CardEdited = "card-edited",
        /// A lost card was replaced.
        CardReplaced = "card-replaced",
        /// A card may be used again.
        CardActivated = "card-activated",
        /// A card may not be used for a while.
        CardSuspended = "card-suspended",
        /// A card may not be used any more.
        CardExpired = "card-expired",
        /// A one-time password was given out.
        OneTimeIssued = "one-time-issued",
        /// Signing in with a card does not wait any more.
        WaitLifted = "wait-lifted",
        /// A title was reserved for a patron.
        Reserved = "reserved",
        /// A title the library does not own was entered for a patron.
        Requested = "requested",
        /// A reservation was cancelled for a patron.
        Cancelled = "cancelled",
        /// Place or contact of a reservation were changed for a patron.
        Changed = "changed",
        /// A copy is kept longer for a patron.
        HoldExtended = "hold-extended",
        /// A patron got what a rule refuses, for the reason in the note.
        Overruled = "overruled",
        /// A member of staff signed in.
        SignedIn = "signed-in",
        /// They gave a recovery code in place of one from the app.
        RecoveryUsed = "recovery-used",
        /// They set up the second factor.
        FactorSet = "factor-set",
        /// The second factor of the account in the note was taken away.
        FactorRemoved = "factor-removed",
        /// The account in the note was made.
        StaffAdded = "staff-added",
        /// It got another role.
        StaffRole = "staff-role",
        /// It may be used again.
        StaffEnabled = "staff-enabled",
        /// It may not be used any more.
        StaffDisabled = "staff-disabled",
        /// It got a new password.
        StaffPassword = "staff-password",
        /// The device in the note is a kiosk.
        KioskRegistered = "kiosk-registered",
        /// It is none any more.
        KioskRemoved = "kiosk-removed",
        /// The place in the note was closed.
        PlaceClosed = "place-closed",
    }
}

impl Deed {
    /// Whether a title is concerned. Such a deed is kept without its time of day, and without its day once the title is nobody's
    /// any more: the event log has that of every reservation and loan, and by it somebody could find out again who the title
    /// was for.
    pub const fn concerns_title(self) -> bool {
        matches!(
            self,
            Self::Reserved | Self::Requested | Self::Cancelled | Self::Changed | Self::HoldExtended | Self::Overruled
        )
    }
}

/// A line of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// The day; see [`AuditRow::is_of_month`].
    pub day: NaiveDate,
    /// The time, unless a title is concerned.
    pub time: Option<NaiveTime>,
    /// Login of who did it; nobody is the command line.
    pub staff: Option<String>,
    /// What was done.
    pub deed: Deed,
    /// To which card, and its number now.
    pub card: Option<(PatronId, String)>,
    /// A word more.
    pub note: Option<String>,
}

impl AuditRow {
    /// Whether only the month is known: of a deed about a title that is nobody's any more, whose day is kept as the first of its
    /// month. One that was done on that day can't be told from it.
    pub fn is_of_month(&self) -> bool {
        self.time.is_none() && self.day.day() == 1
    }
}

/// Which lines are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditQuery {
    /// Of which day; without a card only.
    pub day: Option<NaiveDate>,
    /// Of whom; everybody when empty.
    pub staff: Option<StaffId>,
    /// Of which card, as typed; of all days then.
    pub card: String,
}

/// The lines that were asked for, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The day that is shown, when no card is meant.
    pub day: Option<NaiveDate>,
    /// Whose lines can be asked for.
    pub staff: Vec<(StaffId, String)>,
    /// The lines.
    pub rows: Vec<AuditRow>,
    /// Whether there are more than can be shown.
    pub more: bool,
    /// Whether the card that was typed is unknown.
    pub unknown_card: bool,
    /// For how many days they are kept.
    pub kept_days: u32,
}
