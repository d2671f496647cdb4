//! `hondana serve`: answer browsers until told to stop, and do in the background what nobody asks for.

use std::{future::Future, net::SocketAddr, panic, path::PathBuf, time::Duration};

use app::ssr::session::without_flash;
use library::{
    Fault,
    notices::{Mailer, Pusher, Webhook},
};
use tokio::{
    net::TcpListener,
    runtime::Handle,
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
};

use super::{Stop, clock, mailer, only_in_the_demo, open_library};
use crate::{
    config::{GatewayFile, ImapFile, PushFile, Settings},
    terminal,
    web::{ConnectionLimits, Operation, Site, Web, router, serve_connections},
};

/// How long a change in the catalogue may take to be found.
const SEARCH_PAUSE: Duration = Duration::from_secs(2);

/// How often expired sessions are swept out.
const SESSIONS_PAUSE: Duration = Duration::from_secs(60 * 60);

/// How often questions are forgotten that no passkey answered.
const QUESTIONS_PAUSE: Duration = Duration::from_secs(5 * 60);

/// How often mails that came back are looked for.
const BOUNCES_PAUSE: Duration = Duration::from_secs(2 * 60);

/// How often the notices that wait are counted, for the figures.
const COUNTING_PAUSE: Duration = Duration::from_secs(15);

/// Most connections that may ask for the figures at once.
const WATCHERS: usize = 16;

/// How long background work under way is waited for at the end.
const LAST_WORK: Duration = Duration::from_secs(10);

/// Serves until SIGINT or SIGTERM. What changes something is done on the threads of `changing`.
///
/// # Errors
/// When database, search index, site files or address can't be used.
pub async fn serve(
    settings: Settings,
    site: Option<PathBuf>,
    clock_file: Option<PathBuf>,
    changing: Handle,
) -> Result<(), Stop> {
    log_panics_without_their_words();
    let site = Site::find(site)?;
    let other_time = clock_file.is_some();
    let library = open_library(&settings, clock(clock_file)).await?;
    only_in_the_demo(&library, other_time).await?;
    let mailer = mailer(&settings)?;
    let push = settings.push.as_ref().map(PushFile::settings).transpose()?;
    let webhook = settings.webhook.as_ref().map(GatewayFile::settings).transpose()?;
    // The desk may read mails in the demo only: elsewhere they are between the library and its patrons.
    let mail_folder = match &mailer {
        Mailer::Folder(folder) if library.is_demo().await? => Some(folder.clone()),
        _ => None,
    };
    let (listener, addr) = listen(settings.server.addr).await?;
    let operation = Operation::new(&library, &settings.server, &changing);
    let router = router(&Web {
        library: library.clone(),
        mail_folder,
        push: push.clone(),
        site: site.clone(),
        trusted_proxies: settings.server.trusted_proxies.clone(),
        operation: operation.clone(),
    });
    let (stop, stopped) = watch::channel(false);
    let limits = ConnectionLimits::of(settings.server.connections.get());
    // From here on whoever asks is answered: until all is ready, that it is not yet.
    let serving = tokio::spawn(serve_connections(listener, router, limits, until(stopped.clone())));
    if let Some(metrics) = settings.server.metrics_addr {
        let (listener, metrics) = listen(metrics).await?;
        tracing::info!("figures at http://{metrics}/metrics");
        let router = operation.metrics_router();
        tokio::spawn(serve_connections(listener, router, ConnectionLimits::of(WATCHERS), until(stopped.clone())));
    }
    // Nobody waits for it: until it is done files go as they are. A thread of its own, which ends with the program.
    std::thread::spawn(move || site.compress());
    // Where there is an index already, what was found yesterday is found until it knows of today.
    if library.indexed_titles() == 0 {
        library.feed_search().await?;
    }

    let stops = told_to_stop()?;
    let mut jobs = JoinSet::new();
    jobs.spawn(every(SEARCH_PAUSE, "feeding the search index", stopped.clone(), {
        let library = library.clone();
        move || {
            let library = library.clone();
            async move { library.feed_search().await.map(drop) }
        }
    }));
    jobs.spawn(every(SESSIONS_PAUSE, "sweeping sessions, carts and answers", stopped.clone(), {
        let library = library.clone();
        move || {
            let library = library.clone();
            async move {
                library.change_old_sessions(without_flash).await?;
                library.sweep().await
            }
        }
    }));
    jobs.spawn(every(QUESTIONS_PAUSE, "forgetting questions to passkeys", stopped.clone(), {
        let library = library.clone();
        move || {
            let library = library.clone();
            async move { library.forget_questions().await }
        }
    }));
    jobs.spawn({
        let (library, stopped) = (library.clone(), stopped.clone());
        async move { library.run_outbox(mailer, until(stopped)).await }
    });
    if let Some(push) = push {
        let (library, stopped) = (library.clone(), stopped.clone());
        jobs.spawn(async move { library.run_outbox(Pusher::new(push), until(stopped)).await });
    }
    if let Some(webhook) = webhook {
        let (library, stopped) = (library.clone(), stopped.clone());
        jobs.spawn(async move { library.run_outbox(Webhook::new(webhook), until(stopped)).await });
    }

    jobs.spawn({
        let (library, stopped) = (library.clone(), stopped.clone());
        async move { library.run_daily(until(stopped)).await }
    });
    if let Some(folder) = settings.bounces.as_ref().and_then(|bounces| bounces.maildir.clone()) {
        jobs.spawn(every(BOUNCES_PAUSE, "reading mails that came back", stopped.clone(), {
            let library = library.clone();
            move || {
                let (library, folder) = (library.clone(), folder.clone());
                async move { library.take_bounces_of_maildir(&folder).await.map(drop) }
            }
        }));
    }
    if let Some(imap) = settings.bounces.as_ref().and_then(|bounces| bounces.imap.as_ref()).map(ImapFile::settings) {
        jobs.spawn(every(BOUNCES_PAUSE, "reading the mailbox of mails that came back", stopped.clone(), {
            let library = library.clone();
            move || {
                let (library, imap) = (library.clone(), imap.clone());
                async move { library.take_bounces_of_mailbox(&imap).await.map(drop) }
            }
        }));
    }

    jobs.spawn({
        let (library, stopped, room) = (library.clone(), stopped.clone(), settings.server.streams);
        async move { library.run_live(room, until(stopped)).await }
    });

    jobs.spawn(every(COUNTING_PAUSE, "counting notices that wait", stopped.clone(), {
        let operation = operation.clone();
        move || {
            let operation = operation.clone();
            async move { operation.count_notices().await }
        }
    }));

    operation.is_ready();
    terminal::note(format_args!("Answering at http://{addr} (Ctrl-C stops)"));
    let drain = Duration::from_secs(settings.server.drain_seconds.into());
    tokio::spawn(async move {
        stops.await;
        tracing::info!("stopping");
        operation.is_stopping();
        tokio::time::sleep(drain).await;
        stop.send_replace(true);
    });
    serving.await.map_err(Fault::from)?;
    let last_work = async { while jobs.join_next().await.is_some() {} };
    if tokio::time::timeout(LAST_WORK, last_work).await.is_err() {
        tracing::warn!("stopping with background work still under way");
    }
    library.database().close().await;
    Ok(())
}

