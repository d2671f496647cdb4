//! What the pages of cards ask the server. Staff only; nobody asks here what a patron has read.

#[cfg(feature = "ssr")]
use domain::circulation::{By, PatronAction, PatronAnswer, ReserveRequest};
use domain::{
    OpId, PartId, PatronId, PlaceCode, ReservationId,
    catalog::FoundBib,
    patrons::{CardForm, CardPage, CardState, CardsFound, Contact},
};
use leptos::prelude::*;

use super::super::room::Offer;
#[cfg(feature = "ssr")]
use super::super::said::{Done, Problem, Said};
#[cfg(feature = "ssr")]
use crate::{
    address,
    ssr::{fault, forms, visit, visit::Visit},
};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// The cards that are meant.
#[server(endpoint = "desk-cards", input = Json, output = Loadable)]
pub async fn find_cards(
    /// As typed.
    typed: String,
) -> Result<Answer<CardsFound>, Failure> {
    let (visit, _) = visit::staff().await?;
    Answer::of(&visit.library.find_cards(&typed).await.map_err(fault)?)
}

/// A card with what is on loan and reserved now.
#[server(endpoint = "desk-card", input = Json, output = Loadable)]
pub async fn card(
    /// Whose; anything else is no card.
    id: String,
) -> Result<Answer<Offer<CardPage>>, Failure> {
    let (visit, _) = visit::staff().await?;
    let page = card_of(&visit, &id).await?;
    Offer::of(&visit, page)
}

/// What a new card's form needs.
#[server(endpoint = "desk-card-form", input = Json, output = Loadable)]
pub async fn new_card() -> Result<Answer<Offer<()>>, Failure> {
    let (visit, _) = visit::staff().await?;
    Offer::of(&visit, ())
}

/// A card, and the titles that are meant for it.
#[server(endpoint = "desk-card-titles", input = Json, output = Loadable)]
pub async fn card_titles(
    /// Whose.
    id: String,
    /// As typed or scanned.
    typed: String,
) -> Result<Answer<Offer<(CardPage, Vec<FoundBib>)>>, Failure> {
    let (visit, _) = visit::staff().await?;
    let page = card_of(&visit, &id).await?;
    let titles = visit.library.find_bibs(&typed).await.map_err(fault)?;
    Offer::of(&visit, (page, titles))
}

#[cfg(feature = "ssr")]
async fn card_of(visit: &Visit, id: &str) -> Result<CardPage, Failure> {
    let id: PatronId = id.parse().map_err(|_| Failure::NotFound)?;
    visit.library.card_page(id).await.map_err(fault)?.ok_or(Failure::NotFound)
}

/// The address of a card.
pub(crate) fn address_of(card: PatronId) -> String {
    format!("/desk/cards/{card}")
}

/// The fields of a card by their names.
#[cfg(feature = "ssr")]
fn typed(form: &CardForm) -> [(&'static str, &str); 8] {
    [
        ("number", &form.number),
        ("name", &form.name),
        ("kana", &form.kana),
        ("birth_date", &form.birth_date),
        ("telephone", &form.telephone),
        ("mail1", &form.mail1),
        ("mail2", &form.mail2),
        ("ready_mail", &form.ready_mail),
    ]
}

/// Gives out a card.
#[server(endpoint = "issue-card")]
pub async fn issue_card(
    /// See [`Offer`].
    op: OpId,
    /// The card as typed.
    #[server(flatten)]
    form: CardForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let answer = visit.library.issue_card(op, &form).await.map_err(fault)?;
        let (said, to) = match answer {
            Ok(patron) => (Said::done(Done::CardIssued), address_of(patron)),
            Err(problems) => {
                (Said::not(problems.into_iter().map(Problem::Card), &typed(&form)), "/desk/cards/new".to_owned())
            }
        };
        said.keep(&mut visit).await?;
        Ok(to)
    })
    .await
}

/// Corrects a card.
#[server(endpoint = "edit-card")]
pub async fn edit_card(
    /// Whose.
    card: PatronId,
    /// The card as typed.
    #[server(flatten)]
    form: CardForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let answer = visit.library.edit_card(card, &form).await.map_err(fault)?;
        let (said, to) = match answer {
            Ok(()) => (Said::done(Done::CardEdited), address_of(card)),
            Err(problems) => {
                let said = Said::not(problems.into_iter().map(Problem::Card), &typed(&form));
                (said, format!("{}/edit", address_of(card)))
            }
        };
        said.keep(&mut visit).await?;
        Ok(to)
    })
    .await
}

/// Replaces a lost card.
#[server(endpoint = "replace-card")]
pub async fn replace_card(
    /// Whose.
    card: PatronId,
    /// The new number, as typed or scanned.
    #[server(default)]
    number: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let answer = visit.library.replace_card(card, &number).await.map_err(fault)?;
        let (said, to) = match answer {
            Ok(()) => (Said::done(Done::CardReplaced), address_of(card)),
            Err(problem) => {
                let said = Said::not([Problem::Card(problem)], &[("number", &number)]);
                (said, format!("{}/replace", address_of(card)))
            }
        };
        said.keep(&mut visit).await?;
        Ok(to)
    })
    .await
}

