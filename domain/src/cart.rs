//! The cart (予約カート): titles not yet reserved, in the order the patron gives them.
//!
//! The same functions arrange it in the browser, before the server has answered, and on the server. An
//! arrangement has two parts: titles with a place in the reading order, then those without (指定しない, R12).

use serde::{Deserialize, Serialize};

use crate::{
    BibId, PartId,
    catalog::MaterialType,
    circulation::{CartLineFacts, PatronFacts},
};

/// The most titles a cart keeps. A round number far above every limit of reservations, against abuse.
pub const MAX_TITLES: usize = 100;

/// The order of a cart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrangement {
    /// Titles in the order of the list; the first `ordered` of them have a place in the reading order.
    pub parts: Vec<PartId>,
    /// How many titles have a place in the reading order.
    pub ordered: usize,
}

impl Arrangement {
    /// The place of a title in the reading order, from 1; `None` is 指定しない.
    pub fn order_of(&self, part: PartId) -> Option<usize> {
        self.parts.iter().position(|p| *p == part).filter(|at| *at < self.ordered).map(|at| at + 1)
    }

    /// Adds a title at the end, without a place in the order. Adding it again changes nothing.
    fn add(&mut self, part: PartId) {
        if !self.parts.contains(&part) && self.parts.len() < MAX_TITLES {
            self.parts.push(part);
        }
    }

    /// Removes a title; those after it move up.
    fn remove(&mut self, part: PartId) {
        if let Some(at) = self.parts.iter().position(|p| *p == part) {
            self.parts.remove(at);
            if at < self.ordered {
                self.ordered -= 1;
            }
        }
    }

    /// Gives a title the place `order` in the reading order, from 1, the others making room; `None` takes its
    /// place away. A place beyond the end is the last one.
    fn set_order(&mut self, part: PartId, order: Option<usize>) {
        if !self.parts.contains(&part) {
            return;
        }
        self.remove(part);
        let at = match order {
            Some(order) => order.saturating_sub(1).min(self.ordered),
            None => self.ordered,
        };
        self.parts.insert(at, part);
        if order.is_some() {
            self.ordered += 1;
        }
    }

    /// Moves a title to the index `to` of the list, as dragging and the keyboard do.
    ///
    /// Among titles with a place in the order it gets one, among the others it has none; on the border it keeps
    /// what it had.
    fn move_to(&mut self, part: PartId, to: usize) {
        let Some(from) = self.parts.iter().position(|p| *p == part) else { return };
        let had_place = from < self.ordered;
        self.remove(part);
        let to = to.min(self.parts.len());
        if to < self.ordered || (to == self.ordered && had_place) {
            self.ordered += 1;
        }
        self.parts.insert(to, part);
    }

    /// Arranges by the pull-downs of a form sent as a whole. Titles with equal numbers keep the order of the list;
    /// titles the form does not name have no place.
    fn apply_orders(&mut self, orders: &[(PartId, Option<usize>)]) {
        let order_of = |part: &PartId| orders.iter().find(|(p, _)| p == part).and_then(|(_, order)| *order);
        self.parts.sort_by_key(|part| order_of(part).unwrap_or(usize::MAX));
        self.ordered = self.parts.iter().filter(|part| order_of(part).is_some()).count();
    }

    /// Arranges as `wish` says, as far as the titles are the same: titles only in `wish` are left out, titles it
    /// does not know stay at the end. So an arrangement made offline never loses what was added elsewhere.
    fn adopt(&mut self, wish: &Self) {
        let known = |part: &&PartId| self.parts.contains(part);
        let mut parts: Vec<PartId> = Vec::with_capacity(self.parts.len());
        for part in wish.parts.iter().filter(known) {
            if !parts.contains(part) {
                parts.push(*part);
            }
        }
        let ordered = wish.parts.iter().take(wish.ordered).filter(known).count().min(parts.len());
        let unknown: Vec<PartId> = self.parts.iter().copied().filter(|part| !parts.contains(part)).collect();
        parts.extend(unknown);
        *self = Self { parts, ordered };
    }
}

/// What a person does to a cart. The browser applies it at once and sends it; the server applies it to the truth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CartChange {
    /// カートに入れる
    Add(PartId),
    /// Take these titles out. Emptying the cart names its titles too, so that the wish, sent late from a browser that
    /// was offline, takes out nothing that was put in since.
    Remove(Vec<PartId>),
    /// By the pull-down of one title; `None` is 指定しない.
    SetOrder(PartId, Option<usize>),
    /// By dragging or the keyboard, to an index of the list.
    MoveTo(PartId, usize),
    /// 順番を指定する, with the pull-downs as they stand; when none is chosen every title gets a place, in the
    /// order of the list.
    SpecifyOrder(Vec<(PartId, Option<usize>)>),
    /// Take all places in the order away.
    ForgetOrder,
    /// As arranged in a browser that was offline.
    Adopt(Arrangement),
}

impl Arrangement {
    /// Does what a person did.
    pub fn apply(&mut self, change: &CartChange) {
        match change {
            CartChange::Add(part) => self.add(*part),
            CartChange::Remove(parts) => parts.iter().for_each(|part| self.remove(*part)),
            CartChange::SetOrder(part, order) => self.set_order(*part, *order),
            CartChange::MoveTo(part, to) => self.move_to(*part, *to),
            CartChange::SpecifyOrder(orders) => {
                self.apply_orders(orders);
                if self.ordered == 0 {
                    self.ordered = self.parts.len();
                }
            }
            CartChange::ForgetOrder => self.ordered = 0,
            CartChange::Adopt(wish) => self.adopt(wish),
        }
    }
}

