//! What the pages 貸出, 返却 and 控えた記録 ask the server. Staff at a desk only.

#[cfg(feature = "ssr")]
use domain::circulation::Settle;
use domain::{
    OpId,
    circulation::{CounterAnswer, CounterScan, LateScan, LateTrouble, Played, Refusal, Turn, Undone},
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::{DeskFlash, api::tell};
#[cfg(feature = "ssr")]
use crate::ssr::{fault, forms, visit};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// 貸出: a card or a copy was scanned.
#[server(endpoint = "counter", input = Json, output = Json)]
pub async fn scan_at_counter(
    /// The same for a scan that is sent again.
    op: OpId,
    /// Whose turn it is.
    turn: Option<Turn>,
    /// What was scanned.
    scan: CounterScan,
) -> Result<CounterAnswer, Failure> {
    let (visit, here) = visit::desk().await?;
    visit.library.scan_at_counter(op, &here, turn, &scan).await.map_err(fault)
}

/// 貸出, as a plain form.
#[server(endpoint = "counter-form")]
pub async fn counter_form(
    /// The same for a form that is sent again.
    op: OpId,
    /// Whose turn it is, as the page wrote it.
    #[server(default)]
    turn: String,
    /// As it was scanned or typed; empty ends the turn.
    #[server(default)]
    text: String,
    /// What staff say it is, when they were asked.
    #[server(default)]
    read_as: String,
    /// Why the copy is lent in spite of a refusal.
    #[server(default)]
    reason: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, here) = visit::desk().await?;
        if !text.trim().is_empty() {
            let scan = CounterScan { text, read_as: read_as.parse().ok(), reason: Some(reason) };
            let turn = serde_json::from_str(&turn).ok();
            let answer = visit.library.scan_at_counter(op, &here, turn, &scan).await.map_err(fault)?;
            tell(&mut visit, &DeskFlash::Counter(Box::new(answer))).await?;
        }
        Ok("/desk/check-out".to_owned())
    })
    .await
}

/// Undoes the last scan of a copy, on the page 貸出.
#[server(endpoint = "counter-undo", input = Json, output = Json)]
pub async fn undo_at_counter(
    /// The same for a press that is sent again.
    op: OpId,
    /// Whose turn it is.
    turn: Option<Turn>,
    /// The copy.
    barcode: String,
) -> Result<CounterAnswer, Failure> {
    let (visit, here) = visit::desk().await?;
    visit.library.undo_at_counter(op, &here, turn, &barcode).await.map_err(fault)
}

/// Undoes the last scan of a copy, on the page 返却.
#[server(endpoint = "undo", input = Json, output = Json)]
pub async fn undo_scan(
    /// The same for a press that is sent again.
    op: OpId,
    /// The copy.
    barcode: String,
) -> Result<Result<Undone, Refusal>, Failure> {
    let (visit, _) = visit::desk().await?;
    visit.library.undo_scan(op, &barcode).await.map_err(fault)
}

/// Undoes the last scan of a copy, as a plain form of either page.
#[server(endpoint = "undo-form")]
pub async fn undo_form(
    /// The same for a form that is sent again.
    op: OpId,
    /// Whose turn it is, as the page 貸出 wrote it; nothing on the page 返却.
    #[server(default)]
    turn: String,
    /// The copy.
    #[server(default)]
    barcode: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, here) = visit::desk().await?;
        if let Ok(turn) = serde_json::from_str(&turn) {
            let answer = visit.library.undo_at_counter(op, &here, Some(turn), &barcode).await.map_err(fault)?;
            tell(&mut visit, &DeskFlash::Counter(Box::new(answer))).await?;
            return Ok("/desk/check-out".to_owned());
        }
        let answer = visit.library.undo_scan(op, &barcode).await.map_err(fault)?;
        tell(&mut visit, &DeskFlash::Undone { barcode, answer }).await?;
        Ok("/desk".to_owned())
    })
    .await
}

/// Plays in a scan that waited in the browser.
#[server(endpoint = "play-in", input = Json, output = Json)]
pub async fn play_in(
    /// The scan.
    scan: LateScan,
    /// How long it waited, by the browser's clock.
    milliseconds_ago: i64,
) -> Result<Played, Failure> {
    let (visit, _) = visit::desk().await?;
    visit.library.play_in(&scan, milliseconds_ago).await.map_err(fault)
}

/// What was played in and is not as it should be.
#[server(endpoint = "late", input = Json, output = Loadable)]
pub async fn late_troubles() -> Result<Answer<Vec<LateTrouble>>, Failure> {
    let (visit, _) = visit::desk().await?;
    Answer::of(&visit.library.late_troubles().await.map_err(fault)?)
}

/// Takes a late scan off the list.
#[server(endpoint = "late-settle")]
pub async fn settle_late(
    /// Which scan.
    scan: OpId,
    /// `lend`, or else nothing is recorded.
    #[server(default)]
    deed: String,
    /// 利用者番号, as typed.
    #[server(default)]
    card: String,
    /// As typed or scanned.
    #[server(default)]
    barcode: String,
    /// Why, for the log.
    #[server(default)]
    reason: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::desk().await?;
        let settle = if deed == "lend" { Settle::Lend { card, barcode, reason } } else { Settle::Dismiss { reason } };
        let answer = visit.library.settle_late(scan, &settle).await.map_err(fault)?;
        tell(&mut visit, &DeskFlash::Settled { scan, settle, answer }).await?;
        Ok("/desk/journal".to_owned())
    })
    .await
}
