//! 督促状: a letter for each patron who keeps copies past their due date, one to a sheet.
//!
//! Folded in three, outward at the upper line and inward at the lower one, a sheet shows its upper third alone: the mark
//! of a slip and the library's name. Everything else is inside.

use domain::{
    circulation::{DeskList, Letter, LetterLine},
    messages::Key,
};
use leptos::prelude::*;

use super::{
    super::counter_parts::{Part, print_button},
    Room, api, list_page,
};
use crate::{
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
    site::use_site,
    visit::StaffHere,
};

/// `/desk/letters`
pub(crate) fn letters_page() -> ErasedView {
    list_page(Room::Letters, load(|| (), |()| api::load_letters()), show)
}

fn show(_: &StaffHere, list: DeskList<Vec<Letter>>) -> ErasedView {
    let i18n = use_i18n();
    if list.list.is_empty() {
        return p("empty", i18n.t(Key::LettersNone));
    }
    let letters = list.list.into_iter().map(letter).collect_view();
    view! {
        <p class="no-print">{i18n.show(Key::LettersLead)}</p>
        {print_button(Key::LettersPrint, Part::List)}
        <div class="letters">{letters}</div>
    }
    .erased()
}

fn letter(of: Letter) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let library = site.name();
    let (telephone, today) = site.with(|site| (site.telephone.clone(), site.today));
    let line = |LetterLine { title, due_on }: LetterLine| {
        let text = i18n.fill(Key::LettersLine, &[("title", &title), ("date", &i18n.date(due_on))]);
        view! { <li>{text}</li> }
    };
    let lines = of.lines.into_iter().map(line).collect_view();
    view! {
        <article class="letter">
            <div class="outside">
                <p class="label">{i18n.fill(Key::LettersOutside, &[("label", &of.label)])}</p>
                <p>{i18n.fill(Key::LettersFrom, &[("library", &library)])}</p>
            </div>
            <div class="inside">
                <p class="date">{i18n.date(today)}</p>
                <p>{i18n.fill(Key::LettersTo, &[("name", &of.name)])}</p>
                <h2>{i18n.show(Key::LettersSubject)}</h2>
                <p>{i18n.show(Key::LettersBody)}</p>
                <ul>{lines}</ul>
                <p>{i18n.show(Key::LettersClose)}</p>
                <p>{library.clone()}</p>
                <p>{i18n.fill(Key::FooterTelephone, &[("telephone", &telephone)])}</p>
            </div>
        </article>
    }
    .erased()
}
