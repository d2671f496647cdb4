//! May this copy be lent to this patron? (R16)

use super::{By, ItemState, Refusal};
use crate::{
    catalog::{LimitGroup, LoanRule, MaterialType},
    patrons::CardState,
    policy::LoanPolicy,
};

/// For whom a copy is captured, as seen by the patron who wants to borrow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBy {
    /// For nobody.
    Nobody,
    /// For this patron.
    ThisPatron,
    /// For somebody else.
    Another,
}

/// What has to be known to lend a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOutFacts {
    /// Whether the patron's card may be used.
    pub card: CardState,
    /// Kind of material.
    pub material: MaterialType,
    /// What the record says of the copy.
    pub item: ItemState,
    /// Whether it may leave the library.
    pub loan_rule: LoanRule,
    /// Whether another library lent it.
    pub borrowed: bool,
    /// For whom it is captured; for a copy another library lent, for whom it was taken in.
    pub held_for: HeldBy,
    /// Whether anybody else stands in the queue of the title.
    pub others_wait: bool,
    /// Whether the patron has another copy of the title on loan.
    pub has_it_on_loan: bool,
    /// The patron's open loans by group.
    pub loans: Vec<(LimitGroup, u32)>,
}

/// Why the copy can't be lent; `None` when it can. What [`By::Overrule`] passes over is left out.
///
/// Until it is captured, a copy on the shelf may be lent to whoever brings it. One that the record says is on
/// loan, missing or on its way is checked in first, so that the queue takes it; so is one that was released on the
/// hold shelf while others wait.
pub fn check_out_refusal(policy: &LoanPolicy, by: &By, facts: &CheckOutFacts) -> Option<Refusal> {
    match facts.card {
        CardState::Active => {}
        CardState::Suspended => return Some(Refusal::CardSuspended),
        CardState::Expired => return Some(Refusal::CardExpired),
    }
    let captured = (facts.held_for == HeldBy::Another).then_some(Refusal::CapturedForAnother);
    // An overrule takes the copy from where it stands: the hold shelf, or the crate it travels in.
    let taken = captured.is_some();
    if let Some(refusal) = by.settle(captured) {
        return Some(refusal);
    }
    if facts.borrowed && facts.held_for != HeldBy::ThisPatron {
        return Some(Refusal::BorrowedCopy);
    }
    match facts.item {
        ItemState::OnShelf => {}
        ItemState::OnHoldShelf | ItemState::InTransit if taken => {}
        ItemState::OnHoldShelf if facts.held_for == HeldBy::ThisPatron || !facts.others_wait => {}
        ItemState::Withdrawn => return Some(Refusal::ItemWithdrawn),
        _ => return Some(Refusal::NotCheckedIn),
    }
    if facts.loan_rule == LoanRule::InLibraryOnly {
        return Some(Refusal::ItemInLibraryOnly);
    }
    if facts.has_it_on_loan {
        return Some(Refusal::OnLoanToYou);
    }
    let group = facts.material.limit_group();
    let limit = policy.limits.of(group);
    let open = facts.loans.iter().find(|(g, _)| *g == group).map_or(0, |(_, n)| *n);
    by.settle((open >= limit).then_some(Refusal::LoanLimitReached { group, limit }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> CheckOutFacts {
        CheckOutFacts {
            card: CardState::Active,
            material: MaterialType::Book,
            item: ItemState::OnShelf,
            loan_rule: LoanRule::Lendable,
            borrowed: false,
            held_for: HeldBy::Nobody,
            others_wait: false,
            has_it_on_loan: false,
            loans: vec![(LimitGroup::BooksAndMagazines, 9), (LimitGroup::Cds, 2)],
        }
    }

    fn refusal(change: impl FnOnce(&mut CheckOutFacts)) -> Option<Refusal> {
        refusal_by(&By::Staff, change)
    }

    fn refusal_by(by: &By, change: impl FnOnce(&mut CheckOutFacts)) -> Option<Refusal> {
        let mut facts = facts();
        change(&mut facts);
        check_out_refusal(&LoanPolicy::default(), by, &facts)
    }

    #[test]
    fn staff_may_overrule_limit_and_capture_and_nothing_else() {
        let overrule = By::Overrule("対面で確認".into());
        assert_eq!(refusal_by(&overrule, |f| f.loans[0].1 = 10), None);
        let captured = |f: &mut CheckOutFacts| {
            f.held_for = HeldBy::Another;
            f.item = ItemState::OnHoldShelf;
            f.others_wait = true;
        };
        assert_eq!(refusal_by(&overrule, captured), None);
        assert_eq!(refusal_by(&overrule, |f| f.card = CardState::Suspended), Some(Refusal::CardSuspended));
        assert_eq!(refusal_by(&overrule, |f| f.item = ItemState::OnLoan), Some(Refusal::NotCheckedIn));
    }

    #[test]
    fn a_copy_of_another_library_is_lent_to_whom_it_was_taken_in_for() {
        assert_eq!(refusal(|f| f.borrowed = true), Some(Refusal::BorrowedCopy));
        let for_this = |f: &mut CheckOutFacts| {
            f.borrowed = true;
            f.held_for = HeldBy::ThisPatron;
        };
        assert_eq!(refusal(for_this), None);
    }

    #[test]
    fn r16_limits_are_counted_by_group() {
        assert_eq!(refusal(|_| {}), None);
        assert_eq!(
            refusal(|f| f.loans[0].1 = 10),
            Some(Refusal::LoanLimitReached { group: LimitGroup::BooksAndMagazines, limit: 10 })
        );
        assert_eq!(
            refusal(|f| f.material = MaterialType::Cd),
            Some(Refusal::LoanLimitReached { group: LimitGroup::Cds, limit: 2 })
        );
    }

    #[test]
    fn what_is_not_here_is_checked_in_first() {
        for state in [ItemState::OnLoan, ItemState::Missing, ItemState::InTransit, ItemState::GoingHome] {
            assert_eq!(refusal(|f| f.item = state), Some(Refusal::NotCheckedIn), "{state}");
        }
    }

    #[test]
    fn a_copy_released_on_the_hold_shelf_goes_by_the_queue() {
        let on_hold_shelf = |held_for, others_wait| {
            refusal(|f| {
                f.item = ItemState::OnHoldShelf;
                f.held_for = held_for;
                f.others_wait = others_wait;
            })
        };
        assert_eq!(on_hold_shelf(HeldBy::ThisPatron, true), None);
        assert_eq!(on_hold_shelf(HeldBy::Nobody, false), None, "nobody waits for it");
        assert_eq!(on_hold_shelf(HeldBy::Nobody, true), Some(Refusal::NotCheckedIn));
        // From its own shelf whoever brings it gets it.
        assert_eq!(refusal(|f| f.others_wait = true), None);
    }

    #[test]
    fn captured_copies_reference_works_and_barred_cards() {
        assert_eq!(refusal(|f| f.held_for = HeldBy::Another), Some(Refusal::CapturedForAnother));
        assert_eq!(refusal(|f| f.has_it_on_loan = true), Some(Refusal::OnLoanToYou));
        assert_eq!(refusal(|f| f.loan_rule = LoanRule::InLibraryOnly), Some(Refusal::ItemInLibraryOnly));
        assert_eq!(refusal(|f| f.card = CardState::Suspended), Some(Refusal::CardSuspended));
        assert_eq!(refusal(|f| f.card = CardState::Expired), Some(Refusal::CardExpired));
        assert_eq!(refusal(|f| f.item = ItemState::Withdrawn), Some(Refusal::ItemWithdrawn));
    }
}
