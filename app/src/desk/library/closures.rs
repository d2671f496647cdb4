//! 臨時休館: the days, then what they move, then the deed.

use domain::{
    calendar::{Closure, ClosureEffect, YearMonth},
    circulation::Refusal,
    messages::Key,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    super::room::{Input, Room, facts, hidden, room_page, section, submit, way},
    api::{self, ClosePlace, Thought},
};
use crate::{
    address,
    components::{alert, native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
    site::use_site,
};

/// `/desk/library/closures?place=…&from=…&until=…&reason=…`
pub(super) fn page() -> ErasedView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        ["place", "from", "until", "reason"].map(|name| query.get(name).unwrap_or_default())
    });
    let effect =
        load(move || asked.get(), |[place, from, until, reason]| api::think_of_closure(place, from, until, reason));
    room_page("/desk/library/closures".to_owned(), effect, move |room| closures(&room, &asked.get_untracked()))
}

fn closures(room: &Room<Option<Thought>>, [place, from, until, reason]: &[String; 4]) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let places = site.places().into_iter().map(|place| (place.0.clone(), site.place(&place))).collect();
    let here = room.staff.place.as_ref().map_or("", |place| place.0.as_str());
    let chosen = if place.is_empty() { here } else { place };
    let outcome = match &room.loaded {
        None => None,
        Some(Err(())) => Some(alert(i18n.refusal(&Refusal::BadSpan))),
        Some(Ok((closure, effect))) => Some(thought(closure, *effect)),
    };
    let today = site.with(|site| site.today);
    let calendars = site.places().into_iter().map(|place| {
        let href = address::calendar(&place, YearMonth::of(today));
        view! { <li><a href=href>{site.place(&place)}</a></li> }
    });
    let rest = view! {
        <form class="stack" action="/desk/library/closures">
            {room.select("place", Key::ClosurePlace, places, chosen)}
            {room.field(Input::text("from", Key::ClosureFrom, from).required().focused(room.loaded.is_none()))}
            {room.field(Input::text("until", Key::ClosureUntil, until))}
            {room.field(Input::text("reason", Key::ClosureReason, reason))}
            {submit(Key::ClosureCheck)}
        </form>
        {outcome}
        {section(Key::CalendarTitle, view! { <ul class="chips">{calendars.collect_view()}</ul> }.erased())}
        <p>{way("/desk/library".to_owned(), Key::DeskBack)}</p>
    };
    room.page(i18n.t(Key::HouseClosures), rest.erased())
}

/// What the closure would move, and the button that does it.
fn thought(closure: &Closure, effect: ClosureEffect) -> ErasedView {
    let i18n = use_i18n();
    let (from, until) = (i18n.date(closure.from), i18n.date(closure.until));
    let place = use_site().place(&closure.place);
    let title = i18n.fill(Key::ClosureEffect, &[("place", &place), ("from", &from), ("until", &until)]);
    let known = vec![(Key::ClosureLoans, effect.loans.to_string()), (Key::ClosureHolds, effect.holds.to_string())];
    let fields = view! {
        {hidden("place", &closure.place)} {hidden("from", closure.from)} {hidden("until", closure.until)}
        {hidden("reason", &closure.reason)} {submit(Key::ClosureButton)}
    };
    view! {
        <section>
            <h2>{title}</h2>
            {facts(known)}
            {p("", i18n.fill(Key::ClosureMovedTo, &[("date", &i18n.date(effect.moved_to))]))}
            {native_form::<ClosePlace>("stack", fields.erased())}
        </section>
    }
    .erased()
}
