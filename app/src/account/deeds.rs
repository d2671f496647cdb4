//! The small pages before something is done: what it is about, what will happen, then the button.

use domain::{
    LoanId, OpId, OrderedSetId, PlaceCode, ReservationId,
    circulation::{LoanView, Refusal, ReservationView, Standing, permissions},
    messages::Key,
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;

use super::{
    api::{self, Cancel, Change, DissolveSet, LOANS, Offer, RESERVATIONS, SayReturned},
    parts::{button, hidden, link, why_not},
};
use crate::{
    cart::place::{contact_choices, place_choices},
    components::{alert, form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::{Heading, NotFound},
    load::load,
    page::{Own, patron_page},
    site::use_site,
};

/// `/account/{what}/{id}/{deed}`
#[component]
pub fn DeedPage() -> ErasedView {
    let params = use_params_map();
    let page = move || {
        let get = |name: &str| params.read().get(name).unwrap_or_default();
        let (what, id, deed) = (get("what"), get("id"), get("deed"));
        let address = format!("/account/{what}/{id}/{deed}");
        match (what.as_str(), deed.as_str()) {
            ("reservations", "cancel") => with_reservations(address, id, cancelling),
            ("reservations", "change") => with_reservations(address, id, changing),
            ("sets", "dissolve") => with_reservations(address, id, dissolving),
            ("loans", "return") => {
                patron_page(address, load(|| (), |()| api::loans()), move |own| returning(&own, &id))
            }
            _ => view! { <NotFound /> }.erased(),
        }
    };
    view! { {page} }.erased()
}

type Reservations = Own<Offer<Vec<ReservationView>>>;
type Loans = Own<Offer<Vec<LoanView>>>;

/// A page about something on 予約状況.
fn with_reservations(address: String, id: String, show: fn(&Reservations, &str) -> ErasedView) -> ErasedView {
    patron_page(address, load(|| (), |()| api::reservations()), move |own| show(&own, &id))
}

/// 取消 (R19, R21)
fn cancelling(own: &Reservations, id: &str) -> ErasedView {
    let question = find(own, id).and_then(|one| {
        let standing = one.status.standing();
        if let Some(refusal) = permissions(standing).cancel {
            return Err(refusal);
        }
        let captured = matches!(standing, Standing::InTransit | Standing::Ready).then_some(Key::CancelCaptured);
        let in_set = one.in_set.filter(|set| set.of > 1).map(|_| Key::CancelInSet);
        Ok(Question {
            about: vec![one.title.clone()],
            form: Cancel::PATH,
            subject: ("reservation", one.id.to_string()),
            says: [Some(Key::CancelQueue), captured, in_set].into_iter().flatten().map(say).collect(),
            button: Key::CancelButton,
        })
    });
    ask(Key::CancelTitle, own.loaded.op, question, RESERVATIONS)
}

/// 変更 of place and contact (R19)
fn changing(own: &Reservations, id: &str) -> ErasedView {
    let question = find(own, id).and_then(|one| {
        let may = permissions(one.status.standing());
        if let Some(refusal) = may.contact {
            return Err(refusal);
        }
        let place = match may.place {
            None => place_choices(Some(&one.pickup_place)),
            Some(refusal) => fixed_place(&one.pickup_place, &refusal),
        };
        Ok(Question {
            about: vec![one.title.clone()],
            form: Change::PATH,
            subject: ("reservation", one.id.to_string()),
            says: vec![say(Key::ChangeLead), place, contact_choices(&own.account, one.contact)],
            button: Key::ChangeButton,
        })
    });
    ask(Key::ChangeTitle, own.loaded.op, question, RESERVATIONS)
}

/// The place that can't be changed any more, and why.
fn fixed_place(place: &PlaceCode, refusal: &Refusal) -> ErasedView {
    view! {
        <input type="hidden" name="place" value=place.0.clone() />
        <dl class="facts-list">
            <div>
                <dt>{use_i18n().t(Key::PickupPlace)}</dt>
                <dd>{use_site().place(place)} {why_not(refusal)}</dd>
            </div>
        </dl>
    }
    .erased()
}

/// 順番をやめる
fn dissolving(own: &Reservations, id: &str) -> ErasedView {
    let set: Option<OrderedSetId> = id.parse().ok();
    let mut members: Vec<_> = own
        .loaded
        .shown
        .iter()
        .filter_map(|one| Some((one.in_set.filter(|place| Some(place.set) == set)?.order, one.title.clone())))
        .collect();
    members.sort_unstable();
    let question = match set.filter(|_| !members.is_empty()) {
        None => Err(Refusal::UnknownSet),
        Some(set) => Ok(Question {
            about: members.into_iter().map(|(_, title)| title).collect(),
            form: DissolveSet::PATH,
            subject: ("set", set.to_string()),
            says: vec![say(Key::DissolveEffect)],
            button: Key::SetDissolve,
        }),
    };
    ask(Key::SetDissolve, own.loaded.op, question, RESERVATIONS)
}

/// 返却申出 (R26)
fn returning(own: &Loans, id: &str) -> ErasedView {
    let i18n = use_i18n();
    let id: Option<LoanId> = id.parse().ok();
    let found = own.loaded.shown.iter().find(|one| Some(one.id) == id && !one.return_said);
    let question = found.ok_or(Refusal::LoanOver).map(|one| {
        let telephone = use_site().with(|site| site.telephone.clone());
        let reach = p("", i18n.fill(Key::ReturnReach, &[("telephone", &telephone)]));
        Question {
            about: vec![one.title.clone()],
            form: SayReturned::PATH,
            subject: ("loan", one.id.to_string()),
            says: vec![say(Key::ReturnLead), say(Key::ReturnEffect), reach],
            button: Key::ReturnButton,
        }
    });
    ask(Key::ReturnTitle, own.loaded.op, question, LOANS)
}

fn find<'a>(own: &'a Reservations, id: &str) -> Result<&'a ReservationView, Refusal> {
    let id: Option<ReservationId> = id.parse().ok();
    own.loaded.shown.iter().find(|one| Some(one.id) == id).ok_or(Refusal::UnknownReservation)
}

fn say(text: Key) -> ErasedView {
    p("", use_i18n().t(text))
}

/// What a page asks before something is done.
struct Question {
    /// The titles it is about.
    about: Vec<String>,
    /// Where the form goes.
    form: &'static str,
    /// The name and the value of what says what it is about.
    subject: (&'static str, String),
    /// What will happen, and what may be chosen.
    says: Vec<ErasedView>,
    /// The button.
    button: Key,
}

fn ask(title: Key, op: OpId, question: Result<Question, Refusal>, back: &'static str) -> ErasedView {
    let i18n = use_i18n();
    let way_back = link("button quiet", back.to_owned(), i18n.t(Key::AccountBack), None);
    let asked = match question {
        Err(refusal) => vec![alert(i18n.refusal(&refusal)), way_back],
        Ok(asked) => {
            let about = asked.about.into_iter().map(|title| view! { <li>{p("title", title)}</li> }).collect_view();
            let (name, id) = asked.subject;
            let fields = view! {
                {hidden(op, name, id)}
                <ul class="titles">{about}</ul>
                {asked.says}
                <div class="buttons end">{button("primary", None, i18n.t(asked.button), None)} {way_back}</div>
            };
            vec![form(asked.form, "", None, fields.erased())]
        }
    };
    view! {
        <div class="page narrow">
            <Heading text=i18n.t(title) />
            {asked}
        </div>
    }
    .erased()
}
