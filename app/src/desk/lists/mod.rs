//! The desk's working lists: 集める資料, 取置棚, 移送, 電話連絡, 確かめること, 督促状.
//!
//! Every page is the list as it is now, a plain form for each thing to do with a line, and a field for the scanner where
//! copies are found. What a form did is said on the same page, where the focus is in that field again.

pub mod api;
pub mod decisions;
pub mod holds;
pub mod letters;
mod parts;
pub mod pulls;
pub mod telephone;
pub mod today;
pub mod transit;

use std::sync::Arc;

use chrono::NaiveDate;
use domain::{
    circulation::{CheckIn, DeskCounts, DeskList, Refusal},
    messages::Key,
    notices::{Backlog, CallResult},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    check_in,
    frame::{frame, staff_page},
    line::Line,
    refused,
};
use crate::{
    components::alert,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    live::{self, Follows},
    load::{self, Loaded},
    visit::{Flash, Outcome, StaffHere},
};

/// A list, by the last part of its address.
pub use domain::circulation::DeskRoom as Room;

/// What a page knows of its list.
trait Page {
    /// Its address.
    fn address(self) -> &'static str;
    fn title(self) -> Key;
    /// How much there is to do; `None` where nothing is counted.
    fn count(self, counts: DeskCounts) -> Option<u32>;
    /// Whether copies are scanned on its page.
    fn scans(self) -> bool;
}

impl Page for Room {
    fn address(self) -> &'static str {
        match self {
            Self::Today => "/desk/today",
            Self::Pulls => "/desk/pulls",
            Self::Holds => "/desk/holds",
            Self::Transit => "/desk/transit",
            Self::Telephone => "/desk/telephone",
            Self::Decisions => "/desk/decisions",
            Self::Letters => "/desk/letters",
        }
    }

    fn title(self) -> Key {
        match self {
            Self::Today => Key::ListsTitle,
            Self::Pulls => Key::PullsTitle,
            Self::Holds => Key::HoldsTitle,
            Self::Transit => Key::TransitTitle,
            Self::Telephone => Key::TelephoneTitle,
            Self::Decisions => Key::DecisionsTitle,
            Self::Letters => Key::LettersTitle,
        }
    }

    fn count(self, counts: DeskCounts) -> Option<u32> {
        match self {
            Self::Pulls => Some(counts.pulls),
            Self::Holds => Some(counts.to_clear),
            Self::Transit => Some(counts.late),
            Self::Telephone => Some(counts.to_telephone),
            Self::Decisions => Some(counts.decisions),
            Self::Today | Self::Letters => None,
        }
    }

    fn scans(self) -> bool {
        matches!(self, Self::Pulls | Self::Holds | Self::Transit | Self::Decisions)
    }
}

/// What came of a form of a list; see [`Outcome`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ListFlash {
    /// A copy was scanned.
    Scanned {
        /// As it came from the scanner.
        barcode: String,
        /// What to do with the copy.
        answer: Result<CheckIn, Refusal>,
    },
    /// Something was done with a line, or refused.
    Done(Result<ListDeed, Refusal>),
}

impl Outcome for ListFlash {
    const ROOM: &'static str = "desk-list";
}

/// What was done with a line of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ListDeed {
    /// So many copies were picked.
    Gathered(u64),
    /// Not on its shelf.
    NotOnShelf,
    /// Not on the hold shelf.
    Vanished,
    /// Kept until that day.
    Extended(NaiveDate),
    /// Not arrived.
    NotArrived,
    /// What came of a call.
    Call(CallResult),
    /// A mail is sent again.
    MailAgain,
    /// A mail was given up.
    MailGivenUp,
    /// Looked for in vain.
    Searched,
    /// Lost.
    Lost,
    /// So many reservations were cancelled.
    QueueCancelled(u64),
}

/// What was done, as a sentence.
fn said(deed: ListDeed) -> String {
    let i18n = use_i18n();
    match deed {
        ListDeed::Gathered(n) => i18n.number(Key::PullsGathered, n),
        ListDeed::NotOnShelf => i18n.t(Key::PullsNotThereSaid),
        ListDeed::Vanished => i18n.t(Key::HoldsNotThereSaid),
        ListDeed::Extended(until) => i18n.fill(Key::HoldsExtendedSaid, &[("date", &i18n.date(until))]),
        ListDeed::NotArrived => i18n.t(Key::TransitNotArrivedSaid),
        ListDeed::Call(CallResult::Called) => i18n.t(Key::TelephoneSaidCalled),
        ListDeed::Call(CallResult::NoAnswer) => i18n.t(Key::TelephoneSaidNoAnswer),
        ListDeed::Call(CallResult::LeftWord) => i18n.t(Key::TelephoneSaidLeftWord),
        ListDeed::Call(CallResult::GivenUp) => i18n.t(Key::TelephoneSaidGivenUp),
        ListDeed::MailAgain => i18n.t(Key::DecisionsMailAgainSaid),
        ListDeed::MailGivenUp => i18n.t(Key::DecisionsMailDroppedSaid),
        ListDeed::Searched => i18n.t(Key::DecisionsSearchedSaid),
        ListDeed::Lost => i18n.t(Key::DecisionsLostSaid),
        ListDeed::QueueCancelled(n) => i18n.number(Key::DecisionsCancelledSaid, n),
    }
}

