//! May this patron reserve these titles? (R10, R12, R13, R17, R18)

use serde::{Deserialize, Serialize};

use super::{By, Refusal};
use crate::{
    BibId, OpId, PartId, PlaceCode, ReservationId,
    catalog::{LimitGroup, MaterialType},
    patrons::{CardState, Contact},
    policy::{Policy, ReservationPolicy},
};

/// What has to be known of a title to say whether it can be reserved at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartFacts {
    /// Kind of material.
    pub material: MaterialType,
    /// Whether it is the newest issue of a magazine.
    pub newest_issue: bool,
    /// Living copies, and copies on order, that may leave the library.
    pub lendable_copies: u32,
    /// Living copies and copies on order in all.
    pub copies: u32,
}

/// Why nobody can reserve this title; `None` when one can (R18).
pub fn title_refusal(part: &PartFacts) -> Option<Refusal> {
    if matches!(part.material, MaterialType::Dvd | MaterialType::Ld) {
        Some(Refusal::MaterialNotReservable { material: part.material })
    } else if part.copies == 0 {
        Some(Refusal::NoCopy)
    } else if part.lendable_copies == 0 {
        Some(Refusal::InLibraryOnly)
    } else if part.newest_issue {
        // Last, because staff may overrule it, but nothing before it.
        Some(Refusal::NewestIssue)
    } else {
        None
    }
}

/// What has to be known of a patron to say what they may reserve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatronFacts {
    /// Whether the card may be used.
    pub card: CardState,
    /// Active reservations by group, ready ones included.
    pub active: Vec<(LimitGroup, u32)>,
}

/// A title of the cart with what the rule needs to know of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLineFacts {
    /// The title; `None` when it is no longer in the catalogue.
    pub part: Option<PartFacts>,
    /// Whether the patron has an active reservation of it.
    pub already_reserved: bool,
    /// Whether the patron has it on loan.
    pub on_loan: bool,
}

/// Decides a whole cart: one answer per line, `None` meaning it may be reserved.
///
/// The first `in_set` lines are an ordered set and stand or fall together (R12); a set of one is an ordinary
/// title. The other lines are answered one by one, each accepted one counting against the limit of the next (R17).
pub fn decide_cart(
    policy: &ReservationPolicy,
    by: &By,
    patron: &PatronFacts,
    lines: &[CartLineFacts],
    in_set: usize,
) -> Vec<Option<Refusal>> {
    let mut active = patron.active.clone();
    let in_set = in_set.min(lines.len());
    let (set, rest) = lines.split_at(in_set);

    let mut with_set = active.clone();
    let mut answers: Vec<_> =
        set.iter().map(|line| line_refusal(policy, by, patron.card, &mut with_set, line)).collect();
    if answers.iter().all(Option::is_none) {
        active = with_set;
    } else if in_set > 1 {
        for answer in &mut answers {
            answer.get_or_insert(Refusal::SetRefused);
        }
    }
    answers.extend(rest.iter().map(|line| line_refusal(policy, by, patron.card, &mut active, line)));
    answers
}

/// The answer for one line; counts it in `active` when it is accepted.
fn line_refusal(
    policy: &ReservationPolicy,
    by: &By,
    card: CardState,
    active: &mut Vec<(LimitGroup, u32)>,
    line: &CartLineFacts,
) -> Option<Refusal> {
    match card {
        CardState::Active => {}
        CardState::Suspended => return Some(Refusal::CardSuspended),
        CardState::Expired => return Some(Refusal::CardExpired),
    }
    let Some(part) = line.part else { return Some(Refusal::UnknownTitle) };
    if let Some(refusal) = by.settle(title_refusal(&part)) {
        return Some(refusal);
    }
    if line.on_loan {
        return Some(Refusal::OnLoanToYou);
    }
    if line.already_reserved {
        return Some(Refusal::AlreadyReserved);
    }
    let group = part.material.limit_group();
    let limit = policy.limits.of(group);
    let at = active.iter().position(|(g, _)| *g == group).unwrap_or_else(|| {
        active.push((group, 0));
        active.len() - 1
    });
    let (_, count) = active.get_mut(at)?;
    let full = (*count >= limit).then_some(Refusal::LimitReached { group, limit });
    if let Some(refusal) = by.settle(full) {
        return Some(refusal);
    }
    *count += 1;
    None
}

/// A patron's wish to reserve what is in their cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveRequest {
    /// The same request twice gets the same answer.
    pub op: OpId,
    /// Titles in reading order; those of the ordered set first.
    pub parts: Vec<PartId>,
    /// How many of them, from the first, form the ordered set; below two there is none.
    pub in_set: usize,
    /// 受取場所
    pub pickup_place: PlaceCode,
    /// 連絡方法
    pub contact: Contact,
}

/// Why the request as a whole is refused, whatever the titles are (R10, R13).
pub fn request_refusal(
    policy: &Policy,
    has_confirmed_mail: bool,
    pickup_place: &PlaceCode,
    contact: Contact,
) -> Option<Refusal> {
    if !policy.pickup_places().any(|place| place.code == *pickup_place) {
        return Some(Refusal::UnknownPlace);
    }
    match contact {
        Contact::Mail if !has_confirmed_mail => Some(Refusal::MailNotConfirmed),
        Contact::None if !policy.reservations.contact_none => Some(Refusal::ContactNotOffered),
        Contact::Mail | Contact::Telephone | Contact::None => None,
    }
}

/// What came of one title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservedTitle {
    /// The bib, where it is still in the catalogue.
    pub bib: Option<BibId>,
    /// The part.
    pub part: PartId,
    /// Title as shown.
    pub title: String,
    /// The new reservation and its position in the queue, or why there is none.
    pub answer: Result<(ReservationId, u32), Refusal>,
}

