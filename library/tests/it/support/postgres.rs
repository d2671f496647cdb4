//! One PostgreSQL server for all tests of this binary, in a temporary folder, with a database for each test.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

struct Server {
    port: u16,
    /// Kept for its standard input, whose closing stops the server.
    _script: Child,
}

static SERVER: OnceCell<Server> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The address of a database that nobody has used.
pub(super) async fn fresh_database() -> String {
    let server = SERVER.get_or_init(|| async { start() }).await;
    let name = format!("test{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let address = |database: &str| format!("postgres://hondana@127.0.0.1:{}/{database}", server.port);
    let mut connection = PgConnection::connect(&address("postgres")).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
    address(&name)
}

fn start() -> Server {
    let port = free_port();
    let mut script = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres.sh"))
        .arg(port.to_string())
        // A benchmark measures an engine that keeps what it acknowledged; other tests need not wait for the disk.
        .arg(std::env::var("POSTGRES_FSYNC").unwrap_or_else(|_| "off".to_owned()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(script.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "ready", "PostgreSQL did not start");
    Server { port, _script: script }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
