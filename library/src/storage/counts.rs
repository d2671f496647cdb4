//! What a database has done since it was opened, for whoever looks after it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts that go up.
#[derive(Debug, Default)]
pub(super) struct Counts {
    commits: AtomicU64,
    writes: AtomicU64,
}

impl Counts {
    /// A commit begins.
    pub(super) fn commit(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    /// So many writes are on the disk.
    pub(super) fn written(&self, writes: usize) {
        self.writes.fetch_add(writes as u64, Ordering::Relaxed);
    }

    /// How many commits there were.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// How many writes were committed.
    pub(super) fn writes(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }
}

/// How a database is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseFigures {
    /// Connections that are open: those for reading on SQLite, all on PostgreSQL.
    pub connections: usize,
    /// Those of them that nobody uses now.
    pub idle: usize,
    /// Writes that were committed since the program began.
    pub writes: u64,
    /// Commits since then. SQLite shares one between the writes that wait for it.
    pub commits: u64,
}
