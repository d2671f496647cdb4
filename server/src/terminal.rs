//! Saying something to the person at the terminal: the only place that writes to standard output and error.
//!
//! The log (`tracing`) is for whoever runs the service later; this is for whoever typed the command. A closed pipe
//! (`hondana demo | head -1`) is no reason to fail, so errors of writing are dropped.

use std::{error::Error, fmt::Display, io::Write};

/// Writes a line of the command's result to standard output.
pub fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Writes a line about the command's course to standard error.
pub fn note(line: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Writes an error and what lies behind it to standard error.
pub fn fault(error: &dyn Error) {
    note(format_args!("hondana: {}", with_causes(error)));
}

/// An error with its causes behind it, each told once.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let why = error.to_string();
        // Transparent errors repeat their source's words.
        if !text.ends_with(&why) {
            text.push_str(": ");
            text.push_str(&why);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the file cannot be read")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn causes_are_told_once() {
        let error = Outer(std::io::Error::other("disk on fire"));
        assert_eq!(with_causes(&error), "the file cannot be read: disk on fire");
    }
}
