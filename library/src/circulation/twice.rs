//! Twice is once, at the desk: the answer to a scan is kept with its `op`. For whom it was is not in it.

use chrono::{DateTime, Utc};
use domain::OpId;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Library,
    storage::{StorageError, Tx, execute, fetch_optional},
};

/// Who acts, in `op`: whichever desk it is, since a browser keeps its scans when the place is changed.
const DESK: &str = "desk";

/// What is left of an answer of an earlier day: that there was one.
const FORGOTTEN: &str = "";

/// What came of an earlier arrival of the same request.
pub(super) enum Earlier<T> {
    /// There was none.
    None,
    /// There was one, on an earlier day.
    Forgotten,
    /// This.
    Answer(T),
}

/// What came of an earlier arrival of the same request of the desk.
pub(super) async fn earlier_at_desk<T: DeserializeOwned>(tx: &mut Tx, op: OpId) -> Result<Earlier<T>, StorageError> {
    let row = fetch_optional!(tx, (String,), "select answer from op where actor = $1 and id = $2", DESK, op.0)?;
    match row {
        None => Ok(Earlier::None),
        Some((json,)) if json == FORGOTTEN => Ok(Earlier::Forgotten),
        Some((json,)) => {
            serde_json::from_str(&json).map(Earlier::Answer).map_err(|error| StorageError::corrupt("answer", error))
        }
    }
}

impl Library {
    /// Keeps the answer to a request of the desk.
    pub(super) async fn keep_at_desk(
        &self,
        tx: &mut Tx,
        op: OpId,
        answer: &impl Serialize,
    ) -> Result<(), StorageError> {
        let json = serde_json::to_string(answer).map_err(|error| StorageError::corrupt("answer", error))?;
        execute!(tx, "insert into op (actor, id, answer, at) values ($1, $2, $3, $4)", DESK, op.0, json, self.now())?;
        Ok(())
    }
}

/// Forgets what was answered before that moment, as a slip says for whom a copy is, but not that there was an answer:
/// a scan that waits in a browser over a weekend is still played once.
pub(crate) async fn forget_desk_answers(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StorageError> {
    execute!(tx, "update op set answer = $2 where actor = $1 and at < $3 and answer <> $2", DESK, FORGOTTEN, before)
}
