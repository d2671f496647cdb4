//! A page that is always the same, by axum and nothing else.

use std::process::Command;

use axum::{Router, body::Bytes, extract::Path, response::Html, routing::get, serve::ListenerExt as _};
use server::terminal;
use tokio::net::TcpListener;

use crate::{failure::Failure, process::Program};

/// The longest page there is.
const LONGEST: usize = 1 << 20;

/// What this program is asked for to be that server.
pub(crate) const COMMAND: &str = "plain";

/// Serves pages of any length until it is killed: `/7000` has 7,000 bytes.
///
/// # Errors
/// When it can't listen.
pub(crate) async fn serve() -> Result<(), Failure> {
    let page = Bytes::from(vec![b'x'; LONGEST]);
    let router = Router::new()
        .route("/{bytes}", get(async move |Path(bytes): Path<usize>| Html(page.slice(..bytes.min(LONGEST)))));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    terminal::note(format_args!("Answering at http://{} for nothing but measuring", listener.local_addr()?));
    // As the program has it: else each page would wait for the acknowledgement of the one before.
    let listener = listener.tap_io(|line| {
        if let Err(error) = line.set_nodelay(true) {
            terminal::note(error);
        }
    });
    Ok(axum::serve(listener, router).await?)
}

/// Starts such a server in a process of its own.
///
/// # Errors
/// When it does not come up.
pub(crate) fn start() -> Result<Program, Failure> {
    Program::start("the plain server", Command::new(std::env::current_exe()?).arg(COMMAND))
}
