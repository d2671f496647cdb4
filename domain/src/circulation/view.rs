//! What patron and desk are shown of a reservation.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{CancelReason, Refusal, RequestStep, Standing, WaitEstimate};
use crate::{
    BibId, LoanId, OrderedSetId, PartId, PlaceCode, ReservationId, catalog::MaterialType, patrons::Contact,
    tagged::tagged,
};

tagged! {
    "state", "Status",
    /// A reservation's state as the patron reads it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Status {
        /// 予約中(○番目)
        Waiting {
            /// From 1.
            position: u32,
        },
        /// 前の資料待ち: an earlier member of the ordered set is not there yet.
        Dormant {
            /// From 1.
            position: u32,
        },
        /// 確認待ち: an earlier member of the ordered set was not picked up in time; the patron says how it goes on.
        Paused {
            /// From 1.
            position: u32,
            /// The last day for an answer.
            answer_by: NaiveDate,
        },
        /// 準備中: a copy on a shelf is being fetched.
        Assigned,
        /// 移送中
        InTransit,
        /// 用意できました
        Ready {
            /// 取置期限日
            until: NaiveDate,
        },
        /// 手配中
        NotOwned {
            /// How far staff have come.
            step: RequestStep,
        },
    }
}

impl Status {
    /// Its place in the queue, while it has one.
    pub const fn position(self) -> Option<u32> {
        match self {
            Self::Waiting { position } | Self::Dormant { position } | Self::Paused { position, .. } => Some(position),
            Self::Assigned | Self::InTransit | Self::Ready { .. } | Self::NotOwned { .. } => None,
        }
    }

    /// The same without numbers and dates.
    pub const fn standing(self) -> Standing {
        match self {
            Self::Waiting { .. } => Standing::Waiting,
            Self::Dormant { .. } => Standing::Dormant,
            Self::Paused { .. } => Standing::Paused,
            Self::Assigned => Standing::Assigned,
            Self::InTransit => Standing::InTransit,
            Self::Ready { .. } => Standing::Ready,
            Self::NotOwned { .. } => Standing::NotOwned,
        }
    }
}

/// A reservation's place in an ordered set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InSet {
    /// The set.
    pub set: OrderedSetId,
    /// Its place among the members that are not cancelled, from 1.
    pub order: u32,
    /// How many those are.
    pub of: u32,
    /// Whether its place can be changed: it still waits.
    pub movable: bool,
}

/// An active reservation on 予約状況 (R19, R20).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservationView {
    /// The reservation.
    pub id: ReservationId,
    /// The bib.
    pub bib: BibId,
    /// The part.
    pub part: PartId,
    /// Title as shown, with volume and issue.
    pub title: String,
    /// Names of the creators, as printed.
    pub creators: String,
    /// Kind of material.
    pub material: MaterialType,
    /// The day it was made.
    pub placed_on: NaiveDate,
    /// 受取場所
    pub pickup_place: PlaceCode,
    /// 連絡方法
    pub contact: Contact,
    /// Where it stands.
    pub status: Status,
    /// Its place in an ordered set.
    pub in_set: Option<InSet>,
    /// About how long it will take, where that can be said.
    pub wait: Option<WaitEstimate>,
}

/// A cancelled reservation on 予約取消一覧 (R22).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelledView {
    /// The reservation.
    pub id: ReservationId,
    /// The bib.
    pub bib: BibId,
    /// The part.
    pub part: PartId,
    /// Title as shown, with volume and issue.
    pub title: String,
    /// Names of the creators, as printed.
    pub creators: String,
    /// Kind of material.
    pub material: MaterialType,
    /// The day it was cancelled.
    pub cancelled_on: NaiveDate,
    /// Why.
    pub reason: CancelReason,
    /// What staff wrote for the patron, when they declined it.
    pub note: Option<String>,
}

