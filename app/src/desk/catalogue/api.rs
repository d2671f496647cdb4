//! What the pages of the catalogue ask the server. Staff only.

#[cfg(feature = "ssr")]
use domain::catalog::KeepProblem;
use domain::{
    BibId, OpId, PartId,
    catalog::{BibForm, CopyForm, FoundBib, KeptBib, MergePreview},
};
use leptos::prelude::*;

use super::super::room::Offer;
#[cfg(feature = "ssr")]
use super::super::said::{Done, Problem, Said};
#[cfg(feature = "ssr")]
use crate::ssr::{fault, forms, visit, visit::Visit};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// The titles that are meant.
#[server(endpoint = "desk-titles", input = Json, output = Loadable)]
pub async fn find_bibs(
    /// As typed or scanned.
    typed: String,
) -> Result<Answer<Vec<FoundBib>>, Failure> {
    let (visit, _) = visit::staff().await?;
    Answer::of(&visit.library.find_bibs(&typed).await.map_err(fault)?)
}

/// A title with its copies.
#[server(endpoint = "desk-title", input = Json, output = Loadable)]
pub async fn load_bib(
    /// Which; anything else is no title.
    id: String,
) -> Result<Answer<KeptBib>, Failure> {
    let (visit, _) = visit::staff().await?;
    let id: BibId = id.parse().map_err(|_| Failure::NotFound)?;
    Answer::of(&visit.library.kept_bib(id).await.map_err(fault)?.ok_or(Failure::NotFound)?)
}

/// What the form of a new title needs.
#[server(endpoint = "desk-title-form", input = Json, output = Loadable)]
pub async fn new_bib() -> Result<Answer<Offer<()>>, Failure> {
    let (visit, _) = visit::staff().await?;
    Offer::of(&visit, ())
}

/// What merging two titles would do.
#[server(endpoint = "desk-merge-preview", input = Json, output = Loadable)]
pub async fn preview_merge(
    /// The title that goes.
    from: String,
    /// The title that stays.
    into: String,
) -> Result<Answer<MergePreview>, Failure> {
    let (visit, _) = visit::staff().await?;
    let id = |text: &str| text.parse::<BibId>().map_err(|_| Failure::NotFound);
    let preview = visit.library.merge_preview(id(&from)?, id(&into)?).await.map_err(fault)?;
    Answer::of(&preview.ok_or(Failure::NotFound)?)
}

/// The address of a title.
pub(crate) fn address_of(bib: BibId) -> String {
    format!("/desk/catalogue/{bib}")
}

#[cfg(feature = "ssr")]
fn not(problems: Vec<KeepProblem>, typed: &[(&str, &str)]) -> Said {
    Said::not(problems.into_iter().map(Problem::Keep), typed)
}

/// The fields of a title by their names.
#[cfg(feature = "ssr")]
fn typed_bib(form: &BibForm) -> [(&'static str, &str); 9] {
    [
        ("title", &form.title),
        ("reading", &form.reading),
        ("volume", &form.volume),
        ("creators", &form.creators),
        ("publisher", &form.publisher),
        ("year", &form.year),
        ("isbn", &form.isbn),
        ("ndc", &form.ndc),
        ("material", &form.material),
    ]
}

/// Enters a title.
#[server(endpoint = "add-title")]
pub async fn add_bib(
    /// See [`Offer`].
    op: OpId,
    /// The title as typed.
    #[server(flatten)]
    form: BibForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let (said, to) = match visit.library.add_bib(op, &form).await.map_err(fault)? {
            Ok(bib) => (Said::done(Done::BibAdded), address_of(bib)),
            Err(problems) => (not(problems, &typed_bib(&form)), "/desk/catalogue/new".to_owned()),
        };
        said.keep(&mut visit).await?;
        Ok(to)
    })
    .await
}

/// Corrects a title.
#[server(endpoint = "edit-title")]
pub async fn edit_bib(
    /// Which.
    bib: BibId,
    /// The title as typed.
    #[server(flatten)]
    form: BibForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let (said, to) = match visit.library.edit_bib(bib, &form).await.map_err(fault)? {
            Ok(()) => (Said::done(Done::BibEdited), address_of(bib)),
            Err(problems) => (not(problems, &typed_bib(&form)), format!("{}/edit", address_of(bib))),
        };
        said.keep(&mut visit).await?;
        Ok(to)
    })
    .await
}

