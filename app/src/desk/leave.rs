//! Logging out at the desk, which must not leave behind unseen what this browser keeps for the server.
//!
//! Scans that were made while the line was down are facts: they are never thrown away, whoever logs out. So the desk
//! says that there are some, and waits until they are sent, or until staff say that they may stay here; whoever of the
//! staff logs in at this browser next plays them in. While the server can't be reached nobody can log out, as the session
//! is kept there; the page says so and stays, for it could not be loaded again.

use domain::messages::Key;
use leptos::{ev, html, prelude::*, server_fn::ServerFn, task::spawn_local};

use super::{PATIENCE, frame::key_mark, line, patience::within};
use crate::{
    account::api::SignOut,
    browser,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    visit::{StaffHere, load_here},
};

/// What keeps staff from logging out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Obstacle {
    /// So many scans are not sent.
    Unsent(usize),
    /// The server can't be reached.
    NoLine,
}

/// Who works here, and the button by which they log out.
pub(super) fn sign_out(staff: &StaffHere) -> ErasedView {
    let i18n = use_i18n();
    let obstacle = RwSignal::new(None);
    let own = NodeRef::<html::Form>::new();
    let go = move || {
        spawn_local(async move {
            // A form that is sent into nothing costs the page.
            if let Some(Ok(_)) = within(PATIENCE, load_here()).await {
                if let Some(own) = own.get_untracked() {
                    // It fails for a form that is no longer on the page only.
                    let _ = own.submit();
                }
            } else {
                obstacle.set(Some(Obstacle::NoLine));
            }
        });
    };
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        match line::unsent() {
            0 => go(),
            n => {
                obstacle.set(Some(Obstacle::Unsent(n)));
                browser::focus_soon(".desk-menu .line button".to_owned());
            }
        }
    };
    let said = move || {
        let (text, more) = match obstacle.get()? {
            Obstacle::NoLine => (i18n.t(Key::LeaveNoLine), None),
            Obstacle::Unsent(n) => {
                let buttons = view! {
                    <p>{i18n.show(Key::LeaveUnsentLead)}</p>
                    <div class="buttons">
                        <button type="button" class="primary" on:click=move |_| obstacle.set(None)>
                            {i18n.show(Key::LeaveWait)}
                        </button>
                        <button type="button" on:click=move |_| go()>
                            {i18n.show(Key::LeaveAnyway)}
                        </button>
                    </div>
                };
                (i18n.number(Key::LeaveUnsent, n), Some(buttons))
            }
        };
        Some(view! { <div class="line down" role="alert"><p class="large">{text}</p> {more}</div> }.erased())
    };
    view! {
        <form method="post" action=SignOut::PATH class="inline" node_ref=own on:submit=on_submit>
            <span>{staff.login.clone()}</span>
            <button class="quiet" accesskey="x">
                {i18n.show(Key::SignOut)}
                {key_mark("x")}
            </button>
        </form>
        {said}
    }
    .erased()
}

/// Says on the sign-in of staff that this browser keeps scans which are not sent.
pub(super) fn unsent_note() -> ErasedView {
    let i18n = use_i18n();
    let unsent = RwSignal::new(0);
    Effect::new(move |_| unsent.set(line::unsent()));
    let said = move || match unsent.get() {
        0 => None,
        n => Some(view! { <p class="notice">{i18n.number(Key::LeaveSignIn, n)}</p> }),
    };
    view! { <div role="status">{said}</div> }.erased()
}
