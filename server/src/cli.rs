//! The command line: what can be asked of `hondana`, and the way from there to a command.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::{messages::Language, notices::NoticeKind};
use library::{catalog::import::Format, going_live::Kind};
use tokio::runtime::Builder;

use crate::{
    commands::{self, Stop},
    config::{Overrides, Settings},
    telemetry::Telemetry,
    terminal,
};

const ABOUT: &str = "The library's catalogue and reservations, as a web service and its tools";

const LONG_ABOUT: &str = "\
Hondana is a public library's catalogue and reservation service: readers search, reserve and choose the order in \
which they read; the desk checks copies in and is told for whom.

One program does everything. It keeps its data in SQLite, in a folder called `data`, until it is told otherwise.

  hondana demo      fills a new database with a small library to try things out
  hondana serve     answers browsers at http://127.0.0.1:3000 until it is stopped
  hondana import    takes a catalogue from MARC 21 or CSV files; another system's copies, patrons, loans and queues
  hondana export    writes everything circulation needs as CSV files that import reads
  hondana backup    writes the whole database into one file, while people work
  hondana restore   puts such a file into an empty database of either engine
  hondana check     looks whether everything in the database is as it must be
  hondana daily     does the work of the day, which a running server does by itself
  hondana bounce    takes a mail that came back, from the mail server
  hondana notice-example   shows what patrons are mailed, and tries whether mails arrive
  hondana migrate   brings a PostgreSQL database up to date before a new version serves";

const AFTER_HELP: &str = "\
Settings are read from the file named by --config, then from the environment, then from flags; what comes later wins. \
The file `hondana.toml` that comes with the program shows every setting with its default. How much is logged is \
said by RUST_LOG, for example RUST_LOG=debug.

Examples:
  hondana demo && hondana serve
  hondana --config /etc/hondana.toml serve --addr 0.0.0.0:8080
  hondana import --source opac --mapping opac.toml catalogue.csv.gz
  HONDANA_DATABASE_URL=postgres://hondana@db/hondana hondana migrate";

/// What was typed.
#[derive(Debug, Parser)]
#[command(name = "hondana", version, about = ABOUT, long_about = LONG_ABOUT, after_long_help = AFTER_HELP)]
struct Typed {
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(subcommand)]
    command: Command,
}

