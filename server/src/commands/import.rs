//! `hondana import`: take a catalogue from files.
//!
//! Reading is plain blocking work and has a thread of its own; it hands batches to the database, one transaction each,
//! and waits when those are slower. A kill between two batches loses nothing that was reported, and running the same
//! command again finishes the rest, because the library knows titles by their keys.

use std::{
    fs::{self, File},
    io::{self, BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use domain::catalog::ImportedBib;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use library::{
    Library,
    catalog::import::{Format, Mapping, MappingError, OpenError, Reader, Rejection, Warning},
    going_live::RowMappingError,
};
use tokio::sync::mpsc;

use library::Clock;

use super::{Stop, open_library_beside_a_server, refresh_search};
use crate::{config::Settings, terminal};

/// Titles taken in one transaction: enough that its cost does not count, few enough that others need not wait long.
const BATCH: usize = 500;

/// Rejected records shown at the terminal before it only says how many more there are.
pub(super) const SHOWN: usize = 20;

/// What to import.
#[derive(Clone, Debug)]
pub struct ImportJob {
    /// Name of where the records come from.
    pub source: String,
    /// The mapping file.
    pub mapping: Option<PathBuf>,
    /// The files' format; `None` to see for each.
    pub format: Option<Format>,
    /// Where to write what was rejected.
    pub report: Option<PathBuf>,
    /// The files.
    pub files: Vec<PathBuf>,
}

/// An import that can't begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum ImportFault {
    /// A file can't be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The mapping file is wrong.
    #[error("{}: {error}", path.display())]
    Mapping {
        /// Which.
        path: PathBuf,
        /// Why.
        error: MappingError,
    },
    /// The mapping file of a kind of going live is wrong.
    #[error("{}: {error}", path.display())]
    RowMapping {
        /// Which.
        path: PathBuf,
        /// Why.
        error: RowMappingError,
    },
    /// No reader understands the file.
    #[error("{}: {error}", path.display())]
    Format {
        /// Which.
        path: PathBuf,
        /// Why.
        error: OpenError,
    },
    /// The thread that reads stopped.
    #[error("reading stopped: {0}")]
    Reader(#[from] tokio::task::JoinError),
}

impl ImportFault {
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |error| Self::File { path, error }
    }
}

/// Imports the files and tells what became of them.
///
/// # Errors
/// When a file, its mapping or the database can't be used. Rejected records are no error.
pub async fn import(settings: &Settings, job: ImportJob) -> Result<(), Stop> {
    let started = Instant::now();
    let mapping = match &job.mapping {
        Some(path) => read_mapping(path)?,
        None => Mapping::default(),
    };
    let library = open_library_beside_a_server(settings, Clock::System).await?;
    let bar = progress(&job.files)?;
    let mut course = Course { report: Report::open(job.report.as_deref())?, bar: bar.clone(), taken: Taken::default() };
    for path in &job.files {
        let (batches, mut arriving) = mpsc::channel(2);
        let reading = tokio::task::spawn_blocking({
            let (path, mapping, bar) = (path.clone(), mapping.clone(), bar.clone());
            move || read(&path, job.format, &mapping, &bar, &batches)
        });
        while let Some(batch) = arriving.recv().await {
            course.take(&library, &job.source, path, batch).await?;
        }
        reading.await.map_err(ImportFault::Reader)??;
    }
    bar.finish_and_clear();
    let taken = course.finish(job.report.as_deref(), started.elapsed())?;
    if taken.added + taken.changed > 0 {
        library.database().refresh_statistics().await?;
    }
    library.database().close().await;
    drop(library);
    if taken.added + taken.changed > 0 {
        refresh_search(settings).await;
    }
    Ok(())
}

fn read_mapping(path: &Path) -> Result<Mapping, ImportFault> {
    let text = fs::read_to_string(path).map_err(ImportFault::file(path))?;
    text.parse().map_err(|error| ImportFault::Mapping { path: path.to_path_buf(), error })
}

/// A bar over the bytes of all files, for people only: in a pipe or a log it would be noise.
fn progress(files: &[PathBuf]) -> Result<ProgressBar, ImportFault> {
    let mut bytes = 0;
    for path in files {
        bytes += fs::metadata(path).map_err(ImportFault::file(path))?.len();
    }
    let target = if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template("{bar:30} {percent:>3} % of {total_bytes}, {msg}, {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    Ok(ProgressBar::with_draw_target(Some(bytes), target).with_style(style))
}

/// Titles read together, and what was seen on the way.
#[derive(Default)]
struct Batch {
    bibs: Vec<ImportedBib>,
    rejections: Vec<Rejection>,
    warnings: Vec<Warning>,
}

/// Reads a file to its end, batch by batch, or until nobody takes them any more.
fn read(
    path: &Path,
    format: Option<Format>,
    mapping: &Mapping,
    bar: &ProgressBar,
    batches: &mpsc::Sender<Batch>,
) -> Result<(), ImportFault> {
    let file = bar.wrap_read(File::open(path).map_err(ImportFault::file(path))?);
    let reader = match format {
        Some(format) => Reader::with_format(file, format, mapping),
        None => Reader::open(file, &path.to_string_lossy(), mapping),
    };
    let mut reader = reader.map_err(|error| ImportFault::Format { path: path.to_path_buf(), error })?;
    let mut batch = Batch::default();
    while let Some(next) = reader.next() {
        match next {
            Ok(bib) => batch.bibs.push(bib),
            Err(rejection) => batch.rejections.push(rejection),
        }
        if batch.bibs.len() + batch.rejections.len() >= BATCH {
            batch.warnings = reader.take_warnings();
            // Nobody takes it when writing failed; that error is told, not this one.
            if batches.blocking_send(std::mem::take(&mut batch)).is_err() {
                return Ok(());
            }
        }
    }
    batch.warnings = reader.take_warnings();
    let _ = batches.blocking_send(batch);
    Ok(())
}

/// What became of the records.
#[derive(Clone, Copy, Default)]
struct Taken {
    added: u64,
    changed: u64,
    unchanged: u64,
    copies: u64,
    rejected: u64,
    warned: u64,
}

/// An import under way.
struct Course {
    report: Report,
    bar: ProgressBar,
    taken: Taken,
}

impl Course {
    async fn take(&mut self, library: &Library, source: &str, path: &Path, batch: Batch) -> Result<(), Stop> {
        let Batch { bibs, rejections, warnings } = batch;
        let counts = library.import(source, &bibs).await?;
        self.taken.added += counts.added;
        self.taken.changed += counts.changed;
        self.taken.unchanged += counts.unchanged;
        self.taken.copies += counts.items_added;
        for rejection in &rejections {
            let reason = terminal::with_causes(&rejection.reason);
            self.reject(path, Some(rejection.position), rejection.key.as_deref(), &reason)?;
        }
        for (key, refusal) in &counts.rejected {
            self.reject(path, None, Some(key), &refusal.to_string())?;
        }
        for warning in &warnings {
            self.taken.warned += 1;
            let concern = warning.concern.to_string();
            self.report.line(path, Some(warning.position), Some(&warning.key), "taken", &concern)?;
        }
        let Taken { added, changed, unchanged, rejected, .. } = self.taken;
        self.bar.set_message(format!("{} titles, {rejected} rejected", added + changed + unchanged));
        Ok(())
    }

    fn reject(&mut self, path: &Path, position: Option<u64>, key: Option<&str>, reason: &str) -> Result<(), Stop> {
        self.taken.rejected += 1;
        if self.taken.rejected <= SHOWN as u64 {
            let place = position.map(|position| format!(", record at {position}")).unwrap_or_default();
            let of = key.map(|key| format!(" ({key})")).unwrap_or_default();
            let line = format!("rejected: {}{place}{of}: {reason}", path.display());
            // Above the bar, which would be written over otherwise.
            self.bar.suspend(|| terminal::note(line));
        }
        Ok(self.report.line(path, position, key, "rejected", reason)?)
    }

    fn finish(self, report: Option<&Path>, took: Duration) -> Result<Taken, Stop> {
        let Taken { added, changed, unchanged, copies, rejected, warned } = self.taken;
        self.report.finish()?;
        if rejected > SHOWN as u64 {
            terminal::note(format_args!("… and {} more rejected", rejected - SHOWN as u64));
        }
        terminal::say(format_args!(
            "{} titles: {added} new, {changed} changed, {unchanged} as they were; {copies} new copies; \
             {rejected} rejected; {:.1} s",
            added + changed + unchanged,
            took.as_secs_f64()
        ));
        match report {
            Some(path) if rejected + warned > 0 => terminal::say(format_args!(
                "{} says which were rejected ({rejected}) and what looks odd in others ({warned}).",
                path.display()
            )),
            None if rejected > SHOWN as u64 || warned > 0 => {
                terminal::say(format_args!("{warned} taken all the same look odd. --report FILE writes all of it."))
            }
            _ => {}
        }
        Ok(self.taken)
    }
}

/// The file named by `--report`: a line each, parted by tabs, for a spreadsheet.
pub(super) struct Report {
    file: Option<(PathBuf, BufWriter<File>)>,
}

impl Report {
    pub(super) fn open(path: Option<&Path>) -> Result<Self, ImportFault> {
        let Some(path) = path else { return Ok(Self { file: None }) };
        let file = BufWriter::new(File::create(path).map_err(ImportFault::file(path))?);
        let mut report = Self { file: Some((path.to_path_buf(), file)) };
        report.write(&["file", "record", "key", "outcome", "reason"])?;
        Ok(report)
    }

    pub(super) fn line(
        &mut self,
        path: &Path,
        position: Option<u64>,
        key: Option<&str>,
        outcome: &str,
        reason: &str,
    ) -> Result<(), ImportFault> {
        let position = position.map(|position| position.to_string()).unwrap_or_default();
        self.write(&[&path.to_string_lossy(), &position, key.unwrap_or_default(), outcome, reason])
    }

    fn write(&mut self, fields: &[&str]) -> Result<(), ImportFault> {
        let Some((path, file)) = &mut self.file else { return Ok(()) };
        // A tab or a line end inside a key would tear the line apart.
        let fields: Vec<String> = fields.iter().map(|field| field.replace(['\t', '\n', '\r'], " ")).collect();
        writeln!(file, "{}", fields.join("\t")).map_err(ImportFault::file(path))
    }

    pub(super) fn finish(self) -> Result<(), ImportFault> {
        let Some((path, mut file)) = self.file else { return Ok(()) };
        file.flush().map_err(ImportFault::file(&path))
    }
}
