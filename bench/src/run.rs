//! A whole measurement: a library of each size on each engine, grown, searched, stormed.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use clap::ValueEnum;
use domain::catalog::SearchQuery;
use library::{
    Clock, Library,
    catalog::search::SearchIndex,
    demo::PATRON_PASSWORD,
    storage::{Database, Tx},
};
use server::{
    config::{Overrides, Settings},
    terminal,
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{
    client::{Client, Took},
    day::{Day, Rhythm, day},
    failure::Failure,
    grow::{Grown, Size, grow},
    limits::{commits::commits, engine, plain},
    pages::{Pages, pages, sign_in},
    process::{Postgres, Program},
    queries::{Questions, Way},
    sql::fetch_all,
    storm::{Stage, Storm, alone, storms},
    words::Words,
};

/// What a measured library has otherwise than the defaults.
const SETTINGS: &str = include_str!("settings.toml");

/// Patrons whose 予約状況 is looked at.
const READERS: i64 = 40;

/// The fewest patrons, enough for the storm, and the most: those of a large city.
const PATRONS: (usize, usize) = (4_000, 200_000);

/// The name of the database on PostgreSQL.
const DATABASE: &str = "bench";

/// How many commit at once.
const MANY: u32 = 32;

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// SQLite, in a file beside the program.
    Sqlite,
    /// PostgreSQL, started for the measurement.
    Postgres,
}

impl Engine {
    /// As the report calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// How it is measured.
pub(crate) struct Plan {
    /// The program `hondana`.
    pub(crate) program: PathBuf,
    /// The browser's files; beside the program when not given.
    pub(crate) site: Option<PathBuf>,
    /// Where databases and indexes are made; the system's folder for what does not last when not given.
    pub(crate) folder: Option<PathBuf>,
    /// What starts PostgreSQL.
    pub(crate) postgres: PathBuf,
    /// Folder of real catalogues.
    pub(crate) words: PathBuf,
    /// What everything is drawn by.
    pub(crate) seed: u64,
    /// How long each page is asked for.
    pub(crate) time: Duration,
    /// What a day is played by.
    pub(crate) rhythm: Option<Rhythm>,
    /// Whether only the pages are measured.
    pub(crate) calm: bool,
}

/// What was measured of a library of one size on one engine.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) engine: Engine,
    pub(crate) grown: Grown,
    /// From the start of the program with an existing index until it answers.
    pub(crate) start: Duration,
    /// Anonymous memory of the program after the pages, in bytes.
    pub(crate) memory: u64,
    pub(crate) searches: Vec<Searched>,
    pub(crate) pages: Pages,
    /// Absent when only the pages were measured.
    pub(crate) storm: Option<Stormed>,
    /// Absent as well where there are no real loans to play it by.
    pub(crate) day: Option<Day>,
}

/// One way of searching without the web; all in turn when there is no way.
#[derive(Clone, Debug)]
pub(crate) struct Searched {
    pub(crate) way: Option<Way>,
    /// Tantivy alone, and the records read by their keys.
    pub(crate) bare: Took,
    /// The library.
    pub(crate) ours: Took,
}

/// The storms beside the engine's bare commits.
#[derive(Clone, Debug)]
pub(crate) struct Stormed {
    /// Reservations one after the other before them, each of a title of its own.
    pub(crate) alone: Took,
    /// With searchers who never pause.
    pub(crate) hurried: Storm,
    /// With searchers who look at each list for a second.
    pub(crate) at_ease: Storm,
    /// Commits of one client.
    pub(crate) one: Took,
    /// Commits of as many clients as search during the storm.
    pub(crate) many: Took,
}

/// Measures each size on each engine, the smallest first, and shows after each what there is so far: the largest takes most of
/// an hour, and one that fails shall not take along what came before.
///
/// # Errors
/// The first thing that fails.
pub(crate) async fn run(
    plan: &Plan,
    sizes: &[usize],
    engines: &[Engine],
    show: impl Fn(&[Measured]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let words = Words::read(&plan.words)?;
    let plain = plain::start()?;
    let mut measured = Vec::new();
    for size in sizes {
        for engine in engines {
            measured.push(measure(plan, &words, &plain, *size, *engine).await?);
            show(&measured)?;
        }
    }
    Ok(())
}

async fn measure(
    plan: &Plan,
    words: &Words,
    plain: &Program,
    bibs: usize,
    engine: Engine,
) -> Result<Measured, Failure> {
    let folder = match &plan.folder {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let postgres = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Postgres::start(&plan.postgres)?),
    };
    let (file, settings) = settings(folder.path(), postgres.as_ref()).await?;
    let patrons = (bibs * 2 / 5).clamp(PATRONS.0, PATRONS.1);
    let grown = grow(&settings, words, Size { bibs, patrons, seed: plan.seed }).await?;
    terminal::note(format_args!("Measuring {bibs} titles on {} …", engine.name()));

    let library = open(&settings, SearchIndex::in_ram()?).await?;
    let questions = Questions::of(&library, plan.seed).await?;
    let searches = searches(&settings, &library, &questions, plan.time / 2).await?;
    let readers = readers(&library).await?;
    let before_the_storm = if plan.calm { None } else { Some(stage(&settings).await?) };

    // The first start may have files of the browser to compress.
    serve(plan, &file, &settings)?.stop();
    let server = serve(plan, &file, &settings)?;
    let client = Client::of(server.address);
    let mut cookies = Vec::with_capacity(readers.len());
    for (n, card) in readers.iter().enumerate() {
        cookies.push(sign_in(&client, card, PATRON_PASSWORD, (1 << 20) + n).await?);
    }
    let pages = pages(&server, plain, &questions, &cookies, plan.time).await?;
    let memory = server.anonymous_memory();
    let (storm, day) = match before_the_storm {
        Some((stage, one, many)) => {
            let entered = stage.enter(&server).await?;
            let alone = alone(&server, &stage, &entered).await?;
            let [hurried, at_ease] = storms(&server, &library, &stage, &entered, questions.lists(None)).await?;
            let day = match &plan.rhythm {
                Some(rhythm) => {
                    let loans_a_day = grown.circulation.loans as f64 / f64::from(settings.policy.loans.days);
                    let pages = (questions.lists(None), questions.records());
                    Some(day(&server, rhythm, stage, entered, pages, loans_a_day).await?)
                }
                None => None,
            };
            (Some(Stormed { alone, hurried, at_ease, one, many }), day)
        }
        None => (None, None),
    };
    let start = server.start;
    server.stop();
    library.database().close().await;
    Ok(Measured { engine, grown, start, memory, searches, pages, storm, day })
}

