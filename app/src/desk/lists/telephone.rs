//! 電話連絡: who has to be told by telephone, and what came of it (R11, R13, R14).

use chrono::Timelike;
use domain::{
    OpId,
    circulation::DeskList,
    messages::{Key, cancel_reason},
    notices::{Call, CallMatter, CallReason, CallResult, CallTopic, CallTry, TelephoneList},
};
use leptos::prelude::*;

use super::{
    Room,
    api::{self, NoteCall},
    list_page,
    parts::{hidden, section},
};
use crate::{
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
    visit::StaffHere,
};

/// `/desk/telephone`
pub(crate) fn telephone_page() -> ErasedView {
    list_page(Room::Telephone, load(|| (), |()| api::load_telephone()), show)
}

fn show(_: &StaffHere, list: DeskList<TelephoneList>) -> ErasedView {
    let i18n = use_i18n();
    let DeskList { op, list: TelephoneList { to_call, apart }, .. } = list;
    let to_call = if to_call.is_empty() { p("empty", i18n.t(Key::TelephoneNone)) } else { calls(op, to_call, true) };
    let apart = (!apart.is_empty())
        .then(|| section(Key::TelephoneApart, Some(i18n.t(Key::TelephoneApartLead)), calls(op, apart, false)));
    view! {
        <p class="notice">{i18n.show(Key::TelephoneLead)}</p>
        {section(Key::TelephoneToCall, None, to_call)}
        {apart}
    }
    .erased()
}

/// The focus is at the head of the first, from where one step leads to its buttons.
fn calls(op: OpId, calls: Vec<Call>, focus: bool) -> ErasedView {
    let lines = calls.into_iter().enumerate().map(|(n, of)| call(op, of, focus && n == 0)).collect_view();
    view! { <ul class="calls">{lines}</ul> }.erased()
}

fn call(op: OpId, of: Call, focus: bool) -> ErasedView {
    let i18n = use_i18n();
    let results_of = i18n.fill(Key::TelephoneResults, &[("name", &of.name_kana)]);
    let events: Vec<String> = of.matters.iter().map(|matter| matter.event.to_string()).collect();
    let buttons = CallResult::ALL
        .iter()
        .map(|result| view! { <button name="result" value=result.as_str()>{i18n.t(result_name(*result))}</button> })
        .collect_view();
    let fields = view! {
        {hidden("op", op.to_string())}
        {hidden("events", events.join(","))}
        <div class="buttons" role="group" aria-label=results_of>{buttons}</div>
    };
    let matters = of.matters.into_iter().map(told).collect_view();
    let tries = (!of.tries.is_empty()).then(|| tries(&of.tries));
    view! {
        <li>
            <article class="call">
                <h3 tabindex="-1" autofocus=focus>
                    {i18n.fill(Key::SignedInAs, &[("name", &of.name_kana)])}
                    " "
                    <a class="number" href=format!("tel:{}", dialled(&of.telephone))>{of.telephone.clone()}</a>
                </h3>
                <ul class="matters">{matters}</ul>
                {tries}
                {native_form::<NoteCall>("call-results", fields.erased())}
            </article>
        </li>
    }
    .erased()
}

/// The number as a telephone takes it.
fn dialled(number: &str) -> String {
    number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

fn told(matter: CallMatter) -> ErasedView {
    let i18n = use_i18n();
    let because = match matter.reason {
        CallReason::Wished => Key::TelephoneBecauseWished,
        CallReason::NoAddress => Key::TelephoneBecauseNoAddress,
        CallReason::MailRefused => Key::TelephoneBecauseMailRefused,
        CallReason::Vanished => Key::TelephoneBecauseVanished,
    };
    let what = match matter.topic {
        CallTopic::Ready(until) => i18n.fill(Key::TelephoneReadyUntil, &[("date", &i18n.date(until))]),
        CallTopic::Vanished => i18n.t(Key::TelephoneVanished),
        CallTopic::Paused(until) => i18n.fill(Key::TelephonePaused, &[("date", &i18n.date(until))]),
        CallTopic::Cancelled(reason) => {
            i18n.fill(Key::TelephoneCancelled, &[("reason", &i18n.t(cancel_reason(reason)))])
        }
    };
    view! { <li><strong>{matter.title}</strong> " " <span>{what}</span> " " <span class="mark">{i18n.t(because)}</span></li> }
        .erased()
}

fn tries(tries: &[CallTry]) -> ErasedView {
    let i18n = use_i18n();
    let lines = tries
        .iter()
        .map(|call| {
            let (day, time) = (i18n.date(call.at.date()), call.at.time());
            let at = format!("{day} {}:{:02}", time.hour(), time.minute());
            view! { <li>{at} " " {i18n.t(result_name(call.result))}</li> }
        })
        .collect_view();
    view! { <ol class="tries" aria-label=i18n.t(Key::TelephoneTries)>{lines}</ol> }.erased()
}

const fn result_name(result: CallResult) -> Key {
    match result {
        CallResult::Called => Key::TelephoneCalled,
        CallResult::NoAnswer => Key::TelephoneNoAnswer,
        CallResult::LeftWord => Key::TelephoneLeftWord,
        CallResult::GivenUp => Key::TelephoneGivenUp,
    }
}