/// Takes an address, and answers which: the system chooses a port where the settings say 0.
async fn listen(addr: SocketAddr) -> Result<(TcpListener, SocketAddr), Stop> {
    let refused = |error| Stop::Listen { addr, error };
    let listener = TcpListener::bind(addr).await.map_err(refused)?;
    let addr = listener.local_addr().map_err(refused)?;
    Ok((listener, addr))
}

/// Ends when the program is told to stop: by Ctrl-C or by whoever supervises it. Told twice, it stops at once.
fn told_to_stop() -> Result<impl Future<Output = ()>, Stop> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Stop::Runtime)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Stop::Runtime)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tokio::spawn(async move {
            interrupt.recv().await;
            std::process::exit(130);
        });
    })
}

/// Ends when the channel says so.
async fn until(mut stopped: watch::Receiver<bool>) {
    // A sender that is gone says the same.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Does the work again and again, with a pause after each time, until `stopped`. A failure is logged, and the next
/// time may fare better.
async fn every<Work>(pause: Duration, what: &'static str, stopped: watch::Receiver<bool>, work: impl Fn() -> Work)
where
    Work: Future<Output = Result<(), Fault>>,
{
    loop {
        if let Err(error) = work().await {
            tracing::error!(error = terminal::with_causes(&error), what, "background work failed");
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = until(stopped.clone()) => return,
        }
    }
}

/// What a panic says may hold what a person typed; where it happened does not.
fn log_panics_without_their_words() {
    panic::set_hook(Box::new(|panicked| match panicked.location() {
        Some(location) => tracing::error!(%location, "panic"),
        None => tracing::error!("panic"),
    }));
}
