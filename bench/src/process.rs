//! Programs that are measured: started, asked what they cost, stopped.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use crate::failure::Failure;

/// How long a program may take until it answers. The first start of a build compresses the browser's files.
const START: Duration = Duration::from_secs(120);

/// A program that answers over HTTP. It is stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct Program {
    /// Where it answers.
    pub(crate) address: SocketAddr,
    /// From its beginning until it said so.
    pub(crate) start: Duration,
    child: Child,
}

impl Program {
    /// Starts it and waits until it says on its standard error where it answers.
    ///
    /// # Errors
    /// When it ends before, or says nothing.
    pub(crate) fn start(name: &str, command: &mut Command) -> Result<Self, Failure> {
        let begun = Instant::now();
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let (say, said) = mpsc::channel();
        if let Some(stderr) = child.stderr.take() {
            // Read to its end, so that it never waits for somebody to listen.
            std::thread::spawn(move || {
                for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                    // Nobody listens any more once the address is known.
                    let _ = say.send(line);
                }
            });
        }
        let mut last = String::new();
        while let Ok(line) = said.recv_timeout(START.saturating_sub(begun.elapsed())) {
            let address = line.split_once("http://").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
            if let Some(address) = address {
                return Ok(Self { address, start: begun.elapsed(), child });
            }
            last = line;
        }
        let _ = child.kill();
        let _ = child.wait();
        Err(Failure::NotUp { program: name.to_owned(), why: last })
    }

    /// The CPU time it has used.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |n: usize| fields.get(n).and_then(|ticks| ticks.parse::<u64>().ok()).unwrap_or_default();
        // A hundred ticks a second on every Linux.
        Duration::from_millis((ticks(11) + ticks(12)) * 10)
    }

    /// Its memory that is no file's, in bytes.
    pub(crate) fn anonymous_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
    }

    /// Stops it as an operator would.
    pub(crate) fn stop(mut self) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status();
        if told.is_ok_and(|told| told.success()) {
            let _ = self.child.wait();
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended already is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A PostgreSQL server of its own, which ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Postgres {
    port: u16,
    /// Kept for its standard input, whose closing stops the server.
    _script: Child,
}

impl Postgres {
    /// Starts one that keeps what it acknowledged.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn start(script: &Path) -> Result<Self, Failure> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut child = Command::new(script)
            .args([&port.to_string(), "on"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| Failure::File { path: script.to_path_buf(), error })?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        if line.trim() == "ready" {
            Ok(Self { port, _script: child })
        } else {
            Err(Failure::NotUp { program: "PostgreSQL".to_owned(), why: line })
        }
    }

    /// The address of one of its databases.
    pub(crate) fn address(&self, database: &str) -> String {
        format!("postgres://hondana@127.0.0.1:{}/{database}", self.port)
    }
}
