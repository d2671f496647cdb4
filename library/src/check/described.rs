//! The descriptions of titles: stored as a document that every page has to be able to read.

use domain::catalog::BibRecord;
use uuid::Uuid;

use super::{Finding, Of, find};
use crate::storage::{StorageError, Tx, fetch_all};

/// How many are read at once.
const PAGE: i64 = 5_000;

/// Reads every description.
pub(super) async fn look(tx: &mut Tx, found: &mut Vec<Finding>) -> Result<(), StorageError> {
    let (mut unreadable, mut differing) = (Vec::new(), Vec::new());
    let mut after = Uuid::nil();
    loop {
        let rows = fetch_all!(
            &mut *tx,
            (Uuid, String, String, String),
            "select id, record, title, material from bib where id > $1 order by id limit $2",
            after,
            PAGE
        )?;
        let Some(last) = rows.last() else { break };
        after = last.0;
        for (id, record, title, material) in rows {
            match serde_json::from_str::<BibRecord>(&record) {
                Err(_) => unreadable.push(id),
                Ok(record) if record.title != title || record.material.as_str() != material => differing.push(id),
                Ok(_) => {}
            }
        }
    }
    find(tx, found, "a title whose description can't be read", Of::Bib, &unreadable).await?;
    find(tx, found, "a title whose description has another title or material", Of::Bib, &differing).await
}
