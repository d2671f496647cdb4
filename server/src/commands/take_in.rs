//! `hondana import patrons` and its like: what another system knows, a file at a time.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::Instant,
};

use library::{
    Clock, Library,
    going_live::{How, Kind, RowFile, RowMapping, TakenIn},
};

use super::{
    Stop,
    import::{ImportFault, Report, SHOWN},
    open_library_beside_a_server, refresh_search,
};
use crate::{config::Settings, terminal};

/// What to take in.
#[derive(Clone, Debug)]
pub struct TakeInJob {
    /// What the files' rows are.
    pub kind: Kind,
    /// The mapping file; `None` for the one beside each file.
    pub mapping: Option<PathBuf>,
    /// Whether only to say what would happen.
    pub dry_run: bool,
    /// Whether to take nothing of a file in which a row can't be taken.
    pub strict: bool,
    /// Where to write what was rejected.
    pub report: Option<PathBuf>,
    /// The files.
    pub files: Vec<PathBuf>,
}

/// Takes the files in, one after the other, and tells what became of their rows.
///
/// # Errors
/// When a file, its mapping or the database can't be used; nothing of that file is in the library then. Rejected rows
/// are an error only where all were to be taken.
pub async fn take_in(settings: &Settings, job: TakeInJob) -> Result<(), Stop> {
    let how = match (job.dry_run, job.strict) {
        (true, _) => How::DryRun,
        (false, true) => How::Strict,
        (false, false) => How::GoodRows,
    };
    let library = open_library_beside_a_server(settings, Clock::System).await?;
    let mut report = Report::open(job.report.as_deref())?;
    let (mut found_anew, mut rejected) = (false, false);
    for path in &job.files {
        let done = take_file(&library, &job, how, path, &mut report).await?;
        found_anew |= !done.left_out && done.new + done.changed > 0;
        rejected |= !done.refused.is_empty();
    }
    report.finish()?;
    library.database().close().await;
    drop(library);
    if found_anew && matches!(job.kind, Kind::Titles | Kind::Items) {
        refresh_search(settings).await;
    }
    if job.strict && rejected { Err(Stop::Rejected) } else { Ok(()) }
}

async fn take_file(
    library: &Library,
    job: &TakeInJob,
    how: How,
    path: &Path,
    report: &mut Report,
) -> Result<TakenIn, Stop> {
    let started = Instant::now();
    let mapping = read_mapping(job.kind, &job.mapping.clone().unwrap_or_else(|| path.with_extension("toml")))?;
    let file = File::open(path).map_err(ImportFault::file(path))?;
    let file =
        RowFile::read(file, &mapping).map_err(|error| ImportFault::Format { path: path.to_path_buf(), error })?;
    let done = library.take_in(&file, how).await?;
    for (n, note) in done.refused.iter().enumerate() {
        let (key, reason) = (note.key.as_deref(), note.what.to_string());
        report.line(path, Some(note.line), key, "rejected", &reason)?;
        if n < SHOWN {
            let of = key.map(|key| format!(" ({key})")).unwrap_or_default();
            terminal::note(format_args!("rejected: {}, line {}{of}: {reason}", path.display(), note.line));
        }
    }
    if done.refused.len() > SHOWN {
        terminal::note(format_args!("… and {} more rejected", done.refused.len() - SHOWN));
    }
    for note in &done.concerns {
        report.line(path, Some(note.line), note.key.as_deref(), "taken", &note.what.to_string())?;
    }
    terminal::say(format_args!(
        "{}: {} rows: {} new, {} changed, {} as they were; {} rejected, {} to be looked at; {:.1} s{}",
        path.display(),
        file.len(),
        done.new,
        done.changed,
        done.unchanged,
        done.refused.len(),
        done.concerns.len(),
        started.elapsed().as_secs_f64(),
        if done.left_out { "; nothing was written" } else { "" }
    ));
    Ok(done)
}

fn read_mapping(kind: Kind, path: &Path) -> Result<RowMapping, ImportFault> {
    let text = fs::read_to_string(path).map_err(ImportFault::file(path))?;
    RowMapping::read(kind, &text).map_err(|error| ImportFault::RowMapping { path: path.to_path_buf(), error })
}
