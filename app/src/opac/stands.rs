//! Where copies stand: branch, floor, shelf and shelf mark, on the page and on a slip to take along to the shelves (R32).

use domain::{
    PartId,
    catalog::{PartView, Standing},
    messages::Key,
};
use leptos::prelude::*;

use crate::{
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    receipt::{self, Receipt},
    site::use_site,
};

/// Where the copies of a volume or issue stand, branch by branch.
pub(super) fn stands(all: &[Standing]) -> Option<ErasedView> {
    if all.is_empty() {
        return None;
    }
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
    let view = view! {
        <div class="marks">
            <h4>{i18n.show(Key::StandsTitle)}</h4>
            <ul>{list}</ul>
        </div>
    };
    Some(view.erased())
}

/// A volume or issue, and where its copies stand.
#[derive(Clone)]
struct Stood {
    part: PartId,
    title: String,
    stands: Vec<Standing>,
}

/// The slip of a record, about the volume or issue whose button was pressed; before that about the first.
#[derive(Clone, Copy)]
pub(super) struct PlaceMemo {
    parts: StoredValue<Vec<Stood>>,
    chosen: RwSignal<usize>,
}

impl PlaceMemo {
    pub(super) fn of(title: &str, parts: &[PartView]) -> Self {
        let parts = parts.iter().filter(|part| !part.stands.is_empty()).map(|part| Stood {
            part: part.id,
            title: if part.label.is_empty() { title.to_owned() } else { format!("{title} {}", part.label) },
            stands: part.stands.clone(),
        });
        Self { parts: StoredValue::new(parts.collect()), chosen: RwSignal::new(0) }
    }

    /// The button that prints it.
    pub(super) fn button(self, part: PartId) -> ErasedView {
        let i18n = use_i18n();
        let place = |parts: &Vec<Stood>| parts.iter().position(|stood| stood.part == part);
        let at = self.parts.with_value(place).unwrap_or(0);
        let title = self.parts.with_value(|parts| parts.get(at).map(|stood| stood.title.clone()));
        let name = i18n.fill(Key::MemoPrintOf, &[("title", &title.unwrap_or_default())]);
        let on_click = move |_| {
            self.chosen.set(at);
            // The slip is written anew first.
            request_animation_frame(receipt::print);
        };
        view! {
            <button type="button" class="with-scripts no-print" aria-label=name on:click=on_click>
                {i18n.show(Key::MemoPrint)}
            </button>
        }
        .erased()
    }

    /// The slip.
    pub(super) fn view(self) -> ErasedView {
        let i18n = use_i18n();
        let site = use_site();
        let slip = move || {
            let at = self.chosen.get();
            let Some(Stood { title, stands, .. }) = self.parts.with_value(|parts| parts.get(at).cloned()) else {
                return ().erased();
            };
            let place = |one: &Standing| {
                let spot = one.spot.as_ref().map(|spot| site.spot(spot));
                let spot = spot.map(|(floor, shelf)| format!(" {floor} {shelf}")).unwrap_or_default();
                [format!("{}{spot}", site.place(&one.branch)), i18n.fill(Key::MemoMark, &[("mark", &one.mark)])]
            };
            let lines = vec![(title, stands.iter().flat_map(place).collect())];
            Receipt { title: Key::MemoTitle, lines, facts: Vec::new(), note: None }.view()
        };
        view! { {slip} }.erased()
    }
}