/// What came of the form that led here: to be said calmly, and with urgency.
fn outcome(flash: Option<Flash>) -> (Option<ErasedView>, Option<ErasedView>) {
    let i18n = use_i18n();
    if matches!(flash, Some(Flash::Fault)) {
        return (None, Some(alert(i18n.t(Key::TroubleFault))));
    }
    match ListFlash::of(flash.as_ref()) {
        Some(ListFlash::Scanned { answer: Ok(done), .. }) => (Some(check_in::instruction(done)), None),
        Some(ListFlash::Scanned { barcode, answer: Err(refusal) }) => (None, Some(refused(&refusal, barcode))),
        Some(ListFlash::Done(Ok(deed))) => (Some(view! { <p class="notice good">{said(deed)}</p> }.erased()), None),
        Some(ListFlash::Done(Err(refusal))) => (None, Some(refused(&refusal, String::new()))),
        None => (None, None),
    }
}

/// The page of a list, for staff who have said where they work. It follows what happens; what somebody types for the
/// scanner stands outside of what is drawn anew.
fn list_page<T: DeserializeOwned + 'static>(
    room: Room,
    loaded: Loaded<DeskList<T>>,
    show: fn(&StaffHere, DeskList<T>) -> ErasedView,
) -> ErasedView {
    let show = move |staff: StaffHere, flash, text: &str| {
        let DeskList::<T> { at, counts, .. } = load::read(text)?;
        let counts = RwSignal::new(counts);
        let follows = Follows::new(text, at);
        // Letters are printed; they would change under the hand.
        if room != Room::Letters {
            follows.follow(live::of_desk(room, staff.place.as_ref()), move |text| {
                let Ok(list) = load::read::<DeskList<T>>(&text) else { return };
                counts.set(list.counts);
                follows.is_of(list.at);
                follows.draw(text);
            });
        }
        let who = staff.clone();
        let list = follows.region(move |text| match load::read(text) {
            Ok(list) => show(&who, list),
            Err(_) => ().erased(),
        });
        let list = view! { {follows.as_of(room.address())} {list} }.erased();
        Ok(page(room, &staff, flash, counts, list))
    };
    staff_page(room.address().to_owned(), loaded.text(), Arc::new(show))
}

fn page(
    room: Room,
    staff: &StaffHere,
    flash: Option<Flash>,
    counts: RwSignal<DeskCounts>,
    list: ErasedView,
) -> ErasedView {
    let i18n = use_i18n();
    let (done, problem) = outcome(flash);
    let field = room.scans().then(|| parts::scan_field(room));
    let stuck = move || {
        counts.get().mail_stuck.map(|Backlog { waiting, oldest_minutes }| {
            let values = [("n", &*waiting.to_string()), ("hours", &*(oldest_minutes / 60).to_string())];
            alert(i18n.fill(Key::MailStopped, &values))
        })
    };
    let rest = view! {
        {stuck}
        {field}
        <div class="instruction" role="status">{done}</div>
        {problem}
        {list}
    };
    frame("lists", staff, Line::of(staff, false), Some(rooms(room, counts)), i18n.t(room.title()), rest.erased())
}

/// The ways to the other lists, each with how much there is to do. They load the page, so that the list is as it is now
/// and the focus in the field of the scanner.
fn rooms(here: Room, counts: RwSignal<DeskCounts>) -> ErasedView {
    let i18n = use_i18n();
    let links = Room::ALL
        .iter()
        .copied()
        .map(|room| {
            let count = move || {
                let count = room.count(counts.get()).filter(|count| *count > 0);
                count.map(|count| view! { " " <strong class="count">{count}</strong> })
            };
            let current = (room == here).then_some("page");
            view! {
                <li>
                    <a href=room.address() rel="external" aria-current=current>
                        {i18n.t(room.title())}
                        {count}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="rooms" aria-label=i18n.t(Key::ListsMenu)>
            <ul class="chips">{links}</ul>
        </nav>
    }
    .erased()
}
