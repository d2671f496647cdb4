//! How soon what happens is seen, with a thousand streams open: `make live`. It prints and asserts nothing of time.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{sync::watch, task::JoinSet};

use crate::{
    postgres,
    streams::{Serving, Stream, Town, ask},
};

/// How many desks scan at once.
const DESKS: usize = 2;

/// Longer than a server's beats are apart.
const BEATS: Duration = Duration::from_secs(25);

fn number_from(variable: &str, default: usize) -> usize {
    std::env::var(variable).ok().and_then(|number| number.parse().ok()).unwrap_or(default)
}

/// What a reader's page knows.
#[derive(Clone, Default)]
struct Page {
    /// The last state, and when it came.
    state: Option<(String, String, Instant)>,
    /// How often a state came that it had already.
    repeated: usize,
    connected: Option<Instant>,
}

type Pages = Arc<Vec<Mutex<Page>>>;

/// Keeps a stream open at one server after the other, as a browser does.
async fn follow(town: Arc<Town>, n: usize, servers: Vec<std::net::SocketAddr>, pages: Pages) {
    let reader = &town.readers[n];
    let page = |work: &dyn Fn(&mut Page)| work(&mut pages[n].lock().expect("a page"));
    for turn in 0_usize.. {
        let version = pages[n].lock().expect("a page").state.as_ref().map(|(version, ..)| version.clone());
        let path = version.map_or_else(|| "/live".to_owned(), |version| format!("/live?since={version}"));
        let server = servers[turn % servers.len()];
        if let Ok(mut stream) = Stream::open(server, &path, &reader.cookie).await {
            while let Some(event) = stream.next().await {
                let now = Instant::now();
                page(&|page| {
                    page.connected = page.connected.or(Some(now));
                    if event.kind == "state" {
                        let known = page.state.as_ref().is_some_and(|(version, ..)| *version == event.id);
                        page.repeated += usize::from(known);
                        page.state = Some((event.id.clone(), event.data.clone(), now));
                    }
                });
            }
        }
        page(&|page| page.connected = None);
        // As the pages draw it: half a second, more or less by half.
        let pause = 250 + (n as u64 * 7919) % 500;
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

async fn until(what: &str, done: impl Fn() -> usize, of: usize) -> Duration {
    let begun = Instant::now();
    while done() < of {
        assert!(begun.elapsed() < Duration::from_secs(300), "{what}: {} of {of}", done());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    begun.elapsed()
}

fn told(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
        let at = ((times.len() as f64 - 1.0) * share) as usize;
        times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    };
    println!("{name:<58} p50 {:>7.1}  p95 {:>7.1}  p99 {:>7.1}  max {:>7.1} ms", at(0.5), at(0.95), at(0.99), at(1.0));
}

/// Opens a stream for each reader, half of them at each server, and says what memory one takes.
async fn open_all(town: &Arc<Town>, servers: &[Serving], pages: &Pages) -> JoinSet<()> {
    let before: u64 = servers.iter().map(Serving::memory).sum();
    let mut following = JoinSet::new();
    for n in 0..town.readers.len() {
        let mut order: Vec<_> = servers.iter().map(|server| server.address).collect();
        order.rotate_left(n % servers.len());
        following.spawn(follow(Arc::clone(town), n, order, Arc::clone(pages)));
    }
    let took = until("streams", || known(pages), town.readers.len()).await;
    tokio::time::sleep(BEATS).await;
    let after: u64 = servers.iter().map(Serving::memory).sum();
    let streams = town.readers.len() as u64;
    println!(
        "{streams} streams open after {:.1} s; memory {before} KiB before, {after} KiB with them: {:.1} KiB per stream",
        took.as_secs_f64(),
        (after.saturating_sub(before)) as f64 / streams as f64
    );
    following
}

fn known(pages: &Pages) -> usize {
    pages.iter().filter(|page| page.lock().expect("a page").state.is_some()).count()
}

/// Scans everything in, and says how long after the scan, and after its answer, it stood on the reader's page.
async fn scan_all(name: &str, town: &Arc<Town>, servers: &[Serving], pages: &Pages) {
    let mut desks = JoinSet::new();
    for desk in 0..DESKS {
        let town = Arc::clone(town);
        let server = servers[desk % servers.len()].address;
        desks.spawn(async move {
            let mut times = Vec::new();
            for n in (desk..town.readers.len()).step_by(DESKS) {
                let begun = Instant::now();
                town.check_in(server, &town.readers[n].barcode).await;
                times.push((n, begun, Instant::now()));
            }
            times
        });
    }
    let begun = Instant::now();
    let times: Vec<_> = desks.join_all().await.into_iter().flatten().collect();
    let scanning = begun.elapsed();
    let is_ready = |page: &Mutex<Page>| {
        let page = page.lock().expect("a page");
        page.state.as_ref().is_some_and(|(_, data, _)| data.contains(r#""state":"ready""#))
    };
    until("ready", || pages.iter().filter(|page| is_ready(page)).count(), pages.len()).await;
    let came = |n: usize| pages[n].lock().expect("a page").state.as_ref().map(|(.., at)| *at);
    let from = |start: &dyn Fn(&(usize, Instant, Instant)) -> Instant| {
        times.iter().filter_map(|time| Some(came(time.0)?.saturating_duration_since(start(time)))).collect()
    };
    println!("{name}: {} changes in {:.1} s, by {DESKS} desks at once", times.len(), scanning.as_secs_f64());
    told(&format!("{name}: from the scan's sending to the reader's page"), from(&|(_, begun, _)| *begun));
    told(&format!("{name}: from the scan's answer (after the commit)"), from(&|(.., answered)| *answered));
}

async fn is_as_the_library_has_it(town: &Town, pages: &Pages) -> usize {
    let mut same = 0;
    for (n, reader) in town.readers.iter().enumerate() {
        let views = town.library.reservations(reader.id).await.expect("read");
        let shown = wire::write(&views).expect("written");
        let page = pages[n].lock().expect("a page");
        same += usize::from(page.state.as_ref().is_some_and(|(_, data, _)| data.contains(&shown)));
    }
    same
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a benchmark: `make live`"]
async fn commit_to_page() {
    let readers = number_from("STREAMS", 1_000);
    for engine in ["one server on SQLite", "two servers on PostgreSQL"] {
        let folder = tempfile::tempdir().expect("a folder");
        let on_postgres = engine.contains("PostgreSQL");
        let address = match on_postgres {
            true => postgres::fresh_database().await,
            false => format!("sqlite:{}", folder.path().join("test.db").display()),
        };
        let town = Arc::new(Town::new(folder.path(), address, readers).await);
        let mut servers = vec![town.serve("one").await];
        if on_postgres {
            servers.push(town.serve("two").await);
        }
        println!("\n{engine}");
        let pages: Pages = Arc::new((0..readers).map(|_| Mutex::default()).collect());
        let mut following = open_all(&town, &servers, &pages).await;
        scan_all(engine, &town, &servers, &pages).await;
        println!(
            "{engine}: {} of {readers} pages as the library has it",
            is_as_the_library_has_it(&town, &pages).await
        );
        if on_postgres {
            kill_one(&town, &mut servers, &pages).await;
        }
        following.abort_all();
    }
}

/// Kills one of two servers and goes on changing what its readers wait for.
async fn kill_one(town: &Arc<Town>, servers: &mut [Serving], pages: &Pages) {
    let theirs: Vec<usize> = (0..town.readers.len()).step_by(2).collect();
    let (other, killed) = (servers[1].address, Instant::now());
    servers[0].kill();
    let (stop, mut stopped) = watch::channel(false);
    let extending = {
        let (town, theirs) = (Arc::clone(town), theirs.clone());
        tokio::spawn(async move {
            let mut extended = 0;
            for n in theirs {
                let view = town.library.reservations(town.readers[n].id).await.expect("read").remove(0);
                let form = "application/x-www-form-urlencoded";
                let body = format!("reservation={}", view.id);
                let answer = ask(other, "/api/extend-hold", &town.desk, form, &body).await.expect("an answer");
                assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
                extended += 1;
            }
            let _ = stopped.wait_for(|stop| *stop).await;
            extended
        })
    };
    let back = |n: &usize| pages[*n].lock().expect("a page").connected.filter(|at| *at > killed);
    until("back", || theirs.iter().filter(|n| back(n).is_some()).count(), theirs.len()).await;
    let times = theirs.iter().filter_map(|n| Some(back(n)? - killed)).collect();
    told(&format!("{} streams of the killed server follow at the other", theirs.len()), times);
    stop.send_replace(true);
    let extended = extending.await.expect("extended");
    let begun = Instant::now();
    let mut same = 0;
    while same < pages.len() && begun.elapsed() < Duration::from_secs(30) {
        same = is_as_the_library_has_it(town, pages).await;
    }
    let repeated: usize = pages.iter().map(|page| page.lock().expect("a page").repeated).sum();
    println!(
        "{extended} changes since the kill; {same} of {} pages as the library has it; {repeated} states came twice",
        pages.len()
    );
}
