//! What the lists of the desk ask the server, and what their forms do. Staff who have said where they work only.

use domain::{
    LoanId, NoticeId, OpId, PartId, ReservationId,
    circulation::{Decisions, DeskList, HoldShelf, Letter, PullLine, ReservationState, Transit},
    notices::{CallResult, TelephoneList},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Room;
#[cfg(feature = "ssr")]
use super::{ListDeed, ListFlash, Page as _};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};
#[cfg(feature = "ssr")]
use crate::{
    ssr::{fault, forms, visit, visit::Visit},
    visit::Outcome as _,
};

/// How much there is to do here.
#[server(endpoint = "desk-counts", input = Json, output = Loadable)]
pub async fn load_counts() -> Result<Answer<DeskList<()>>, Failure> {
    let (visit, here) = visit::desk().await?;
    Answer::of(&visit.library.desk_counts(&here).await.map_err(fault)?)
}

/// 集める資料
#[server(endpoint = "pull-list", input = Json, output = Loadable)]
pub async fn load_pulls() -> Result<Answer<DeskList<Vec<PullLine>>>, Failure> {
    let (visit, here) = visit::desk().await?;
    Answer::of(&visit.library.pull_list(&here).await.map_err(fault)?)
}

/// 取置棚
#[server(endpoint = "hold-shelf", input = Json, output = Loadable)]
pub async fn load_holds() -> Result<Answer<DeskList<HoldShelf>>, Failure> {
    let (visit, here) = visit::desk().await?;
    Answer::of(&visit.library.hold_shelf(&here).await.map_err(fault)?)
}

/// 移送
#[server(endpoint = "transit", input = Json, output = Loadable)]
pub async fn load_transit() -> Result<Answer<DeskList<Transit>>, Failure> {
    let (visit, here) = visit::desk().await?;
    Answer::of(&visit.library.transit(&here).await.map_err(fault)?)
}

/// 電話連絡
#[server(endpoint = "telephone-list", input = Json, output = Loadable)]
pub async fn load_telephone() -> Result<Answer<DeskList<TelephoneList>>, Failure> {
    let (visit, here) = visit::desk().await?;
    Answer::of(&visit.library.telephone_list(&here).await.map_err(fault)?)
}

/// 確かめること
#[server(endpoint = "decisions", input = Json, output = Loadable)]
pub async fn load_decisions() -> Result<Answer<DeskList<Decisions>>, Failure> {
    let (visit, here) = visit::desk().await?;
    Answer::of(&visit.library.decisions(&here).await.map_err(fault)?)
}

/// 督促状
#[server(endpoint = "letters", input = Json, output = Loadable)]
pub async fn load_letters() -> Result<Answer<DeskList<Vec<Letter>>>, Failure> {
    let (visit, here) = visit::desk().await?;
    Answer::of(&visit.library.overdue_letters(&here).await.map_err(fault)?)
}

/// A copy was scanned on a list: it is checked in, and the list says what to do with it.
#[server(endpoint = "list-scan")]
pub async fn list_scan(
    /// On which list.
    room: Room,
    /// As it was scanned or typed.
    #[server(default)]
    barcode: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, here) = visit::desk().await?;
        let answer = visit.library.check_in(&here, barcode.trim()).await.map_err(fault)?;
        tell(&mut visit, room, ListFlash::Scanned { barcode, answer }).await
    })
    .await
}

/// Picks copies on the shelves for those who wait.
#[server(endpoint = "gather-pulls")]
pub async fn gather_pulls() -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::desk().await?;
        let picked = visit.library.assign_pulls().await.map_err(fault)?;
        tell(&mut visit, Room::Pulls, ListFlash::Done(Ok(ListDeed::Gathered(picked)))).await
    })
    .await
}

/// The copy of a reservation is not where the list says.
#[server(endpoint = "copy-not-found")]
pub async fn copy_not_found(
    /// Whose copy.
    reservation: ReservationId,
    /// Where it was looked for: picked on a shelf, or ready on the hold shelf.
    state: ReservationState,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::desk().await?;
        let done = visit.library.copy_not_found(reservation, state).await.map_err(fault)?;
        let (room, deed) = match state {
            ReservationState::Ready => (Room::Holds, ListDeed::Vanished),
            _ => (Room::Pulls, ListDeed::NotOnShelf),
        };
        tell(&mut visit, room, ListFlash::Done(done.map(|()| deed))).await
    })
    .await
}

