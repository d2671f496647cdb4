//! Looking at the mails that were written as files, where there is no mail server. Only the demo's desk may.

use std::{ffi::OsStr, path::Path};

use domain::notices::MailView;
use mail_parser::MessageParser;

use crate::Fault;

/// The mails in the folder, newest first.
///
/// # Errors
/// When a file can't be read.
pub async fn mail_files(folder: &Path) -> Result<Vec<MailView>, Fault> {
    let fault = |error| Fault::File { path: folder.to_owned(), error };
    let mut files = Vec::new();
    let mut entries = match tokio::fs::read_dir(folder).await {
        Ok(entries) => entries,
        // Nothing was sent yet.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fault(error)),
    };
    while let Some(entry) = entries.next_entry().await.map_err(fault)? {
        let path = entry.path();
        if path.extension() == Some(OsStr::new("eml")) {
            // By its name, which is the notice's id, it can't be told when it was written.
            let written = entry.metadata().await.and_then(|metadata| metadata.modified()).map_err(fault)?;
            files.push((written, path));
        }
    }
    files.sort_unstable_by(|a, b| b.cmp(a));
    let mut mails = Vec::with_capacity(files.len());
    for (_, path) in files {
        let raw = tokio::fs::read(&path).await.map_err(|error| Fault::File { path: path.clone(), error })?;
        mails.extend(read(&raw));
    }
    Ok(mails)
}

fn read(raw: &[u8]) -> Option<MailView> {
    let mail = MessageParser::default().parse(raw)?;
    Some(MailView {
        to: mail.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or_default().to_owned(),
        subject: mail.subject().unwrap_or_default().to_owned(),
        body: mail.body_text(0).unwrap_or_default().into_owned(),
    })
}
