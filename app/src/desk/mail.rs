//! The demo's mails, as they would have been sent.

use domain::{messages::Key, notices::MailView};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::{api, desk_menu};
use crate::{
    components::{loading, trouble},
    erase::Erase as _,
    failure::Failure,
    i18n::use_i18n,
    layout::Heading,
    load::load,
    visit::{StaffHere, use_visit},
};

/// `/desk/mail`, in a piece of WASM of its own.
#[derive(Debug)]
pub struct MailRoute;

#[lazy_route]
impl LazyRoute for MailRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        mail_page()
    }
}

fn mail_page() -> AnyView {
    let visit = use_visit();
    let answer = load(|| (), |()| api::mails());
    view! {
        <Suspense fallback=loading>
            {move || Suspend::new(async move {
                let here = visit.here().await;
                match (here.staff, answer.get().await) {
                    (None, _) => trouble(Failure::StaffOnly, "/desk/mail"),
                    (Some(_), Err(failure)) => trouble(failure, "/desk/mail"),
                    (Some(staff), Ok(mails)) => list(&staff, mails),
                }
            })}
        </Suspense>
    }
    .erased()
}

fn list(staff: &StaffHere, mails: Vec<MailView>) -> AnyView {
    let i18n = use_i18n();
    let none = mails.is_empty().then(|| view! { <p class="empty">{i18n.t(Key::MailsNone)}</p> });
    let mails = mails
        .into_iter()
        .map(|mail| {
            view! {
                <li>
                    <article class="mail">
                        <h2>{mail.subject}</h2>
                        <p class="hint">{i18n.fill(Key::MailTo, &[("to", &mail.to)])}</p>
                        <pre>{mail.body}</pre>
                    </article>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="page desk">
            {desk_menu(i18n, staff)}
            <Heading text=i18n.t(Key::MailsTitle) />
            {none}
            <ul class="mails">{mails}</ul>
        </div>
    }
    .erased()
}
