//! Scans made while the server could not be reached: kept by the desk's browser, played in afterwards.
//!
//! Nobody could say no when they were made. So the question is not what may be done but what is true: a person left with
//! a copy, or a copy came back. What is true is recorded, also against the rules, and staff are told; only what can't be
//! true as it was written down, or may charge the wrong person, waits for staff.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{By, CheckIn, CheckedOut, HeldBy, ItemState, Refusal};
use crate::{
    OpId, PlaceCode,
    catalog::{LimitGroup, LoanRule},
    patrons::CardState,
    policy::LoanPolicy,
};

/// The longest a scan is believed to have waited. What says more comes from a clock that was set.
const LONGEST_WAIT: TimeDelta = TimeDelta::days(31);

/// How far the moments of two scans of one desk can be off: each is counted back from when the server came to it, which
/// may have been busy with one and not with the other. No copy reaches another desk within that time.
const SAME_HANDS: TimeDelta = TimeDelta::seconds(5);

/// A scan that waited in a browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateScan {
    /// Its key: however often it arrives, it is played once.
    pub op: OpId,
    /// The desk it was made at.
    pub place: PlaceCode,
    /// As it came from the scanner.
    pub barcode: String,
    /// The card it was lent to, as scanned; `None` for a copy that was taken back.
    pub card: Option<String>,
}

/// The moment of a scan that says how many milliseconds ago it was. The browser's clock may be wrong; what passed on it
/// is not.
pub fn scanned_at(now: DateTime<Utc>, milliseconds_ago: i64) -> DateTime<Utc> {
    let ago = TimeDelta::try_milliseconds(milliseconds_ago).unwrap_or(LONGEST_WAIT);
    now - ago.clamp(TimeDelta::zero(), LONGEST_WAIT)
}

/// The moment at which a late scan counts, for a copy last seen then: never before that, so that what one desk did comes
/// in the order in which it was done. `None` when the copy was seen anywhere after the scan was made; whoever had it in
/// hand then has said what becomes of it.
pub fn counts_at(scanned_at: DateTime<Utc>, last_seen: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    let Some(seen) = last_seen else { return Some(scanned_at) };
    (seen - scanned_at <= SAME_HANDS).then(|| scanned_at.max(seen))
}

/// What came of a late scan; kept with its `op`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Played {
    /// The loan is recorded.
    Lent {
        /// The loan.
        lent: CheckedOut,
        /// What would have been said against it at the desk.
        remark: Option<Refusal>,
    },
    /// The copy is taken back, and what to do with it now.
    TakenBack(CheckIn),
    /// Nothing was left to record: the library knows it already, or the copy was taken back again since.
    Known,
    /// It waits for staff.
    Kept(Refusal),
    /// It was played on an earlier day; what came of it is not kept.
    Earlier,
}

/// What has to be known of a copy that a person left with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateLoanFacts {
    /// Whether the patron's card may be used now.
    pub card: CardState,
    /// What the record says of the copy.
    pub item: ItemState,
    /// Whether it may leave the library.
    pub loan_rule: LoanRule,
    /// Whether another library lent it.
    pub borrowed: bool,
    /// For whom it is captured.
    pub held_for: HeldBy,
    /// To whom the record says it is on loan.
    pub on_loan_to: HeldBy,
    /// Whether the patron has another copy of the title on loan.
    pub has_another_copy: bool,
    /// Whether the copy was scanned anywhere after this scan was made.
    pub scanned_since: bool,
    /// What is counted together with it.
    pub group: LimitGroup,
    /// How many of those the patron has on loan.
    pub open: u32,
}

/// What to do about a copy that a person left with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LateLoan {
    /// It is recorded; staff are told what would have been said against it.
    Record(Option<Refusal>),
    /// It is on loan to them already.
    Known,
    /// It waits for staff.
    Ask(Refusal),
}

