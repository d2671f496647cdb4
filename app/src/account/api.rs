//! What the patron's own pages ask the server.

use domain::{
    LoanId, OpId, OrderedSetId, PlaceCode, ReservationId,
    circulation::{CancelledView, LoanView, ReservationView},
    patrons::Contact,
};
#[cfg(feature = "ssr")]
use domain::{
    circulation::{By, PatronAction},
    patrons::{SignIn as Attempt, SignedInBy},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{order, parts::Done};

#[cfg(feature = "ssr")]
use crate::{
    address,
    ssr::{fault, forms, origin, visit, visit::Visit},
    visit::{Flash, Outcome as _},
};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// 予約状況
pub(crate) const RESERVATIONS: &str = "/account/reservations";
/// 貸出状況
pub(crate) const LOANS: &str = "/account/loans";

/// Signs a patron in and goes on to `next`, the cart taken along (R7, R9).
#[server(endpoint = "sign-in")]
pub async fn sign_in(
    /// 利用者番号, as typed.
    #[server(default)]
    card: String,
    /// The password.
    #[server(default)]
    password: String,
    /// The page of ours to go on to.
    #[server(default)]
    next: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let mut visit = visit::anyone().await?;
        let flash = match visit.library.sign_in(&card, &password, &origin()).await.map_err(fault)? {
            Attempt::Done(account) => {
                visit.begin(&account, SignedInBy::Password).await?;
                // The one moment at which the password is here anyway.
                let history = visit.library.open_at_sign_in(account.id, &password).await.map_err(fault)?;
                if let Some(key) = history {
                    visit.keep_history_open(&key).await?;
                }
                return Ok(address::after_sign_in(&next));
            }
            Attempt::Wrong => Flash::SignInWrong { card },
            Attempt::Slow(wait) => Flash::SignInHeld { typed: card, wait: Some(wait) },
            Attempt::Busy => Flash::SignInHeld { typed: card, wait: None },
        };
        visit.tell(flash).await?;
        Ok(format!("/login?next={}", address::encode(&next)))
    })
    .await
}

/// Signs out whoever is asking, patron or staff.
#[server(endpoint = "sign-out")]
pub async fn sign_out() -> Result<(), Failure> {
    forms::answer(async {
        let visit = visit::anyone().await?;
        visit.end().await?;
        Ok("/".to_owned())
    })
    .await
}

/// What a page shows, and the id under which something is done on it, which makes one deed of two presses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer<T> {
    /// Comes back with every form of the page.
    pub op: OpId,
    /// When it was read, on the library's clocks: `12:34`.
    pub at: String,
    /// What is shown.
    pub shown: T,
}

#[cfg(feature = "ssr")]
impl<T: Serialize> Offer<T> {
    pub(crate) fn of(visit: &Visit, shown: T) -> Result<Answer<Self>, Failure> {
        Answer::of(&Self { op: visit.library.new_op(), at: visit.library.time_of_day(), shown })
    }
}

/// The reservations of the patron who is signed in (R19).
#[server(endpoint = "reservations", input = Json, output = Loadable)]
pub async fn reservations() -> Result<Answer<Offer<Vec<ReservationView>>>, Failure> {
    let (visit, patron) = visit::patron().await?;
    let reservations = visit.library.reservations(patron).await.map_err(fault)?;
    Offer::of(&visit, reservations)
}

/// What was cancelled lately of the patron who is signed in (R22).
#[server(endpoint = "cancelled", input = Json, output = Loadable)]
pub async fn cancelled() -> Result<Answer<Vec<CancelledView>>, Failure> {
    let (visit, patron) = visit::patron().await?;
    Answer::of(&visit.library.cancelled_reservations(patron).await.map_err(fault)?)
}

/// What the patron who is signed in has on loan (R23).
#[server(endpoint = "loans", input = Json, output = Loadable)]
pub async fn loans() -> Result<Answer<Offer<Vec<LoanView>>>, Failure> {
    let (visit, patron) = visit::patron().await?;
    let loans = visit.library.loans(patron).await.map_err(fault)?;
    Offer::of(&visit, loans)
}

/// The number on the card of the patron who is signed in (R33).
#[server(endpoint = "card", input = Json, output = Loadable)]
pub async fn card() -> Result<Answer<String>, Failure> {
    let (visit, patron) = visit::patron().await?;
    Answer::of(&visit.library.own_card_number(patron).await.map_err(fault)?.ok_or(Failure::NotFound)?)
}

/// 取消 (R19).
#[server(endpoint = "cancel")]
pub async fn cancel(
    /// See [`Offer`].
    op: OpId,
    /// What is cancelled.
    reservation: ReservationId,
) -> Result<(), Failure> {
    act(op, PatronAction::Cancel(reservation), RESERVATIONS).await
}

/// 変更 of place and contact (R19).
#[server(endpoint = "change")]
pub async fn change(
    /// See [`Offer`].
    op: OpId,
    /// What is changed.
    reservation: ReservationId,
    /// 受取場所
    place: PlaceCode,
    /// 連絡方法
    contact: Contact,
) -> Result<(), Failure> {
    act(op, PatronAction::Change { reservation, pickup_place: place, contact }, RESERVATIONS).await
}

