//! The desk's working lists: what is to be fetched, cleared, expected, decided and written to people.
//!
//! They are readers of the present state. None of them is kept anywhere, so none of them can be out of step with it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    LoanId, NoticeId, OpId, PartId, PlaceCode, ReservationId, notices::Backlog, text::reading_sort_key, words::words,
};

/// What stands on a slip for a name: the first kana of the name and the last four digits of the card, enough for the
/// patron and the desk to tell slips apart, and nothing for anybody else.
pub fn slip_label(name_kana: &str, card_number: &str) -> String {
    let digits: Vec<char> = card_number.chars().collect();
    let last: String = digits.iter().skip(digits.len().saturating_sub(4)).collect();
    format!("{} {last}", name_kana.chars().next().unwrap_or('－'))
}

/// A key by which slips sort as copies stand on the hold shelf: by the kana, then by the number.
pub fn hold_shelf_order(label: &str) -> Vec<u8> {
    reading_sort_key(label)
}

/// A copy on a shelf that was picked for somebody, and is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullLine {
    /// For which reservation.
    pub reservation: ReservationId,
    /// Title as shown, with volume and issue.
    pub title: String,
    /// 請求記号
    pub shelf_mark: String,
    /// Barcode of the copy.
    pub barcode: String,
    /// 受取場所 of the reservation.
    pub goes_to: PlaceCode,
    /// The day it was picked.
    pub since: NaiveDate,
}

/// The hold shelf of a place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldShelf {
    /// What nobody waits for here any more, and is to be scanned off the shelf.
    pub to_clear: Vec<ClearCopy>,
    /// What stands ready, in the order of the shelf.
    pub ready: Vec<HeldCopy>,
}

/// A copy that stands ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldCopy {
    /// For which reservation.
    pub reservation: ReservationId,
    /// As on its slip, see [`slip_label`].
    pub label: String,
    /// Title as shown, with volume and issue.
    pub title: String,
    /// Barcode of the copy.
    pub barcode: String,
    /// 取置期限日
    pub until: NaiveDate,
    /// Whether that is today, or past: the page may be open since yesterday and does not know.
    pub is_last_day: bool,
    /// Whether it was extended, which is possible once.
    pub extended: bool,
}

/// A copy on the hold shelf whose reservation is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearCopy {
    /// Title as shown, with volume and issue.
    pub title: String,
    /// Barcode of the copy.
    pub barcode: String,
    /// What its slip may say: the labels of those whose reservation of this title here was cancelled lately. The copy
    /// itself names nobody any more.
    pub labels: Vec<String>,
}

/// What travels from and to a place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transit {
    /// Coming here, the longest on its way first.
    pub expected: Vec<TransitLine>,
    /// Sent from here and not arrived yet.
    pub sent: Vec<TransitLine>,
}

impl Transit {
    /// How many take longer than they may.
    pub fn late(&self) -> usize {
        self.expected.iter().chain(&self.sent).filter(|line| line.late).count()
    }
}

/// A copy on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitLine {
    /// Title as shown, with volume and issue.
    pub title: String,
    /// Barcode of the copy.
    pub barcode: String,
    /// From where, when that is known.
    pub from: Option<PlaceCode>,
    /// To where.
    pub to: PlaceCode,
    /// Since when, when that is known.
    pub since: Option<NaiveDate>,
    /// As on its slip; `None` for a copy that goes home to its branch.
    pub label: Option<String>,
    /// Whether it takes longer than the policy allows.
    pub late: bool,
}

/// What staff have to decide on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decisions {
    /// Titles somebody waits for and no copy of which can be lent any more.
    pub queues: Vec<DoubtfulQueue>,
    /// Mails no mail server takes.
    pub refused_mails: Vec<RefusedMail>,
    /// Loans whose patron says that the copy was returned (返却申出, R26).
    pub said_returned: Vec<SaidReturned>,
    /// Copies of this place that are not where they should be.
    pub missing: Vec<MissingCopy>,
}

impl Decisions {
    /// How many things wait for somebody's decision. A copy that is missing since a short while is only looked for, and
    /// so is the one a queue may still hope for.
    pub fn count(&self) -> usize {
        let missing = self.missing.iter().filter(|copy| copy.long).count();
        let queues = self.queues.iter().filter(|queue| queue.missing == 0).count();
        queues + self.refused_mails.len() + self.said_returned.len() + missing
    }
}

/// A title with a queue and no copy that lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoubtfulQueue {
    /// The part.
    pub part: PartId,
    /// Title as shown, with volume and issue.
    pub title: String,
    /// Who waits, as on their slips, in the order of the queue.
    pub waiting: Vec<String>,
    /// How many copies are missing and may be found.
    pub missing: u32,
}