/// Decides about a copy that a person left with while nobody could say no.
///
/// The person has it, so it is recorded also when it was captured for somebody else, when the record has it on loan
/// to another or missing, when it should not leave the library, and past the limit: a record that says it stands on the
/// hold shelf would be false, and the one it was captured for would come in vain. It waits for staff when the card is
/// barred, because a lost card may be in anybody's hands; staff may overrule that. It waits too when the copy was seen
/// at a desk since, so that it may be back, and when it can't be recorded at all.
pub fn late_loan(policy: &LoanPolicy, by: &By, facts: &LateLoanFacts) -> LateLoan {
    if facts.on_loan_to == HeldBy::ThisPatron {
        return LateLoan::Known;
    }
    if facts.scanned_since {
        return LateLoan::Ask(Refusal::ScannedSince);
    }
    if facts.item == ItemState::Withdrawn {
        return LateLoan::Ask(Refusal::ItemWithdrawn);
    }
    if facts.has_another_copy {
        return LateLoan::Ask(Refusal::OnLoanToYou);
    }
    if facts.borrowed && facts.held_for != HeldBy::ThisPatron {
        return LateLoan::Ask(Refusal::BorrowedCopy);
    }
    if !matches!(by, By::Overrule(_)) {
        match facts.card {
            CardState::Active => {}
            CardState::Suspended => return LateLoan::Ask(Refusal::CardSuspended),
            CardState::Expired => return LateLoan::Ask(Refusal::CardExpired),
        }
    }
    let limit = policy.limits.of(facts.group);
    let remark = if facts.held_for == HeldBy::Another {
        Some(Refusal::CapturedForAnother)
    } else if !matches!(facts.item, ItemState::OnShelf | ItemState::OnHoldShelf) {
        Some(Refusal::NotCheckedIn)
    } else if facts.loan_rule == LoanRule::InLibraryOnly {
        Some(Refusal::ItemInLibraryOnly)
    } else {
        (facts.open >= limit).then_some(Refusal::LoanLimitReached { group: facts.group, limit })
    };
    LateLoan::Record(remark)
}

/// Why a late scan is on staff's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateTrouble {
    /// Which scan.
    pub op: OpId,
    /// The desk it was made at.
    pub place: PlaceCode,
    /// When, on the library's clocks.
    pub scanned_at: NaiveDateTime,
    /// The card, while it is needed; `None` for a copy that was taken back.
    pub card: Option<String>,
    /// Barcode, as scanned.
    pub barcode: String,
    /// Title as shown, where the copy is known.
    pub title: Option<String>,
    /// What is the matter.
    pub why: Refusal,
    /// Whether it is recorded in spite of that: then staff have only to know.
    pub recorded: bool,
    /// Whether a person left with the copy.
    pub lent: bool,
}

/// What staff do about a late scan on their list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Settle {
    /// The loan is recorded, of this copy to this card.
    Lend {
        /// 利用者番号, as typed.
        card: String,
        /// As typed or scanned.
        barcode: String,
        /// Why, for the log.
        reason: String,
    },
    /// Nothing is to be recorded, or nothing more.
    Dismiss {
        /// Why, for the log.
        reason: String,
    },
}

/// What a number looks like: its digits and letters, without saying which.
pub fn shape(number: &str) -> String {
    number
        .chars()
        .map(|c| match c {
            '0'..='9' => '9',
            c if c.is_alphabetic() => 'A',
            c => c,
        })
        .collect()
}

