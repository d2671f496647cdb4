//! A whole list into the cart, in its order (R27).

use std::collections::HashMap;

use domain::{
    BibId, BookListId, PartId, PatronId,
    bookshelf::{CartFate, ListForCart, ShelfDone, ShelfRefusal},
    cart::{CartChange, MAX_TITLES},
    circulation::{By, PatronFacts, decide_cart, title_refusal},
};

use super::lists::{Done, entries_of, lists_of};
use crate::{
    Fault, Library,
    cart::cart_lines,
    catalog::{Title, titles},
    circulation::{card_of, ties},
};

/// What becomes of each title, and the part that goes into the cart.
struct Plan {
    shown: ListForCart,
    parts: Vec<PartId>,
}

impl Library {
    /// What becomes of each title when the list is put into the cart now; nothing is changed. `None` when there is no
    /// such list of this patron.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn list_for_cart(&self, patron: PatronId, list: BookListId) -> Result<Option<ListForCart>, Fault> {
        Ok(self.plan_cart(patron, list).await?.map(|plan| plan.shown))
    }

    /// Puts the titles of a list into the patron's cart, behind what is there, in the order of the list.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn list_into_cart(&self, patron: PatronId, list: BookListId) -> Done {
        let Some(plan) = self.plan_cart(patron, list).await? else { return Ok(Err(ShelfRefusal::UnknownList)) };
        if plan.parts.is_empty() {
            return Ok(Err(ShelfRefusal::NothingToReserve));
        }
        for part in &plan.parts {
            self.change_cart(None, Some(patron), &CartChange::Add(*part)).await?;
        }
        Ok(Ok(ShelfDone::Carted(plan.parts.len())))
    }

    async fn plan_cart(&self, patron: PatronId, list: BookListId) -> Result<Option<Plan>, Fault> {
        let cart = self.cart(None, Some(patron)).await?;
        let mut tx = self.database().begin_read().await?;
        let lists = lists_of(&mut tx, patron).await?;
        let Some(list) = lists.into_iter().find(|one| one.id == list) else { return Ok(None) };
        let entries = entries_of(&mut tx, list.id).await?;
        let ids: Vec<BibId> = entries.iter().filter_map(|entry| entry.bib).collect();
        let found = titles(&mut tx, &ids).await?;
        let by_id: HashMap<BibId, &Title> = found.iter().map(|title| (title.id, title)).collect();
        let ties = ties(&mut tx, patron).await?;
        let card = card_of(&mut tx, patron).await?.ok_or(Fault::AccountGone)?;
        let in_cart = cart.arrangement();
        let mut parts: Vec<PartId> = Vec::new();
        let mut fates: Vec<(String, Result<PartId, CartFate>)> = Vec::with_capacity(entries.len());
        for entry in entries {
            let fate = match part_of(entry.bib.and_then(|bib| by_id.get(&bib).copied()), &entry.label) {
                Ok(part) if in_cart.parts.contains(&part) || parts.contains(&part) => Err(CartFate::InCart),
                Ok(_) if in_cart.parts.len() + parts.len() >= MAX_TITLES => Err(CartFate::Full),
                other => other,
            };
            parts.extend(fate.as_ref().ok());
            fates.push((entry.title, fate));
        }
        let mut lines = cart.lines;
        let before = lines.len();
        lines.extend(cart_lines(&found, &parts, Some(&ties)));
        let facts: Vec<_> = lines.into_iter().map(|line| line.facts).collect();
        let reader = PatronFacts { card, active: ties.reserved() };
        let refusals = decide_cart(&self.policy().reservations, &By::Patron, &reader, &facts, 0);
        let mut answers = refusals.into_iter().skip(before);
        let lines = fates
            .into_iter()
            .map(|(title, fate)| {
                let fate = match fate {
                    Err(fate) => fate,
                    Ok(_) => answers.next().flatten().map_or(CartFate::Goes, CartFate::GoesBut),
                };
                (title, fate)
            })
            .collect();
        Ok(Some(Plan { shown: ListForCart { list, lines, card }, parts }))
    }
}

/// The part of a title that is meant: the one of this label, or the only one there is.
fn part_of(title: Option<&Title>, label: &str) -> Result<PartId, CartFate> {
    let title = title.filter(|title| title.parts.iter().any(|part| part.facts.copies > 0)).ok_or(CartFate::NotHeld)?;
    let part = match title.parts.as_slice() {
        [only] => only,
        parts => parts.iter().find(|part| part.label == label).ok_or(CartFate::ChoosePart)?,
    };
    match title_refusal(&part.facts) {
        Some(refusal) => Err(CartFate::Refused(refusal)),
        None => Ok(part.id),
    }
}
