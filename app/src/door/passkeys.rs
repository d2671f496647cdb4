//! Passkeys on the pages: a button on the sign-in page, a section on 利用者情報. Both need scripts, and a browser that has
//! passkeys: without, the button is not there and the password does.

use domain::{
    messages::Key,
    patrons::{DoorRefusal, PasskeyView},
};
use leptos::{ev, html, prelude::*, server_fn::ServerFn as _, task::spawn_local};

use super::{
    DoorFlash,
    parts::{Field, field, refused},
    passkey_api::{FORM, PasskeyAdd, PasskeyRemove, PasskeySignIn, Question, passkey_offer, passkey_question},
};
use crate::{
    browser::{self, PasskeyDeed},
    components::{alert, native_form, p},
    erase::{Erase as _, ErasedView},
    failure::Failure,
    i18n::{I18n, use_i18n},
    load::Answer,
    site::use_site,
};

/// What keeps a passkey from being made or used.
#[derive(Clone, Debug)]
enum Trouble {
    /// The server refuses.
    Refused(DoorRefusal),
    /// The server did not answer as it should.
    Failed(Failure),
    /// The device gave no answer.
    NoAnswer,
}

/// A form that the answer of a passkey is put into before it is sent.
#[derive(Clone, Copy)]
struct Ceremony {
    deed: PasskeyDeed,
    /// Whether the browser has passkeys, which is known once the page has come to life.
    able: RwSignal<bool>,
    waiting: RwSignal<bool>,
    trouble: RwSignal<Option<Trouble>>,
    form: NodeRef<html::Form>,
    answer: NodeRef<html::Input>,
}

impl Ceremony {
    fn new(deed: PasskeyDeed) -> Self {
        let able = RwSignal::new(false);
        Effect::new(move || able.set(browser::has_passkeys()));
        Self {
            deed,
            able,
            waiting: RwSignal::new(false),
            trouble: RwSignal::new(None),
            form: NodeRef::new(),
            answer: NodeRef::new(),
        }
    }

    /// Gets the question, has the device answer it, and sends the form with the answer.
    fn begin(self, question: impl Future<Output = Result<Answer<Question>, Failure>> + 'static) {
        if self.waiting.get_untracked() {
            return;
        }
        self.waiting.set(true);
        self.trouble.set(None);
        spawn_local(async move {
            let trouble = match question.await.and_then(|question| question.read()) {
                Err(failure) => Trouble::Failed(failure),
                Ok(Err(refusal)) => Trouble::Refused(refusal),
                Ok(Ok(options)) => match browser::passkey(self.deed, &options).await {
                    Some(answer) => return self.send(&answer),
                    None => Trouble::NoAnswer,
                },
            };
            // The reader may have gone on to another page meanwhile.
            let _ = self.trouble.try_set(Some(trouble));
            let _ = self.waiting.try_set(false);
        });
    }

    fn send(self, answer: &str) {
        if let (Some(Some(form)), Some(Some(field))) = (self.form.try_get_untracked(), self.answer.try_get_untracked())
        {
            field.set_value(answer);
            // It fails for a form that is no longer on the page only.
            let _ = form.submit();
        }
    }

    /// What is said of it while it goes on, and when it did not go well.
    fn said(self) -> ErasedView {
        let i18n = use_i18n();
        let text = move || {
            if self.waiting.get() {
                return Some(view! { <p class="hint" role="status">{i18n.show(Key::PasskeyWaiting)}</p> }.erased());
            }
            Some(alert(match self.trouble.get()? {
                Trouble::Refused(refusal) => refused(&refusal),
                Trouble::Failed(Failure::Offline) => i18n.t(Key::TroubleOffline),
                Trouble::Failed(_) => i18n.t(Key::TroubleFault),
                Trouble::NoAnswer => i18n.t(match self.deed {
                    PasskeyDeed::Make => Key::PasskeyNotMade,
                    PasskeyDeed::Use => Key::PasskeyNotGot,
                }),
            }))
        };
        view! { {text} }.erased()
    }
}