/// Tells a card from a copy where nothing can be looked up, by what cards and copies looked like that this desk has
/// seen. With nobody's turn begun it is taken for a card, unless it looks like copies only; in a turn it is taken for
/// a copy, unless it looks like cards only. Whether the card exists and may be used is seen when it is played in.
pub fn looks_like_card(number: &str, cards: &[String], copies: &[String], in_turn: bool) -> bool {
    let shape = shape(number);
    match (cards.contains(&shape), copies.contains(&shape)) {
        (true, false) => true,
        (false, true) => false,
        _ => !in_turn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> LateLoanFacts {
        LateLoanFacts {
            card: CardState::Active,
            item: ItemState::OnShelf,
            loan_rule: LoanRule::Lendable,
            borrowed: false,
            held_for: HeldBy::Nobody,
            on_loan_to: HeldBy::Nobody,
            has_another_copy: false,
            scanned_since: false,
            group: LimitGroup::BooksAndMagazines,
            open: 0,
        }
    }

    fn decide(by: &By, change: impl FnOnce(&mut LateLoanFacts)) -> LateLoan {
        let mut facts = facts();
        change(&mut facts);
        late_loan(&LoanPolicy::default(), by, &facts)
    }

    #[test]
    fn what_is_true_is_recorded_and_told() {
        let staff = |change: fn(&mut LateLoanFacts)| decide(&By::Staff, change);
        assert_eq!(staff(|_| {}), LateLoan::Record(None));
        assert_eq!(staff(|f| f.held_for = HeldBy::ThisPatron), LateLoan::Record(None));
        assert_eq!(staff(|f| f.held_for = HeldBy::Another), LateLoan::Record(Some(Refusal::CapturedForAnother)));
        for state in [ItemState::OnLoan, ItemState::Missing, ItemState::Lost, ItemState::GoingHome] {
            assert_eq!(decide(&By::Staff, |f| f.item = state), LateLoan::Record(Some(Refusal::NotCheckedIn)));
        }
        assert_eq!(
            staff(|f| f.loan_rule = LoanRule::InLibraryOnly),
            LateLoan::Record(Some(Refusal::ItemInLibraryOnly))
        );
        let limit = Refusal::LoanLimitReached { group: LimitGroup::BooksAndMagazines, limit: 10 };
        assert_eq!(staff(|f| f.open = 10), LateLoan::Record(Some(limit)));
    }

    #[test]
    fn what_may_be_false_waits_for_staff() {
        let staff = |change: fn(&mut LateLoanFacts)| decide(&By::Staff, change);
        assert_eq!(staff(|f| f.scanned_since = true), LateLoan::Ask(Refusal::ScannedSince));
        assert_eq!(staff(|f| f.item = ItemState::Withdrawn), LateLoan::Ask(Refusal::ItemWithdrawn));
        assert_eq!(staff(|f| f.has_another_copy = true), LateLoan::Ask(Refusal::OnLoanToYou));
        assert_eq!(staff(|f| f.borrowed = true), LateLoan::Ask(Refusal::BorrowedCopy));
        assert_eq!(staff(|f| f.card = CardState::Suspended), LateLoan::Ask(Refusal::CardSuspended));
        assert_eq!(staff(|f| f.card = CardState::Expired), LateLoan::Ask(Refusal::CardExpired));
        let overrule = By::Overrule("本人に確認".into());
        assert_eq!(decide(&overrule, |f| f.card = CardState::Suspended), LateLoan::Record(None));
        assert_eq!(decide(&overrule, |f| f.scanned_since = true), LateLoan::Ask(Refusal::ScannedSince));
    }

    #[test]
    fn a_loan_that_is_known_is_not_made_again() {
        let known = |f: &mut LateLoanFacts| {
            f.item = ItemState::OnLoan;
            f.on_loan_to = HeldBy::ThisPatron;
            f.scanned_since = true;
        };
        assert_eq!(decide(&By::Staff, known), LateLoan::Known);
    }

    #[test]
    fn the_moment_is_counted_back_from_now_whatever_the_browser_s_clock_says() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        assert_eq!(scanned_at(now, 90_250), now - TimeDelta::milliseconds(90_250));
        assert_eq!(scanned_at(now, -5), now, "set back meanwhile");
        assert_eq!(scanned_at(now, i64::MAX), now - LONGEST_WAIT);
    }

    #[test]
    fn what_one_desk_did_counts_in_its_order_and_what_was_seen_since_does_not_count() {
        let scanned = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let after = |seconds| counts_at(scanned, Some(scanned + TimeDelta::seconds(seconds)));
        assert_eq!(counts_at(scanned, None), Some(scanned));
        assert_eq!(after(-60), Some(scanned));
        assert_eq!(after(5), Some(scanned + TimeDelta::seconds(5)));
        assert_eq!(after(6), None);
    }

    #[test]
    fn a_card_is_known_by_its_form_where_the_forms_differ() {
        let (cards, copies) = ([shape("1000004")], [shape("91000201")]);
        assert!(looks_like_card("1000005", &cards, &copies, true), "the next of the family");
        assert!(!looks_like_card("91000701", &cards, &copies, false));
        assert!(looks_like_card("B-12", &cards, &copies, false));
        assert!(!looks_like_card("B-12", &cards, &copies, true));
        assert!(!looks_like_card("91000701", &copies, &copies, true), "where they are alike, the turn decides");
    }
}
