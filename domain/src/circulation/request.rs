//! Titles the library does not own (手配): 受付 → 調査中 → 手配中, then into the queue with the original time, or お断り.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{PlaceCode, catalog::MaterialType, patrons::Contact, words::words};

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