/// 貸出延長 (R24).
#[server(endpoint = "renew")]
pub async fn renew(
    /// See [`Offer`].
    op: OpId,
    /// What is renewed.
    loan: LoanId,
) -> Result<(), Failure> {
    act(op, PatronAction::Renew(loan), LOANS).await
}

/// 返却申出 (R26).
#[server(endpoint = "say-returned")]
pub async fn say_returned(
    /// See [`Offer`].
    op: OpId,
    /// What was returned.
    loan: LoanId,
) -> Result<(), Failure> {
    act(op, PatronAction::SayReturned(loan), LOANS).await
}

/// 順番を指定する, 順番を変更する, 順番予約に加える.
#[server(endpoint = "arrange-set")]
pub async fn arrange_set(
    /// See [`Offer`].
    op: OpId,
    /// The set; empty makes one.
    #[server(default)]
    set: String,
    /// The pull-downs as they stand, see [`order`](super::order).
    #[server(default)]
    orders: Vec<String>,
) -> Result<(), Failure> {
    forms::answer(async move {
        let (mut visit, patron) = visit::patron().await?;
        let set: Option<OrderedSetId> = match set.as_str() {
            "" => None,
            set => Some(set.parse().map_err(|_| Failure::BadRequest)?),
        };
        let wishes = order::read(&orders);
        let chosen = order::in_order(&wishes);
        if chosen.is_empty() {
            return visit.tell(Flash::NothingChosen).await.map(|()| RESERVATIONS.to_owned());
        }
        // The pull-downs of the members themselves are named all together; others come behind those who are there.
        let joins = wishes.iter().all(|wish| wish.was.is_none());
        let mut order = match set {
            Some(set) if joins => {
                let all = visit.library.reservations(patron).await.map_err(fault)?;
                order::movable(&all, set).into_iter().map(|(id, _)| id).collect()
            }
            _ => Vec::new(),
        };
        order.extend(chosen);
        act_and_tell(&mut visit, op, PatronAction::ArrangeSet { set, order }).await?;
        Ok(RESERVATIONS.to_owned())
    })
    .await
}

/// 順番をやめる.
#[server(endpoint = "dissolve-set")]
pub async fn dissolve_set(
    /// See [`Offer`].
    op: OpId,
    /// The set.
    set: OrderedSetId,
) -> Result<(), Failure> {
    act(op, PatronAction::DissolveSet(set), RESERVATIONS).await
}

/// 続ける, with a set that is paused.
#[server(endpoint = "go-on")]
pub async fn go_on(
    /// See [`Offer`].
    op: OpId,
    /// The set.
    set: OrderedSetId,
) -> Result<(), Failure> {
    act(op, PatronAction::GoOn(set), RESERVATIONS).await
}

/// Does what the patron who is signed in wishes, and goes on to the page that says what came of it.
#[cfg(feature = "ssr")]
async fn act(op: OpId, action: PatronAction, then: &str) -> Result<(), Failure> {
    forms::answer(async move {
        let (mut visit, _) = visit::patron().await?;
        act_and_tell(&mut visit, op, action).await?;
        Ok(then.to_owned())
    })
    .await
}

#[cfg(feature = "ssr")]
async fn act_and_tell(visit: &mut Visit, op: OpId, action: PatronAction) -> Result<(), Failure> {
    let patron = visit.patron().ok_or(Failure::SignIn)?;
    let op = op_of(op, &action)?;
    let flash = match visit.library.act(&By::Patron, patron, op, &action).await.map_err(fault)? {
        Ok(answer) => Done(answer).flash()?,
        Err(refusal) => Flash::Refused(refusal),
    };
    visit.tell(flash).await
}

/// The id of one deed among those a page offers: the same wish of the same page is the same request, another wish is
/// another one, also when it comes from a page that was left open.
#[cfg(feature = "ssr")]
fn op_of(page: OpId, action: &PatronAction) -> Result<OpId, Failure> {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(action).map_err(fault)?.hash(&mut hasher);
    format!("{:032x}", page.0.as_u128() ^ u128::from(hasher.finish())).parse().map_err(fault)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn the_same_wish_of_a_page_is_one_deed_and_another_wish_another() {
        let page: OpId = "0198c7a0-0000-7000-8000-000000000001".parse().expect("a uuid");
        let other: OpId = "0198c7a0-0000-7000-8000-000000000002".parse().expect("a uuid");
        let cancel = |n: u8| {
            let id = format!("00000000-0000-0000-0000-0000000000{n:02}").parse().expect("a uuid");
            PatronAction::Cancel(id)
        };
        assert_eq!(op_of(page, &cancel(1)), op_of(page, &cancel(1)));
        assert_ne!(op_of(page, &cancel(1)), op_of(page, &cancel(2)));
        assert_ne!(op_of(page, &cancel(1)), op_of(other, &cancel(1)));
    }
}
