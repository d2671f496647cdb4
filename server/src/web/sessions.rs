//! Sessions: a cookie with a random id in the browser, what belongs to it in the database.
//!
//! Nobody gets a cookie before there is something to remember: a cart, a sign-in. How long a patron or staff member
//! stays signed in is decided in `app`; here is only how long the browser is known at all.

use std::fmt;

use app::ssr::session::{KEY, SessionData};
use async_trait::async_trait;
use axum::{extract::Request, middleware::Next, response::Response};
use chrono::{DateTime, Utc};
use library::{
    Fault, Library,
    sessions::{SessionRow, session_hash},
};
use serde::Deserialize as _;
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::{
        SameSite,
        time::{Duration, OffsetDateTime},
    },
    session::{Id, Record},
    session_store,
};

use crate::terminal;

/// How long a browser is known without being used: an anonymous cart should outlast a season.
const IDLE: Duration = Duration::days(90);

/// Where a session keeps the day it was last prolonged.
const PROLONGED: &str = "prolonged";

/// Sessions in the library's database. The database sees the ids hashed only, so that who reads a copy of it can't
/// take over anybody's session.
#[derive(Clone)]
pub(super) struct Store(Library);

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

/// The sessions' layer. Under https the cookie's name itself makes browsers refuse one that a neighbouring host or a
/// plain connection has set.
pub(super) fn layer(library: &Library) -> SessionManagerLayer<Store> {
    let secure = library.policy().library.web_address.starts_with("https://");
    SessionManagerLayer::new(Store(library.clone()))
        .with_name(if secure { "__Host-hondana" } else { "hondana" })
        .with_secure(secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(IDLE))
}

/// Prolongs a session that is in use, in the database and in the browser, once a day: to write at every page would
/// make a write of every read.
pub(super) async fn keep_alive(session: Session, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    // Only what the page has looked at: for a static file nobody need ask the database.
    if !session.is_modified() && session.id().is_some() && is_page(&response) {
        let today = OffsetDateTime::now_utc().to_julian_day();
        match session.get::<i32>(PROLONGED).await {
            Ok(day) if day != Some(today) && !session.is_empty().await => {
                if let Err(error) = session.insert(PROLONGED, today).await {
                    tracing::error!(error = terminal::with_causes(&error), "prolonging a session");
                }
            }
            Ok(_) => {}
            Err(error) => tracing::error!(error = terminal::with_causes(&error), "reading a session"),
        }
    }
    response
}

fn is_page(response: &Response) -> bool {
    let content_type = response.headers().get(http::header::CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

/// The cause goes to the log, where the layer writes it; the browser gets a plain 500.
fn backend(error: Fault) -> session_store::Error {
    session_store::Error::Backend(terminal::with_causes(&error))
}

/// A session as the database keeps it. Whose it is, is read from what it holds, so that the two can't differ.
fn written(library: &Library, record: &Record) -> session_store::Result<SessionRow> {
    let ours = record.data.get(KEY).and_then(|value| SessionData::deserialize(value).ok()).unwrap_or_default();
    let data = serde_json::to_string(&record.data).map_err(|error| session_store::Error::Encode(error.to_string()))?;
    let expires_at = DateTime::<Utc>::from_timestamp(record.expiry_date.unix_timestamp(), 0)
        .ok_or_else(|| session_store::Error::Encode("expiry out of range".to_owned()))?;
    // To the day: the moment would be that of the last thing done, plus a number that everybody knows.
    let expires_at = library.beginning_of(expires_at);
    Ok(ours.row(data, expires_at, &library.policy().accounts))
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        // Ids are 128 random bits; two alike will not be seen.
        self.0.create_session(&session_hash(record.id.0), &written(&self.0, record)?).await.map_err(backend)
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.0.save_session(&session_hash(record.id.0), &written(&self.0, record)?).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let Some((data, expires_at)) = self.0.load_session(&session_hash(id.0)).await.map_err(backend)? else {
            return Ok(None);
        };
        let data = serde_json::from_str(&data).map_err(|error| session_store::Error::Decode(error.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp(expires_at.timestamp())
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.0.delete_session(&session_hash(id.0)).await.map_err(backend)
    }
}
