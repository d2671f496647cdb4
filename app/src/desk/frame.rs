//! The frame of every page of the desk: who may see it, the ways on, the line to the server, the heading.

use std::sync::Arc;

use domain::{messages::Key, patrons::SecondStep};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::{components::Redirect, hooks::use_location};

use super::{api::ChoosePlace, choose_place, leave::sign_out, library::factor, line::Line, refused_note, sign_in};
use crate::{
    browser,
    components::{form, loading, trouble},
    erase::{Erase as _, ErasedView},
    failure::Failure,
    i18n::use_i18n,
    layout::Heading,
    load::Arriving,
    load::awaited,
    page::loaded_page,
    site::use_site,
    visit::{Flash, Here, StaffHere, use_visit},
};

/// Makes a page of who works here, what came of the form that led here, and the text of what was loaded.
pub(super) type Show = Arc<dyn Fn(StaffHere, Option<Flash>, &str) -> Result<ErasedView, Failure> + Send + Sync>;

/// A page that loads something, for staff who have said where they work; the others are asked for that first.
pub(super) fn staff_page(address: String, text: Arriving, show: Show) -> ErasedView {
    let at = address.clone();
    let show = move |here, flash, text: Result<&str, Failure>| {
        at_work(here, flash, &at, |staff, flash| show(staff, flash, text?))
    };
    loaded_page(address, text, Arc::new(show))
}

/// The same for a page that loads nothing.
pub(super) fn desk_page(show: fn(&StaffHere, Option<Flash>) -> ErasedView) -> ErasedView {
    let visit = use_visit();
    view! {
        <Suspense fallback=loading>
            {awaited(move || async move {
                let here = visit.here().await;
                let flash = visit.flash(&here);
                at_work(here, flash, "", |staff, flash| Ok(vec![refused_note(), show(&staff, flash)].erased()))
                    .unwrap_or_else(|failure| trouble(failure, "/desk"))
            })}
        </Suspense>
    }
    .erased()
}

/// The page for whoever works here and has said where; or what comes before that: the sign-in, the second factor, the
/// place. The page on which the second factor is set up, at this address, wants none of it but the sign-in.
fn at_work(
    here: Here,
    flash: Option<Flash>,
    address: &str,
    show: impl FnOnce(StaffHere, Option<Flash>) -> Result<ErasedView, Failure>,
) -> Result<ErasedView, Failure> {
    let Some(staff) = here.staff else { return Ok(sign_in(flash)) };
    match staff.step {
        SecondStep::Code => Ok(factor::code_page(flash.as_ref())),
        _ if address == factor::ADDRESS => show(staff, flash),
        SecondStep::SetUp => Ok(view! { <Redirect path=factor::ADDRESS /> }.erased()),
        SecondStep::Done if staff.place.is_none() => Ok(choose_place(&staff)),
        SecondStep::Done => show(staff, flash),
    }
}

/// What is seen of every page. The line is the page's own where it scans, else a new one: whichever page of the desk is
/// open plays in what waits, and says so.
pub(super) fn frame(
    class: &str,
    staff: &StaffHere,
    line: Line,
    above: Option<ErasedView>,
    title: String,
    rest: ErasedView,
) -> ErasedView {
    let visit = use_visit();
    // Who works by keyboard goes on behind the heading, not before the header; unless a field has the focus already.
    Effect::new(move |_| {
        if !visit.has_moved() {
            browser::focus_when_free("h1");
        }
    });
    view! {
        <div class=format!("page desk {class}")>
            {(staff.step == SecondStep::Done).then(|| menu(staff))}
            {above}
            <Heading text=title />
            {line.banner()}
            {rest}
        </div>
    }
    .erased()
}

/// The pages of the desk, each with the key that opens it with Alt.
const WAYS: [(&str, Key, &str); 9] = [
    ("/desk", Key::CheckInTitle, "h"),
    ("/desk/check-out", Key::CheckOutTitle, "k"),
    ("/desk/journal", Key::LateTitle, "i"),
    ("/desk/copies", Key::CopiesTitle, "j"),
    ("/desk/today", Key::ListsTitle, "s"),
    ("/desk/cards", Key::CardsTitle, "c"),
    ("/desk/requests", Key::RequestsTitle, "m"),
    ("/desk/catalogue", Key::CatalogueTitle, "o"),
    ("/desk/library", Key::HouseTitle, "l"),
];

/// Whether a page is this way's own, or one below it.
fn is_below(path: &str, way: &str) -> bool {
    path == way || (way != "/desk" && path.strip_prefix(way).is_some_and(|rest| rest.starts_with('/')))
}

/// The letter of an access key, for those who see; the others are told of it by their aid.
pub(super) fn key_mark(key: &'static str) -> ErasedView {
    view! { <kbd aria-hidden="true">{key.to_uppercase()}</kbd> }.erased()
}

/// Who works here, and the ways on.
pub(super) fn menu(staff: &StaffHere) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let path = use_location().pathname;
    let ways = WAYS.map(|(href, name, key)| {
        let current = move || is_below(&path.read(), href).then_some("page");
        view! { <a href=href accesskey=key aria-current=current>{i18n.t(name)} {key_mark(key)}</a> }.erased()
    });
    let mails = site.with(|site| site.demo).then(|| {
        view! { <a href="/desk/mail">{i18n.show(Key::DeskMails)}</a> }
    });
    let place = staff.place.as_ref().map(|place| {
        let other = view! {
            <span>{site.place(place)}</span>
            <button class="quiet" name="place" value="" accesskey="b">
                {i18n.show(Key::DeskOtherPlace)}
                {key_mark("b")}
            </button>
        };
        form(ChoosePlace::PATH, "inline", None, other.erased())
    });
    view! {
        <nav class="desk-menu" aria-label=i18n.t(Key::DeskMenu)>
            {Vec::from(ways)} {mails} {place} {sign_out(staff)} <span class="keys-hint">{i18n.show(Key::DeskKeys)}</span>
        </nav>
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::{WAYS, is_below};

    #[test]
    fn every_way_has_a_key_of_its_own() {
        // z undoes a scan, p prints, x signs out, b changes the place.
        let mut keys: Vec<_> = WAYS.iter().map(|(.., key)| *key).chain(["z", "p", "x", "b"]).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), WAYS.len() + 4);
    }

    #[test]
    fn a_page_belongs_to_one_way() {
        for (path, way) in
            [("/desk", "/desk"), ("/desk/cards/1/edit", "/desk/cards"), ("/desk/check-out", "/desk/check-out")]
        {
            let of: Vec<_> = WAYS.iter().filter(|(way, ..)| is_below(path, way)).map(|(way, ..)| *way).collect();
            assert_eq!(of, [way], "{path}");
        }
    }
}
