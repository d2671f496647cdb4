//! Twice is once: the answer to a request of a patron, or to a scan of the desk, is kept with its `op`. For whom a scan was is not
//! in its answer.

use chrono::{DateTime, Utc};
use domain::{OpId, PatronId};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Library,
    storage::{StorageError, Tx, Writes, execute, fetch_optional},
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
    Earlier::of(row.as_ref())
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

impl Library {
    /// Keeps the answer to a request, so that the same request gets it again.
    pub(super) fn keep_answer(
        &self,
        writes: &mut Writes,
        patron: PatronId,
        op: OpId,
        answer: &impl Serialize,
    ) -> Result<(), StorageError> {
        let json = serde_json::to_string(answer).map_err(|error| StorageError::corrupt("answer", error))?;
        writes.row(
            "insert into op (actor, id, answer, at) values ",
            "",
            [actor(patron).into(), op.0.into(), json.into(), self.now().into()],
        );
        Ok(())
    }
}

/// A patron who acts, in `op`.
pub(super) fn actor(patron: PatronId) -> String {
    format!("patron:{patron}")
}

/// Forgets the answers that are kept for a patron's requests.
pub(crate) async fn forget_answers(tx: &mut Tx, patron: PatronId) -> Result<(), StorageError> {
    execute!(tx, "delete from op where actor = $1", actor(patron)).map(|_| ())
}

/// Forgets what patrons were answered between two moments, as titles stand in it, but not that there was an answer: the same
/// request is still done once. Of its moment the first of the two is left.
pub(crate) async fn forget_patrons_answers(
    tx: &mut Tx,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<u64, StorageError> {
    execute!(
        tx,
        "update op set answer = $1, at = $2 where at >= $2 and at < $3 and actor <> 'desk' and answer <> $1",
        FORGOTTEN,
        from,
        until
    )
}

fn read_answer<T: DeserializeOwned>(json: &str) -> Result<T, StorageError> {
    serde_json::from_str(json).map_err(|error| StorageError::corrupt("answer", error))
}

impl<T: DeserializeOwned> Earlier<T> {
    /// What came of it, by the row there is of it.
    pub(super) fn of(row: Option<&(String,)>) -> Result<Self, StorageError> {
        match row {
            None => Ok(Self::None),
            Some((json,)) if json == FORGOTTEN => Ok(Self::Forgotten),
            Some((json,)) => read_answer(json).map(Self::Answer),
        }
    }
}

/// The answer an earlier request of this patron got, unless it is forgotten.
pub(super) async fn earlier_answer<T: DeserializeOwned>(
    tx: &mut Tx,
    patron: PatronId,
    op: OpId,
) -> Result<Option<T>, StorageError> {
    let row =
        fetch_optional!(tx, (String,), "select answer from op where actor = $1 and id = $2", actor(patron), op.0)?;
    Ok(match Earlier::of(row.as_ref())? {
        Earlier::Answer(answer) => Some(answer),
        Earlier::None | Earlier::Forgotten => None,
    })
}