/// Where settings come from; understood by every command.
#[derive(Debug, Args)]
struct SettingsArgs {
    /// Settings file, laid over the defaults
    #[arg(long, global = true, value_name = "FILE", env = "HONDANA_CONFIG")]
    config: Option<PathBuf>,
    /// Database: sqlite:PATH or postgres://USER@HOST/NAME
    #[arg(long, global = true, value_name = "URL", env = "HONDANA_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Folder of the search index, of mails written as files, and of the SQLite file
    #[arg(long, global = true, value_name = "FOLDER", env = "HONDANA_DATA_DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer browsers until stopped
    #[command(long_about = "Answers browsers until it is stopped by Ctrl-C or SIGTERM; requests under way are then \
        finished.\n\nA SQLite database is made and brought up to date by itself. PostgreSQL is not: run `hondana \
        migrate` first. Any number of servers may share one PostgreSQL database; each has a data folder of its own.")]
    Serve {
        /// Address to listen on
        #[arg(long, value_name = "IP:PORT", env = "HONDANA_ADDR")]
        addr: Option<SocketAddr>,
        /// Folder of the site's files, as built by cargo-leptos; found beside the program when not given
        #[arg(long, value_name = "FOLDER", env = "LEPTOS_SITE_ROOT")]
        site: Option<PathBuf>,
        /// Live at the moment this file names (RFC 3339), for tests; a demo library only
        #[arg(long, value_name = "FILE", hide = true)]
        clock_file: Option<PathBuf>,
    },
    /// Take a catalogue from MARC 21 or CSV files
    #[command(
        long_about = "Takes titles and copies from files: MARC 21 (ISO 2709 or MARCXML) or CSV, plain or gzip.\n\nA \
            title is known by its source and its key there. Importing it again updates it, importing the same again \
            changes nothing, and an import that was stopped can simply be run again. Records that can't be taken are \
            reported and never stop the others.\n\nGoing live, the copies, patrons, open loans and queues of the old \
            system follow, each kind by a command of its own; docs/going-live.md tells the whole way.",
        after_long_help = "What the columns of a CSV file mean, and which copies to make up for a source that has \
            none, is said by a mapping file; those in library/mappings explain themselves.\n\nExamples:\n  hondana \
            import --source jpmarc records.mrc\n  hondana import --source aozora --mapping library/mappings/aozora.toml \
            --report rejected.tsv works.csv.gz\n  hondana import patrons --mapping patrons.toml --dry-run \
            --report patrons.tsv riyosha.csv",
        args_conflicts_with_subcommands = true,
        subcommand_negates_reqs = true,
        subcommand_value_name = "KIND",
        subcommand_help_heading = "Going live"
    )]
    Import(ImportArgs),
    /// Write everything circulation needs as CSV files
    #[command(
        long_about = "Writes titles, copies, patrons, open loans and active reservations into a folder, each as a CSV \
            file with the mapping file by which `hondana import` reads it. Nothing in them depends on the engine.\n\n\
            Not in it: sessions, carts, bookshelves, the log, what was cancelled, staff accounts. To move a library with \
            all of that, use backup and restore. The files hold personal data; they can be read by their owner only.",
        after_long_help = "Example:\n  hondana export /srv/export && hondana --database-url postgres://… import titles \
            /srv/export/titles.csv"
    )]
    Export {
        /// Also the hashes of patrons' passwords; without them everybody has to set a new one
        #[arg(long)]
        with_passwords: bool,
        /// A folder that has none of the files yet; it is made if it is not there
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
    /// Write the whole database into one file, while people work
    #[command(
        long_about = "Writes the whole database as it is at this moment into one packed file with a checksum, while \
        people work. The file holds everything the database holds; it can be read by its \
        owner only.\n\nIt can be restored into either engine, by the version of the program that wrote it."
    )]
    Backup {
        /// A file that is not there yet
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Put a backup into an empty database
    #[command(
        long_about = "Reads a backup to its end, compares its checksum, puts everything into an empty database of \
        either engine in one transaction, and looks whether all of it is as it must be (`hondana check`). A damaged file \
        and a database with anything in it are refused."
    )]
    Restore {
        /// The backup
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Look whether everything in the database is as it must be
    #[command(
        long_about = "Verifies every rule a sound database keeps (copies, loans, queues, sets, the log against the \
        rows) while people work, and says what is wrong. The exit code is 0 when nothing is. What is only odd, such as \
        more loans than a changed policy allows, is said and changes nothing of the exit code."
    )]
    Check,
    /// Fill a new database with a small library to try things out
    #[command(long_about = "Fills a new database with a made-up town library: titles that exist, readers and staff \
        who don't, and prints the cards to try it with. A database in which there is anything else is left alone. \
        Never do this to a library's real database: the passwords are known to everybody.")]
    Demo,
    /// Do the work of the day: what has run out, reminders, what privacy says must go
    #[command(long_about = "Does the work of the day and prints what it did: cancels what was not picked up in time, \
        looks after copies that did not arrive and ordered sets nobody answered about, writes reminders, cuts ties \
        that have served.\n\nA running server does this by itself at the hour of the setting `daily.hour`, once a day \
        however many servers there are. This command is for libraries that would rather have it in cron; it may be \
        run at any time and as often as one likes.")]
    Daily {
        /// Only when nobody has done it today
        #[arg(long)]
        once: bool,
        /// Live at the moment this file names (RFC 3339), for tests; a demo library only
        #[arg(long, value_name = "FILE", hide = true)]
        clock_file: Option<PathBuf>,
    },
    /// Show what patrons are mailed, or try whether mails arrive
    #[command(
        long_about = "Shows a notice filled with made-up values, as the settings and the library's own texts make it. \
            Without a name it lists which there are.\n\nA library's own texts are files in the folder of the setting \
            `server.templates_dir`; docs/mail.md tells how they are written.",
        after_long_help = "Examples:\n  hondana notice-example ready --language en\n  hondana notice-example ready \
            --template > texts/ja/ready.txt\n  hondana notice-example ready --to somebody@example.jp"
    )]
    NoticeExample {
        /// Which notice
        #[arg(value_name = "NAME", value_parser = word::<NoticeKind>)]
        kind: Option<NoticeKind>,
        /// In which language: ja, ja-x-easy, en, zh-Hans, ko, pt-BR or vi
        #[arg(long, value_name = "LANGUAGE", value_parser = language)]
        language: Option<Language>,
        /// The HTML part of the mail
        #[arg(long, conflicts_with_all = ["template", "to"])]
        html: bool,
        /// The text that is built in, to begin one's own with
        #[arg(long, conflicts_with = "to")]
        template: bool,
        /// Send it there at once, by the mail server of the settings
        #[arg(long, value_name = "ADDRESS", requires = "kind")]
        to: Option<String>,
    },
    /// Make the first manager of a library, or let one in again
    #[command(
        long_about = "Makes a manager, who makes all other accounts of staff at /desk/library/staff. The password \
        is read from the first line of standard input. Somebody who has the login already gets the password, and is a \
        manager and enabled again: for the day on which nobody can sign in any more."
    )]
    Staff {
        /// The login
        #[arg(value_name = "LOGIN")]
        login: String,
    },
    /// Take a mail that came back, from standard input
    #[command(
        long_about = "Reads a mail from standard input, as a mail server pipes it that delivers what comes back to the \
            address of return. An address that refuses mail becomes invalid, and the desk telephones; of a mail that \
            this library did not send nothing follows.\n\nThe exit code is 0 whatever the mail says, and 75 when it \
            could not be noted, so that the mail server keeps it and tries again.",
        after_long_help = "Postfix, in /etc/aliases:\n  bounces: \"|/usr/local/bin/hondana --config /etc/hondana.toml bounce\"\n\n\
            docs/bounces.md tells the other ways: a maildir and a mailbox."
    )]
    Bounce,
    /// Make the key by which push services know this library
    #[command(
        long_about = "Makes the key by which push services know this library (VAPID) and writes it into a file that can \
        be read by its owner only. Name the file in the section [push] of the settings, and keep it with the backups: with another \
        key every patron has to switch notices on again."
    )]
    PushKey {
        /// A file that is not there yet
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Bring the database up to date with this version of the program
    #[command(long_about = "Brings the database's tables up to date with this version of the program, or makes them. \
        Stop the servers of the older version first. SQLite needs this never, PostgreSQL before the first start and \
        after each new version.")]
    Migrate,
}

