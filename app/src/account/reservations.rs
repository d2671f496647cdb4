//! 予約状況 (R19, R20), with the ordered sets.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::{
    OrderedSetId,
    circulation::{Refusal, RequestStep, ReservationView, Status, WaitEstimate, alike, changes, permissions},
    messages::{self, Key},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    api::{self, ArrangeSet, GoOn, Offer, RESERVATIONS},
    order,
    parts::{Titled, button, cell, hidden, link, nothing, own_page, row, table, why_not},
};
use crate::{
    cart::state::use_cart,
    components::{form, native_form, p},
    erase::{Erase as _, ErasedView},
    failure::Failure,
    i18n::use_i18n,
    live::{self, Follows},
    load::{self, Loaded as Answered, load},
    page::{Own, loaded_page},
    site::use_site,
    visit::Here,
};

type Loaded = Offer<Vec<ReservationView>>;

/// The reservations as they are now, which may be later than what the list was drawn from.
type Now = RwSignal<Vec<ReservationView>>;

/// `/account/reservations`
#[component]
pub fn ReservationsPage() -> ErasedView {
    let answer: Answered<Loaded> = load(|| (), |()| api::reservations());
    let show = |here: Here, flash, text: Result<&str, Failure>| {
        let account = here.account.ok_or(Failure::SignIn)?;
        let own = Own { account, flash, loaded: () };
        Ok(own_page(Key::ReservationsTitle, &own, following(text?)?))
    };
    loaded_page(RESERVATIONS.to_owned(), answer.text(), Arc::new(show))
}

/// The list, which follows what happens. Where only numbers and dates of states have changed, they alone are put into it.
fn following(text: &str) -> Result<ErasedView, Failure> {
    let Loaded { at, shown, .. } = load::read(text)?;
    let i18n = use_i18n();
    let announcement = use_cart().announcement;
    let drawn = StoredValue::new(shown.clone());
    let now = RwSignal::new(shown);
    let follows = Follows::new(text, at);
    follows.follow(live::OWN.to_owned(), move |text| {
        // What another version of the program says can't be shown; the page says of which time it is.
        let Ok(Loaded { at, shown, .. }) = load::read(&text) else { return };
        let changes = now.with_untracked(|before| changes(before, &shown));
        if let Some(said) = i18n.with(|texts| messages::live_changes(texts, &changes)) {
            announcement.say(said);
        }
        now.set(shown.clone());
        follows.is_of(at);
        if drawn.with_value(|drawn| alike(drawn, &shown)) {
            follows.drop_waiting();
        } else {
            follows.draw(text);
        }
    });
    let list = follows.region(move |text| {
        let Ok(offer) = load::read::<Loaded>(text) else { return ().erased() };
        let list = list(&offer, now);
        drawn.set_value(offer.shown);
        list
    });
    Ok(view! { {follows.as_of(RESERVATIONS)} {list} }.erased())
}

fn list(offer: &Loaded, now: Now) -> ErasedView {
    let i18n = use_i18n();
    let all = &offer.shown;
    if all.is_empty() {
        return nothing(Key::ReservationsNone);
    }
    let mut sets: Vec<OrderedSetId> = Vec::new();
    for place in all.iter().filter_map(|one| one.in_set) {
        if !sets.contains(&place.set) {
            sets.push(place.set);
        }
    }
    let ready = all.iter().filter(|one| matches!(one.status, Status::Ready { .. })).count();
    let ready = (ready > 0).then(|| p("notice good", i18n.number(Key::ReservationsReady, ready)));
    let estimated = all.iter().any(|one| one.wait.is_some()).then(|| p("hint", i18n.t(Key::WaitNote)));
    let numbered = |n: usize| (sets.len() > 1).then_some(n + 1);
    let in_sets = sets.iter().enumerate().map(|(n, set)| set_section(offer, now, *set, numbered(n)));
    // Nothing joins a set that waits for an answer.
    let open = sets.iter().enumerate().filter(|(_, set)| paused(all, **set).is_none());
    let open = open.map(|(n, set)| (*set, numbered(n))).collect();
    let others = others(offer, now, open, !sets.is_empty());
    ready.into_iter().chain(in_sets).chain(others).chain(estimated).collect_view().erased()
}

