//! Lists that are shared by a link (R27).

use domain::{
    BookListId, PatronId,
    bookshelf::{SharedEntry, SharedList, ShelfDone, ShelfRefusal},
};
use uuid::Uuid;

use super::lists::{Done, entries_of, lock, note_held};
use crate::{
    Fault, Library,
    storage::{StorageError, execute, fetch_optional, in_write},
};

impl Library {
    /// Shares a list: whoever has the link sees its titles, and the notes if `notes` says so. A list that is shared
    /// already keeps its link.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn share_list(&self, patron: PatronId, list: BookListId, notes: bool) -> Done {
        let bits: [u8; 16] = rand::random();
        let key = bits.map(|byte| format!("{byte:02x}")).concat();
        in_write!(self.database(), |tx| async {
            lock(tx, patron).await?;
            let shared = execute!(
                &mut *tx,
                "update book_list set share_key = coalesce(share_key, $3), share_notes = $4
                 where id = $1 and patron_id = $2",
                list.0,
                patron.0,
                &key,
                notes
            )?;
            Ok::<_, Fault>(if shared == 1 { Ok(ShelfDone::Shared) } else { Err(ShelfRefusal::UnknownList) })
        }
        .await)
    }

    /// Ends the link of a list. Shared again, it gets another one.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn unshare_list(&self, patron: PatronId, list: BookListId) -> Done {
        in_write!(self.database(), |tx| async {
            lock(tx, patron).await?;
            let ended = execute!(
                &mut *tx,
                "update book_list set share_key = null, share_notes = false where id = $1 and patron_id = $2",
                list.0,
                patron.0
            )?;
            Ok::<_, Fault>(if ended == 1 { Ok(ShelfDone::Unshared) } else { Err(ShelfRefusal::UnknownList) })
        }
        .await)
    }

    /// The list behind a link, for anybody who has it. `None` when it leads nowhere, or nowhere any more.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn shared_list(&self, key: &str) -> Result<Option<SharedList>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let row = fetch_optional!(
            &mut tx,
            (Uuid, String, String, bool),
            "select id, kind, name, share_notes from book_list where share_key = $1",
            key.trim()
        )?;
        let Some((id, kind, name, notes)) = row else { return Ok(None) };
        let mut entries = entries_of(&mut tx, BookListId(id)).await?;
        note_held(&mut tx, &mut entries).await?;
        let entries = entries.into_iter().map(|entry| SharedEntry {
            bib: entry.bib.filter(|_| entry.held),
            title: entry.title,
            creators: entry.creators,
            note: if notes { entry.note } else { String::new() },
        });
        let entries = entries.collect();
        let kind = kind.parse().map_err(|error| StorageError::corrupt("kind of list", error))?;
        Ok(Some(SharedList { kind, name, entries }))
    }
}
