//! The forms of copies and issues: one scan for each.

use domain::{
    PlaceCode,
    catalog::{CopyForm, KeptBib, LoanRule, next_issue},
    circulation::Refusal,
    messages::{self, Key},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    super::room::{Input, Room, hidden, room_page, section, submit, way},
    api::{self, AddCopy, ChangeCopy, NoteDamage, ReceiveIssue},
};
use crate::{
    components::{alert, native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
    site::use_site,
};

/// `/desk/catalogue/{id}/copies`
pub(super) fn add_page(id: String) -> ErasedView {
    let address = format!("/desk/catalogue/{id}/copies");
    room_page(address, load(|| (), move |()| api::load_bib(id.clone())), |room: Room<KeptBib>| {
        let i18n = use_i18n();
        let kept = &room.loaded;
        let parts: Vec<_> = kept.parts.iter().map(|part| (part.id.to_string(), part.label.clone())).collect();
        let part = match parts.as_slice() {
            [(only, _)] => hidden("part", only),
            _ => room.select("part", Key::CopyPart, parts, ""),
        };
        let fields = view! {
            {hidden("bib", kept.id)} {part} {copy_fields(&room, &kept.next_copy(&here(&room)))}
            <div class="buttons">{submit(Key::CopyAddButton)} {way(api::address_of(kept.id), Key::DeskBack)}</div>
        };
        let form = native_form::<AddCopy>("stack", fields.erased());
        let rest = view! { <p class="title">{kept.record.display_title()}</p> {form} };
        room.page(i18n.t(Key::CopyAdd), rest.erased())
    })
}

/// `/desk/catalogue/{id}/issue`
pub(super) fn issue_page(id: String) -> ErasedView {
    let address = format!("/desk/catalogue/{id}/issue");
    room_page(address, load(|| (), move |()| api::load_bib(id.clone())), |room: Room<KeptBib>| {
        let i18n = use_i18n();
        let kept = &room.loaded;
        let next = kept.newest().map(|newest| next_issue(&newest.label)).unwrap_or_default();
        // With a number to go on from, only the barcode is left to be scanned.
        let known = !room.value("label", &next).is_empty();
        let fields = view! {
            {hidden("bib", kept.id)}
            {room.field(Input::text("label", Key::IssueLabel, &next).required().focused(!known))}
            {room.field(Input::text("day", Key::IssueDay, &kept.today.to_string()))}
            {copy_fields_with(&room, &kept.next_copy(&here(&room)), known)}
            <div class="buttons">{submit(Key::IssueButton)} {way(api::address_of(kept.id), Key::DeskBack)}</div>
        };
        let form = native_form::<ReceiveIssue>("stack", fields.erased());
        let rest = view! {
            <p class="title">{kept.record.display_title()}</p> {p("", i18n.t(Key::IssueLead))} {form}
        };
        room.page(i18n.t(Key::IssueReceive), rest.erased())
    })
}

/// `/desk/catalogue/{id}/copy?barcode=…`
pub(super) fn change_page(id: String) -> ErasedView {
    let barcode = use_query_map().read_untracked().get("barcode").unwrap_or_default();
    let address = format!("/desk/catalogue/{id}/copy");
    room_page(address, load(|| (), move |()| api::load_bib(id.clone())), move |room: Room<KeptBib>| {
        let i18n = use_i18n();
        let kept = &room.loaded;
        let found = kept.parts.iter().flat_map(|part| &part.copies).find(|copy| copy.barcode == barcode);
        let Some(copy) = found else {
            return room.page(i18n.t(Key::CopyChangeTitle), alert(i18n.refusal(&Refusal::UnknownBarcode)));
        };
        let form = CopyForm {
            barcode: copy.barcode.clone(),
            branch: copy.branch.0.clone(),
            shelf_mark: copy.shelf_mark.clone(),
            loan_rule: copy.loan_rule.as_str().to_owned(),
        };
        let change = view! {
            {hidden("bib", kept.id)} {hidden("barcode", &copy.barcode)} {kind_fields(&room, &form, true)}
            <div class="buttons">{submit(Key::ChangeButton)} {way(api::address_of(kept.id), Key::DeskBack)}</div>
        };
        let damage = view! {
            {p("", i18n.t(Key::CopyDamageLead))} {hidden("bib", kept.id)} {hidden("barcode", &copy.barcode)}
            {room.field(Input::text("what", Key::CopyDamageWhat, "").required())} {submit(Key::CopyDamageButton)}
        };
        let rest = view! {
            <p class="title">{kept.record.display_title()}</p>
            <p class="facts">
                <span>{copy.barcode.clone()}</span> <span>{i18n.t(messages::item_state(copy.state))}</span>
            </p>
            {native_form::<ChangeCopy>("stack", change.erased())}
            {section(Key::CopyDamage, native_form::<NoteDamage>("stack", damage.erased()))}
            <p class="hint">{i18n.show(Key::CopyFateLead)}</p>
        };
        room.page(i18n.t(Key::CopyChangeTitle), rest.erased())
    })
}

/// Where the member of staff works, which is where new copies are likely to stand.
fn here<T>(room: &Room<T>) -> PlaceCode {
    room.staff.place.clone().unwrap_or_else(|| PlaceCode(String::new()))
}

fn copy_fields<T>(room: &Room<T>, form: &CopyForm) -> ErasedView {
    copy_fields_with(room, form, true)
}

fn copy_fields_with<T>(room: &Room<T>, form: &CopyForm, focus: bool) -> ErasedView {
    view! {
        {room.field(Input::text("barcode", Key::Barcode, &form.barcode).required().focused(focus))}
        {kind_fields(room, form, false)}
    }
    .erased()
}

/// What neighbours have in common.
fn kind_fields<T>(room: &Room<T>, form: &CopyForm, focus: bool) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let branches = site.places().into_iter().map(|place| (place.0.clone(), site.place(&place))).collect();
    let rules = LoanRule::ALL.iter().map(|rule| (rule.as_str().to_owned(), i18n.t(messages::loan_rule(*rule))));
    view! {
        {room.select("branch", Key::CopyBranch, branches, &form.branch)}
        {room.field(Input::text("shelf_mark", Key::CopyMark, &form.shelf_mark).focused(focus))}
        {room.select("loan_rule", Key::CopyRule, rules.collect(), &form.loan_rule)}
    }
    .erased()
}
