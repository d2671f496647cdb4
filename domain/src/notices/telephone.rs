//! The telephone list (R11, R13, R14): one channel of telling patrons, read from the present state.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use crate::{EventId, circulation::CancelReason, patrons::Contact, words::words};

/// For how many days a patron who is not told by mail is to be called about a reservation the library cancelled. After that
/// 予約取消一覧 says it, and a call would surprise more than it tells.
pub const CANCELLED_CALL_DAYS: u32 = 14;

words! {
    /// What came of a telephone call.
    CallResult, "result of a call" {
        /// The patron was told.
        Called = "called",
        /// Nobody answered.
        NoAnswer = "no-answer",
        /// Word was left: that the library called, never about what.
        LeftWord = "left-word",
        /// The library gives up telephoning; 予約状況 says it all the same.
        GivenUp = "given-up",
    }
}

words! {
    /// Why a patron is told by telephone.
    CallReason, "reason of a call" {
        /// 電話 was chosen (R10).
        Wished = "wished",
        /// Mail was chosen, and there is no address that is confirmed and works (R13).
        NoAddress = "no-address",
        /// No mail server took the mail (R14).
        MailRefused = "mail-refused",
        /// What the patron was told by telephone is not true any more: the copy is not on the hold shelf.
        Vanished = "vanished",
    }
}

/// What became of the mail about the same event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFate {
    /// There is none, or it was delivered and forgotten.
    None,
    /// It went out.
    Sent,
    /// It did not go out yet, after so many tries.
    Failed {
        /// How many.
        tries: u32,
    },
}

/// Why a patron has to be told something by telephone; `None` when another channel does it.
pub fn call_reason(contact: Contact, has_address: bool, mail: MailFate, mail_tries: u32) -> Option<CallReason> {
    match contact {
        Contact::None => None,
        Contact::Telephone => Some(CallReason::Wished),
        Contact::Mail if !has_address => Some(CallReason::NoAddress),
        Contact::Mail => match mail {
            MailFate::Failed { tries } if tries >= mail_tries => Some(CallReason::MailRefused),
            MailFate::None | MailFate::Sent | MailFate::Failed { .. } => None,
        },
    }
}

/// Where a patron stands on the list after these calls about the same thing, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallStanding {
    /// To be called, or called again.
    ToCall,
    /// Word was left; listed apart, in case they don't come.
    WordLeft,
    /// Given up; listed apart.
    GivenUp,
    /// Told: not listed any more.
    Told,
}

/// Where a patron stands after these calls, oldest first. Who was told once was told, whatever somebody else noted.
pub fn call_standing(results: impl IntoIterator<Item = CallResult>) -> CallStanding {
    let mut standing = CallStanding::ToCall;
    for result in results {
        standing = match result {
            CallResult::Called => return CallStanding::Told,
            // Nobody answered once more: what was said before stays as it was.
            CallResult::NoAnswer => standing,
            CallResult::LeftWord => CallStanding::WordLeft,
            CallResult::GivenUp => CallStanding::GivenUp,
        };
    }
    standing
}

/// The patrons a place has to telephone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelephoneList {
    /// To be called, those whose copies are kept the shortest first.
    pub to_call: Vec<Call>,
    /// Those who were left word and those who were given up.
    pub apart: Vec<Call>,
}

/// A patron to telephone, about everything there is to say at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Name in kana, as one says it.
    pub name_kana: String,
    /// The number to call.
    pub telephone: String,
    /// Where they stand on the list.
    pub standing: CallStanding,
    /// What is to be told.
    pub matters: Vec<CallMatter>,
    /// The calls so far, oldest first.
    pub tries: Vec<CallTry>,
}

/// What a call is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallTopic {
    /// A copy stands ready until that day (R11).
    Ready(NaiveDate),
    /// The copy of which the patron was told is not on the hold shelf; their place in the queue is kept.
    Vanished,
    /// Their ordered set is paused: how does it go on? An answer is waited for until that day.
    Paused(NaiveDate),
    /// The library cancelled the reservation, for this reason.
    Cancelled(CancelReason),
}

/// A thing to be told on the telephone. The title is for staff, and for nobody but the patron.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallMatter {
    /// The event that is told of.
    pub event: EventId,
    /// Title as shown, with volume and issue.
    pub title: String,
    /// What about it.
    pub topic: CallTopic,
    /// Why by telephone.
    pub reason: CallReason,
}

/// A call that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallTry {
    /// When, on the library's clocks.
    pub at: NaiveDateTime,
    /// What came of it.
    pub result: CallResult,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r13_r14_who_cannot_be_told_by_mail_is_telephoned() {
        let reason = |contact, has_address, mail| call_reason(contact, has_address, mail, 8);
        assert_eq!(reason(Contact::Telephone, true, MailFate::None), Some(CallReason::Wished));
        assert_eq!(reason(Contact::None, false, MailFate::None), None);
        assert_eq!(reason(Contact::Mail, true, MailFate::Sent), None);
        assert_eq!(reason(Contact::Mail, true, MailFate::Failed { tries: 7 }), None, "it is tried again");
        assert_eq!(reason(Contact::Mail, true, MailFate::Failed { tries: 8 }), Some(CallReason::MailRefused));
        assert_eq!(reason(Contact::Mail, true, MailFate::None), None, "delivered and forgotten");
        assert_eq!(reason(Contact::Mail, false, MailFate::None), Some(CallReason::NoAddress));
        assert_eq!(reason(Contact::Mail, false, MailFate::Sent), Some(CallReason::NoAddress), "it came back later");
    }

    #[test]
    fn where_calls_leave_a_patron() {
        use CallResult::{Called, GivenUp, LeftWord, NoAnswer};
        assert_eq!(call_standing([]), CallStanding::ToCall);
        assert_eq!(call_standing([NoAnswer, NoAnswer]), CallStanding::ToCall);
        assert_eq!(call_standing([NoAnswer, LeftWord, NoAnswer]), CallStanding::WordLeft);
        assert_eq!(call_standing([LeftWord, GivenUp]), CallStanding::GivenUp);
        assert_eq!(call_standing([GivenUp, Called, NoAnswer]), CallStanding::Told);
    }
}
