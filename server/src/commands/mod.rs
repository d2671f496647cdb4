//! The commands, one module each, and what they share: opening the library.

mod backup;
mod bounce;
mod check;
mod daily;
mod demo;
mod export;
mod import;
mod migrate;
mod notice_example;
mod push_key;
mod serve;
mod staff;
mod take_in;

use std::{fs, io, path::PathBuf};

use library::{
    Clock, Fault, Library,
    backup::BackupError,
    catalog::search::{SearchError, SearchIndex},
    notices::Mailer,
    storage::{Database, StorageError},
};

pub use self::{
    backup::{backup, restore},
    bounce::bounce,
    check::check,
    daily::daily,
    demo::demo,
    export::export,
    import::{ImportFault, ImportJob, import},
    migrate::migrate,
    notice_example::{ExampleJob, notice_example},
    push_key::push_key,
    serve::serve,
    staff::staff,
    take_in::{TakeInJob, take_in},
};
use crate::{
    config::{ConfigError, Settings},
    terminal,
    web::SiteError,
};

/// Why a command stopped without having done what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The search index.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The library.
    #[error(transparent)]
    Library(#[from] Fault),
    /// The files of the site.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The collector of traces can't be used.
    #[error("[server.traces]: {0}")]
    Traces(#[from] opentelemetry_otlp::ExporterBuildError),
    /// A file to import, its mapping or the report.
    #[error(transparent)]
    Import(#[from] ImportFault),
    /// A backup that could not be written or restored.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// What `hondana check` found.
    #[error("the database is not sound (findings: {0})")]
    Unsound(usize),
    /// Rows that can't be taken, in a file of which all were to be.
    #[error("nothing was taken of files with rejected rows, because of --strict")]
    Rejected,
    /// A folder can't be made.
    #[error("folder {} can't be made: {error}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The address can't be listened on.
    #[error("can't listen on {addr}: {error}")]
    Listen {
        /// Which.
        addr: std::net::SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// Another time than the machine's was asked for, and the library is not the demo.
    #[error("--clock-file is for the demo library only")]
    ClockOfARealLibrary,
    /// A password can't be read.
    #[error("the password can't be read from standard input: {0}")]
    Password(io::Error),
    /// The file of a key.
    #[error("key file {}: {error}", path.display())]
    KeyFile {
        /// Which.
        path: PathBuf,
        /// Why it can't be written or read.
        error: io::Error,
    },
    /// A mail can't be read.
    #[error("the mail can't be read from standard input: {0}")]
    Mail(io::Error),
    /// An account of staff can't be made so.
    #[error("not a good {0}: a login has two or more letters or digits, a password eight or more characters")]
    Account(domain::patrons::StaffProblem),
    /// A text of a notice can't be filled.
    #[error("the text of the notice: {0}")]
    Example(String),
    /// The system gives no threads or signals.
    #[error("the system refuses what the program needs: {0}")]
    Runtime(io::Error),
}

fn make_folder(path: PathBuf) -> Result<PathBuf, Stop> {
    match fs::create_dir_all(&path) {
        Ok(()) => Ok(path),
        Err(error) => Err(Stop::Folder { path, error }),
    }
}

/// Who carries mails out, as the settings say.
fn mailer(settings: &Settings) -> Result<Mailer, Stop> {
    Ok(match settings.smtp()? {
        Some(smtp) => Mailer::smtp(smtp)?,
        None => Mailer::Folder(make_folder(settings.server.mail_dir())?),
    })
}

/// Opens the database and makes sure that it has the tables this program needs.
async fn open_database(settings: &Settings) -> Result<Database, Stop> {
    make_folder(settings.server.data_dir.clone())?;
    let database = Database::open(&settings.server.database_url()).await?;
    database.check_schema().await?;
    Ok(database)
}

/// Opens the library with its search index on the disk, which only one process at a time can do.
async fn open_library(settings: &Settings, clock: Clock) -> Result<Library, Stop> {
    let database = open_database(settings).await?;
    let search = SearchIndex::open(&make_folder(settings.server.search_dir())?)?;
    Ok(Library::new(database, settings.policy.clone(), search, clock)?)
}

/// The machine's clock, or the one a test has written into a file.
fn clock(file: Option<PathBuf>) -> Clock {
    file.map_or(Clock::System, |file| Clock::File(file.into()))
}

/// A clock that is not the machine's would change due dates and deadlines of real people.
async fn only_in_the_demo(library: &Library, clock_file: bool) -> Result<(), Stop> {
    if clock_file && !library.is_demo().await? { Err(Stop::ClockOfARealLibrary) } else { Ok(()) }
}

/// Opens the library to write into its database only. A server may be running and holding the search index.
async fn open_library_beside_a_server(settings: &Settings, clock: Clock) -> Result<Library, Stop> {
    let database = open_database(settings).await?;
    Ok(Library::new(database, settings.policy.clone(), SearchIndex::in_ram()?, clock)?)
}

/// Brings the search index on the disk up to date with the database, unless a running server holds it, which does
/// so by itself. Nothing is lost when this fails: the next start of a server does the same.
async fn refresh_search(settings: &Settings) {
    let refreshed = async { Ok::<_, Stop>(open_library(settings, Clock::System).await?.feed_search().await?) };
    if let Err(error) = refreshed.await {
        terminal::note(format_args!(
            "The search index was left to the server, which brings it up to date by itself ({}).",
            terminal::with_causes(&error)
        ));
    }
}
