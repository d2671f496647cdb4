//! What the pages of titles not owned ask the server. Staff only.

use domain::{
    PatronId, PlaceCode, ReservationId,
    catalog::MaterialType,
    circulation::{BorrowedView, RequestStep, RequestView},
    patrons::{CardPage, Contact},
};
#[cfg(feature = "ssr")]
use domain::{
    circulation::{BorrowedCopy, By, Refusal, TitleRequest, WriteOff},
    dates::read_date,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::room::Offer;
#[cfg(feature = "ssr")]
use super::super::said::{Done, Problem, Said};
#[cfg(feature = "ssr")]
use crate::ssr::{fault, forms, visit, visit::Visit};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// The titles that are looked for, and the copies other libraries lent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Titles not owned.
    pub requests: Vec<RequestView>,
    /// Copies of other libraries.
    pub borrowed: Vec<BorrowedView>,
}

/// The titles that are looked for, and the copies other libraries lent.
#[server(endpoint = "desk-requests", input = Json, output = Loadable)]
pub async fn load_wanted() -> Result<Answer<Wanted>, Failure> {
    let (visit, _) = visit::staff().await?;
    let requests = visit.library.open_requests().await.map_err(fault)?;
    let borrowed = visit.library.borrowed_copies().await.map_err(fault)?;
    Answer::of(&Wanted { requests, borrowed })
}

/// Whose card was scanned; nobody while none was.
#[server(endpoint = "desk-request-for", input = Json, output = Loadable)]
pub async fn request_for(
    /// An id, or a number as scanned.
    card: String,
) -> Result<Answer<Offer<Option<CardPage>>>, Failure> {
    let (visit, _) = visit::staff().await?;
    let patron = match card.parse::<PatronId>() {
        Ok(id) => Some(id),
        Err(_) => visit.library.patron_by_card(&card).await.map_err(fault)?,
    };
    let page = match patron {
        Some(patron) => visit.library.card_page(patron).await.map_err(fault)?,
        None => None,
    };
    Offer::of(&visit, page)
}

/// Where it goes on after a form about the list.
#[cfg(feature = "ssr")]
const LIST: &str = "/desk/requests";

/// Keeps what has to be said, and leads to the list, or back to where something was wrong.
#[cfg(feature = "ssr")]
async fn answered(visit: &mut Visit, answer: Result<(), Refusal>, done: Done, back: String) -> Result<String, Failure> {
    match answer {
        Ok(()) => {
            Said::done(done).keep(visit).await?;
            Ok(LIST.to_owned())
        }
        Err(refusal) => {
            Said::not([Problem::Refused(refusal)], &[]).keep(visit).await?;
            Ok(back)
        }
    }
}

/// 受付: enters a title for a patron.
#[server(endpoint = "enter-request")]
pub async fn enter_request(
    /// For whom.
    card: PatronId,
    /// 書名
    #[server(default)]
    title: String,
    /// Names.
    #[server(default)]
    creators: String,
    /// Kind of material.
    material: MaterialType,
    /// 受取場所
    place: PlaceCode,
    /// 連絡方法
    contact: Contact,
    /// Why, in spite of a limit.
    #[server(default)]
    reason: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let by = if reason.trim().is_empty() { By::Staff } else { By::Overrule(reason.trim().to_owned()) };
        let request = TitleRequest { title, creators, material, pickup_place: place, contact };
        match visit.library.request_title(&by, card, &request).await.map_err(fault)? {
            Ok(_) => answered(&mut visit, Ok(()), Done::Requested, String::new()).await,
            Err(refusal) => {
                let typed =
                    [("title", &*request.title), ("creators", &*request.creators), ("material", material.as_str())];
                Said::not([Problem::Refused(refusal)], &typed).keep(&mut visit).await?;
                Ok(format!("/desk/requests/new?card={card}"))
            }
        }
    })
    .await
}

/// Notes how far staff have come.
#[server(endpoint = "advance-request")]
pub async fn advance_request(
    /// Which.
    reservation: ReservationId,
    /// How far.
    step: RequestStep,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let answer = visit.library.advance_request(reservation, step).await.map_err(fault)?;
        answered(&mut visit, answer, Done::RequestMoved, LIST.to_owned()).await
    })
    .await
}

/// The library can lend it now: into the queue.
#[server(endpoint = "request-arrived")]
pub async fn request_arrived(
    /// Which.
    reservation: ReservationId,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let answer = visit.library.request_arrived(reservation).await.map_err(fault)?;
        answered(&mut visit, answer, Done::RequestMoved, LIST.to_owned()).await
    })
    .await
}

/// お断り, with the reason the patron reads.
#[server(endpoint = "decline-request")]
pub async fn decline_request(
    /// Which.
    reservation: ReservationId,
    /// Why.
    #[server(default)]
    why: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        if why.trim().is_empty() {
            Said::not([Problem::Missing], &[]).keep(&mut visit).await?;
            return Ok(format!("{LIST}/{reservation}"));
        }
        let answer = visit.library.decline_request(reservation, &why).await.map_err(fault)?;
        answered(&mut visit, answer, Done::RequestMoved, LIST.to_owned()).await
    })
    .await
}

/// Takes in a copy another library lends.
#[server(endpoint = "take-borrowed")]
pub async fn take_borrowed(
    /// For which reservation.
    reservation: ReservationId,
    /// The barcode it is given.
    #[server(default)]
    barcode: String,
    /// The library it belongs to.
    #[server(default)]
    lender: String,
    /// The day it is wanted back, in any way of writing it.
    #[server(default)]
    due: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, here) = visit::desk().await?;
        let back = format!("{LIST}/{reservation}");
        let typed = [("barcode", &*barcode), ("lender", &*lender), ("due", &*due)];
        let (problem, due_on) = match read_date(&due) {
            _ if lender.trim().is_empty() => (Problem::Missing, None),
            Some(day) if day >= visit.library.today() => (Problem::Day, Some(day)),
            _ => (Problem::Day, None),
        };
        let Some(due_on) = due_on else {
            Said::not([problem], &typed).keep(&mut visit).await?;
            return Ok(back);
        };
        let copy = BorrowedCopy { here, barcode: barcode.clone(), lender: lender.trim().to_owned(), due_on };
        let answer = visit.library.receive_borrowed(reservation, &copy).await.map_err(fault)?;
        if let Err(refusal) = answer {
            Said::not([Problem::Refused(refusal)], &typed).keep(&mut visit).await?;
            return Ok(back);
        }
        answered(&mut visit, Ok(()), Done::BorrowedTaken { barcode }, back).await
    })
    .await
}

/// A copy of another library was sent back there.
#[server(endpoint = "send-borrowed")]
pub async fn send_borrowed(
    /// The barcode it had here.
    barcode: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let answer = visit.library.write_off(&barcode, WriteOff::Withdrawn).await.map_err(fault)?;
        answered(&mut visit, answer, Done::BorrowedSent, LIST.to_owned()).await
    })
    .await
}
