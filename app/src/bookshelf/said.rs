//! What came of a wish about My本棚.

use domain::{
    bookshelf::{HistoryProblem, ImportReport, ListKind, ShelfDone, ShelfRefusal},
    messages::{self, Key},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    components::{alert, p},
    door::parts::refused,
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    visit::{Flash, Outcome},
};

/// What was done with the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum HistorySaid {
    /// It is on.
    Started,
    /// It is open.
    Opened,
    /// It is off.
    Stopped,
    /// Entries were deleted.
    Deleted,
    /// It is off, and all of it was deleted.
    Ended,
}

/// What came of a wish about the loan history.
#[derive(Serialize, Deserialize)]
pub(crate) struct HistoryFlash(pub(crate) Result<HistorySaid, HistoryProblem>);

impl Outcome for HistoryFlash {
    const ROOM: &'static str = "history";
}

/// The name of a list.
pub(crate) fn title_of(i18n: I18n, kind: ListKind, name: &str) -> String {
    i18n.with(|messages| messages::list_title(messages, kind, name))
}

/// Says it, where it is of My本棚.
pub(crate) fn shelf_said(flash: Option<&Flash>) -> Option<ErasedView> {
    match flash? {
        Flash::Shelf(answer) => Some(list_said(answer)),
        flash => HistoryFlash::of(Some(flash)).map(|HistoryFlash(answer)| history_said(&answer)),
    }
}

fn good(text: String, more: ErasedView) -> ErasedView {
    view! { <div class="notice good" role="status"><p>{text}</p>{more}</div> }.erased()
}

fn list_said(answer: &Result<ShelfDone, ShelfRefusal>) -> ErasedView {
    let i18n = use_i18n();
    let done = match answer {
        Ok(done) => done,
        Err(refusal) => return alert(i18n.with(|messages| messages::shelf_refusal(messages, refusal))),
    };
    let text = match done {
        ShelfDone::Added { title, kind, name, already } => {
            let key = if *already { Key::ShelfSaidAlready } else { Key::ShelfSaidAdded };
            i18n.fill(key, &[("title", title), ("list", &title_of(i18n, *kind, name))])
        }
        ShelfDone::Moved { kind, name } => i18n.fill(Key::ShelfSaidMoved, &[("list", &title_of(i18n, *kind, name))]),
        ShelfDone::Changed => i18n.t(Key::ShelfSaidChanged),
        ShelfDone::Removed => i18n.t(Key::ShelfSaidRemoved),
        ShelfDone::Named => i18n.t(Key::ShelfSaidNamed),
        ShelfDone::Deleted => i18n.t(Key::ShelfSaidDeleted),
        ShelfDone::Shared => i18n.t(Key::ShelfSaidShared),
        ShelfDone::Unshared => i18n.t(Key::ShelfSaidUnshared),
        ShelfDone::Carted(n) => i18n.number(Key::ShelfSaidCarted, n),
        ShelfDone::Imported(report) => return imported(i18n, report),
    };
    good(text, ().erased())
}

/// What came of a file, with the lines that were odd.
fn imported(i18n: I18n, report: &ImportReport) -> ErasedView {
    let counts = [("added", &*report.added.to_string()), ("updated", &report.updated.to_string())];
    let lines = report
        .problems
        .iter()
        .map(|(line, problem)| {
            let reason = i18n.t(messages::import_problem(*problem));
            view! { <li>{i18n.fill(Key::ShelfImportLine, &[("n", &line.to_string()), ("reason", &reason)])}</li> }
        })
        .collect_view();
    let more = (report.more > 0).then(|| p("", i18n.number(Key::ShelfImportMore, report.more)));
    let lines = (!report.problems.is_empty()).then(|| view! { <ul>{lines}</ul> });
    good(i18n.fill(Key::ShelfSaidImported, &counts), view! { {lines}{more} }.erased())
}

fn history_said(answer: &Result<HistorySaid, HistoryProblem>) -> ErasedView {
    let i18n = use_i18n();
    match answer {
        Ok(said) => {
            let key = match said {
                HistorySaid::Started => Key::HistorySaidOn,
                HistorySaid::Opened => Key::HistorySaidOpened,
                HistorySaid::Stopped => Key::HistorySaidStopped,
                HistorySaid::Deleted => Key::HistorySaidDeleted,
                HistorySaid::Ended => Key::HistorySaidEnded,
            };
            good(i18n.t(key), ().erased())
        }
        Err(HistoryProblem::Door(refusal)) => alert(refused(refusal)),
        Err(HistoryProblem::NotOpened) => alert(i18n.t(Key::HistoryNotOpened)),
        Err(HistoryProblem::None) => alert(i18n.t(Key::HistoryNone)),
    }
}
