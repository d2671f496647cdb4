//! The cart on the server: one row per anonymous browser or patron, the truth that browsers mirror.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    CartId, PartId, PatronId,
    cart::{Arrangement, CartChange, CartLine, CartView},
    catalog::MaterialType,
    circulation::{CartLineFacts, PatronFacts},
};
use uuid::Uuid;

use crate::{
    Fault, Library,
    catalog::{Title, part_facts, title_of},
    circulation::{Ties, card_of, ties},
    storage::{StorageError, Tx, Writes, execute, fetch_all, fetch_in, fetch_optional, in_write},
};

/// Whose a cart is.
#[derive(Clone, Copy)]
enum Whose {
    Patrons,
    Nobodys,
}

impl Whose {
    fn of(patron: Option<PatronId>) -> Self {
        if patron.is_some() { Self::Patrons } else { Self::Nobodys }
    }
}

impl Library {
    /// A cart with all its page needs. The cart of a patron who is signed in is found by the patron.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn cart(&self, cart: Option<CartId>, patron: Option<PatronId>) -> Result<CartView, Fault> {
        let mut tx = self.database().begin_read().await?;
        let arrangement = match find(&mut tx, cart, patron).await? {
            Some(id) => arrangement(&mut tx, id).await?,
            None => Arrangement::default(),
        };
        let ties = match patron {
            Some(patron) => Some(ties(&mut tx, patron).await?),
            None => None,
        };
        let titles = part_facts(&mut tx, &arrangement.parts).await?;
        let lines = cart_lines(&titles, &arrangement.parts, ties.as_ref());
        let patron = match patron.zip(ties) {
            Some((patron, ties)) => {
                let card = card_of(&mut tx, patron).await?.ok_or(Fault::AccountGone)?;
                Some(PatronFacts { card, active: ties.reserved() })
            }
            None => None,
        };
        Ok(CartView { lines, ordered: arrangement.ordered, patron })
    }

    /// Changes a cart and answers how it is arranged now. Makes the cart when there is none.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn change_cart(
        &self,
        cart: Option<CartId>,
        patron: Option<PatronId>,
        change: &CartChange,
    ) -> Result<(CartId, Arrangement), Fault> {
        in_write!(self.database(), |tx| self.change_cart_in(tx, cart, patron, change).await)
    }

    async fn change_cart_in(
        &self,
        tx: &mut Tx,
        cart: Option<CartId>,
        patron: Option<PatronId>,
        change: &CartChange,
    ) -> Result<(CartId, Arrangement), Fault> {
        let id = match find(tx, cart, patron).await? {
            // Not there any more when it was taken along into the patron's own just now.
            Some(id) if self.lock(tx, id, Whose::of(patron)).await? => id,
            _ => self.make(tx, patron).await?,
        };
        let before = arrangement(tx, id).await?;
        let mut after = before.clone();
        after.apply(change);
        if after != before {
            // A title that is not in the catalogue can't be put into the cart.
            let known = fetch_in!(&mut *tx, (Uuid,), ["select id from part where id in ", ""], &after.parts)?;
            for part in after.parts.clone() {
                if !known.contains(&(part.0,)) {
                    after.apply(&CartChange::Remove(vec![part]));
                }
            }
            write(tx, id, &after).await?;
        }
        Ok((id, after))
    }

    /// Takes what was put into the cart before signing in along into the patron's own cart, at its end.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn take_cart_along(&self, cart: CartId, patron: PatronId) -> Result<(), Fault> {
        in_write!(self.database(), |tx| self.take_along_in(tx, cart, patron).await)
    }

    async fn take_along_in(&self, tx: &mut Tx, cart: CartId, patron: PatronId) -> Result<(), Fault> {
        let Some(brought) = anonymous(tx, cart).await? else { return Ok(()) };
        let Some(own) = find(tx, None, Some(patron)).await? else {
            execute!(
                &mut *tx,
                "update cart set patron_id = $2, touched_at = $3 where id = $1",
                brought.0,
                patron.0,
                self.beginning_of_today()
            )?;
            return Ok(());
        };
        if !(self.lock(tx, own, Whose::Patrons).await? && self.lock(tx, brought, Whose::Nobodys).await?) {
            return Ok(());
        }
        let mut all = arrangement(tx, own).await?;
        let brought_titles = arrangement(tx, brought).await?;
        if all.parts.is_empty() {
            all = brought_titles;
        } else {
            for part in brought_titles.parts {
                all.apply(&CartChange::Add(part));
            }
        }
        write(tx, own, &all).await?;
        execute!(&mut *tx, "delete from cart where id = $1", brought.0)?;
        Ok(())
    }

    /// Makes every other change of this cart wait, so that none is lost between reading and writing it. `false` when
    /// it is not there any more. Of a patron's cart the day is kept, since the moment may be that of a reservation.
    async fn lock(&self, tx: &mut Tx, cart: CartId, of: Whose) -> Result<bool, StorageError> {
        Ok(execute!(tx, "update cart set touched_at = $2 where id = $1", cart.0, self.touched(of))? == 1)
    }

    fn touched(&self, of: Whose) -> DateTime<Utc> {
        match of {
            Whose::Patrons => self.beginning_of_today(),
            Whose::Nobodys => self.now(),
        }
    }

    async fn make(&self, tx: &mut Tx, patron: Option<PatronId>) -> Result<CartId, StorageError> {
        let id = Uuid::new_v4();
        execute!(
            tx,
            "insert into cart (id, patron_id, ordered, touched_at) values ($1, $2, 0, $3)",
            id,
            patron.map(|patron| patron.0),
            self.touched(Whose::of(patron))
        )?;
        Ok(CartId(id))
    }
}