/// Reads a word that stands for something.
fn word<T: std::str::FromStr<Err = domain::UnknownWord>>(text: &str) -> Result<T, domain::UnknownWord> {
    text.parse()
}

fn language(code: &str) -> Result<Language, String> {
    Language::from_code(code).ok_or_else(|| format!("there is only {}", Language::codes()))
}

/// A catalogue, or one of the kinds of going live.
#[derive(Debug, Args)]
struct ImportArgs {
    #[command(subcommand)]
    kind: Option<ImportKind>,
    /// Name of where the records come from; keys are unique within it
    #[arg(long, value_name = "NAME", required = true)]
    source: Option<String>,
    /// What the columns mean and which copies to make up
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Format of the files; seen by their beginnings when not given
    #[arg(long, value_enum)]
    format: Option<FormatArg>,
    /// Where to write what was rejected or looks odd: file, line, key and reason, parted by tabs
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum ImportKind {
    /// Titles from an export of this program
    Titles(RowArgs),
    /// Copies, known by barcode, of titles that are there
    Items(RowArgs),
    /// Card holders, known by card number
    Patrons(RowArgs),
    /// Open loans, known by barcode and card
    Loans(RowArgs),
    /// Queues with their original times, known by title and card
    Reservations(RowArgs),
}

#[derive(Debug, Args)]
struct RowArgs {
    /// What the columns mean; if not given, FILE with the ending .toml
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Only say what would happen
    #[arg(long)]
    dry_run: bool,
    /// Take nothing of a file in which a row can't be taken
    #[arg(long)]
    strict: bool,
    /// Where to write what was rejected or looks odd: file, line, key and reason, parted by tabs
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The files, each of which goes in as a whole: CSV, plain or gzip
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl ImportKind {
    fn job(self) -> commands::TakeInJob {
        let (kind, args) = match self {
            Self::Titles(args) => (Kind::Titles, args),
            Self::Items(args) => (Kind::Items, args),
            Self::Patrons(args) => (Kind::Patrons, args),
            Self::Loans(args) => (Kind::Loans, args),
            Self::Reservations(args) => (Kind::Reservations, args),
        };
        let RowArgs { mapping, dry_run, strict, report, files } = args;
        commands::TakeInJob { kind, mapping, dry_run, strict, report, files }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatArg {
    /// MARC 21 in ISO 2709
    Marc,
    /// MARC 21 in XML
    Marcxml,
    /// Delimited text; needs --mapping
    Csv,
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Marc => Self::Iso2709,
            FormatArg::Marcxml => Self::MarcXml,
            FormatArg::Csv => Self::Csv,
        }
    }
}

/// `EX_TEMPFAIL` of sysexits.h, which mail servers know.
const TRY_AGAIN: u8 = 75;

/// Runs the program; what it answers is the exit code.
pub fn run() -> ExitCode {
    let typed = Typed::parse();
    // What a mail server pipes in must come again when it could not be noted, whatever the reason.
    let failure = if matches!(typed.command, Command::Bounce) { ExitCode::from(TRY_AGAIN) } else { ExitCode::FAILURE };
    match run_typed(typed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::fault(&error);
            failure
        }
    }
}

fn run_typed(typed: Typed) -> Result<(), Stop> {
    let addr = match &typed.command {
        Command::Serve { addr, .. } => *addr,
        _ => None,
    };
    let SettingsArgs { config, database_url, data_dir } = typed.settings;
    // Not a flag: flags can be read by everybody on the machine.
    let smtp_password = std::env::var("HONDANA_SMTP_PASSWORD").ok();
    let imap_password = std::env::var("HONDANA_IMAP_PASSWORD").ok();
    let webhook_secret = std::env::var("HONDANA_WEBHOOK_SECRET").ok();
    let settings = Settings::load(
        config.as_deref(),
        Overrides { addr, database_url, data_dir, smtp_password, webhook_secret, imap_password },
    )?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // With more than there are cores, there is always one that is woken for nothing: a tenth of a page. With one alone, whatever takes
    // long would hold up everybody.
    let runtime = Builder::new_multi_thread()
        .worker_threads(cores.max(2))
        .enable_all()
        .on_thread_start(give_way)
        .build()
        .map_err(Stop::Runtime)?;
    // Commands that end by themselves are not what traces are for.
    let traces = settings.server.traces.as_ref().filter(|_| matches!(typed.command, Command::Serve { .. }));
    let telemetry = {
        let _within = runtime.enter();
        Telemetry::begin(settings.server.log, traces)?
    };
    let done = runtime.block_on(async move {
        match typed.command {
            Command::Serve { site, clock_file, .. } => {
                let changing =
                    Builder::new_multi_thread().worker_threads(cores).enable_all().build().map_err(Stop::Runtime)?;
                let served = commands::serve(settings, site, clock_file, changing.handle().clone()).await;
                // Whoever was to be answered has been.
                changing.shutdown_background();
                served
            }
            Command::Daily { once, clock_file } => commands::daily(&settings, once, clock_file).await,
            Command::Import(ImportArgs { kind: Some(kind), .. }) => commands::take_in(&settings, kind.job()).await,
            Command::Import(ImportArgs { source, mapping, format, report, files, .. }) => {
                let source = source.unwrap_or_default();
                let job = commands::ImportJob { source, mapping, format: format.map(Into::into), report, files };
                commands::import(&settings, job).await
            }
            Command::Export { with_passwords, folder } => commands::export(&settings, &folder, with_passwords).await,
            Command::Backup { file } => commands::backup(&settings, &file).await,
            Command::Restore { file } => commands::restore(&settings, &file).await,
            Command::Check => commands::check(&settings).await,
            Command::Bounce => commands::bounce(&settings).await,
            Command::PushKey { file } => commands::push_key(&file),
            Command::Demo => commands::demo(&settings).await,
            Command::Staff { login } => commands::staff(&settings, &login).await,
            Command::NoticeExample { kind, language, html, template, to } => {
                let job = commands::ExampleJob { kind, language, html, template, to };
                commands::notice_example(&settings, job).await
            }
            Command::Migrate => commands::migrate(&settings).await,
        }
    });
    telemetry.end();
    // What has to come to its end was waited for; the index may be tidied another time.
    runtime.shutdown_background();
    done
}

/// By how many steps of `nice` threads that make pages give way.
#[cfg(target_os = "linux")]
const STEPS: i32 = 5;

/// Threads that make pages give way to those that change something: who reserves holds a queue while they wait for a processor, and
/// in a rush there are always pages to be made. What such a thread begins, as the readers of SQLite, does as it does.
fn give_way() {
    // Elsewhere this is said of a process and not of a thread.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{getpid, getpriority_process, setpriority_process};

        // From where the process stands, which may have been told to give way itself. A thread begins where the one stands that
        // began it.
        let own = getpriority_process(Some(getpid()));
        let done = own.and_then(|own| setpriority_process(None, own.saturating_add(STEPS)));
        if let Err(error) = done {
            tracing::debug!(%error, "a thread that makes pages does not give way");
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn threads_that_make_pages_give_way() {
        use rustix::process::{getpid, getpriority_process};

        let own = getpriority_process(Some(getpid())).expect("the process stands somewhere");
        let there = std::thread::spawn(|| {
            give_way();
            getpriority_process(None)
        });
        let there = there.join().expect("no panic").expect("the thread stands somewhere");
        assert_eq!(there, (own + STEPS).min(19));
        assert_eq!(getpriority_process(None).expect("this one too"), own, "only that thread");
    }

    #[test]
    fn the_command_line_is_sound() {
        Typed::command().debug_assert();
    }

    #[test]
    fn help_teaches() {
        let help = Typed::command().render_long_help().to_string();
        for word in ["hondana demo && hondana serve", "HONDANA_CONFIG", "HONDANA_DATABASE_URL", "RUST_LOG"] {
            assert!(help.contains(word), "{word} in {help}");
        }
    }
}
