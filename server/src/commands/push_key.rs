//! `hondana push-key`: makes the key by which push services know this library.

use std::{io::Write, path::Path};

use library::notices::PushKey;

use super::Stop;
use crate::terminal;

/// Makes a key and writes it into a file that is not there yet: a new key would end the notices of every device.
///
/// # Errors
/// When there is a file already, or it can't be written.
pub fn push_key(file: &Path) -> Result<(), Stop> {
    let text = PushKey::generate()?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let written = options.open(file).and_then(|mut to| to.write_all(text.as_bytes()).and_then(|()| to.sync_all()));
    written.map_err(|error| Stop::KeyFile { path: file.to_owned(), error })?;
    terminal::say(format_args!("The key is in {}; name it in the section [push] of the settings.", file.display()));
    Ok(())
}
