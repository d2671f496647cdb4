//! The line to the server, and what this browser keeps while it is down.
//!
//! Every scan that could not be sent lies in the browser's storage under a key of its own, so that two windows don't
//! overwrite each other, and leaves it only when the server has answered. Scans are played in one after the other, in
//! the order they were made; while any waits, new ones wait behind it. A scan has the same `op` from its first try on, so
//! that one whose answer was lost, or that two windows play, still counts once.

use domain::{
    OpId, PlaceCode,
    circulation::{LateScan, Played},
    messages::Key,
};
use leptos::{ev, prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};

pub(super) use crate::op::new_op;

use super::{check_in::verb, counter_api::play_in, patience::within};
use crate::{
    browser,
    erase::{Erase as _, ErasedView},
    failure::Failure,
    i18n::use_i18n,
    visit::StaffHere,
};

/// Where the browser keeps a scan, with its `op` behind it.
const KEPT: &str = "hondana.desk.scan.";

/// How long the server may take with a scan that was kept, in seconds.
const PATIENCE: u64 = 15;
/// After how many seconds a line that is down is tried again.
const RETRY: u64 = 5;
/// How many of the scans that were played in are shown.
const SHOWN: usize = 50;

/// A scan that waits to be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    scan: LateScan,
    /// When it was made, by the browser's clock, in milliseconds.
    at: f64,
}

/// The line to the server.
#[derive(Clone, Copy)]
pub(super) struct Line {
    place: StoredValue<PlaceCode>,
    /// Whether the page goes on by itself while it is down.
    goes_on: bool,
    waiting: RwSignal<Vec<Kept>>,
    played: RwSignal<Vec<(LateScan, Played)>>,
    down: RwSignal<bool>,
    signed_out: RwSignal<bool>,
    /// Whether a scan could not be kept.
    no_room: RwSignal<bool>,
    playing: StoredValue<bool>,
}

impl Line {
    /// The line of a desk. In the browser it takes up what an earlier visit kept.
    pub(super) fn of(staff: &StaffHere, goes_on: bool) -> Self {
        let place = staff.place.clone().unwrap_or_else(|| PlaceCode(String::new()));
        let line = Self {
            place: StoredValue::new(place),
            goes_on,
            waiting: RwSignal::new(Vec::new()),
            played: RwSignal::new(Vec::new()),
            down: RwSignal::new(false),
            signed_out: RwSignal::new(false),
            no_room: RwSignal::new(false),
            playing: StoredValue::new(false),
        };
        Effect::new(move |_| {
            line.take_up();
            let online = window_event_listener(ev::online, move |_| line.play());
            let offline = window_event_listener(ev::offline, move |_| line.down.set(true));
            on_cleanup(move || {
                online.remove();
                offline.remove();
            });
        });
        line
    }

    /// Whether a new scan has to wait behind others.
    pub(super) fn must_wait(self) -> bool {
        self.waiting.try_with_untracked(|waiting| !waiting.is_empty()).unwrap_or(false)
    }

    /// The server could not be reached.
    pub(super) fn is_down(self) {
        self.down.set(true);
    }

    /// The server has answered.
    pub(super) fn is_up(self) {
        self.down.set(false);
    }

    /// Keeps a scan until it can be sent: a copy lent to that card, or taken back. Answers whether it is kept.
    pub(super) fn keep(self, op: OpId, barcode: &str, card: Option<String>) -> bool {
        let place = self.place.try_get_value().unwrap_or_else(|| PlaceCode(String::new()));
        let kept = Kept { scan: LateScan { op, place, barcode: barcode.to_owned(), card }, at: now() };
        let is_kept = keep(&kept);
        self.no_room.set(!is_kept);
        if is_kept {
            self.waiting.update(|waiting| waiting.push(kept));
            self.play();
        }
        is_kept
    }

    /// Takes a scan out again that was not sent yet. Answers whether it could.
    pub(super) fn take_out(self, op: OpId) -> bool {
        // One that is on its way is the server's to undo.
        let on_its_way = usize::from(self.playing.get_value());
        let free =
            self.waiting.with_untracked(|waiting| waiting.iter().skip(on_its_way).any(|kept| kept.scan.op == op));
        if free {
            forget(op);
            self.waiting.update(|waiting| waiting.retain(|kept| kept.scan.op != op));
        }
        free
    }

    fn take_up(self) {
        let mut kept = recall();
        // By the moment they were made, and by their ids where that is one.
        kept.sort_by(|one, other| one.at.total_cmp(&other.at).then(one.scan.op.cmp(&other.scan.op)));
        self.waiting.set(kept);
        self.play();
    }