/// The button by which one signs in without card number and password; `None` where the library offers none.
pub(crate) fn sign_in_button(next: String) -> Option<ErasedView> {
    if !use_site().with(|site| site.passkeys) {
        return None;
    }
    let i18n = use_i18n();
    let ceremony = Ceremony::new(PasskeyDeed::Use);
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        ceremony.begin(passkey_question());
    };
    let form = view! {
        <form
            method="post"
            action=PasskeySignIn::PATH
            class="stack passkey"
            hidden=move || !ceremony.able.get()
            node_ref=ceremony.form
            on:submit=on_submit
        >
            <input type="hidden" name="next" value=next />
            <input type="hidden" name="answer" node_ref=ceremony.answer />
            <button>{i18n.show(Key::PasskeySignIn)}</button>
            {p("hint", i18n.t(Key::PasskeySignInHint))}
            {ceremony.said()}
        </form>
    };
    Some(form.erased())
}

/// The passkeys of the patron who is signed in, and how one is registered. Nothing where there are none and none can be.
pub(super) fn section(keys: &[PasskeyView], flash: Option<&DoorFlash>) -> Option<ErasedView> {
    let i18n = use_i18n();
    let offered = use_site().with(|site| site.passkeys);
    if !offered && keys.is_empty() {
        return None;
    }
    let list = keys.iter().map(|key| row(i18n, key)).collect_view();
    let list = match keys {
        [] => p("hint", i18n.t(Key::PasskeysNone)),
        _ => view! { <ul class="sessions">{list}</ul> }.erased(),
    };
    let section = view! {
        <section>
            <h2>{i18n.show(Key::Passkeys)}</h2>
            {p("", i18n.t(Key::PasskeysLead))}
            {list}
            {offered.then(|| register(flash))}
        </section>
    };
    Some(section.erased())
}

fn row(i18n: I18n, key: &PasskeyView) -> ErasedView {
    let name = if key.name.is_empty() { i18n.t(Key::PasskeyUnnamed) } else { key.name.clone() };
    let made = i18n.date(key.made);
    let days = match key.used {
        None => i18n.fill(Key::PasskeyMade, &[("made", &made)]),
        Some(used) => i18n.fill(Key::PasskeyMadeUsed, &[("made", &made), ("used", &i18n.date(used))]),
    };
    let button = view! {
        <input type="hidden" name="key" value=key.key.clone() />
        <button aria-label=i18n.fill(Key::PasskeyRemoveOf, &[("name", &name)])>{i18n.show(Key::PasskeyRemove)}</button>
    };
    view! {
        <li>
            <div>
                <p class="browser">{name}</p>
                {p("hint", days)}
            </div>
            {native_form::<PasskeyRemove>("inline", button.erased())}
        </li>
    }
    .erased()
}

/// The form by which one is registered.
fn register(flash: Option<&DoorFlash>) -> ErasedView {
    let i18n = use_i18n();
    let ceremony = Ceremony::new(PasskeyDeed::Make);
    let old = Field::password("old", FORM, Key::PasswordOld).hint(i18n.t(Key::SettingsMailPasswordHint));
    let old_id = old.id();
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        // It goes with the question, and not once more with the answer.
        ceremony.begin(passkey_offer(browser::take_typed(&old_id)));
    };
    let name = Field { required: false, form: FORM, ..Field::text("name", Key::PasskeyName) };
    view! {
        {p("hint without-scripts", i18n.t(Key::PasskeysNoScripts))}
        <form
            method="post"
            action=PasskeyAdd::PATH
            class="stack passkey"
            hidden=move || !ceremony.able.get()
            node_ref=ceremony.form
            on:submit=on_submit
        >
            <input type="hidden" name="answer" node_ref=ceremony.answer />
            {p("notice", i18n.t(Key::PasskeysOwnDevice))}
            {field(flash, name.hint(i18n.t(Key::PasskeyNameHint)))}
            {field(flash, old)}
            <button class="primary">{i18n.show(Key::PasskeyAdd)}</button>
            {ceremony.said()}
        </form>
    }
    .erased()
}
