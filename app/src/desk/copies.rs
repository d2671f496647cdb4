//! 資料の状態: a copy is missing, lost, or taken out of the stock.

use domain::{circulation::WriteOff, messages::Key};
use leptos::prelude::*;

use super::{
    DeskFlash,
    api::NoteFate,
    barcode_field,
    frame::{desk_page, frame, key_mark},
    line::Line,
    refused,
};
use crate::{
    components::{alert, native_form},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    visit::{Flash, StaffHere},
};

/// `/desk/copies`
pub(crate) fn copies_page() -> ErasedView {
    desk_page(page)
}

/// The name of what became of a copy.
const fn fate_name(fate: WriteOff) -> Key {
    match fate {
        WriteOff::Missing => Key::FateMissing,
        WriteOff::Lost => Key::FateLost,
        WriteOff::Withdrawn => Key::FateWithdrawn,
    }
}

fn page(staff: &StaffHere, flash: Option<Flash>) -> ErasedView {
    let i18n = use_i18n();
    let (done, problem) = match DeskFlash::read(flash.as_ref()) {
        Ok(Some(DeskFlash::WrittenOff { barcode, fate, answer: Ok(()) })) => {
            let text = i18n.fill(Key::CopiesDone, &[("fate", &i18n.t(fate_name(fate)))]);
            (Some(view! { <div class="verb">{text}</div> <p>{barcode}</p> }), None)
        }
        Ok(Some(DeskFlash::WrittenOff { barcode, answer: Err(refusal), .. })) => {
            (None, Some(refused(&refusal, barcode)))
        }
        Ok(_) => (None, None),
        Err(_) => (None, Some(alert(i18n.t(Key::TroubleFault)))),
    };
    let fates = WriteOff::ALL
        .iter()
        .zip(["1", "2", "3"])
        .enumerate()
        .map(|(n, (fate, key))| {
            view! {
                <label class="choice">
                    <input type="radio" name="fate" value=fate.as_str() checked=n == 0 required accesskey=key />
                    <span>{i18n.t(fate_name(*fate))} {key_mark(key)}</span>
                </label>
            }
        })
        .collect_view();
    // What became of it comes first: a scanner's Enter sends the form.
    let fields = view! {
        <fieldset role="radiogroup">
            <legend>{i18n.show(Key::CopiesFate)}</legend>
            {fates}
        </fieldset>
        {barcode_field(true)}
        <button class="primary">{i18n.show(Key::CopiesButton)}</button>
    };
    let rest = view! {
        {native_form::<NoteFate>("stack", fields.erased())}
        <div class="instruction" role="status">{done}</div>
        {problem}
    };
    frame("", staff, Line::of(staff, false), None, i18n.t(Key::CopiesTitle), rest.erased())
}