    /// Sends what waits, one after the other.
    fn play(self) {
        if !self.must_wait() || self.playing.try_get_value().unwrap_or(true) {
            return;
        }
        self.playing.set_value(true);
        spawn_local(async move {
            while let Some(kept) = self.waiting.try_with_untracked(|waiting| waiting.first().cloned()).flatten() {
                // Whatever the clock was set to meanwhile, the server counts back from its own.
                let waited = (now() - kept.at) as i64;
                match within(PATIENCE, play_in(kept.scan.clone(), waited)).await {
                    Some(Ok(played)) => self.sent(kept.scan, played),
                    Some(Err(Failure::StaffOnly)) => {
                        self.signed_out.set(true);
                        break;
                    }
                    None | Some(Err(_)) => {
                        self.down.set(true);
                        set_timeout(move || self.play(), std::time::Duration::from_secs(RETRY));
                        break;
                    }
                }
            }
            self.playing.try_update_value(|playing| *playing = false);
        });
    }

    fn sent(self, scan: LateScan, played: Played) {
        forget(scan.op);
        self.down.set(false);
        self.waiting.update(|waiting| waiting.retain(|kept| kept.scan.op != scan.op));
        self.played.update(|all| {
            all.insert(0, (scan, played));
            all.truncate(SHOWN);
        });
    }

    /// What has to be said of the line, large; nothing while all is well.
    pub(super) fn banner(self) -> ErasedView {
        let i18n = use_i18n();
        let said = move || {
            let n = self.waiting.read().len();
            let sign_in =
                || view! { <a class="button" rel="external" href="/desk">{i18n.show(Key::LineSignIn)}</a> }.erased();
            let lead = |key| view! { <p>{i18n.t(key)}</p> }.erased();
            let (class, text, more) = if self.no_room.get() {
                ("line down", i18n.t(Key::LineNoRoom), None)
            } else if self.signed_out.get() {
                ("line down", i18n.number(Key::LineSignedOut, n), Some(sign_in()))
            } else if self.down.get() {
                (
                    "line down",
                    i18n.number(Key::LineDown, n),
                    Some(lead(if self.goes_on { Key::LineDownLead } else { Key::LineDownElsewhere })),
                )
            } else if n > 0 {
                ("line", i18n.number(Key::LineWaiting, n), None)
            } else {
                return None;
            };
            Some(view! { <div class=class role="alert"><p class="large">{text}</p> {more}</div> }.erased())
        };
        view! { {said} }.erased()
    }

    /// What came of the scans that were played in while this page was open.
    pub(super) fn results(self) -> ErasedView {
        let i18n = use_i18n();
        let rows = move || self.played.read().iter().map(|(scan, played)| result(scan, played)).collect::<Vec<_>>();
        view! {
            <section class="scans" hidden=move || self.played.read().is_empty()>
                <h2>{i18n.show(Key::LinePlayed)}</h2>
                <p>{i18n.show(Key::LineScanAgain)}</p>
                <ol>{rows}</ol>
            </section>
        }
        .erased()
    }
}

/// A line of the list of scans that were played in.
fn result(scan: &LateScan, played: &Played) -> ErasedView {
    let i18n = use_i18n();
    let (title, what) = match played {
        Played::TakenBack(done) => (done.title.clone(), verb(&done.instruction)),
        Played::Lent { lent, remark } => {
            let due = i18n.fill(Key::CheckOutDue, &[("date", &i18n.date(lent.due_on))]);
            let remark = remark.as_ref().map(|why| format!("　{}", i18n.refusal(why))).unwrap_or_default();
            (lent.title.clone(), format!("{due}{remark}"))
        }
        Played::Known | Played::Earlier => (String::new(), i18n.t(Key::LineKnown)),
        Played::Kept(why) => (i18n.refusal(why), i18n.t(Key::LineKept)),
    };
    let mark = scan.barcode.clone();
    view! { <li><span class="shelf-mark">{mark}</span> <span>{title}</span> <strong>{what}</strong></li> }.erased()
}

fn keep(kept: &Kept) -> bool {
    #[cfg(feature = "hydrate")]
    {
        browser::keep(&format!("{KEPT}{}", kept.scan.op), kept)
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = kept;
        false
    }
}

fn recall() -> Vec<Kept> {
    #[cfg(feature = "hydrate")]
    {
        browser::recall_all(KEPT)
    }
    #[cfg(not(feature = "hydrate"))]
    Vec::new()
}

/// How many scans this browser keeps that were not sent, whoever made them.
pub(super) fn unsent() -> usize {
    recall().len()
}

fn forget(op: OpId) {
    browser::forget(&format!("{KEPT}{op}"));
}

/// What the browser's clock says, in milliseconds.
fn now() -> f64 {
    #[cfg(feature = "hydrate")]
    {
        browser::now()
    }
    #[cfg(not(feature = "hydrate"))]
    0.0
}
