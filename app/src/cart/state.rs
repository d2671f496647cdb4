//! The cart as the browser holds it: changed at once, sent one change after the other, kept when it can't be sent.
//!
//! The server's answer wins, but only when nothing is left to send; until then the reader sees their own changes.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{
    PartId, PatronId,
    cart::{Arrangement, CartChange, CartLine, CartView},
};
use leptos::{ev, prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};

use super::api::change_cart;
use crate::{
    browser::{self, ForTheStore},
    failure::Failure,
    layout::Announcement,
    load,
    visit::load_here,
};

/// Where the browser keeps the cart.
const KEPT: &str = "hondana.cart";
/// Where the browser keeps what the cart's page showed last.
const KEPT_VIEW: &str = "hondana.cart.view";
/// Where it keeps the titles of these, as JSON for `public/shell.js`.
const KEPT_TITLES: &str = "hondana.cart.lines";

/// How long an answer may take before the reader is told that the change still waits to be sent.
const PATIENCE: Duration = Duration::from_secs(8);

/// How often a change that the server fails at is sent again before it is given up.
const MOST_FAULTS: u32 = 3;

/// What the browser keeps between visits. The next visit may be of another version of the program, so how it is written may only be
/// changed with [`Kept::WRITTEN`], and with a way to read what was written before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// Whose cart it is; nobody's when nobody was signed in.
    owner: Option<PatronId>,
    arrangement: Arrangement,
    /// Changes the server has not heard of, oldest first. Sent twice, or late, they take out nothing but what they
    /// name.
    unsent: Vec<CartChange>,
}

/// A title in the cart, for who knows its part only.
#[derive(Serialize)]
struct Named<'a> {
    part: PartId,
    title: &'a str,
}

impl Kept {
    /// What it begins with: how it is written.
    const WRITTEN: &str = "1;";

    fn written(&self) -> Option<String> {
        Some(Self::WRITTEN.to_owned() + &wire::write(self).ok()?)
    }

    fn read(text: &str) -> Option<Self> {
        wire::read(text.strip_prefix(Self::WRITTEN)?).ok()
    }
}

/// The cart.
#[derive(Clone, Copy)]
pub struct Cart {
    arrangement: RwSignal<Arrangement>,
    unsent: StoredValue<Vec<CartChange>>,
    /// Who is signed in.
    owner: StoredValue<Option<PatronId>>,
    /// How often the server has failed at the oldest change.
    faults: StoredValue<u32>,
    /// Whether the server's cart is known.
    learned: RwSignal<bool>,
    /// Whether the page has come to life as it was rendered.
    alive: RwSignal<bool>,
    /// The same for whoever is about to teach it.
    taught: StoredValue<Arc<Mutex<bool>>>,
    /// Whether a change is on its way to the server.
    sending: RwSignal<bool>,
    /// Whether the line has come back since the change under way began.
    came_back: StoredValue<bool>,
    /// Whether the last change could not be sent.
    offline: RwSignal<bool>,
    /// Whether somebody is signing out: what is still under way is kept for nobody.
    left: StoredValue<bool>,
    /// What is said to screen readers.
    pub announcement: Announcement,
}

/// The cart.
pub fn use_cart() -> Cart {
    expect_context()
}

impl Cart {
    /// An empty cart, until the server's is known.
    pub(crate) fn new() -> Self {
        let cart = Self {
            arrangement: RwSignal::new(Arrangement::default()),
            unsent: StoredValue::new(Vec::new()),
            owner: StoredValue::new(None),
            faults: StoredValue::new(0),
            learned: RwSignal::new(false),
            alive: RwSignal::new(false),
            taught: StoredValue::new(Arc::default()),
            sending: RwSignal::new(false),
            came_back: StoredValue::new(false),
            offline: RwSignal::new(false),
            left: StoredValue::new(false),
            announcement: Announcement::new(),
        };
        // Effects run in the browser only, but also while a part of the page waits for its piece of the program, and that is to
        // come to life as it was rendered. One does both: what an earlier visit left unsent has to be taken up before anything
        // is kept in its place.
        Effect::new(move |resumed: Option<bool>| {
            cart.arrangement.track();
            let known = cart.learned.get() && cart.alive.get();
            if known && resumed != Some(true) {
                cart.resume();
            }
            if known {
                cart.keep(cart.arrangement.get_untracked());
            }
            known
        });
        cart
    }

    /// The page has come to life as it was rendered: from here on it may show another cart.
    pub(crate) fn come_to_life(self) {
        if !self.alive.get_untracked() {
            self.alive.set(true);
        }
    }

    /// Takes over the server's cart that came with the page.
    pub(crate) fn learn(self, arrangement: &Arrangement, owner: Option<PatronId>) {
        // On the server several parts of a page come here at once, on threads of their own, and to read a signal that
        // another thread is writing ends in a panic, and the page never comes.
        let taught = self.taught.get_value();
        let mut taught = taught.lock().unwrap_or_else(PoisonError::into_inner);
        if !*taught {
            self.owner.set_value(owner);
            self.arrangement.set(arrangement.clone());
            self.learned.set(true);
            *taught = true;
        }
    }