/// Until when a set waits for an answer, when it does.
fn paused(all: &[ReservationView], set: OrderedSetId) -> Option<NaiveDate> {
    all.iter().filter(|one| one.in_set.is_some_and(|place| place.set == set)).find_map(|one| match one.status {
        Status::Paused { answer_by, .. } => Some(answer_by),
        _ => None,
    })
}

/// The members of a set, in their order, and what can be done with the whole of it.
fn set_section(offer: &Loaded, now: Now, set: OrderedSetId, number: Option<usize>) -> ErasedView {
    let i18n = use_i18n();
    let form_id = format!("set-{set}");
    let title = number.map_or_else(|| i18n.t(Key::SetTitle), |n| i18n.number(Key::SetTitleNth, n));
    let mut members: Vec<_> =
        offer.shown.iter().filter_map(|one| Some((one, one.in_set.filter(|place| place.set == set)?))).collect();
    members.sort_by_key(|(_, place)| place.order);
    let movable: Vec<u32> = order::movable(&offer.shown, set).into_iter().map(|(_, order)| order).collect();
    // One alone has nowhere to go.
    let arranged = movable.len() > 1;
    let rows = members
        .iter()
        .map(|(one, place)| {
            let order = arranged.then(|| {
                if place.movable {
                    let options = movable.iter().copied().map(Some);
                    pull_down(one, &form_id, Some(place.order), options.collect())
                } else {
                    why_not(&Refusal::NotMovable)
                }
            });
            reservation(one, now, order)
        })
        .collect();
    let dissolve = link("button quiet", format!("/account/sets/{set}/dissolve"), i18n.t(Key::SetDissolve), None);
    let (above, below) = match paused(&offer.shown, set) {
        Some(answer_by) => (answer_wanted(offer, set, answer_by, dissolve), Vec::new()),
        None => {
            let value = Some(("set", set.to_string()));
            let arrange = || arranging(offer, form_id.clone(), vec![button("", value, i18n.t(Key::SetChange), None)]);
            let below = arranged.then(arrange).into_iter().chain([dissolve]).collect();
            (p("hint", i18n.t(Key::SetRuleWaits)), below)
        }
    };
    section(Some(title), vec![above, table(&columns(arranged), rows), buttons(below)])
}

/// A part of the page under a heading of its own, when it has one.
fn section(title: Option<String>, content: Vec<ErasedView>) -> ErasedView {
    let title = title.map(|title| view! { <h2>{title}</h2> });
    view! { <section>{title} {content}</section> }.erased()
}

fn buttons(buttons: Vec<ErasedView>) -> ErasedView {
    view! { <div class="buttons">{buttons}</div> }.erased()
}

/// A set that is paused: how it came to that, and the choice.
fn answer_wanted(offer: &Loaded, set: OrderedSetId, answer_by: NaiveDate, dissolve: ErasedView) -> ErasedView {
    let i18n = use_i18n();
    let go_on = vec![hidden(offer.op, "set", set.to_string()), button("primary", None, i18n.t(Key::GoOn), None)];
    let choice = buttons(vec![native_form::<GoOn>("", go_on.erased()), dissolve]);
    view! {
        <div class="notice">
            <h3>{i18n.show(Key::PausedTitle)}</h3>
            {p("", i18n.fill(Key::PausedText, &[("date", &i18n.date(answer_by))]))}
            {p("", i18n.t(Key::PausedChoice))}
            {choice}
        </div>
    }
    .erased()
}