/// A loan on 貸出状況 (R23).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoanView {
    /// The loan.
    pub id: LoanId,
    /// The bib.
    pub bib: BibId,
    /// The volume or issue that was lent.
    pub part: PartId,
    /// Title as shown, with volume and issue.
    pub title: String,
    /// Names of the creators, as printed.
    pub creators: String,
    /// Kind of material.
    pub material: MaterialType,
    /// The day it was lent.
    pub lent_on: NaiveDate,
    /// 返却期限
    pub due_on: NaiveDate,
    /// Whether it is past its due date (注意: 延滞).
    pub overdue: bool,
    /// Whether somebody waits for it (注意: 予約).
    pub others_wait: bool,
    /// The due date a renewal today would give, or why there is none.
    pub renewal: Result<NaiveDate, Refusal>,
    /// Whether the patron has said that it was returned (R26).
    pub return_said: bool,
}

/// What a patron does on their pages, or staff for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PatronAction {
    /// Cancels a reservation (R19).
    Cancel(ReservationId),
    /// Changes place and contact of a reservation (R19).
    Change {
        /// Which.
        reservation: ReservationId,
        /// 受取場所
        pickup_place: PlaceCode,
        /// 連絡方法
        contact: Contact,
    },
    /// Renews a loan (R24).
    Renew(LoanId),
    /// Says that a copy was returned though it still shows (返却申出, R26).
    SayReturned(LoanId),
    /// Makes an ordered set, extends it, or puts it into another order, see
    /// [`arrange_set`](super::arrange_set).
    ArrangeSet {
        /// The set; `None` makes one.
        set: Option<OrderedSetId>,
        /// Its members that wait, in the order wanted.
        order: Vec<ReservationId>,
    },
    /// Dissolves an ordered set; its reservations stay, each for itself.
    DissolveSet(OrderedSetId),
    /// Goes on with a paused set.
    GoOn(OrderedSetId),
}

/// What came of a [`PatronAction`]; kept with its `op`, so that asking again gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PatronAnswer {
    /// Cancelled.
    Cancelled {
        /// Title as shown.
        title: String,
    },
    /// Place and contact are as wished.
    Changed {
        /// Title as shown.
        title: String,
    },
    /// Renewed.
    Renewed {
        /// Title as shown.
        title: String,
        /// 返却期限
        due_on: NaiveDate,
    },
    /// The desk will look for the copy.
    ReturnSaid {
        /// Title as shown.
        title: String,
    },
    /// The set is in the order wished.
    SetArranged {
        /// The set.
        set: OrderedSetId,
    },
    /// The set is no more.
    SetDissolved,
    /// The set goes on.
    SetGoesOn,
}

/// The slip put into a captured copy. It names no patron in full, since the hold shelf is open to all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slip {
    /// Where it is to be picked up.
    pub pickup_place: PlaceCode,
    /// First kana of the name and the last digits of the card: `ヤ 0004`.
    pub label: String,
    /// Title as shown.
    pub title: String,
    /// Barcode of the copy.
    pub barcode: String,
    /// 取置期限日, once it is ready.
    pub until: Option<NaiveDate>,
}

tagged! {
    "do", "Instruction",
    /// What the desk does with a copy after the scan.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum Instruction {
        /// Put it on the hold shelf here.
        HoldShelf(Slip),
        /// Send it to the pickup place.
        Transit(Slip),
        /// Put it back on its shelf.
        Shelve {
            /// 請求記号
            shelf_mark: String,
        },
        /// Send it back to the library that lent it.
        ReturnToLender {
            /// Its name.
            lender: String,
        },
        /// Send it back to its branch.
        SendHome {
            /// The branch.
            branch: PlaceCode,
        },
    }
}

/// What came of a check-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckIn {
    /// Title as shown.
    pub title: String,
    /// Barcode of the copy.
    pub barcode: String,
    /// Whether a loan ended with this scan.
    pub was_on_loan: bool,
    /// What to do now.
    pub instruction: Instruction,
}

/// What came of a check-out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedOut {
    /// The loan.
    pub loan: LoanId,
    /// Title as shown.
    pub title: String,
    /// 返却期限
    pub due_on: NaiveDate,
}

/// A title somebody waits for and no copy of which can be lent any more; staff decide what becomes of those who wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithoutCopies {
    /// The bib.
    pub bib: BibId,
    /// The part.
    pub part: PartId,
    /// Title as shown.
    pub title: String,
    /// Who waits, in the order of the queue.
    pub waiting: Vec<ReservationId>,
}
