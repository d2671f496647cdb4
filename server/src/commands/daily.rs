//! `hondana daily`: the work of the day, for cron.

use std::path::PathBuf;

use super::{Stop, clock, only_in_the_demo, open_library_beside_a_server};
use crate::{config::Settings, terminal};

/// Does the work of the day and prints what it did. With `once` only when nobody has done it today.
///
/// # Errors
/// When the database can't be read or written; what was done before stays done.
pub async fn daily(settings: &Settings, once: bool, clock_file: Option<PathBuf>) -> Result<(), Stop> {
    let other_time = clock_file.is_some();
    let library = open_library_beside_a_server(settings, clock(clock_file)).await?;
    only_in_the_demo(&library, other_time).await?;
    let report = if once { library.daily_once().await? } else { Some(library.daily().await?) };
    match report {
        Some(report) => terminal::say(format_args!(
            "Not picked up in time: {}
Did not arrive:        {}
Sets not answered:     {}
Reminders:             {}
Ties cut:              {}
Mails forgotten:       {}
Deeds forgotten:       {}",
            report.expired,
            report.not_arrived,
            report.unanswered,
            report.reminders,
            report.ties_cut,
            report.mails_forgotten,
            report.deeds_forgotten
        )),
        None => terminal::note("Done today already, or being done now."),
    }
    library.database().close().await;
    Ok(())
}
