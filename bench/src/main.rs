//! `hondana-bench`: grows a library to any size, and measures the program with it.

mod client;
mod day;
mod failure;
mod grow;
mod limits;
mod pages;
mod process;
mod queries;
mod report;
mod run;
mod sql;
mod storm;
mod table;
mod words;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, Parser, Subcommand};
use server::{
    config::{Overrides, Settings},
    terminal,
};
use tokio::runtime::Builder;

use crate::{
    day::Rhythm,
    failure::Failure,
    grow::{Size, grow},
    limits::plain,
    report::report,
    run::{Engine, Plan, run as measure},
    words::Words,
};

#[derive(Debug, Parser)]
#[command(name = "hondana-bench", version, about = "Grows a library to any size, and measures the program with it")]
struct Typed {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fill an empty database with a library of that size
    #[command(
        long_about = "Fills an empty database with a library of that size, drawn by the seed: titles with readings, copies, \
        patrons, loans, reservations and the log of two years. All patrons have the demo's password, so it is nothing for \
        the world to see. The search index is built, and the work of the day is done."
    )]
    Grow(GrowArgs),
    /// Measure the program with libraries grown for it
    Run(RunArgs),
    /// Serve constant pages, beside which the program is measured
    #[command(name = plain::COMMAND, hide = true)]
    Plain,
}

#[derive(Debug, Args)]
struct GrowArgs {
    /// Titles
    #[arg(long, value_name = "N")]
    bibs: usize,
    /// Card holders
    #[arg(long, value_name = "N")]
    patrons: usize,
    /// What everything is drawn by
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder of real catalogues; without one the words of the demo's are used
    #[arg(long, value_name = "FOLDER", default_value = "../shared/data")]
    words: PathBuf,
    /// Settings file, as for `hondana`
    #[arg(long, value_name = "FILE", env = "HONDANA_CONFIG")]
    config: Option<PathBuf>,
    /// Database: sqlite:PATH or postgres://USER@HOST/NAME
    #[arg(long, value_name = "URL", env = "HONDANA_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Folder of the search index and of the SQLite file
    #[arg(long, value_name = "FOLDER", env = "HONDANA_DATA_DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct RunArgs {
    /// Titles of each library
    #[arg(long, value_name = "N", value_delimiter = ' ', default_value = "10000")]
    sizes: Vec<usize>,
    /// Database engines
    #[arg(long, value_enum, value_delimiter = ' ', default_value = "sqlite postgres")]
    engines: Vec<Engine>,
    /// The program that is measured
    #[arg(long, value_name = "FILE", env = "HONDANA_BIN", default_value = "target/release/hondana")]
    program: PathBuf,
    /// Folder of the browser's files; found beside the program when not given
    #[arg(long, value_name = "FOLDER", env = "LEPTOS_SITE_ROOT")]
    site: Option<PathBuf>,
    /// Where databases and indexes are made and removed again
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// What starts PostgreSQL
    #[arg(long, value_name = "FILE", default_value = "scripts/postgres.sh")]
    postgres: PathBuf,
    /// Folder of real catalogues; without one the words of the demo's are used
    #[arg(long, value_name = "FOLDER", default_value = "../shared/data")]
    words: PathBuf,
    /// What everything is drawn by
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds for which each page is asked for
    #[arg(long, default_value_t = 2)]
    seconds: u64,
    /// Measure the pages only, without the storm
    #[arg(long)]
    calm: bool,
    /// Write the report into a file of docs, with what stands above it
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// As many as the program has on two cores.
const PLAIN_WORKERS: usize = 4;

/// What stands above the report in a file.
const PREFACE: &str = "# Performance\n\nWritten by `make bench-all`; not to be changed by hand. Libraries are drawn from a seed, the \
    clients have one thread on the same machine, and every limit was measured in the same run.\n\n";

fn main() -> ExitCode {
    match run(Typed::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::fault(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(typed: Typed) -> Result<(), Failure> {
    let mut runtime = match &typed.command {
        Command::Plain => Builder::new_multi_thread(),
        // One thread for the clients, so that the server has a core of its own.
        Command::Grow(_) | Command::Run(_) => Builder::new_current_thread(),
    };
    let runtime = runtime.worker_threads(PLAIN_WORKERS).enable_all().build()?;
    runtime.block_on(async {
        match typed.command {
            Command::Grow(args) => {
                let overrides =
                    Overrides { database_url: args.database_url, data_dir: args.data_dir, ..Overrides::default() };
                let settings = Settings::load(args.config.as_deref(), overrides)?;
                let size = Size { bibs: args.bibs, patrons: args.patrons, seed: args.seed };
                let grown = grow(&settings, &Words::read(&args.words)?, size).await?;
                terminal::say(format_args!("{grown:#?}"));
            }
            Command::Run(args) => {
                let RunArgs { sizes, engines, program, site, folder, postgres, words, seed, seconds, calm, write } =
                    args;
                let time = Duration::from_secs(seconds);
                let rhythm = Rhythm::read(&words)?;
                let plan = Plan { program, site, folder, postgres, words, seed, time, rhythm, calm };
                let all = sizes.len() * engines.len();
                measure(&plan, &sizes, &engines, |measured| {
                    let report = report(measured);
                    if measured.len() == all {
                        terminal::say(&report);
                    }
                    let Some(path) = &write else { return Ok(()) };
                    std::fs::write(path, format!("{PREFACE}{report}"))
                        .map_err(|error| Failure::File { path: path.clone(), error })
                })
                .await?;
            }
            Command::Plain => plain::serve().await?,
        }
        Ok(())
    })
}