/// Keeps a ready copy longer, once.
#[server(endpoint = "extend-hold")]
pub async fn extend_hold(
    /// For which reservation.
    reservation: ReservationId,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::desk().await?;
        let done = visit.library.extend_hold(reservation).await.map_err(fault)?;
        tell(&mut visit, Room::Holds, ListFlash::Done(done.map(ListDeed::Extended))).await
    })
    .await
}

/// A copy on its way did not arrive.
#[server(endpoint = "not-arrived")]
pub async fn not_arrived(
    /// Which.
    barcode: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::desk().await?;
        let done = visit.library.not_arrived(&barcode).await.map_err(fault)?;
        tell(&mut visit, Room::Transit, ListFlash::Done(done.map(|()| ListDeed::NotArrived))).await
    })
    .await
}

/// What came of a call.
#[server(endpoint = "note-call")]
pub async fn note_call(
    /// The request.
    op: OpId,
    /// The events that were to be told of, with commas between them.
    events: String,
    /// What came of it.
    result: CallResult,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::desk().await?;
        let events: Vec<_> = events.split(',').filter_map(|id| id.parse().ok()).collect();
        let done = visit.library.note_call(op, &events, result).await.map_err(fault)?;
        tell(&mut visit, Room::Telephone, ListFlash::Done(done.map(|()| ListDeed::Call(result)))).await
    })
    .await
}

/// What to do with a mail that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailDeed {
    /// Send it again.
    Again,
    /// Give it up.
    GiveUp,
}

/// Sends a refused mail again, or gives it up.
#[server(endpoint = "refused-mail")]
pub async fn refused_mail(
    /// The request.
    op: OpId,
    /// Which.
    notice: NoticeId,
    /// What to do.
    deed: MailDeed,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::desk().await?;
        let (done, deed) = match deed {
            MailDeed::Again => (visit.library.send_again(notice).await, ListDeed::MailAgain),
            MailDeed::GiveUp => (visit.library.give_up_mail(notice, op).await, ListDeed::MailGivenUp),
        };
        tell(&mut visit, Room::Decisions, ListFlash::Done(done.map_err(fault)?.map(|()| deed))).await
    })
    .await
}

/// What came of looking for a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SearchDeed {
    /// Not found; it stays on the list.
    Searched,
    /// Given up.
    Lost,
}

/// What came of looking for what a patron says was returned (R26).
#[server(endpoint = "said-returned")]
pub async fn said_returned(
    /// The loan.
    loan: LoanId,
    /// What came of it.
    deed: SearchDeed,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::desk().await?;
        let (done, deed) = match deed {
            SearchDeed::Searched => (visit.library.searched_in_vain(loan).await, ListDeed::Searched),
            SearchDeed::Lost => (visit.library.give_up_said_returned(loan).await, ListDeed::Lost),
        };
        tell(&mut visit, Room::Decisions, ListFlash::Done(done.map_err(fault)?.map(|()| deed))).await
    })
    .await
}

/// A copy that is missing is given up.
#[server(endpoint = "give-up-missing")]
pub async fn give_up_missing(
    /// Which.
    barcode: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::desk().await?;
        let done = visit.library.give_up_missing(&barcode).await.map_err(fault)?;
        tell(&mut visit, Room::Decisions, ListFlash::Done(done.map(|()| ListDeed::Lost))).await
    })
    .await
}

/// Cancels everybody who waits for a title no copy of which lives.
#[server(endpoint = "cancel-queue")]
pub async fn cancel_queue(
    /// The part.
    part: PartId,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::desk().await?;
        let done = visit.library.cancel_queue(part).await.map_err(fault)?;
        tell(&mut visit, Room::Decisions, ListFlash::Done(done.map(ListDeed::QueueCancelled))).await
    })
    .await
}

/// Keeps what has to be said on the list, and leads there.
#[cfg(feature = "ssr")]
async fn tell(visit: &mut Visit, room: Room, flash: ListFlash) -> Result<String, Failure> {
    visit.tell(flash.flash()?).await?;
    Ok(room.address().to_owned())
}