/// A title in the cart, as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// The part.
    pub part: PartId,
    /// The bib; `None` when it is no longer in the catalogue.
    pub bib: Option<BibId>,
    /// Title as shown, with volume and issue.
    pub title: String,
    /// Names of the creators, as printed.
    pub creators: String,
    /// Kind of material.
    pub material: MaterialType,
    /// How many reservations wait for it.
    pub waiting: u32,
    /// What the rule of reservation needs to know of it.
    pub facts: CartLineFacts,
}

/// A cart with all its page needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartView {
    /// Titles in the order of the list.
    pub lines: Vec<CartLine>,
    /// How many of them have a place in the reading order.
    pub ordered: usize,
    /// What the rule needs to know of the patron; `None` when nobody is signed in.
    pub patron: Option<PatronFacts>,
}

impl CartView {
    /// Its arrangement.
    pub fn arrangement(&self) -> Arrangement {
        Arrangement { parts: self.lines.iter().map(|line| line.part).collect(), ordered: self.ordered }
    }

    /// The same lines in another arrangement; lines it does not name are left out.
    pub fn arranged(&self, arrangement: &Arrangement) -> Self {
        let lines = arrangement
            .parts
            .iter()
            .filter_map(|part| self.lines.iter().find(|line| line.part == *part).cloned())
            .collect();
        Self { lines, ordered: arrangement.ordered, patron: self.patron.clone() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn part(n: u128) -> PartId {
        PartId(Uuid::from_u128(n))
    }

    fn cart(parts: &[u128], ordered: usize) -> Arrangement {
        Arrangement { parts: parts.iter().copied().map(part).collect(), ordered }
    }

    #[test]
    fn adding_twice_changes_nothing() {
        let mut c = cart(&[1, 2], 0);
        c.add(part(2));
        c.add(part(3));
        assert_eq!(c, cart(&[1, 2, 3], 0));
    }

    #[test]
    fn r12_pull_downs_make_room() {
        let mut c = cart(&[1, 2, 3, 4], 0);
        c.apply(&CartChange::SpecifyOrder(vec![]));
        c.set_order(part(4), Some(1));
        assert_eq!(c, cart(&[4, 1, 2, 3], 4));
        c.set_order(part(1), None);
        assert_eq!(c, cart(&[4, 2, 3, 1], 3));
        c.set_order(part(1), Some(2));
        assert_eq!(c, cart(&[4, 1, 2, 3], 4));
        c.set_order(part(4), Some(99));
        assert_eq!(c, cart(&[1, 2, 3, 4], 4));
    }

    #[test]
    fn dragging_into_the_order_gives_a_place_and_out_of_it_takes_it() {
        let mut c = cart(&[1, 2, 3, 4], 2);
        c.move_to(part(4), 0);
        assert_eq!(c, cart(&[4, 1, 2, 3], 3));
        c.move_to(part(4), 3);
        assert_eq!(c, cart(&[1, 2, 3, 4], 2));
        c.move_to(part(1), 1);
        assert_eq!(c, cart(&[2, 1, 3, 4], 2), "within the order it keeps its place");
        c.move_to(part(4), 2);
        assert_eq!(c, cart(&[2, 1, 4, 3], 2), "on the border it stays without");
    }

    #[test]
    fn a_form_sent_as_a_whole_arranges_everything() {
        let mut c = cart(&[1, 2, 3, 4], 0);
        c.apply_orders(&[(part(1), Some(2)), (part(3), Some(1)), (part(4), Some(2)), (part(2), None)]);
        assert_eq!(c, cart(&[3, 1, 4, 2], 3));
    }

    #[test]
    fn an_arrangement_made_elsewhere_loses_nothing() {
        let mut c = cart(&[1, 2, 3], 0);
        c.adopt(&cart(&[3, 9, 1], 2));
        assert_eq!(c, cart(&[3, 1, 2], 1));
    }

    #[test]
    fn removing_moves_the_rest_up() {
        let mut c = cart(&[1, 2, 3], 2);
        c.remove(part(1));
        assert_eq!((c.order_of(part(2)), c.order_of(part(3))), (Some(1), None));
    }

    proptest! {
        #[test]
        fn whatever_is_done_no_title_is_lost_or_doubled(steps in prop::collection::vec((0u8..5, 1u128..7, 0usize..8), 0..40)) {
            let mut c = cart(&[1, 2, 3, 4, 5, 6], 0);
            for (what, n, to) in steps {
                match what {
                    0 => c.set_order(part(n), Some(to)),
                    1 => c.set_order(part(n), None),
                    2 => c.move_to(part(n), to),
                    3 => c.apply(&CartChange::SpecifyOrder(vec![])),
                    _ => c.apply_orders(&[(part(n), Some(to)), (part(1), None)]),
                }
                let mut seen = c.parts.clone();
                seen.sort();
                prop_assert_eq!(seen, (1..=6).map(part).collect::<Vec<_>>());
                prop_assert!(c.ordered <= c.parts.len());
            }
        }
    }
}
