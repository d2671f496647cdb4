//! One PostgreSQL server for all tests of this binary, in a temporary folder, with a database for each test.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

/// Starts the server and stops it when this script's standard input closes, which happens whichever way the test
/// program ends. initdb refuses root, so root steps down to Debian's user for it.
const SCRIPT: &str = r#"
set -eu
bin=$1 port=$2 fsync=$3
folder=$(mktemp -d)
as() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder"; as() { runuser -u postgres -- "$@"; }; fi
stop() { as "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap stop EXIT
cd "$folder"
as "$bin/initdb" -D "$folder/data" -U hondana -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
as "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w start >/dev/null \
    -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=$fsync -c max_connections=400" \
    || { cat "$folder/log" >&2; exit 1; }
echo ready
cat >/dev/null
"#;

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
    let bin = newest_bin().expect("PostgreSQL's server is not installed; `make test` installs it");
    let port = free_port();
    let mut script = Command::new("sh")
        .args(["-c", SCRIPT, "sh"])
        .arg(bin)
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

/// The newest of Debian's versions, or whatever is on the path.
fn newest_bin() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    versions.sort();
    versions.pop().or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| folder.join("initdb").exists())
    })
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