/// Takes in a copy.
#[server(endpoint = "add-copy")]
pub async fn add_copy(
    /// Of which title.
    bib: BibId,
    /// Of which part of it.
    part: PartId,
    /// The copy as typed.
    #[server(flatten)]
    form: CopyForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let said = match visit.library.add_copy(part, &form).await.map_err(fault)? {
            Ok(()) => added(&visit, bib, &form, &[("part", &part.to_string())]).await?,
            Err(problems) => {
                let part = part.to_string();
                let typed = [typed_copy(&form).as_slice(), &[("part", &part), ("barcode", &form.barcode)]].concat();
                not(problems, &typed)
            }
        };
        said.keep(&mut visit).await?;
        Ok(format!("{}/copies", address_of(bib)))
    })
    .await
}

/// Takes in an issue of a magazine, or one more copy of it.
#[server(endpoint = "receive-issue")]
pub async fn receive_issue(
    /// Of which title.
    bib: BibId,
    /// The issue.
    #[server(default)]
    label: String,
    /// The day it came in, in any way of writing it.
    #[server(default)]
    day: String,
    /// The copy as typed.
    #[server(flatten)]
    form: CopyForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let issue = [("label", &*label), ("day", &*day)];
        let said = match visit.library.receive_issue(bib, &label, &day, &form).await.map_err(fault)? {
            Ok(()) => added(&visit, bib, &form, &issue).await?,
            Err(problems) => {
                let typed = [typed_copy(&form).as_slice(), &issue, &[("barcode", &form.barcode)]].concat();
                not(problems, &typed)
            }
        };
        said.keep(&mut visit).await?;
        Ok(format!("{}/issue", address_of(bib)))
    })
    .await
}

/// Says that a copy was taken in; the next one is likely to be of the same kind.
#[cfg(feature = "ssr")]
async fn added(visit: &Visit, bib: BibId, form: &CopyForm, more: &[(&str, &str)]) -> Result<Said, Failure> {
    let kept = visit.library.kept_bib(bib).await.map_err(fault)?;
    let wanted = kept.is_some_and(|kept| kept.parts.iter().any(|part| part.waiting > 0));
    let typed = [typed_copy(form).as_slice(), more].concat();
    let typed = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(Said { typed, ..Said::done(Done::CopyAdded { barcode: form.barcode.trim().to_owned(), wanted }) })
}

/// What neighbours have in common.
#[cfg(feature = "ssr")]
fn typed_copy(form: &CopyForm) -> [(&'static str, &str); 3] {
    [("branch", &form.branch), ("shelf_mark", &form.shelf_mark), ("loan_rule", &form.loan_rule)]
}

/// Changes a copy.
#[server(endpoint = "change-copy")]
pub async fn change_copy(
    /// Of which title.
    bib: BibId,
    /// The copy as typed.
    #[server(flatten)]
    form: CopyForm,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let (said, to) = match visit.library.change_copy(&form).await.map_err(fault)? {
            Ok(()) => (Said::done(Done::CopyChanged { barcode: form.barcode }), address_of(bib)),
            Err(problems) => (not(problems, &typed_copy(&form)), copy_address(bib, &form.barcode)),
        };
        said.keep(&mut visit).await?;
        Ok(to)
    })
    .await
}

/// Sets a copy aside as damaged.
#[server(endpoint = "note-damage")]
pub async fn note_damage(
    /// Of which title.
    bib: BibId,
    /// Which.
    barcode: String,
    /// What is damaged.
    #[server(default)]
    what: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let (said, to) = match visit.library.note_damage(&barcode, &what).await.map_err(fault)? {
            Ok(()) => (Said::done(Done::Damaged { barcode }), address_of(bib)),
            Err(refusal) => (Said::not([Problem::Refused(refusal)], &[("what", &what)]), copy_address(bib, &barcode)),
        };
        said.keep(&mut visit).await?;
        Ok(to)
    })
    .await
}

/// The address of a copy.
pub(crate) fn copy_address(bib: BibId, barcode: &str) -> String {
    format!("{}/copy?barcode={}", address_of(bib), crate::address::encode(barcode))
}

/// Merges a title into another.
#[server(endpoint = "merge-titles")]
pub async fn merge_bibs(
    /// The title that goes.
    from: BibId,
    /// The title that stays.
    into: BibId,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::staff().await?;
        let (said, to) = match visit.library.merge_bibs(from, into).await.map_err(fault)? {
            Ok(()) => (Said::done(Done::Merged), address_of(into)),
            Err(refusal) => (Said::not([Problem::Refused(refusal)], &[]), address_of(from)),
        };
        said.keep(&mut visit).await?;
        Ok(to)
    })
    .await
}
