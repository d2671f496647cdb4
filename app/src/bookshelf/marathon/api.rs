//! What the pages of the reading marathon ask the server, for the patron who is signed in and about nobody else.

use domain::{
    HistoryEntryId, MarathonId, OpId, ReadId,
    bookshelf::marathon::{MarathonForm, MarathonPage, MarathonsPage, ReadForm},
};
use leptos::prelude::*;

use crate::{
    account::api::Offer,
    failure::Failure,
    load::{Answer, Json, Loadable},
};
#[cfg(feature = "ssr")]
use {
    super::{ADDRESS, MarathonFlash, MarathonSaid, address_of},
    crate::{
        address,
        ssr::{fault, forms, visit, visit::Visit},
        visit::Outcome as _,
    },
    domain::bookshelf::marathon::MarathonProblem,
    std::{error::Error, hash::Hash, str::FromStr},
};

/// All marathons (R29).
#[server(endpoint = "marathons", input = Json, output = Loadable)]
pub async fn marathons() -> Result<Answer<Offer<MarathonsPage>>, Failure> {
    let (visit, patron) = visit::patron().await?;
    let key = visit.own_history_key();
    let page = visit.library.marathons(patron, key.as_ref()).await.map_err(fault)?;
    Offer::of(&visit, page)
}

/// One of them.
#[server(endpoint = "marathon", input = Json, output = Loadable)]
pub async fn marathon(
    /// Which, as it stands in the address.
    id: String,
) -> Result<Answer<Offer<MarathonPage>>, Failure> {
    let (visit, patron) = visit::patron().await?;
    let id = id.parse().map_err(|_| Failure::NotFound)?;
    let key = visit.own_history_key();
    let page = visit.library.marathon(patron, id, key.as_ref()).await.map_err(fault)?.ok_or(Failure::NotFound)?;
    Offer::of(&visit, page)
}

/// Begins one, or joins a season.
#[server(endpoint = "begin-marathon")]
pub async fn begin_marathon(
    /// See [`Offer`].
    op: OpId,
    /// As typed.
    #[server(flatten)]
    form: MarathonForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let id: MarathonId = row_id(op, &form.season)?;
        let begun = visit.library.begin_marathon(patron, id, &form).await.map_err(fault)?;
        let to = match begun {
            Ok(()) => address_of(id),
            Err(_) => format!("{ADDRESS}/new?season={}", address::encode(&form.season)),
        };
        tell(&mut visit, begun.map(|()| MarathonSaid::Begun), &typed(&form)).await?;
        Ok(to)
    })
    .await
}

/// Sets another goal.
#[server(endpoint = "change-marathon")]
pub async fn change_marathon(
    /// Which.
    marathon: MarathonId,
    /// As typed.
    #[server(flatten)]
    form: MarathonForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let changed = visit.library.change_marathon(patron, marathon, &form).await.map_err(fault)?;
        let here = address_of(marathon);
        let to = if changed.is_ok() { here } else { format!("{here}/edit") };
        tell(&mut visit, changed.map(|()| MarathonSaid::Changed), &typed(&form)).await?;
        Ok(to)
    })
    .await
}

/// Deletes one with all that was noted in it.
#[server(endpoint = "delete-marathon")]
pub async fn delete_marathon(
    /// Which.
    marathon: MarathonId,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        visit.library.delete_marathon(patron, marathon).await.map_err(fault)?;
        tell(&mut visit, Ok(MarathonSaid::Deleted), &[]).await?;
        Ok(ADDRESS.to_owned())
    })
    .await
}

/// Notes a book.
#[server(endpoint = "enter-read")]
pub async fn enter_read(
    /// See [`Offer`].
    op: OpId,
    /// In which marathon.
    marathon: MarathonId,
    /// As typed.
    #[server(flatten)]
    form: ReadForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        let id: ReadId = row_id(op, &(&form.title, &form.day, &form.pages))?;
        let entered = visit.library.enter_read(patron, marathon, id, &form).await.map_err(fault)?;
        let typed = [("title", &*form.title), ("day", &form.day), ("pages", &form.pages)];
        tell(&mut visit, entered.map(|()| MarathonSaid::Entered), &typed).await?;
        Ok(address_of(marathon))
    })
    .await
}

/// Deletes a note.
#[server(endpoint = "drop-read")]
pub async fn drop_read(
    /// In which marathon, to lead back to it.
    marathon: MarathonId,
    /// Which.
    read: ReadId,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        visit.library.drop_read(patron, read).await.map_err(fault)?;
        tell(&mut visit, Ok(MarathonSaid::Dropped), &[]).await?;
        Ok(address_of(marathon))
    })
    .await
}

/// Says of a borrowed book whether it was read, as far as this browser has opened the history.
#[server(endpoint = "say-read")]
pub async fn say_read(
    /// In which marathon, to lead back to it.
    marathon: MarathonId,
    /// The entry of the history.
    entry: HistoryEntryId,
    /// Whether it was.
    read: bool,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, patron) = visit::patron().await?;
        if let Some(key) = visit.own_history_key() {
            visit.library.say_read(patron, &key, entry, read).await.map_err(fault)?;
            tell(&mut visit, Ok(MarathonSaid::Counted(read)), &[]).await?;
        }
        Ok(address_of(marathon))
    })
    .await
}

#[cfg(feature = "ssr")]
fn typed(form: &MarathonForm) -> [(&str, &str); 7] {
    [
        ("name", &form.name),
        ("from", &form.from),
        ("until", &form.until),
        ("books", &form.books),
        ("pages", &form.pages),
        ("drawn", &form.drawn),
        ("from_history", &form.from_history),
    ]
}

/// Keeps what came of a form for the next page; what was typed only when it has to be typed again.
#[cfg(feature = "ssr")]
async fn tell(
    visit: &mut Visit,
    answer: Result<MarathonSaid, Vec<MarathonProblem>>,
    typed: &[(&str, &str)],
) -> Result<(), Failure> {
    let typed = if answer.is_ok() { &[] } else { typed };
    let typed = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    visit.tell(MarathonFlash { answer, typed }.flash()?).await
}

/// The id of the row that a wish of a page makes: the same wish of the same page makes one row, another one another. The
/// moment in the page's id can't be read from it.
#[cfg(feature = "ssr")]
fn row_id<T: FromStr<Err: Error + 'static>>(page: OpId, wish: &impl Hash) -> Result<T, Failure> {
    use std::hash::{DefaultHasher, Hasher as _};
    let half = |n: u8| {
        let mut hasher = DefaultHasher::new();
        (n, page).hash(&mut hasher);
        wish.hash(&mut hasher);
        hasher.finish()
    };
    format!("{:016x}{:016x}", half(0), half(1)).parse().map_err(fault)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn the_same_wish_of_a_page_makes_one_row_and_another_another() {
        let page = |n: u8| format!("0198c7a0-0000-7000-8000-0000000000{n:02}").parse::<OpId>().expect("a uuid");
        let id = |of: OpId, wish: &str| row_id::<ReadId>(of, &wish).expect("an id");
        assert_eq!(id(page(1), "坊っちゃん"), id(page(1), "坊っちゃん"));
        assert_ne!(id(page(1), "坊っちゃん"), id(page(1), "こころ"));
        assert_ne!(id(page(1), "坊っちゃん"), id(page(2), "坊っちゃん"));
        let made = id(page(1), "坊っちゃん").to_string();
        assert!(!made.starts_with("0198c7a0"), "the moment is not in it: {made}");
    }
}