/// What is in no set, and how it is put into one.
fn others(offer: &Loaded, now: Now, sets: Vec<(OrderedSetId, Option<usize>)>, after_sets: bool) -> Option<ErasedView> {
    const FORM: &str = "order";
    let i18n = use_i18n();
    let others: Vec<_> = offer.shown.iter().filter(|one| one.in_set.is_none()).collect();
    if others.is_empty() {
        return None;
    }
    let waits = |one: &ReservationView| matches!(one.status, Status::Waiting { .. });
    let free = others.iter().filter(|one| waits(one)).count();
    let arranged = free > usize::from(sets.is_empty());
    let numbers = || {
        let free = u32::try_from(free).unwrap_or(u32::MAX);
        std::iter::once(None).chain((1..=free).map(Some)).collect()
    };
    let rows = others
        .iter()
        .map(|one| {
            let order = || if waits(one) { pull_down(one, FORM, None, numbers()) } else { ().erased() };
            reservation(one, now, arranged.then(order))
        })
        .collect();
    let mut content = vec![table(&columns(arranged), rows)];
    if arranged {
        let value = |set: String| Some(("set", set));
        let make = (free > 1).then(|| button("", value(String::new()), i18n.t(Key::CartSpecifyOrder), None));
        let join = sets.into_iter().map(|(set, number)| {
            let text = number.map_or_else(|| i18n.t(Key::SetAdd), |n| i18n.number(Key::SetAddNth, n));
            button("", value(set.to_string()), text, None)
        });
        content.push(p("", i18n.t(Key::SetMakeLead)));
        content.push(p("hint", i18n.t(Key::SetRuleWaits)));
        content.push(arranging(offer, FORM.to_owned(), make.into_iter().chain(join).collect()));
    }
    Some(section(after_sets.then(|| i18n.t(Key::OthersTitle)), content))
}

/// The form of the pull-downs that stand in the rows of a table; its buttons say what they are for.
fn arranging(offer: &Loaded, id: String, buttons: Vec<ErasedView>) -> ErasedView {
    let op = view! { <input type="hidden" name="op" value=offer.op.to_string() /> }.erased();
    let fields: Vec<_> = std::iter::once(op).chain(buttons).collect();
    form(ArrangeSet::PATH, "buttons", Some(id), fields.erased())
}

/// The pull-down 順番 of a reservation, in the form with this id.
fn pull_down(one: &ReservationView, form: &str, was: Option<u32>, numbers: Vec<Option<u32>>) -> ErasedView {
    let i18n = use_i18n();
    let options = numbers
        .into_iter()
        .map(|number| {
            let text = number.map_or_else(|| i18n.t(Key::OrderNone), |n| n.to_string());
            let value = order::value(one.id, was, number);
            view! { <option value=value selected=number == was>{text}</option> }
        })
        .collect_view();
    view! {
        <select name="orders[]" form=form.to_owned() aria-label=i18n.fill(Key::OrderOf, &[("title", &one.title)])>
            {options}
        </select>
    }
    .erased()
}

fn columns(arranged: bool) -> Vec<Key> {
    let mut columns = vec![Key::ColumnTitle, Key::ColumnState, Key::PickupPlace, Key::ContactMethod];
    columns.extend(arranged.then_some(Key::OrderLabel));
    columns.push(Key::ColumnActions);
    columns
}

/// A reservation; `order` is what stands in the column 順番, where there is one.
fn reservation(one: &ReservationView, now: Now, order: Option<ErasedView>) -> ErasedView {
    let i18n = use_i18n();
    let in_set = one.in_set.map(|set| {
        let text = i18n.fill(Key::InSet, &[("order", &set.order.to_string()), ("of", &set.of.to_string())]);
        view! { <span class="mark">{text}</span> }
    });
    let placed = i18n.fill(Key::PlacedOn, &[("date", &i18n.date(one.placed_on))]);
    let more = view! { {in_set} <span>{placed}</span> }.erased();
    let titled = Titled {
        id: one.id.to_string(),
        bib: one.bib,
        part: one.part,
        title: &one.title,
        creators: &one.creators,
        material: one.material,
    };
    let order = order.map(|order| cell(Key::OrderLabel, order));
    let cells = [
        titled.cell(more),
        cell(Key::ColumnState, present_state(one, now)),
        cell(Key::PickupPlace, use_site().place(&one.pickup_place).erased()),
        cell(Key::ContactMethod, i18n.t(messages::contact(one.contact)).erased()),
    ];
    row(cells.into_iter().chain(order).chain([cell(Key::ColumnActions, actions(one))]).collect())
}

