//! A cell of a table as a line of the file has it.

use chrono::{DateTime, SecondsFormat};
use serde_json::Value;

use super::{hex, tables::Holds};
use crate::storage::Cell;

/// Reads cell `n` of a row of either engine.
macro_rules! cell_of {
    ($row:expr, $n:expr, $holds:expr) => {{
        use $crate::{backup::tables::Holds, storage::Cell};
        let (row, n) = ($row, $n);
        match $holds {
            Holds::Bool => row.try_get(n).map(Cell::Bool),
            Holds::Bytes => row.try_get(n).map(Cell::Bytes),
            Holds::Day => row.try_get(n).map(Cell::Day),
            Holds::Id => row.try_get(n).map(Cell::Id),
            Holds::Moment => row.try_get(n).map(Cell::Moment),
            Holds::Number => row.try_get(n).map(Cell::Number),
            Holds::Text => row.try_get(n).map(Cell::Text),
        }
    }};
}
pub(super) use cell_of;

impl Cell {
    /// As the file writes it.
    pub(super) fn into_json(self) -> Value {
        let text = |text: Option<String>| text.map_or(Value::Null, Value::String);
        match self {
            Self::Bool(value) => value.map_or(Value::Null, Value::Bool),
            Self::Bytes(value) => text(value.map(|bytes| hex(&bytes))),
            Self::Day(value) => text(value.map(|day| day.to_string())),
            Self::Id(value) => text(value.map(|id| id.to_string())),
            Self::Moment(value) => text(value.map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, true))),
            Self::Number(value) => value.map_or(Value::Null, Value::from),
            Self::Text(value) => text(value),
        }
    }

    /// As the file has it. `None` when it is something else.
    pub(super) fn of_json(holds: Holds, value: Value) -> Option<Self> {
        let nothing = value.is_null();
        let text = || value.as_str();
        Some(match holds {
            Holds::Bool if nothing => Self::Bool(None),
            Holds::Bool => Self::Bool(Some(value.as_bool()?)),
            Holds::Number if nothing => Self::Number(None),
            Holds::Number => Self::Number(Some(value.as_i64()?)),
            Holds::Bytes if nothing => Self::Bytes(None),
            Holds::Bytes => Self::Bytes(Some(unhex(text()?)?)),
            Holds::Day if nothing => Self::Day(None),
            Holds::Day => Self::Day(Some(text()?.parse().ok()?)),
            Holds::Id if nothing => Self::Id(None),
            Holds::Id => Self::Id(Some(text()?.parse().ok()?)),
            Holds::Moment if nothing => Self::Moment(None),
            Holds::Moment => Self::Moment(Some(DateTime::parse_from_rfc3339(text()?).ok()?.to_utc())),
            Holds::Text if nothing => Self::Text(None),
            Holds::Text => match value {
                Value::String(text) => Self::Text(Some(text)),
                _ => return None,
            },
        })
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    if digits.len().is_multiple_of(2) { digits.chunks(2).map(byte).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_cell_comes_back_as_it_went() {
        let at = DateTime::from_timestamp_micros(1_775_003_400_000_001);
        let cells = || {
            [
                (Holds::Bool, Cell::Bool(Some(true))),
                (Holds::Bytes, Cell::Bytes(Some(vec![0, 0xAB, 255]))),
                (Holds::Day, Cell::Day(NaiveDate::from_ymd_opt(1936, 2, 29))),
                (Holds::Id, Cell::Id(Some(Uuid::from_u128(7)))),
                (Holds::Moment, Cell::Moment(at)),
                (Holds::Number, Cell::Number(Some(i64::MIN))),
                (Holds::Text, Cell::Text(Some("\u{0}\"改行\n\t𠮟".to_owned()))),
                (Holds::Text, Cell::Text(None)),
            ]
        };
        for (holds, cell) in cells() {
            let json = cell.into_json();
            let back = Cell::of_json(holds, json.clone()).map(Cell::into_json);
            assert_eq!(back, Some(json), "{holds:?}");
        }
        assert!(Cell::of_json(Holds::Id, Value::from("no id")).is_none());
        assert!(Cell::of_json(Holds::Bytes, Value::from("abc")).is_none());
    }
}
