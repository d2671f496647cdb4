//! How quick the pages are, at a few clients and at many.

use std::{sync::Arc, time::Duration};

use crate::{
    client::{Client, FORM, Post, Took, load},
    failure::Failure,
    process::Program,
    queries::{Questions, Way},
};

/// How many ask at once.
const CLIENTS: [usize; 3] = [1, 8, 32];

/// The share of the time that is given to what warms up, and to bare pages.
const SHORT: u32 = 2;

/// A page at one number of clients.
#[derive(Clone, Debug)]
pub(crate) struct PageTook {
    /// As the report calls it.
    pub(crate) page: &'static str,
    pub(crate) clients: usize,
    pub(crate) took: Took,
    /// A constant page of the same size, by axum alone.
    pub(crate) plain: Took,
}

/// The result list of one way of searching, for one client.
#[derive(Clone, Debug)]
pub(crate) struct ListTook {
    /// All ways in turn, when there is none.
    pub(crate) way: Option<Way>,
    pub(crate) took: Took,
    /// The same pages as browsers without decompression get them.
    pub(crate) uncompressed: Took,
    pub(crate) plain: Took,
}

/// What was measured of the pages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pages {
    pub(crate) pages: Vec<PageTook>,
    pub(crate) lists: Vec<ListTook>,
}

/// Signs a patron in and answers the session's cookie. Each comes from an address of their own.
///
/// # Errors
/// When they are not signed in.
pub(crate) async fn sign_in(client: &Client, card: &str, password: &str, n: usize) -> Result<String, Failure> {
    let from = format!("10.{}.{}.{}", n >> 16 & 255, n >> 8 & 255, n & 255);
    let body = format!("card={card}&password={password}&next=");
    let path = "/api/sign-in";
    let answer = client.post(Post { path, cookie: "", kind: FORM, body, from: Some(from) }).await?;
    match answer.cookie() {
        Some(cookie) if !answer.location().contains("/login") => Ok(cookie),
        _ => Err(Failure::Answer { path: path.to_owned(), status: answer.status }),
    }
}

/// Measures the pages of this server; `plain` is what serves constant pages.
///
/// # Errors
/// When a page is not answered as it should be.
pub(crate) async fn pages(
    server: &Program,
    plain: &Program,
    questions: &Questions,
    patrons: &[String],
    time: Duration,
) -> Result<Pages, Failure> {
    let client = Client::of(server.address);
    let everything = Asked { server, client: client.clone(), cookies: Arc::default() };
    let own = Asked { server, client, cookies: patrons.into() };
    let mut found = Pages::default();
    for (page, asked, paths) in [
        ("home", &everything, vec!["/".to_owned()]),
        ("result list", &everything, questions.lists(None)),
        ("record", &everything, questions.records()),
        ("予約状況", &own, vec!["/account/reservations".to_owned()]),
    ] {
        let paths: Arc<[String]> = paths.into();
        asked.take(&paths, 8, time / SHORT, true).await?;
        for clients in CLIENTS {
            let took = asked.take(&paths, clients, time, true).await?;
            let plain = bare(plain, took.bytes_each(), clients, time / SHORT).await?;
            found.pages.push(PageTook { page, clients, took, plain });
        }
    }
    for way in Way::ALL.map(Some).into_iter().chain([None]) {
        let paths: Arc<[String]> = questions.lists(way).into();
        let took = everything.take(&paths, 1, time, true).await?;
        let uncompressed = everything.take(&paths, 1, time / SHORT, false).await?;
        let plain = bare(plain, took.bytes_each(), 1, time / SHORT).await?;
        found.lists.push(ListTook { way, took, uncompressed, plain });
    }
    Ok(found)
}

/// Who asks, and whom.
struct Asked<'a> {
    server: &'a Program,
    client: Client,
    /// Of whoever is signed in, in turn; nobody when there are none.
    cookies: Arc<[String]>,
}

impl Asked<'_> {
    async fn take(
        &self,
        paths: &Arc<[String]>,
        clients: usize,
        time: Duration,
        compressed: bool,
    ) -> Result<Took, Failure> {
        let (client, cookies, paths) = (self.client.clone(), Arc::clone(&self.cookies), Arc::clone(paths));
        load(self.server, clients, time, move |n| {
            let (client, cookies, paths) = (client.clone(), Arc::clone(&cookies), Arc::clone(&paths));
            async move {
                let path = paths.get(n % paths.len().max(1)).map_or("/", String::as_str);
                let cookie = cookies.get(n % cookies.len().max(1)).map_or("", String::as_str);
                client.page(path, cookie, compressed).await
            }
        })
        .await
    }
}

async fn bare(plain: &Program, bytes: usize, clients: usize, time: Duration) -> Result<Took, Failure> {
    let (client, path) = (Client::of(plain.address), format!("/{bytes}"));
    load(plain, clients, time, move |_| {
        let (client, path) = (client.clone(), path.clone());
        async move { client.page(&path, "", true).await }
    })
    .await
}
