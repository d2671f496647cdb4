//! What patron and desk are shown of a reservation.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{BibId, PartId, PlaceCode, ReservationId, catalog::MaterialType, patrons::Contact};

/// A reservation's state as the patron reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
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
    /// 移送中
    InTransit,
    /// 用意できました
    Ready {
        /// 取置期限日
        until: NaiveDate,
    },
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
    /// Its place in the ordered set and the number of members, when it is in one.
    pub in_set: Option<(i64, i64)>,
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

/// What the desk does with a copy after the scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
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
    /// Send it back to its branch.
    SendHome {
        /// The branch.
        branch: PlaceCode,
    },
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
