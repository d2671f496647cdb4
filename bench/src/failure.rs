//! Why something could not be grown or measured.

use std::{io, path::PathBuf};

use library::{Fault, catalog::search::SearchError, storage::StorageError};
use server::config::ConfigError;

/// Why something could not be grown or measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The library.
    #[error(transparent)]
    Library(#[from] Fault),
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// SQL that no use case offers.
    #[error("database: {0}")]
    Sql(#[from] sqlx::Error),
    /// The search index.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The database holds a library already.
    #[error("the database holds a library already; a grown one wants an empty one")]
    NotEmpty,
    /// A catalogue whose words were to be used.
    #[error("words of {}: {why}", path.display())]
    Words {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A file can't be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A bib that the library refused.
    #[error("title {key} was refused: {why}")]
    Refused {
        /// Its key.
        key: String,
        /// Why.
        why: String,
    },
    /// The one password of all can't be hashed.
    #[error("the password can't be hashed: {0}")]
    Hash(String),
    /// A program that was started ended or did not answer.
    #[error("{program} did not come up: {why}")]
    NotUp {
        /// Which.
        program: String,
        /// What it said.
        why: String,
    },
    /// A page was not answered as it should be.
    #[error("{path} was answered with {status}")]
    Answer {
        /// What was asked for.
        path: String,
        /// The status.
        status: http::StatusCode,
    },
    /// The line to the program broke.
    #[error("{path}: {error}")]
    Line {
        /// What was asked for.
        path: String,
        /// How it broke.
        error: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The system refuses what is needed.
    #[error("the system refuses what is needed: {0}")]
    System(#[from] io::Error),
    /// What the measured library lacks.
    #[error("the library has no {0} to measure with")]
    Lacking(&'static str),
}
