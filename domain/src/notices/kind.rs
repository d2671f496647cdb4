//! What notices there are, by which channels they go, and how long one may wait for others of its kind.

use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::{PlaceCode, policy::NoticePolicy, words::words};

words! {
    /// By which way a notice goes. The telephone is one too, but is kept as a list and not as an outbox.
    Channel, "channel of a notice" {
        /// To the patron's address.
        Mail = "mail",
        /// To the patron's devices.
        Push = "push",
        /// To the library's own gateway, which reaches the patron by telephone, text message or LINE.
        Webhook = "webhook",
    }
}

words! {
    /// What a notice tells of. A copy that travels is never told of.
    NoticeKind, "kind of notice" {
        /// A copy stands ready (R11).
        Ready = "ready",
        /// A copy that stands ready is kept for a few days more only.
        Expiring = "expiring",
        /// A copy that was ready is not there any more; the place in the queue is kept.
        Vanished = "vanished",
        /// An ordered set is paused: how shall it go on?
        Paused = "paused",
        /// The library cancelled a reservation.
        Cancelled = "cancelled",
        /// A loan is due soon.
        Due = "due",
        /// A loan is overdue (R25).
        Overdue = "overdue",
        /// A link to a page on which a password is chosen (R3, R4).
        PasswordLink = "password-link",
        /// A link to a page on which an address is confirmed (R6).
        AddressLink = "address-link",
        /// There is a new password.
        PasswordChanged = "password-changed",
        /// There is a new passkey.
        PasskeyAdded = "passkey-added",
        /// There is a new device that is told.
        DeviceAdded = "device-added",
        /// An address was replaced or taken away.
        AddressChanged = "address-changed",
        /// The desk gave out a one-time password.
        OneTime = "one-time",
    }
}

impl NoticeKind {
    /// Whether several for one patron go in one mail, which then has a block for each.
    pub const fn gathers(self) -> bool {
        matches!(self, Self::Ready | Self::Expiring | Self::Cancelled | Self::Due | Self::Overdue)
    }

    /// Whether it tells of the patron's password or addresses: it goes where it was written to and waits for nothing.
    pub const fn is_of_the_door(self) -> bool {
        matches!(
            self,
            Self::PasswordLink
                | Self::AddressLink
                | Self::PasswordChanged
                | Self::PasskeyAdded
                | Self::DeviceAdded
                | Self::AddressChanged
                | Self::OneTime
        )
    }

    /// What its text may speak of beside name, library, telephone and address.
    pub const fn values(self) -> &'static [&'static str] {
        match self {
            Self::Ready | Self::Expiring => &["title", "place", "date"],
            Self::Vanished => &["title"],
            Self::Paused => &["date"],
            Self::Cancelled => &["title", "reason", "note"],
            Self::Due | Self::Overdue => &["title", "date"],
            Self::PasswordLink | Self::AddressLink => &["link", "n"],
            Self::PasswordChanged => &["passkeys", "devices"],
            Self::PasskeyAdded | Self::DeviceAdded | Self::AddressChanged | Self::OneTime => &[],
        }
    }

    /// When it is sent that was made at that moment: what gathers waits a little for others of its kind.
    pub fn first_try(self, policy: &NoticePolicy, made: NaiveDateTime) -> NaiveDateTime {
        if self.gathers() { made + TimeDelta::minutes(policy.gather_minutes.into()) } else { made }
    }

    /// Until when it has to wait because people sleep; `None` when it may go now.
    pub fn waits_until(self, channel: Channel, policy: &NoticePolicy, now: NaiveDateTime) -> Option<NaiveDateTime> {
        let quiet = match channel {
            Channel::Mail => policy.quiet_mail,
            // They wake people.
            Channel::Push | Channel::Webhook => true,
        };
        if !quiet || self.is_of_the_door() {
            return None;
        }
        let hour = |hour: u32| NaiveTime::from_hms_opt(hour % 24, 0, 0).unwrap_or_default();
        let (from, until, time) = (hour(policy.quiet_from), hour(policy.quiet_until), now.time());
        let asleep = if from <= until { from <= time && time < until } else { from <= time || time < until };
        asleep.then(|| {
            let day = if time < until { now.date() } else { now.date() + TimeDelta::days(1) };
            day.and_time(until)
        })
    }
}

/// What a notice is about, as it lies in the outbox until the notice has gone. Which of it there is follows from the kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// The patron's name; where the patron is known the present one is taken.
    pub name: String,
    /// Title as shown, with volume and issue.
    pub title: Option<String>,
    /// Where the copy stands.
    pub place: Option<PlaceCode>,
    /// The deadline or due date that was told.
    pub date: Option<chrono::NaiveDate>,
    /// The ordered set that is paused.
    pub set: Option<crate::OrderedSetId>,
    /// Why a reservation was cancelled.
    pub reason: Option<crate::circulation::CancelReason>,
    /// What staff say to the patron about it.
    pub note: Option<String>,
    /// What stands in the link behind the address of the page.
    pub token: Option<String>,
    /// Whether there are passkeys.
    pub passkeys: bool,
    /// Whether there were devices that are told of nothing any more.
    pub devices: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().expect("sound")
    }

    #[test]
    fn what_gathers_waits_for_others() {
        let policy = NoticePolicy::default();
        let made = at("2026-04-01T10:00:00");
        assert_eq!(NoticeKind::Ready.first_try(&policy, made), at("2026-04-01T10:15:00"));
        assert_eq!(NoticeKind::Vanished.first_try(&policy, made), made);
        let at_once = NoticePolicy { gather_minutes: 0, ..policy };
        assert_eq!(NoticeKind::Ready.first_try(&at_once, made), made);
    }

    #[test]
    fn quiet_hours_are_off_for_mail_and_go_over_midnight() {
        let policy = NoticePolicy { quiet_from: 21, quiet_until: 8, ..NoticePolicy::default() };
        let wait = |policy: &NoticePolicy, kind: NoticeKind, now| kind.waits_until(Channel::Mail, policy, at(now));
        assert_eq!(wait(&policy, NoticeKind::Ready, "2026-04-01T23:00:00"), None, "off for mail");
        let policy = NoticePolicy { quiet_mail: true, ..policy };
        let morning = Some(at("2026-04-02T08:00:00"));
        assert_eq!(wait(&policy, NoticeKind::Ready, "2026-04-01T20:59:59"), None);
        assert_eq!(wait(&policy, NoticeKind::Ready, "2026-04-01T21:00:00"), morning);
        assert_eq!(wait(&policy, NoticeKind::Ready, "2026-04-02T07:59:59"), morning);
        assert_eq!(wait(&policy, NoticeKind::Ready, "2026-04-02T08:00:00"), None);
        assert_eq!(wait(&policy, NoticeKind::PasswordLink, "2026-04-01T23:00:00"), None, "somebody waits for it");
        let noon = NoticePolicy { quiet_from: 12, quiet_until: 13, ..policy.clone() };
        assert_eq!(wait(&noon, NoticeKind::Due, "2026-04-01T12:30:00"), Some(at("2026-04-01T13:00:00")));
        let never = NoticePolicy { quiet_from: 8, quiet_until: 8, ..policy };
        assert_eq!(wait(&never, NoticeKind::Due, "2026-04-01T08:00:00"), None);
    }
}
