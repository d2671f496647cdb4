//! What the cart's pages ask the server.

#[cfg(feature = "ssr")]
use domain::circulation::{By, ReserveRequest};
use domain::{
    OpId, PartId, PatronId, PlaceCode,
    cart::{Arrangement, CartChange, CartView},
    circulation::ReserveAnswer,
    patrons::Contact,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::state::Cart;
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
    op::new_op,
};
#[cfg(feature = "ssr")]
use crate::{
    ssr::{fault, forms, visit},
    visit::Flash,
};

/// The cart of whoever is asking, with all its page shows.
#[server(endpoint = "cart", input = Json, output = Loadable)]
pub async fn load_cart() -> Result<Answer<CartView>, Failure> {
    let visit = visit::anyone().await?;
    Answer::of(&visit.cart().await?)
}

/// Does something to the cart of whoever is asking, and gives its order after that. What one patron did is not done for
/// another who has signed in meanwhile, in the same browser: [`Failure::SignIn`].
#[server(endpoint = "cart-change", input = Json, output = Loadable)]
pub async fn change_cart(
    /// What is done.
    change: CartChange,
    /// Whose cart the page showed; nobody's when nobody was signed in.
    of: Option<PatronId>,
) -> Result<Answer<Arrangement>, Failure> {
    let mut visit = visit::anyone().await?;
    if let (Some(of), Some(now)) = (of, visit.patron())
        && of != now
    {
        return Err(Failure::SignIn);
    }
    Answer::of(&change_own_cart(&mut visit, &change).await?)
}

/// Changes the cart of whoever is asking. A cart made by this is remembered by the session of those who are not
/// signed in.
#[cfg(feature = "ssr")]
async fn change_own_cart(visit: &mut visit::Visit, change: &CartChange) -> Result<Arrangement, Failure> {
    let (cart, arrangement) =
        visit.library.change_cart(visit.data.cart, visit.patron(), change).await.map_err(fault)?;
    if visit.patron().is_none() && visit.data.cart != Some(cart) {
        visit.data.cart = Some(cart);
        visit.data.kiosk_seen = Some(visit.library.now());
        visit.save().await?;
    }
    Ok(arrangement)
}

/// カートに入れる, as a plain form.
#[server(endpoint = "cart-add")]
pub async fn add_to_cart(
    /// The title.
    part: PartId,
) -> Result<(), Failure> {
    forms::answer(async {
        let mut visit = visit::anyone().await?;
        change_own_cart(&mut visit, &CartChange::Add(part)).await?;
        Ok(forms::came_from("/cart"))
    })
    .await
}

/// A button of the cart, as a plain form.
#[server(endpoint = "cart-press")]
pub async fn press_cart(
    /// Which button, see [`Press`].
    press: String,
    /// The pull-downs as they stand, each `{part}:{order}`.
    #[server(default)]
    orders: Vec<String>,
) -> Result<(), Failure> {
    forms::answer(async {
        let mut visit = visit::anyone().await?;
        let press = Press::read(&press).ok_or(Failure::BadRequest)?;
        let before = visit.cart().await?.arrangement();
        for change in press.changes(&before, &read_orders(&orders)) {
            change_own_cart(&mut visit, &change).await?;
        }
        Ok(if press == Press::Reserve { "/cart/place" } else { "/cart" }.to_owned())
    })
    .await
}

/// A button of the cart's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// 順番を指定する
    Order,
    /// 順番の指定をやめる
    Forget,
    /// カートを空にする
    Empty,
    /// 予約する
    Reserve,
    /// 上へ
    Up(PartId),
    /// 下へ
    Down(PartId),
    /// カートから出す
    Remove(PartId),
}

impl Press {
    /// The value of the button.
    pub fn value(self) -> String {
        match self {
            Self::Order => "order".to_owned(),
            Self::Forget => "forget".to_owned(),
            Self::Empty => "empty".to_owned(),
            Self::Reserve => "reserve".to_owned(),
            Self::Up(part) => format!("up:{part}"),
            Self::Down(part) => format!("down:{part}"),
            Self::Remove(part) => format!("remove:{part}"),
        }
    }

    /// The button with this value.
    pub fn read(value: &str) -> Option<Self> {
        let (verb, part) = value.split_once(':').unwrap_or((value, ""));
        let part = || part.parse().ok();
        Some(match verb {
            "order" => Self::Order,
            "forget" => Self::Forget,
            "empty" => Self::Empty,
            "reserve" => Self::Reserve,
            "up" => Self::Up(part()?),
            "down" => Self::Down(part()?),
            "remove" => Self::Remove(part()?),
            _ => return None,
        })
    }

    /// What the button does to a cart whose pull-downs stand at `orders`. Pull-downs that were changed are never
    /// lost, whichever button sends them.
    pub fn changes(self, cart: &Arrangement, orders: &[(PartId, Option<usize>)]) -> Vec<CartChange> {
        let changed = orders.iter().any(|(part, order)| cart.parts.contains(part) && cart.order_of(*part) != *order);
        let mut changes = Vec::new();
        if self == Self::Order || (changed && !matches!(self, Self::Forget | Self::Empty)) {
            let ordering = self == Self::Order || orders.iter().any(|(_, order)| order.is_some());
            changes.push(if ordering { CartChange::SpecifyOrder(orders.to_vec()) } else { CartChange::ForgetOrder });
        }
        let mut now = cart.clone();
        for change in &changes {
            now.apply(change);
        }
        let at = |part: PartId| now.parts.iter().position(|p| *p == part);
        changes.extend(match self {
            Self::Order | Self::Reserve => None,
            Self::Forget => Some(CartChange::ForgetOrder),
            Self::Empty => Some(CartChange::Remove(now.parts.clone())),
            Self::Remove(part) => Some(CartChange::Remove(vec![part])),
            Self::Up(part) => at(part).and_then(|at| at.checked_sub(1)).map(|to| CartChange::MoveTo(part, to)),
            Self::Down(part) => at(part).map(|at| CartChange::MoveTo(part, at + 1)),
        });
        changes
    }
}