/// Suspends a card, lets it expire, or makes it usable again.
#[server(endpoint = "card-state")]
pub async fn set_card_state(
    /// Whose.
    card: PatronId,
    /// Whether it may be used.
    state: CardState,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        visit.library.set_card_state(card, state).await.map_err(fault)?;
        Said::done(Done::CardState(state)).keep(&mut visit).await?;
        Ok(address_of(card))
    })
    .await
}

/// Gives out a one-time password, after the person was checked.
#[server(endpoint = "issue-one-time")]
pub async fn issue_one_time(
    /// Whose.
    card: PatronId,
    /// Whether the person was checked.
    #[server(default)]
    checked: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let again = format!("{}/once", address_of(card));
        if checked.is_empty() {
            Said::not([Problem::Unchecked], &[]).keep(&mut visit).await?;
            return Ok(again);
        }
        let (said, to) = match visit.library.issue_one_time(card).await.map_err(fault)? {
            Ok(password) => (Said::done(Done::OneTime { password }), address_of(card)),
            Err(_) => (Said::not([Problem::Busy], &[]), again),
        };
        said.keep(&mut visit).await?;
        Ok(to)
    })
    .await
}

/// Lets the holder of a card sign in at once, whatever was guessed.
#[server(endpoint = "lift-wait")]
pub async fn lift_wait(
    /// Whose.
    card: PatronId,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        visit.library.lift_wait(card).await.map_err(fault)?;
        Said::done(Done::WaitLifted).keep(&mut visit).await?;
        Ok(address_of(card))
    })
    .await
}

/// Reserves a title for a patron; with a reason in spite of what may be overruled.
#[server(endpoint = "reserve-for")]
pub async fn reserve_for(
    /// See [`Offer`].
    op: OpId,
    /// For whom.
    card: PatronId,
    /// What.
    part: PartId,
    /// What was looked for.
    #[server(default)]
    q: String,
    /// 受取場所
    #[server(default)]
    place: String,
    /// 連絡方法
    #[server(default)]
    contact: String,
    /// Why, in spite of a refusal.
    #[server(default)]
    reason: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let by = if reason.trim().is_empty() { By::Staff } else { By::Overrule(reason.trim().to_owned()) };
        // Without a choice it is the telephone, which everybody has.
        let contact = contact.parse().unwrap_or(Contact::Telephone);
        let pickup_place = PlaceCode(place.clone());
        let request = ReserveRequest { op, parts: vec![part], in_set: 0, pickup_place, contact };
        let answer = visit.library.reserve(&by, card, &request).await.map_err(fault)?;
        let answer = answer.map(|mut answer| answer.titles.pop().map(|title| (title.title, title.answer)));
        let (said, to) = match answer {
            Ok(Some((title, Ok((_, position))))) => (Said::done(Done::Reserved { title, position }), address_of(card)),
            Ok(Some((_, Err(refusal)))) | Err(refusal) => {
                let typed = [("part", &*part.to_string()), ("place", &*place), ("contact", contact.as_str())];
                let to = format!("{}/reserve?q={}&part={part}", address_of(card), address::encode(&q));
                (Said::not([Problem::Refused(refusal)], &typed), to)
            }
            Ok(None) => return Err(Failure::BadRequest),
        };
        said.keep(&mut visit).await?;
        Ok(to)
    })
    .await
}

/// Cancels a reservation for a patron.
#[server(endpoint = "cancel-for")]
pub async fn cancel_for(
    /// See [`Offer`].
    op: OpId,
    /// Whose.
    card: PatronId,
    /// Which.
    reservation: ReservationId,
) -> Result<(), Failure> {
    act(card, op, PatronAction::Cancel(reservation)).await
}

/// Changes place and contact of a reservation for a patron.
#[server(endpoint = "change-for")]
pub async fn change_for(
    /// See [`Offer`].
    op: OpId,
    /// Whose.
    card: PatronId,
    /// Which.
    reservation: ReservationId,
    /// 受取場所
    place: PlaceCode,
    /// 連絡方法
    contact: Contact,
) -> Result<(), Failure> {
    act(card, op, PatronAction::Change { reservation, pickup_place: place, contact }).await
}

#[cfg(feature = "ssr")]
async fn act(card: PatronId, op: OpId, action: PatronAction) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let said = match visit.library.act(&By::Staff, card, op, &action).await.map_err(fault)? {
            Ok(PatronAnswer::Cancelled { title }) => Said::done(Done::Cancelled { title }),
            Ok(PatronAnswer::Changed { title }) => Said::done(Done::Changed { title }),
            Ok(_) => return Err(Failure::Fault),
            Err(refusal) => Said::not([Problem::Refused(refusal)], &[]),
        };
        said.keep(&mut visit).await?;
        Ok(address_of(card))
    })
    .await
}