    /// How many titles are in it.
    pub fn count(self) -> usize {
        self.arrangement.read().parts.len()
    }

    /// Whether nothing is in it at this moment.
    #[cfg(feature = "hydrate")]
    pub(crate) fn is_empty(self) -> bool {
        self.arrangement.read_untracked().parts.is_empty()
    }

    /// Its order.
    pub fn arrangement(self) -> Arrangement {
        self.arrangement.get()
    }

    /// Its order at this moment.
    pub(crate) fn arrangement_now(self) -> Arrangement {
        self.arrangement.get_untracked()
    }

    /// Whether a change is on its way to the server.
    pub fn is_sending(self) -> bool {
        self.sending.get()
    }

    /// Whether changes wait for the network to come back.
    pub fn is_offline(self) -> bool {
        self.offline.get()
    }

    /// Shows an order without changing the cart, while something is being dragged.
    pub(crate) fn preview(self, arrangement: Arrangement) {
        self.arrangement.set(arrangement);
    }

    /// Changes the cart, here at once, on the server as soon as it can be reached.
    pub fn change(self, change: CartChange) {
        self.arrangement.update(|arrangement| arrangement.apply(&change));
        self.unsent.update_value(|unsent| unsent.push(change));
        self.keep(self.arrangement.get_untracked());
        self.send();
    }

    /// Takes up what an earlier visit could not send, unless it was another reader's: what somebody did signed in is
    /// not done for whoever uses this browser next.
    fn resume(self) {
        let kept = browser::recall_text(KEPT).and_then(|text| Kept::read(&text));
        if kept.as_ref().is_some_and(|kept| kept.owner.is_some() && kept.owner != self.owner.get_value()) {
            // Their session is over; what they had in the cart is nothing to whoever is here now.
            forget_view();
        }
        match kept.filter(|kept| kept.owner.is_none() || kept.owner == self.owner.get_value()) {
            Some(kept) if !kept.unsent.is_empty() => {
                self.arrangement.update(|arrangement| kept.unsent.iter().for_each(|change| arrangement.apply(change)));
                self.unsent.update_value(|unsent| unsent.splice(0..0, kept.unsent).for_each(drop));
                self.send();
            }
            // The page was made before the server had heard of the last change, or something was changed elsewhere.
            Some(kept) if kept.arrangement != self.arrangement.get_untracked() => self.ask(kept.arrangement),
            _ => {}
        }
        // The listener lives as long as the page.
        let _ = window_event_listener(ev::online, move |_| {
            self.came_back.set_value(true);
            self.send();
        });
    }

    /// Asks for the server's cart anew. Without a line it is as this browser last knew it, which is later than the page that
    /// comes from its store.
    fn ask(self, last: Arrangement) {
        spawn_local(async move {
            let truth = match load_here().await.and_then(|here| here.read()) {
                Ok(here) => here.cart,
                Err(Failure::Offline) => last,
                Err(_) => return,
            };
            if self.unsent.with_value(Vec::is_empty) {
                self.arrangement.set(truth);
            }
        });
    }

    /// Sends what is unsent, one change after the other, so that they arrive in order.
    fn send(self) {
        // Where there is nothing to send, nothing waits for it: 予約確認 is loaded anew whenever something was sent.
        if self.sending.get_untracked() || self.unsent.with_value(Vec::is_empty) {
            return;
        }
        self.sending.set(true);
        spawn_local(async move {
            while let Some(change) = self.unsent.with_value(|unsent| unsent.first().cloned()) {
                self.came_back.set_value(false);
                let impatient = set_timeout_with_handle(move || self.offline.set(true), PATIENCE).ok();
                let answer = change_cart(change, self.owner.get_value()).await;
                if let Some(impatient) = impatient {
                    impatient.clear();
                }
                match answer {
                    // It was under way while the line came back.
                    Err(Failure::Offline) if self.came_back.get_value() => {}
                    Err(Failure::Offline) => {
                        self.offline.set(true);
                        break;
                    }
                    // A server that is just being restarted fails for a moment: kept, and sent with the next change.
                    Err(Failure::Fault) if self.faults.get_value() < MOST_FAULTS => {
                        self.faults.update_value(|faults| *faults += 1);
                        self.offline.set(true);
                        break;
                    }
                    // Of another version or not, an answer says that it was done.
                    answer => self.sent(answer.and_then(|answer| answer.read())).await,
                }
            }
            self.sending.set(false);
        });
    }

    /// The server has dealt with the oldest change.
    async fn sent(self, answer: Result<Arrangement, Failure>) {
        self.offline.set(false);
        self.faults.set_value(0);
        if self.left.get_value() {
            return;
        }
        self.unsent.update_value(|unsent| drop(unsent.drain(..unsent.len().min(1))));
        let truth = match answer {
            Ok(arrangement) => Some(arrangement),
            // Sending it for ever would hold up what comes after it. Show what is true.
            Err(_) => load_here().await.and_then(|here| here.read()).ok().map(|here| here.cart),
        };
        match truth {
            Some(arrangement) if self.unsent.with_value(Vec::is_empty) => {
                self.arrangement.set(arrangement);
                browser::tell_store(ForTheStore::CartChanged);
            }
            _ => self.keep(self.arrangement.get_untracked()),
        }
    }