/// A mail that failed so often that it counts as refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedMail {
    /// The notice.
    pub notice: NoticeId,
    /// The patron's name in kana.
    pub name_kana: String,
    /// 利用者番号
    pub card_number: String,
    /// Telephone of the patron.
    pub telephone: String,
    /// The address that refuses.
    pub address: String,
    /// What the mail is about.
    pub subject: String,
    /// The day it was written.
    pub made_on: NaiveDate,
}

/// A loan whose patron says that the copy was returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidReturned {
    /// The loan.
    pub loan: LoanId,
    /// Title as shown, with volume and issue.
    pub title: String,
    /// 請求記号
    pub shelf_mark: String,
    /// Barcode of the copy.
    pub barcode: String,
    /// The branch on whose shelf it would stand.
    pub branch: PlaceCode,
    /// Where it was lent.
    pub lent_at: PlaceCode,
    /// The day the patron said so.
    pub said_on: NaiveDate,
    /// The last day the desk looked for it.
    pub searched_on: Option<NaiveDate>,
}

/// A copy that is not where it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingCopy {
    /// Title as shown, with volume and issue.
    pub title: String,
    /// 請求記号
    pub shelf_mark: String,
    /// Barcode of the copy.
    pub barcode: String,
    /// Since when, when that is known.
    pub since: Option<NaiveDate>,
    /// Whether it is missing for so long that staff decide what becomes of it.
    pub long: bool,
}

/// A letter to a patron who keeps copies past their due date (督促状). Outside stands the label, inside everything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// What stands outside, see [`slip_label`].
    pub label: String,
    /// Name as on the card, for the inside.
    pub name: String,
    /// What is overdue, the longest first.
    pub lines: Vec<LetterLine>,
}

/// A loan in a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterLine {
    /// Title as shown, with volume and issue.
    pub title: String,
    /// 返却期限
    pub due_on: NaiveDate,
}

/// How much there is to do at a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskCounts {
    /// Copies to fetch.
    pub pulls: u32,
    /// Copies to clear off the hold shelf.
    pub to_clear: u32,
    /// Copies on their way for too long.
    pub late: u32,
    /// Patrons to telephone.
    pub to_telephone: u32,
    /// Things to decide on.
    pub decisions: u32,
    /// Mails that don't go out, so that staff know to telephone.
    pub mail_stuck: Option<Backlog>,
}

words! {
    /// A working list of the desk.
    DeskRoom, "list of the desk" {
        /// 今日の仕事
        Today = "today",
        /// 集める資料
        Pulls = "pulls",
        /// 取置棚
        Holds = "holds",
        /// 移送
        Transit = "transit",
        /// 電話連絡
        Telephone = "telephone",
        /// 確かめること
        Decisions = "decisions",
        /// 督促状
        Letters = "letters",
    }
}

/// A list as a page of the desk shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskList<T> {
    /// For the forms of the page.
    pub op: OpId,
    /// When it was read, on the library's clocks: `12:34`.
    pub at: String,
    /// How much there is to do here.
    pub counts: DeskCounts,
    /// The list.
    pub list: T,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_tells_slips_apart_and_names_nobody() {
        assert_eq!(slip_label("ヤマダ ハナコ", "2000004"), "ヤ 0004");
        assert_eq!(slip_label("", "12"), "－ 12");
    }

    #[test]
    fn the_hold_shelf_is_ordered_by_kana_then_number() {
        let mut labels = ["ヤ 0004", "ナ 0011", "ガ 0001", "ナ 0009", "カ 0002"];
        labels.sort_by_key(|label| hold_shelf_order(label));
        assert_eq!(labels, ["ガ 0001", "カ 0002", "ナ 0009", "ナ 0011", "ヤ 0004"]);
    }

    #[test]
    fn what_is_only_looked_for_is_no_decision() {
        let copy = |long| MissingCopy {
            title: String::new(),
            shelf_mark: String::new(),
            barcode: String::new(),
            since: None,
            long,
        };
        let queue = |missing| DoubtfulQueue {
            part: PartId(uuid::Uuid::nil()),
            title: String::new(),
            waiting: Vec::new(),
            missing,
        };
        let decisions = Decisions {
            missing: vec![copy(false), copy(true)],
            queues: vec![queue(1), queue(0), queue(0)],
            ..Decisions::default()
        };
        assert_eq!(decisions.count(), 3, "one copy, two queues");
    }
}