/// Where it stands now; where it stood when it was drawn, once it is no longer on the list.
fn present_state(one: &ReservationView, now: Now) -> ErasedView {
    let drawn = one.clone();
    let state = move || {
        let present = now.with(|all| all.iter().find(|other| other.id == drawn.id).cloned());
        state(present.as_ref().unwrap_or(&drawn))
    };
    view! { {state} }.erased()
}

/// Where it stands, and what has to be known with that: a date, a step, about how long.
fn state(one: &ReservationView) -> ErasedView {
    let i18n = use_i18n();
    let positioned = |key: Key, position: u32| i18n.fill(key, &[("position", &position.to_string())]);
    let dated = |key: Key, day: NaiveDate| i18n.fill(key, &[("date", &i18n.date(day))]);
    let (word, text, more) = match one.status {
        Status::Waiting { position } => ("waiting", positioned(Key::StatusWaiting, position), None),
        Status::Dormant { position } => ("dormant", positioned(Key::StatusDormant, position), None),
        Status::Paused { position, answer_by } => {
            ("paused", positioned(Key::StatusPaused, position), Some(dated(Key::AnswerBy, answer_by)))
        }
        Status::Assigned => ("assigned", i18n.t(Key::StatusAssigned), None),
        Status::InTransit => ("in-transit", i18n.t(Key::StatusInTransit), None),
        Status::Ready { until } => ("ready", i18n.t(Key::StatusReady), Some(dated(Key::StatusReadyUntil, until))),
        Status::NotOwned { step } => {
            let step = match step {
                RequestStep::Received => Key::StepReceived,
                RequestStep::Searching => Key::StepSearching,
                RequestStep::Ordering => Key::StepOrdering,
            };
            ("not-owned", i18n.t(Key::StatusNotOwned), Some(i18n.fill(Key::RequestStep, &[("step", &i18n.t(step))])))
        }
    };
    let more = more.map(|more| p("until", more));
    let wait = one.wait.map(|wait| p("", about(wait)));
    view! { <strong class="state" data-state=word>{text}</strong> {more} {wait} }.erased()
}

/// About how long it takes.
fn about(wait: WaitEstimate) -> String {
    let i18n = use_i18n();
    let WaitEstimate { from_weeks: from, to_weeks: to } = wait;
    if from == 0 {
        i18n.number(Key::WaitWithin, to)
    } else if from == to {
        i18n.number(Key::WaitAbout, to)
    } else {
        i18n.fill(Key::WaitWeeks, &[("from", &from.to_string()), ("to", &to.to_string())])
    }
}

/// 変更 and 取消, or why not.
fn actions(one: &ReservationView) -> ErasedView {
    let i18n = use_i18n();
    let may = permissions(one.status.standing());
    let way = |refusal: Option<Refusal>, name: Key, named: Key, deed: &str| match refusal {
        None => {
            let name_of_it = i18n.fill(named, &[("title", &one.title)]);
            link("button", format!("{RESERVATIONS}/{}/{deed}", one.id), i18n.t(name), Some(name_of_it))
        }
        Some(refusal) => why_not(&refusal),
    };
    view! {
        <div class="deeds">
            {way(may.contact, Key::Change, Key::ChangeOf, "change")} {way(may.cancel, Key::Cancel, Key::CancelOf, "cancel")}
        </div>
    }
    .erased()
}