/// The settings of a library in this folder, and the file of them that the program is given.
async fn settings(folder: &Path, postgres: Option<&Postgres>) -> Result<(PathBuf, Settings), Failure> {
    let file = folder.join("settings.toml");
    std::fs::write(&file, SETTINGS).map_err(|error| Failure::File { path: file.clone(), error })?;
    let data_dir = folder.join("data");
    let database_url = match postgres {
        None => format!("sqlite:{}", data_dir.join("hondana.db").display()),
        Some(postgres) => {
            let mut connection = PgConnection::connect(&postgres.address("postgres")).await?;
            sqlx::query(AssertSqlSafe(format!("create database {DATABASE}"))).execute(&mut connection).await?;
            postgres.address(DATABASE)
        }
    };
    let overrides = Overrides { database_url: Some(database_url), data_dir: Some(data_dir), ..Overrides::default() };
    let settings = Settings::load(Some(&file), overrides)?;
    Ok((file, settings))
}

async fn open(settings: &Settings, index: SearchIndex) -> Result<Library, Failure> {
    let database = Database::open(&settings.server.database_url()).await?;
    Ok(Library::new(database, settings.policy.clone(), index, Clock::System)?)
}

/// Searches without the web, first by the engine alone. One process at a time can hold the index, so the two follow each other.
async fn searches(
    settings: &Settings,
    library: &Library,
    questions: &Questions,
    time: Duration,
) -> Result<Vec<Searched>, Failure> {
    let ways: Vec<Option<Way>> = Way::ALL.map(Some).into_iter().chain([None]).collect();
    let index = SearchIndex::open(&settings.server.search_dir())?;
    let mut bare = Vec::with_capacity(ways.len());
    for way in &ways {
        let queries: Vec<&SearchQuery> = questions.searches(*way);
        bare.push(engine::bare(library, &index, &queries, time).await?);
    }
    let library = open(settings, index).await?;
    let mut searches = Vec::with_capacity(ways.len());
    for (way, bare) in ways.into_iter().zip(bare) {
        let ours = engine::ours(&library, &questions.searches(way), time).await?;
        searches.push(Searched { way, bare, ours });
    }
    library.database().close().await;
    Ok(searches)
}

/// Sets the stage for the storm, and measures the engine's commits by one client and by many.
async fn stage(settings: &Settings) -> Result<(Stage, Took, Took), Failure> {
    let library = open(settings, SearchIndex::open(&settings.server.search_dir())?).await?;
    let stage = Stage::set(&library).await?;
    library.database().close().await;
    let address = settings.server.database_url();
    let one = commits(&address, &stage.patrons, 1).await?;
    let many = commits(&address, &stage.patrons, MANY).await?;
    Ok((stage, one, many))
}

/// The cards of those who have the most reserved.
async fn readers(library: &Library) -> Result<Vec<String>, Failure> {
    let mut tx: Tx = library.database().begin_read().await?;
    let rows = fetch_all!(
        &mut tx,
        (String,),
        "select p.card_number from patron p join reservation r on r.patron_id = p.id
         group by p.card_number order by count(*) desc, p.card_number limit $1",
        READERS
    )?;
    if rows.is_empty() {
        Err(Failure::Lacking("reservations"))
    } else {
        Ok(rows.into_iter().map(|row| row.0).collect())
    }
}

fn serve(plan: &Plan, file: &Path, settings: &Settings) -> Result<Program, Failure> {
    let mut command = Command::new(&plan.program);
    command.arg("serve");
    if let Some(site) = &plan.site {
        command.arg("--site").arg(site);
    }
    command
        .env_clear()
        .env("HONDANA_CONFIG", file)
        .env("HONDANA_ADDR", "127.0.0.1:0")
        .env("HONDANA_DATA_DIR", &settings.server.data_dir)
        .env("HONDANA_DATABASE_URL", settings.server.database_url())
        .env("RUST_LOG", "error");
    Program::start("hondana", &mut command)
}
