//! What the pages of the loan history ask the server, for the patron who is signed in (R28).

use domain::{HistoryEntryId, bookshelf::HistoryView};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use domain::bookshelf::HistoryProblem;
#[cfg(feature = "ssr")]
use library::bookshelf::{Opening, Started};

#[cfg(feature = "ssr")]
use super::{
    HISTORY,
    said::{HistoryFlash, HistorySaid},
};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};
#[cfg(feature = "ssr")]
use crate::{
    ssr::{fault, forms, origin, visit, visit::Visit},
    visit::Outcome as _,
};

/// Keeps what came of a wish for the next page.
#[cfg(feature = "ssr")]
async fn tell(visit: &mut Visit, answer: Result<HistorySaid, HistoryProblem>) -> Result<(), Failure> {
    visit.tell(HistoryFlash(answer).flash()?).await
}

/// The history, as far as this browser has opened it.
#[server(endpoint = "history", input = Json, output = Loadable)]
pub async fn load_history(
    /// The page, from 1.
    page: usize,
) -> Result<Answer<HistoryView>, Failure> {
    let (visit, patron) = visit::patron().await?;
    let key = visit.own_history_key();
    Answer::of(&visit.library.history(patron, key.as_ref(), page).await.map_err(fault)?)
}

/// The recovery code that was just made, once.
#[server(endpoint = "history-code", input = Json, output = Loadable)]
pub async fn load_code() -> Result<Answer<Option<String>>, Failure> {
    let (visit, _) = visit::patron().await?;
    Answer::of(&visit.take_code())
}

/// Goes on with an opened key: to the recovery code, when there is a new one.
#[cfg(feature = "ssr")]
async fn started(visit: &mut Visit, started: Started, said: HistorySaid) -> Result<String, Failure> {
    visit.keep_history_open(&started.key).await?;
    tell(visit, Ok(said)).await?;
    Ok(match started.code {
        Some(code) => {
            visit.hand_over_code(&code);
            format!("{HISTORY}/code")
        }
        None => HISTORY.to_owned(),
    })
}

/// 利用する.
#[server(endpoint = "history-start")]
pub async fn start_history(
    /// The password in use.
    #[server(default)]
    password: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        match visit.library.start_history(patron, &password, &origin()).await.map_err(fault)? {
            Ok(done) => started(&mut visit, done, HistorySaid::Started).await,
            Err(HistoryProblem::NotOpened) => Ok(format!("{HISTORY}/reopen")),
            Err(problem) => {
                tell(&mut visit, Err(problem)).await?;
                Ok(format!("{HISTORY}/start"))
            }
        }
    })
    .await
}

/// Opens it with the password in use, and goes on where it was asked for.
#[server(endpoint = "history-open")]
pub async fn open_history(
    /// The password in use.
    #[server(default)]
    password: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        match visit.library.open_history(patron, &password, &origin()).await.map_err(fault)? {
            Ok(Opening::Open(key)) => {
                visit.keep_history_open(&key).await?;
                tell(&mut visit, Ok(HistorySaid::Opened)).await?;
            }
            Ok(Opening::OtherPassword) => return Ok(format!("{HISTORY}/reopen")),
            Ok(Opening::Nothing) => tell(&mut visit, Err(HistoryProblem::None)).await?,
            Err(refusal) => tell(&mut visit, Err(HistoryProblem::Door(refusal))).await?,
        }
        Ok(forms::came_from(HISTORY))
    })
    .await
}

/// Opens it with the recovery code or an earlier password; from now on the password in use opens it.
#[server(endpoint = "history-reopen")]
pub async fn reopen_history(
    /// The password in use.
    #[server(default)]
    password: String,
    /// The recovery code, or an earlier password.
    #[server(default)]
    earlier: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        match visit.library.reopen_history(patron, &password, &earlier, &origin()).await.map_err(fault)? {
            Ok(key) => {
                visit.keep_history_open(&key).await?;
                tell(&mut visit, Ok(HistorySaid::Opened)).await?;
                Ok(HISTORY.to_owned())
            }
            Err(problem) => {
                tell(&mut visit, Err(problem)).await?;
                Ok(format!("{HISTORY}/reopen"))
            }
        }
    })
    .await
}

/// Makes a new recovery code.
#[server(endpoint = "history-new-code")]
pub async fn new_code(
    /// The password in use.
    #[server(default)]
    password: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        match visit.library.new_recovery_code(patron, &password, &origin()).await.map_err(fault)? {
            Ok(done) => started(&mut visit, done, HistorySaid::Opened).await,
            Err(problem) => {
                tell(&mut visit, Err(problem)).await?;
                Ok(format!("{HISTORY}/manage"))
            }
        }
    })
    .await
}

/// 利用しない from now on; what is kept stays.
#[server(endpoint = "history-stop")]
pub async fn stop_history() -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        visit.library.stop_history(patron).await.map_err(fault)?;
        tell(&mut visit, Ok(HistorySaid::Stopped)).await?;
        Ok(HISTORY.to_owned())
    })
    .await
}

/// Deletes one entry.
#[server(endpoint = "history-delete")]
pub async fn delete_entry(
    /// Which.
    entry: HistoryEntryId,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        visit.library.delete_history_entry(patron, entry).await.map_err(fault)?;
        tell(&mut visit, Ok(HistorySaid::Deleted)).await?;
        Ok(forms::came_from(HISTORY))
    })
    .await
}

/// Deletes all entries.
#[server(endpoint = "history-delete-all")]
pub async fn delete_all() -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        visit.library.delete_history(patron).await.map_err(fault)?;
        tell(&mut visit, Ok(HistorySaid::Deleted)).await?;
        Ok(HISTORY.to_owned())
    })
    .await
}

/// Deletes all entries and the key.
#[server(endpoint = "history-end")]
pub async fn end_history() -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        visit.library.end_history(patron).await.map_err(fault)?;
        visit.close_history().await?;
        tell(&mut visit, Ok(HistorySaid::Ended)).await?;
        Ok(HISTORY.to_owned())
    })
    .await
}