    fn keep(self, arrangement: Arrangement) {
        if self.left.get_value() {
            return;
        }
        let kept = Kept { owner: self.owner.get_value(), arrangement, unsent: self.unsent.get_value() };
        // Where nothing is kept the cart is what the server has of it.
        let _ = kept.written().is_some_and(|text| browser::keep_text(KEPT, &text));
    }

    /// Forgets what this browser keeps, when somebody signs out: the next reader may be somebody else.
    pub fn forget_here(self) {
        self.left.set_value(true);
        self.unsent.set_value(Vec::new());
        browser::forget(KEPT);
        forget_view();
    }

    /// Keeps what the cart's page shows, so that it can be shown at once next time and without a network.
    pub(crate) fn keep_lines(self, view: &CartView) {
        let titles: Vec<_> = view.lines.iter().map(|line| Named { part: line.part, title: &line.title }).collect();
        // Where it is not kept it is asked for.
        let _ = load::write(&view.lines).is_ok_and(|text| browser::keep_text(KEPT_VIEW, &text));
        let _ = browser::keep(KEPT_TITLES, &titles);
    }

    /// What the cart's page showed last, as far as it is still in the cart.
    pub(crate) fn kept_view(self) -> Option<CartView> {
        // What another version of the program kept of it is asked for, too.
        let lines: Vec<CartLine> = load::read(&browser::recall_text(KEPT_VIEW)?).ok()?;
        let view = CartView { lines, ordered: 0, patron: None }.arranged(&self.arrangement.get_untracked());
        (!view.lines.is_empty()).then_some(view)
    }
}

fn forget_view() {
    browser::forget(KEPT_VIEW);
    browser::forget(KEPT_TITLES);
}

/// What choosing a number in a title's pull-down means (R12).
///
/// A number within the reading order moves the title there. A number beyond it needs titles in the places before:
/// they are filled from the list, so that choosing 3 means the third.
pub(crate) fn chosen_order(cart: &Arrangement, part: PartId, order: Option<usize>) -> CartChange {
    let others = cart.parts.iter().take(cart.ordered).filter(|other| **other != part).count();
    match order {
        Some(order) if order > others + 1 => {
            let before = cart.parts.iter().copied().filter(|other| *other != part).take(order - 1);
            let orders = before.chain([part]).zip(1..).map(|(part, order)| (part, Some(order)));
            CartChange::SpecifyOrder(orders.collect())
        }
        within => CartChange::SetOrder(part, within),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(n: u8) -> PartId {
        format!("00000000-0000-0000-0000-0000000000{n:02}").parse().expect("a uuid")
    }

    #[test]
    fn what_a_browser_kept_is_read_by_later_versions() {
        let arrangement = Arrangement { parts: vec![part(1)], ordered: 1 };
        let unsent = vec![
            CartChange::Add(part(1)),
            CartChange::Remove(vec![part(2)]),
            CartChange::SetOrder(part(1), None),
            CartChange::MoveTo(part(1), 0),
            CartChange::SpecifyOrder(vec![(part(1), Some(2))]),
            CartChange::ForgetOrder,
            CartChange::Adopt(arrangement.clone()),
        ];
        let kept = Kept { owner: Some(PatronId(part(3).0)), arrangement, unsent };
        let id = |n: u8| format!("32;{n:032}");
        let [one, two, three] = [1, 2, 3].map(id);
        let text = format!("1;1;{three}1;{one}1;7;0;{one}1;1;{two}2;{one}0;3;{one}0;4;1;{one}1;2;5;6;1;{one}1;");
        assert_eq!(kept.written().as_deref(), Some(text.as_str()));
        assert_eq!(Kept::read(&text), Some(kept));
    }

    #[test]
    fn r12_the_number_chosen_is_the_number_shown() {
        let mut cart = Arrangement { parts: [1, 2, 3, 4].map(part).to_vec(), ordered: 0 };
        let mut choose = |n: u8, order| {
            let change = chosen_order(&cart, part(n), order);
            cart.apply(&change);
            assert_eq!(cart.order_of(part(n)), order);
            (cart.parts.clone(), cart.ordered)
        };
        assert_eq!(choose(1, Some(3)), ([2, 3, 1, 4].map(part).to_vec(), 3));
        assert_eq!(choose(2, Some(2)), ([3, 2, 1, 4].map(part).to_vec(), 3));
        assert_eq!(choose(4, Some(4)), ([3, 2, 1, 4].map(part).to_vec(), 4));
        assert_eq!(choose(3, None), ([2, 1, 4, 3].map(part).to_vec(), 3));
    }

    #[test]
    fn r12_the_first_number_chosen_leaves_the_others_without() {
        let cart = Arrangement { parts: [1, 2, 3].map(part).to_vec(), ordered: 0 };
        assert_eq!(chosen_order(&cart, part(3), Some(1)), CartChange::SetOrder(part(3), Some(1)));
    }
}
