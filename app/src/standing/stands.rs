//! Where copies stand: branch, floor, shelf and shelf mark, on the page and on a slip to take along to the shelves (R32).

use domain::{catalog::Standing, messages::Key};
use leptos::prelude::*;

use crate::{
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    receipt::{Receipt, choose_button},
    site::use_site,
};

/// Where the copies of a volume or issue stand, branch by branch, and the button that prints it.
pub(super) fn stands(title: &str, all: &[Standing]) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let list: Vec<_> = all
        .iter()
        .map(|one| {
            let spot = one.spot.as_ref().map(|spot| {
                let (floor, shelf) = site.spot(spot);
                view! { <span class="spot">{floor} " " {shelf}</span> " " }
            });
            view! {
                <li>
                    <span>{site.place(&one.branch)}</span> " " {spot}
                    <span class="shelf-mark">{one.mark.clone()}</span>
                </li>
            }
            .erased()
        })
        .collect();
    let name = i18n.fill(Key::MemoPrintOf, &[("title", title)]);
    view! {
        <div class="marks">
            <h4>{i18n.show(Key::StandsTitle)}</h4>
            <ul>{list}</ul>
        </div>
        {choose_button(Key::MemoPrint, name, slip(title, all))}
    }
    .erased()
}

/// The slip of a volume or issue.
pub(super) fn slip(title: &str, stands: &[Standing]) -> Receipt {
    let i18n = use_i18n();
    let site = use_site();
    let place = |one: &Standing| {
        let spot = one.spot.as_ref().map(|spot| site.spot(spot));
        let spot = spot.map(|(floor, shelf)| format!(" {floor} {shelf}")).unwrap_or_default();
        [format!("{}{spot}", site.place(&one.branch)), i18n.fill(Key::MemoMark, &[("mark", &one.mark)])]
    };
    let lines = vec![(title.to_owned(), stands.iter().flat_map(place).collect())];
    Receipt { title: Key::MemoTitle, lines, facts: Vec::new(), note: None }
}
