//! `hondana bounce`: takes a mail that came back from standard input, as a mail server pipes it.

use library::{Clock, notices::BounceAnswer};
use tokio::io::AsyncReadExt;

use super::{Stop, open_library_beside_a_server};
use crate::{config::Settings, terminal};

/// What is read of a mail; a report says what it has to say long before.
const READ: u64 = 4 << 20;

/// Takes one mail. Whatever it says, it was taken; only when it could not be noted is there an error, and the mail server
/// is to bring it again.
///
/// # Errors
/// When standard input can't be read or the database can't be written.
pub async fn bounce(settings: &Settings) -> Result<(), Stop> {
    let mut stdin = tokio::io::stdin();
    let mut raw = Vec::new();
    (&mut stdin).take(READ).read_to_end(&mut raw).await.map_err(Stop::Mail)?;
    // A mail server takes a pipe that is closed early for a failure.
    tokio::io::copy(&mut stdin, &mut tokio::io::sink()).await.map_err(Stop::Mail)?;
    let library = open_library_beside_a_server(settings, Clock::System).await?;
    let answer = library.take_bounce(&raw).await?;
    library.database().close().await;
    terminal::say(match answer {
        BounceAnswer::NoBounce => "No report about a mail.",
        BounceAnswer::NotOurs => "About no mail of ours, or about one sent too long ago.",
        BounceAnswer::NothingToDo => "The mail is still under way, or arrived.",
        BounceAnswer::KnownAlready => "Known already.",
        BounceAnswer::Undelivered => "The mail did not arrive; the desk telephones.",
        BounceAnswer::AddressRefused => "The address refuses mail; it is invalid now, and the desk telephones.",
    });
    Ok(())
}
