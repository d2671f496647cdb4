//! Titles the library does not own (手配): 受付 → 調査中 → 手配中, then into the queue with the original time, or お断り.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ItemState;
use crate::{BibId, PatronId, PlaceCode, ReservationId, catalog::MaterialType, patrons::Contact, words::words};

words! {
    /// How far staff have come with a title the library does not own.
    RequestStep, "step of a request" {
        /// 受付
        Received = "received",
        /// 調査中
        Searching = "searching",
        /// 手配中
        Ordering = "ordering",
    }
}

/// Whether a step may follow: forward only.
pub fn may_advance(from: RequestStep, to: RequestStep) -> bool {
    from < to
}

/// A title a patron wants and the library does not own, as staff enter it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TitleRequest {
    /// Title.
    pub title: String,
    /// Names of the creators; may be empty.
    pub creators: String,
    /// Kind of material.
    pub material: MaterialType,
    /// 受取場所
    pub pickup_place: PlaceCode,
    /// 連絡方法
    pub contact: Contact,
}

/// A copy another library lends for one reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BorrowedCopy {
    /// Where it arrived.
    pub here: PlaceCode,
    /// The barcode it is given while it is here.
    pub barcode: String,
    /// The library it belongs to.
    pub lender: String,
    /// The day the lender wants it back.
    pub due_on: NaiveDate,
}

/// A title the library does not own, on the list of the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestView {
    /// The reservation.
    pub id: ReservationId,
    /// The bib that was made for it, to which its copies are added.
    pub bib: Option<BibId>,
    /// Title as entered.
    pub title: String,
    /// Names of the creators.
    pub creators: String,
    /// How far staff have come.
    pub step: RequestStep,
    /// The day it was entered.
    pub placed_on: NaiveDate,
    /// 受取場所
    pub pickup_place: PlaceCode,
    /// For whom.
    pub patron: PatronId,
    /// Their name.
    pub name: String,
}

/// A copy another library lent us, until it is back there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BorrowedView {
    /// The barcode it has while it is here.
    pub barcode: String,
    /// Title as shown.
    pub title: String,
    /// The library it belongs to.
    pub lender: String,
    /// The day the lender wants it back.
    pub due_on: Option<NaiveDate>,
    /// Where it is, or where it is going.
    pub place: PlaceCode,
    /// What it is doing.
    pub state: ItemState,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_forward_only() {
        assert!(may_advance(RequestStep::Received, RequestStep::Ordering));
        assert!(!may_advance(RequestStep::Ordering, RequestStep::Searching));
        assert!(!may_advance(RequestStep::Searching, RequestStep::Searching));
    }
}
