//! The demo's mails, as they would have been sent.

use domain::{messages::Key, notices::MailView};
use leptos::prelude::*;

use super::{
    api,
    room::{Room, room_page},
};
use crate::{
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
};

/// `/desk/mail`
pub(crate) fn mail_page() -> ErasedView {
    room_page("/desk/mail".to_owned(), load(|| (), |()| api::mails()), |room| list(&room))
}

fn list(room: &Room<Vec<MailView>>) -> ErasedView {
    let i18n = use_i18n();
    let none = room.loaded.is_empty().then(|| p("empty", i18n.t(Key::MailsNone)));
    let mails = room
        .loaded
        .iter()
        .map(|mail| {
            view! {
                <li>
                    <article class="mail">
                        <h2>{mail.subject.clone()}</h2>
                        <p class="hint">{i18n.fill(Key::MailTo, &[("to", &mail.to)])}</p>
                        <pre>{mail.body.clone()}</pre>
                    </article>
                </li>
            }
        })
        .collect_view();
    room.page(i18n.t(Key::MailsTitle), view! { {none} <ul class="mails">{mails}</ul> }.erased())
}
