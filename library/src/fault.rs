//! What goes wrong on our side. A person is told to try again; the log gets the cause.

use domain::policy::PolicyError;

use crate::{catalog::search::SearchError, storage::StorageError};

/// A use case could not be carried out, and the person is not to blame.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The search index.
    #[error("search: {0}")]
    Search(#[from] SearchError),
    /// Hashing a password.
    #[error("password hashing: {0}")]
    Hashing(String),
    /// A mail could not be made or sent.
    #[error("mail: {0}")]
    Mail(String),
    /// A file.
    #[error("file {path}: {error}")]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// What happened.
        error: std::io::Error,
    },
    /// A file for a patron could not be written.
    #[error("sheet: {0}")]
    Sheet(String),
    /// Something comes before what it is about was noted; the same again, a little later, finds it.
    #[error("too early: {0}")]
    TooEarly(&'static str),
    /// A channel beside mail.
    #[error("channel: {0}")]
    Channel(&'static str),
    /// Something could not be sealed, or a key is none.
    #[error("sealing: {0}")]
    Sealing(&'static str),
    /// The policy can't be used.
    #[error("policy: {0}")]
    Policy(#[from] PolicyError),
    /// The policy names a zone of time that does not exist.
    #[error("policy: unknown zone `{0}`")]
    UnknownZone(String),
    /// Somebody who was signed in is no longer known.
    #[error("account is gone")]
    AccountGone,
    /// A file brought along with the program does not fit it.
    #[error("demo data: {0}")]
    Demo(String),
    /// A task of ours was stopped or panicked.
    #[error("background task: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}

impl Fault {
    /// Whether a rival's write was the reason, so that trying again makes sense.
    pub fn is_worth_another_try(&self) -> bool {
        matches!(self, Self::Storage(error) if error.is_worth_another_try())
    }

    /// Whether it came of the program's end, which waits for requests but not for the pages of browsers that went away.
    pub fn is_of_the_end(&self) -> bool {
        matches!(self, Self::Storage(error) if error.is_closed())
    }
}
