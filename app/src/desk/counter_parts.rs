//! What the pages 貸出 and 返却 share: undoing, staying ready for the scanner, and being there when the line is not.

use domain::{
    circulation::{ScanKind, Turn, Undone},
    messages::Key,
};
use leptos::{ev, prelude::*, server_fn::ServerFn};

use super::{SCAN_FIELD, counter_api::UndoForm, frame::key_mark, line::new_op};
use crate::{
    browser,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
};

/// The page is open: the scanner's numbers go into its field.
pub(super) fn ready_to_scan() {
    // A page opened without loading gives the focus to its heading first.
    Effect::new(move |_| request_animation_frame(|| browser::focus_soon(SCAN_FIELD.to_owned())));
}

/// What is said when a scan was undone.
pub(super) fn undone_text(undone: &Undone) -> String {
    use_i18n().t(match undone.kind {
        ScanKind::CheckOut => Key::UndoCheckOutDone,
        ScanKind::CheckIn => Key::UndoCheckInDone,
    })
}

/// The button that prints a part of the page.
pub(super) fn print_button(text: Key, part: Part) -> ErasedView {
    let print = move |_| {
        browser::print(part.as_str());
        browser::focus_soon(SCAN_FIELD.to_owned());
    };
    // A list has slips on its page, and one key prints one thing.
    let key = (part != Part::List).then_some("p");
    view! {
        <button type="button" class="with-scripts no-print" accesskey=key on:click=print>
            {use_i18n().t(text)}
            {key.map(key_mark)}
        </button>
    }
    .erased()
}

/// What is printed of a page. Without scripts the browser's own menu prints the slip where there is one, else all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The slip that is put into a copy.
    Slip,
    /// The list the page is.
    List,
    /// What the patron before the desk has on loan, without their name.
    Receipt,
}

impl Part {
    /// The word by which the style sheet knows it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Slip => "slip",
            Self::List => "list",
            Self::Receipt => "receipt",
        }
    }
}

/// The fields by which a plain form says that it is one request, and whose turn it is.
pub(super) fn request_fields(turn: Option<Turn>) -> ErasedView {
    let turn = turn.and_then(|turn| serde_json::to_string(&turn).ok()).unwrap_or_default();
    view! {
        <input type="hidden" name="op" value=new_op().to_string() />
        <input type="hidden" name="turn" value=turn />
    }
    .erased()
}

/// The button that undoes the last scan.
pub(super) fn undo_button(barcode: &str, turn: Option<Turn>, press: impl Fn() + 'static) -> ErasedView {
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        press();
    };
    view! {
        <form method="post" action=UndoForm::PATH class="undo no-print" on:submit=on_submit>
            {request_fields(turn)}
            <input type="hidden" name="barcode" value=barcode.to_owned() />
            <button class="quiet" accesskey="z">{use_i18n().t(Key::UndoButton)}" (Alt+Z)"</button>
        </form>
    }
    .erased()
}
