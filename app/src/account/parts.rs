//! Parts that several of the patron's pages use.

use domain::{
    BibId, OpId, PartId,
    catalog::MaterialType,
    circulation::{PatronAnswer, Refusal},
    messages::Key,
    patrons::{Account, CardState},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    bookshelf::{buttons::shelf_buttons, said::shelf_said},
    components::{alert, material_mark, p},
    door::api::SETTINGS,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::Heading,
    page::Own,
    visit::{Flash, Outcome},
};

/// A page: its heading, what came of the last deed, what has to be known of the card, then the rest.
pub(crate) fn own_page<T>(title: Key, own: &Own<T>, rest: ErasedView) -> ErasedView {
    page_of(use_i18n().t(title), own, rest)
}

/// The same, with a heading that a patron wrote.
pub(crate) fn page_of<T>(title: String, own: &Own<T>, rest: ErasedView) -> ErasedView {
    view! {
        <div class="page account">
            <Heading text=title />
            {said(own.flash.as_ref())}
            {shelf_said(own.flash.as_ref())}
            {card_note(&own.account)}
            {refused_note(&own.account)}
            {rest}
        </div>
    }
    .erased()
}

/// What the patron wished was done.
#[derive(Serialize, Deserialize)]
pub(crate) struct Done(pub(crate) PatronAnswer);

impl Outcome for Done {
    const ROOM: &'static str = "account";
}

/// What came of what the patron did.
fn said(flash: Option<&Flash>) -> Option<ErasedView> {
    let i18n = use_i18n();
    let named = |key: Key, title: &str| i18n.fill(key, &[("title", title)]);
    let text = match flash? {
        Flash::Refused(refusal) => return Some(alert(i18n.refusal(refusal))),
        Flash::NothingChosen => return Some(alert(i18n.t(Key::SetNothingChosen))),
        Flash::Fault => return Some(alert(i18n.t(Key::TroubleFault))),
        flash => match Done::of(Some(flash))?.0 {
            PatronAnswer::Cancelled { title } => named(Key::SaidCancelled, &title),
            PatronAnswer::Changed { title } => named(Key::SaidChanged, &title),
            PatronAnswer::ReturnSaid { title } => named(Key::SaidReturned, &title),
            PatronAnswer::Renewed { title, due_on } => {
                i18n.fill(Key::SaidRenewed, &[("title", &title), ("date", &i18n.date(due_on))])
            }
            PatronAnswer::SetArranged { .. } => i18n.t(Key::SaidSetArranged),
            PatronAnswer::SetDissolved => i18n.t(Key::SaidSetDissolved),
            PatronAnswer::SetGoesOn => i18n.t(Key::SaidSetGoesOn),
        },
    };
    Some(view! { <p class="notice good" role="status">{text}</p> }.erased())
}

/// What a card that may not be used does to reservations.
fn card_note(account: &Account) -> Option<ErasedView> {
    let key = match account.card {
        CardState::Active => return None,
        CardState::Suspended => Key::CardSuspendedNote,
        CardState::Expired => Key::CardExpiredNote,
    };
    Some(p("notice", use_i18n().t(key)))
}

/// That mail does not arrive, and the way to mend it (R13).
fn refused_note(account: &Account) -> Option<ErasedView> {
    let i18n = use_i18n();
    account.mail_refused.then(|| {
        view! {
            <p class="notice">
                {i18n.show(Key::MailRefusedNote)} " " <a href=SETTINGS>{i18n.show(Key::MailRefusedWay)}</a>
            </p>
        }
        .erased()
    })
}

/// A list with nothing in it.
pub(crate) fn nothing(text: Key) -> ErasedView {
    let i18n = use_i18n();
    let to_search = link("button", "/".to_owned(), i18n.t(Key::ToSearch), None);
    view! { {p("empty", i18n.t(text))} {to_search} }.erased()
}

/// A table with a heading for each column; on a phone each row is a card.
pub(crate) fn table(columns: &[Key], rows: Vec<ErasedView>) -> ErasedView {
    let i18n = use_i18n();
    let columns =
        columns.iter().map(|key| view! { <th scope="col" class=of_column(*key)>{i18n.t(*key)}</th> }).collect_view();
    view! {
        <table class="cards">
            <thead>
                <tr>{columns}</tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .erased()
}

/// What a row is about.
pub(super) struct Titled<'a> {
    /// Of the reservation or loan.
    pub(super) id: String,
    pub(super) bib: BibId,
    /// The volume or issue.
    pub(super) part: PartId,
    pub(super) title: &'a str,
    pub(super) creators: &'a str,
    pub(super) material: MaterialType,
}

impl Titled<'_> {
    /// The cell that says so.
    pub(super) fn cell(self, more: ErasedView) -> ErasedView {
        let buttons = shelf_buttons(use_i18n(), self.bib, Some(self.part), self.title);
        view! {
            <th scope="row">
                <a id=format!("title-{}", self.id) href=format!("/bibs/{}", self.bib)>{self.title.to_owned()}</a>
                <p class="facts"><span>{self.creators.to_owned()}</span> {material_mark(self.material)} {more}</p>
                <div inner_html=buttons></div>
            </th>
        }
        .erased()
    }
}

/// What can be done with a row is of no use on paper.
pub(crate) fn of_column(column: Key) -> Option<&'static str> {
    (column == Key::ColumnActions).then_some("no-print")
}

/// A cell, which on a phone says itself what it is.
pub(crate) fn cell(column: Key, content: ErasedView) -> ErasedView {
    view! { <td data-label=use_i18n().t(column) class=of_column(column)><div>{content}</div></td> }.erased()
}

/// A row of such a table.
pub(crate) fn row(cells: Vec<ErasedView>) -> ErasedView {
    view! { <tr>{cells}</tr> }.erased()
}

/// A link; where its words alone don't say to what it leads, with a longer name.
pub(super) fn link(class: &'static str, href: String, text: String, name: Option<String>) -> ErasedView {
    view! { <a class=class href=href aria-label=name>{text}</a> }.erased()
}

/// A button that sends a value, or none.
pub(super) fn button(
    class: &'static str,
    value: Option<(&'static str, String)>,
    text: String,
    label: Option<String>,
) -> ErasedView {
    let (name, value) = value.unzip();
    view! { <button class=class name=name value=value aria-label=label>{text}</button> }.erased()
}

/// The fields of every form of these pages: under which op, and about what.
pub(super) fn hidden(op: OpId, name: &'static str, id: String) -> ErasedView {
    view! {
        <input type="hidden" name="op" value=op.to_string() />
        <input type="hidden" name=name value=id />
    }
    .erased()
}

/// The reason in place of a button.
pub(super) fn why_not(refusal: &Refusal) -> ErasedView {
    p("why-not", use_i18n().refusal(refusal))
}