/// What came of a [`ReserveRequest`]; kept with its `op`, so that asking again gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveAnswer {
    /// Title by title, in the order of the request.
    pub titles: Vec<ReservedTitle>,
    /// How many of them, from the first, form an ordered set.
    pub in_set: usize,
    /// 受取場所
    pub pickup_place: PlaceCode,
    /// 連絡方法
    pub contact: Contact,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(material: MaterialType) -> PartFacts {
        PartFacts { material, newest_issue: false, lendable_copies: 1, copies: 1 }
    }

    fn line(material: MaterialType) -> CartLineFacts {
        CartLineFacts { part: Some(part(material)), already_reserved: false, on_loan: false }
    }

    fn patron(active: &[(LimitGroup, u32)]) -> PatronFacts {
        PatronFacts { card: CardState::Active, active: active.to_vec() }
    }

    fn decide(patron: &PatronFacts, lines: &[CartLineFacts], in_set: usize) -> Vec<Option<Refusal>> {
        decide_cart(&ReservationPolicy::default(), &By::Patron, patron, lines, in_set)
    }

    #[test]
    fn r18_what_cannot_be_reserved_says_why() {
        let dvd = part(MaterialType::Dvd);
        assert_eq!(title_refusal(&dvd), Some(Refusal::MaterialNotReservable { material: MaterialType::Dvd }));
        let newest = PartFacts { newest_issue: true, ..part(MaterialType::Magazine) };
        assert_eq!(title_refusal(&newest), Some(Refusal::NewestIssue));
        let reference = PartFacts { lendable_copies: 0, copies: 2, ..part(MaterialType::Book) };
        assert_eq!(title_refusal(&reference), Some(Refusal::InLibraryOnly));
        let gone = PartFacts { lendable_copies: 0, copies: 0, ..part(MaterialType::Book) };
        assert_eq!(title_refusal(&gone), Some(Refusal::NoCopy));
    }

    #[test]
    fn r18_one_lendable_copy_is_enough() {
        let mixed = PartFacts { lendable_copies: 1, copies: 5, ..part(MaterialType::Book) };
        assert_eq!(title_refusal(&mixed), None);
    }

    #[test]
    fn r17_books_and_magazines_count_together_and_the_cart_counts_itself() {
        let patron = patron(&[(LimitGroup::BooksAndMagazines, 8), (LimitGroup::Cds, 2)]);
        let lines = [
            MaterialType::Book,
            MaterialType::Magazine,
            MaterialType::Book,
            MaterialType::Cd,
            MaterialType::Kamishibai,
        ]
        .map(line);
        let limit = |group, limit| Some(Refusal::LimitReached { group, limit });
        assert_eq!(
            decide(&patron, &lines, 0),
            [None, None, limit(LimitGroup::BooksAndMagazines, 10), limit(LimitGroup::Cds, 2), None]
        );
    }

    #[test]
    fn r12_a_set_is_all_or_nothing_and_the_rest_is_answered_title_by_title() {
        let patron = patron(&[(LimitGroup::BooksAndMagazines, 9)]);
        let lines = [line(MaterialType::Book), line(MaterialType::Book), line(MaterialType::Book)];
        let full = Some(Refusal::LimitReached { group: LimitGroup::BooksAndMagazines, limit: 10 });
        // The set of two does not fit; the place it does not take is free for the third.
        assert_eq!(decide(&patron, &lines, 2), [Some(Refusal::SetRefused), full.clone(), None]);
        assert_eq!(decide(&patron, &lines, 0), [None, full.clone(), full]);
    }

    #[test]
    fn staff_may_overrule_the_limit_and_the_newest_issue() {
        let full = patron(&[(LimitGroup::BooksAndMagazines, 10)]);
        let newest = CartLineFacts {
            part: Some(PartFacts { newest_issue: true, ..part(MaterialType::Magazine) }),
            already_reserved: false,
            on_loan: false,
        };
        let decide =
            |by| decide_cart(&ReservationPolicy::default(), &by, &full, &[newest.clone(), line(MaterialType::Dvd)], 0);
        let dvd = Some(Refusal::MaterialNotReservable { material: MaterialType::Dvd });
        assert_eq!(decide(By::Overrule("研究用".into())), [None, dvd.clone()]);
        assert_eq!(decide(By::Staff), [Some(Refusal::NewestIssue), dvd]);
        // What is not there can't be overruled.
        let gone = PartFacts { newest_issue: true, lendable_copies: 0, copies: 0, ..part(MaterialType::Magazine) };
        assert_eq!(title_refusal(&gone), Some(Refusal::NoCopy));
    }

    #[test]
    fn nothing_twice_and_nothing_one_has_at_home() {
        let mut reserved = line(MaterialType::Book);
        reserved.already_reserved = true;
        let mut lent = line(MaterialType::Book);
        lent.on_loan = true;
        let gone = CartLineFacts { part: None, already_reserved: false, on_loan: false };
        assert_eq!(
            decide(&patron(&[]), &[reserved, lent, gone], 0),
            [Some(Refusal::AlreadyReserved), Some(Refusal::OnLoanToYou), Some(Refusal::UnknownTitle)]
        );
    }

    #[test]
    fn suspended_and_expired_cards_reserve_nothing() {
        for (card, refusal) in
            [(CardState::Suspended, Refusal::CardSuspended), (CardState::Expired, Refusal::CardExpired)]
        {
            let patron = PatronFacts { card, active: vec![] };
            assert_eq!(decide(&patron, &[line(MaterialType::Book)], 0), [Some(refusal)]);
        }
    }
}