/// The lines of a cart with what the rules need to know, in the order of `parts`.
pub(crate) fn cart_lines(titles: &[Title], parts: &[PartId], ties: Option<&Ties>) -> Vec<CartLine> {
    let line = |part: PartId| {
        let found = title_of(titles, part);
        CartLine {
            part,
            bib: found.map(|(title, _)| title.id),
            title: found.map(|(title, of)| title.part_title(of)).unwrap_or_default(),
            creators: found.map(|(title, _)| title.creators()).unwrap_or_default(),
            material: found.map_or(MaterialType::Book, |(title, _)| title.record.material),
            waiting: found.map_or(0, |(_, of)| of.waiting),
            facts: CartLineFacts {
                part: found.map(|(_, of)| of.facts),
                already_reserved: ties.is_some_and(|ties| ties.has_reserved(part)),
                on_loan: ties.is_some_and(|ties| ties.has_on_loan(part)),
            },
        }
    };
    parts.iter().copied().map(line).collect()
}

/// The cart a person uses: the patron's own, else the anonymous one of the browser.
async fn find(tx: &mut Tx, cart: Option<CartId>, patron: Option<PatronId>) -> Result<Option<CartId>, StorageError> {
    match (patron, cart) {
        (Some(patron), _) => {
            let row = fetch_optional!(tx, (Uuid,), "select id from cart where patron_id = $1", patron.0)?;
            Ok(row.map(|(id,)| CartId(id)))
        }
        (None, Some(cart)) => anonymous(tx, cart).await,
        (None, None) => Ok(None),
    }
}

/// The cart with this id, unless it is a patron's: that one opens by signing in only.
async fn anonymous(tx: &mut Tx, cart: CartId) -> Result<Option<CartId>, StorageError> {
    let row = fetch_optional!(tx, (Uuid,), "select id from cart where id = $1 and patron_id is null", cart.0)?;
    Ok(row.map(|(id,)| CartId(id)))
}

async fn arrangement(tx: &mut Tx, cart: CartId) -> Result<Arrangement, StorageError> {
    let rows = fetch_all!(
        tx,
        (Uuid, i64),
        "select l.part_id, c.ordered from cart_line l join cart c on c.id = l.cart_id
         where l.cart_id = $1 order by l.place, l.part_id",
        cart.0
    )?;
    let ordered = rows.first().map_or(0, |(_, ordered)| usize::try_from(*ordered).unwrap_or(0)).min(rows.len());
    Ok(Arrangement { parts: rows.into_iter().map(|(part, _)| PartId(part)).collect(), ordered })
}

/// Makes every other change of these carts wait, and reads how they are arranged. A cart that is not there any more is left out.
pub(crate) async fn lock_carts(tx: &mut Tx, carts: &[CartId]) -> Result<HashMap<CartId, Arrangement>, StorageError> {
    if carts.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = fetch_in!(
        &mut *tx,
        (Uuid, i64),
        ["update cart set ordered = ordered where id in ", " returning id, ordered"],
        carts
    )?;
    let mut found: HashMap<CartId, Arrangement> = rows
        .into_iter()
        .map(|(id, ordered)| {
            let ordered = usize::try_from(ordered).unwrap_or(0);
            (CartId(id), Arrangement { parts: Vec::new(), ordered })
        })
        .collect();
    let lines = fetch_in!(
        tx,
        (Uuid, Uuid),
        ["select cart_id, part_id from cart_line where cart_id in ", " order by cart_id, place, part_id"],
        carts
    )?;
    for (cart, part) in lines {
        if let Some(arrangement) = found.get_mut(&CartId(cart)) {
            arrangement.parts.push(PartId(part));
        }
    }
    for arrangement in found.values_mut() {
        arrangement.ordered = arrangement.ordered.min(arrangement.parts.len());
    }
    Ok(found)
}

/// Takes titles that are reserved now out of their patron's cart, which is as it was found under its lock.
pub(crate) fn take_out(writes: &mut Writes, cart: CartId, found: &Arrangement, reserved: &[PartId]) {
    let mut left = found.clone();
    left.apply(&CartChange::Remove(reserved.to_vec()));
    // Whether or not it was found: it stands there under another id when its title was merged meanwhile.
    for part in reserved {
        writes.row("delete from cart_line where (cart_id, part_id) in (values ", ")", [cart.0.into(), part.0.into()]);
    }
    if left.ordered != found.ordered {
        writes.add("update cart set ordered = $2 where id = $1", [cart.0.into(), ordered_of(&left).into()]);
    }
}

/// How many titles have a place in the reading order, as it is stored.
fn ordered_of(arrangement: &Arrangement) -> i64 {
    i64::try_from(arrangement.ordered).unwrap_or(i64::MAX)
}

async fn write(tx: &mut Tx, cart: CartId, arrangement: &Arrangement) -> Result<(), StorageError> {
    execute!(&mut *tx, "delete from cart_line where cart_id = $1", cart.0)?;
    for (place, part) in (0i64..).zip(&arrangement.parts) {
        execute!(
            &mut *tx,
            "insert into cart_line (cart_id, part_id, place) values ($1, $2, $3)",
            cart.0,
            part.0,
            place
        )?;
    }
    execute!(tx, "update cart set ordered = $2 where id = $1", cart.0, ordered_of(arrangement))?;
    Ok(())
}
