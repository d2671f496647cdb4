//! What can't be beaten: the parts the program stands on, alone, in the same run.

pub(crate) mod commits;
pub(crate) mod engine;
pub(crate) mod plain;
