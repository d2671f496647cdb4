//! Reports in a maildir, into which a mail server on the same machine delivers them.

use std::{
    io,
    path::{Path, PathBuf},
};

use tokio::io::AsyncReadExt as _;

use super::read::LONGEST;
use crate::{Fault, Library};

impl Library {
    /// Takes every report that lies in `new` and moves it to `cur`, marked as seen. Any number of servers may share the
    /// folder: one that finds a mail gone goes on to the next, and one that was taken twice had its effect once. Answers how
    /// many mails were taken.
    ///
    /// # Errors
    /// When the folder can't be read, or the database can't be written: the mail at hand stays in `new` then. One that can't
    /// be read, or comes too early, stays there as well and holds no other up.
    pub async fn take_bounces_of_maildir(&self, folder: &Path) -> Result<u64, Fault> {
        let mut taken = 0;
        for path in new_mails(folder).await? {
            let raw = match beginning(&path).await {
                Ok(raw) => raw,
                // Somebody else was faster.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => {
                    tracing::error!(%error, "a mail in the folder of reports can't be read");
                    continue;
                }
            };
            if !self.take_or_leave(&raw).await? {
                continue;
            }
            taken += 1;
            let Some(name) = path.file_name() else { continue };
            let mut seen = name.to_owned();
            seen.push(":2,S");
            let to = folder.join("cur").join(seen);
            match tokio::fs::rename(&path, &to).await {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Fault::File { path: to, error }),
            }
        }
        Ok(taken)
    }
}

/// The beginning of a mail, which is all that is read of it.
async fn beginning(path: &Path) -> io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    let file = tokio::fs::File::open(path).await?;
    file.take(LONGEST.try_into().unwrap_or(u64::MAX)).read_to_end(&mut raw).await?;
    Ok(raw)
}

/// What lies in `new`, the oldest first as names go. What the mail server is still writing lies in `tmp`.
async fn new_mails(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let new = folder.join("new");
    let fault = |error| Fault::File { path: new.clone(), error };
    let mut entries = tokio::fs::read_dir(&new).await.map_err(fault)?;
    let mut found = Vec::new();
    while let Some(entry) = entries.next_entry().await.map_err(fault)? {
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && entry.file_type().await.map_err(fault)?.is_file() {
            found.push(entry.path());
        }
    }
    found.sort_unstable();
    Ok(found)
}
