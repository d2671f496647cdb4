//! What the pages of lists ask the server, for the patron who is signed in.

#[cfg(feature = "ssr")]
use domain::bookshelf::{EntryChange, ListChoice, ShelfDone, ShelfRefusal};
use domain::{
    BibId, BookEntryId, BookListId,
    bookshelf::{BookList, ListForCart, ListQuery, ListView, SharedList},
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::{SHELF, list_address};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};
#[cfg(feature = "ssr")]
use crate::{
    ssr::{fault, forms, visit, visit::Visit},
    visit::Flash,
};

/// Keeps what came of a wish for the next page.
#[cfg(feature = "ssr")]
async fn tell(visit: &mut Visit, answer: Result<ShelfDone, ShelfRefusal>) -> Result<(), Failure> {
    visit.tell(Flash::Shelf(answer)).await
}

/// The lists of the patron.
#[server(endpoint = "book-lists", input = Json, output = Loadable)]
pub async fn load_lists() -> Result<Answer<Vec<BookList>>, Failure> {
    let (visit, patron) = visit::patron().await?;
    Answer::of(&visit.library.book_lists(patron).await.map_err(fault)?)
}

/// One of them.
#[server(endpoint = "book-list", input = Json, output = Loadable)]
pub async fn load_list(
    /// Which.
    list: BookListId,
    /// What of it, in which order.
    query: ListQuery,
) -> Result<Answer<ListView>, Failure> {
    let (visit, patron) = visit::patron().await?;
    Answer::of(&visit.library.book_list(patron, list, &query).await.map_err(fault)?.ok_or(Failure::NotFound)?)
}

/// Puts a title into a list.
#[server(endpoint = "shelf-add")]
pub async fn add_to_list(
    /// The list: `wanted`, `favourite`, or the id of one.
    list: String,
    /// The title.
    bib: BibId,
    /// The volume or issue; empty for the title as a whole.
    #[server(default)]
    part: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let list: ListChoice = list.parse().map_err(|_| Failure::BadRequest)?;
        let part = match part.as_str() {
            "" => None,
            part => Some(part.parse().map_err(|_| Failure::BadRequest)?),
        };
        let answer = visit.library.add_to_list(patron, list, bib, part).await.map_err(fault)?;
        tell(&mut visit, answer).await?;
        Ok(forms::came_from(SHELF))
    })
    .await
}

/// Makes a list.
#[server(endpoint = "shelf-make")]
pub async fn make_list(
    /// Its name.
    #[server(default)]
    name: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        Ok(match visit.library.make_list(patron, &name).await.map_err(fault)? {
            Ok(list) => {
                tell(&mut visit, Ok(ShelfDone::Named)).await?;
                list_address(list)
            }
            Err(refusal) => {
                tell(&mut visit, Err(refusal)).await?;
                SHELF.to_owned()
            }
        })
    })
    .await
}

/// Changes an entry: writes note and date, moves it, takes it out.
#[server(endpoint = "shelf-entry")]
pub async fn change_entry(
    /// Which.
    entry: BookEntryId,
    /// What is done: `write`, `move`, `up`, `down`, `first`, `remove`.
    deed: String,
    /// The note.
    #[server(default)]
    note: String,
    /// The date, as typed.
    #[server(default)]
    day: String,
    /// The list to move it to.
    #[server(default)]
    to: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let change = match deed.as_str() {
            "write" => EntryChange::Write { note, day },
            "move" => EntryChange::MoveTo(to.parse().map_err(|_| Failure::BadRequest)?),
            "up" => EntryChange::Up,
            "down" => EntryChange::Down,
            "first" => EntryChange::First,
            "remove" => EntryChange::Remove,
            _ => return Err(Failure::BadRequest),
        };
        let answer = visit.library.change_entry(patron, entry, &change).await.map_err(fault)?;
        tell(&mut visit, answer).await?;
        Ok(forms::came_from(SHELF))
    })
    .await
}

/// Renames a list.
#[server(endpoint = "shelf-rename")]
pub async fn rename_list(
    /// Which.
    list: BookListId,
    /// Its new name.
    #[server(default)]
    name: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let answer = visit.library.rename_list(patron, list, &name).await.map_err(fault)?;
        tell(&mut visit, answer).await?;
        Ok(format!("{}/settings", list_address(list)))
    })
    .await
}

/// Deletes a list.
#[server(endpoint = "shelf-delete")]
pub async fn delete_list(
    /// Which.
    list: BookListId,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let answer = visit.library.delete_list(patron, list).await.map_err(fault)?;
        tell(&mut visit, answer).await?;
        Ok(SHELF.to_owned())
    })
    .await
}

/// Shares a list by a link, or changes what is shared.
#[server(endpoint = "shelf-share")]
pub async fn share_list(
    /// Which.
    list: BookListId,
    /// Whether the notes are shown too.
    #[server(default)]
    notes: bool,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let answer = visit.library.share_list(patron, list, notes).await.map_err(fault)?;
        tell(&mut visit, answer).await?;
        Ok(format!("{}/settings", list_address(list)))
    })
    .await
}

/// Ends the link of a list.
#[server(endpoint = "shelf-unshare")]
pub async fn unshare_list(
    /// Which.
    list: BookListId,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let answer = visit.library.unshare_list(patron, list).await.map_err(fault)?;
        tell(&mut visit, answer).await?;
        Ok(format!("{}/settings", list_address(list)))
    })
    .await
}

/// What becomes of each title when the list is put into the cart.
#[server(endpoint = "shelf-cart-plan", input = Json, output = Loadable)]
pub async fn load_cart_plan(
    /// Which.
    list: BookListId,
) -> Result<Answer<ListForCart>, Failure> {
    let (visit, patron) = visit::patron().await?;
    Answer::of(&visit.library.list_for_cart(patron, list).await.map_err(fault)?.ok_or(Failure::NotFound)?)
}

/// Puts a list into the cart.
#[server(endpoint = "shelf-cart")]
pub async fn list_into_cart(
    /// Which.
    list: BookListId,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let answer = visit.library.list_into_cart(patron, list).await.map_err(fault)?;
        Ok(match answer {
            // The cart says itself what is in it.
            Ok(_) => "/cart".to_owned(),
            Err(refusal) => {
                tell(&mut visit, Err(refusal)).await?;
                format!("{}/cart", list_address(list))
            }
        })
    })
    .await
}

/// A list that is shared. Whoever has its link may ask.
#[server(endpoint = "shared-list", input = Json, output = Loadable)]
pub async fn load_shared(
    /// What stands in the link.
    key: String,
) -> Result<Answer<Option<SharedList>>, Failure> {
    let visit = visit::anyone().await?;
    Answer::of(&visit.library.shared_list(&key).await.map_err(fault)?)
}