/// The value of an option in a title's pull-down.
pub fn order_value(part: PartId, order: Option<usize>) -> String {
    match order {
        Some(order) => format!("{part}:{order}"),
        None => format!("{part}:"),
    }
}

/// The pull-downs of a form. What can't be read is left out: nobody but a browser of ours writes it.
pub fn read_orders(values: &[String]) -> Vec<(PartId, Option<usize>)> {
    let read = |value: &String| {
        let (part, order) = value.split_once(':')?;
        Some((part.parse().ok()?, order.parse().ok()))
    };
    values.iter().filter_map(read).collect()
}

/// What 予約確認 shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToConfirm {
    /// Makes one reservation of two presses of the button.
    pub op: OpId,
    /// What would be reserved.
    pub cart: CartView,
}

impl ToConfirm {
    /// The same without a line to the server, from what the browser holds of the cart; `None` when it holds nothing. What
    /// may be reserved is then decided when the request arrives.
    pub(super) fn without_a_line(cart: Cart) -> Option<Self> {
        Some(Self { op: new_op(), cart: cart.kept_view()? })
    }
}

/// What 予約確認 shows the patron who is signed in.
#[server(endpoint = "confirm", input = Json, output = Loadable)]
pub async fn load_confirmation() -> Result<Answer<ToConfirm>, Failure> {
    let (visit, _) = visit::patron().await?;
    Answer::of(&ToConfirm { op: visit.library.new_op(), cart: visit.cart().await? })
}

/// 予約する on 予約確認: commits what the page showed.
#[server(endpoint = "reserve")]
pub async fn reserve(
    /// Makes one reservation of two presses of the button.
    op: OpId,
    /// 受取場所
    place: PlaceCode,
    /// 連絡方法
    contact: Contact,
    /// How many of the titles, from the first, form an ordered set.
    in_set: usize,
    /// The titles the page showed, in their order.
    #[server(default)]
    parts: Vec<PartId>,
    /// Whom the page showed as signed in. What waited for a line may arrive when somebody else is.
    #[server(default)]
    patron: String,
) -> Result<(), Failure> {
    let meant = patron;
    forms::answer(async move {
        let (mut visit, patron) = visit::patron().await?;
        if !meant.is_empty() && meant != patron.to_string() {
            return Err(Failure::SignIn);
        }
        let request = ReserveRequest { op, parts, in_set, pickup_place: place, contact };
        match visit.library.reserve(&By::Patron, patron, &request).await.map_err(fault)? {
            Ok(_) => Ok(format!("/cart/done?op={op}")),
            Err(refusal) => visit.tell(Flash::Refused(refusal)).await.map(|()| "/cart/place".to_owned()),
        }
    })
    .await
}

/// What came of a reservation of the patron who is signed in.
#[server(endpoint = "reserve-answer", input = Json, output = Loadable)]
pub async fn load_answer(
    /// The request.
    op: OpId,
) -> Result<Answer<ReserveAnswer>, Failure> {
    let (visit, patron) = visit::patron().await?;
    Answer::of(&visit.library.reserve_answer(patron, op).await.map_err(fault)?.ok_or(Failure::NotFound)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(n: u8) -> PartId {
        format!("00000000-0000-0000-0000-0000000000{n:02}").parse().expect("a uuid")
    }

    fn pressed(press: Press, parts: &[u8], ordered: usize, orders: &[(u8, Option<usize>)]) -> Arrangement {
        let mut cart = Arrangement { parts: parts.iter().copied().map(part).collect(), ordered };
        let sent: Vec<_> = orders.iter().map(|(n, order)| order_value(part(*n), *order)).collect();
        for change in press.changes(&cart.clone(), &read_orders(&sent)) {
            cart.apply(&change);
        }
        cart
    }

    fn cart(parts: &[u8], ordered: usize) -> Arrangement {
        Arrangement { parts: parts.iter().copied().map(part).collect(), ordered }
    }

    #[test]
    fn buttons_are_read_back_from_their_values() {
        for press in [Press::Order, Press::Reserve, Press::Up(part(7)), Press::Remove(part(1))] {
            assert_eq!(Press::read(&press.value()), Some(press));
        }
        assert_eq!(Press::read("up:"), None);
        assert_eq!(Press::read("format-disk"), None);
    }

    #[test]
    fn r12_pull_downs_count_whichever_button_sends_them() {
        let orders = [(1, None), (2, Some(2)), (3, Some(1))];
        for press in [Press::Order, Press::Reserve] {
            assert_eq!(pressed(press, &[1, 2, 3], 0, &orders), cart(&[3, 2, 1], 2));
        }
        assert_eq!(pressed(Press::Remove(part(2)), &[1, 2, 3], 0, &orders), cart(&[3, 1], 1));
    }

    #[test]
    fn untouched_pull_downs_change_nothing() {
        let none = [(1, None), (2, None)];
        assert_eq!(pressed(Press::Reserve, &[1, 2], 0, &none), cart(&[1, 2], 0));
        assert_eq!(pressed(Press::Down(part(1)), &[1, 2], 0, &none), cart(&[2, 1], 0));
        assert_eq!(pressed(Press::Order, &[1, 2], 0, &none), cart(&[1, 2], 2), "none chosen: every title gets a place");
        assert_eq!(pressed(Press::Up(part(1)), &[1, 2], 0, &none), cart(&[1, 2], 0), "the first stays the first");
    }
}
