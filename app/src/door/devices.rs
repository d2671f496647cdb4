//! Devices that get the ready notice, on 利用者情報. One is added by itself, which needs scripts and a browser that can.

use domain::{
    messages::Key,
    notices::{DeviceView, Devices},
};
use leptos::{ev, html, prelude::*, server_fn::ServerFn as _, task::spawn_local};

use super::device_api::{DeviceAdd, DeviceRemove};
use crate::{
    browser,
    components::{alert, native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
};

/// The devices of the patron who is signed in, and how this one is added. Nothing where there are none and none can be.
pub(super) fn section(devices: &Devices) -> Option<ErasedView> {
    if devices.offered_by.is_none() && devices.known.is_empty() {
        return None;
    }
    let i18n = use_i18n();
    let list = devices.known.iter().map(|device| row(i18n, device)).collect_view();
    let list = match devices.known.as_slice() {
        [] => p("hint", i18n.t(Key::DevicesNone)),
        _ => view! { <ul class="sessions">{list}</ul> }.erased(),
    };
    let section = view! {
        <section>
            <h2>{i18n.show(Key::Devices)}</h2>
            {p("", i18n.t(Key::DevicesLead))}
            {list}
            {devices.offered_by.clone().map(add)}
        </section>
    };
    Some(section.erased())
}

fn row(i18n: I18n, device: &DeviceView) -> ErasedView {
    let name = if device.browser.is_empty() { i18n.t(Key::OwnSessionUnknown) } else { device.browser.clone() };
    let made = i18n.fill(Key::DeviceMade, &[("made", &i18n.date(device.made))]);
    let titles = device.titles.then(|| p("hint", i18n.t(Key::DeviceShowsTitles)));
    let button = view! {
        <input type="hidden" name="key" value=device.key.clone() />
        <button aria-label=i18n.fill(Key::DeviceRemoveOf, &[("name", &name)])>{i18n.show(Key::DeviceRemove)}</button>
    };
    view! {
        <li>
            <div>
                <p class="browser">{name}</p>
                {p("hint", made)}
                {titles}
            </div>
            {native_form::<DeviceRemove>("inline", button.erased())}
        </li>
    }
    .erased()
}

/// The form by which this device is added: its answer is put in before it is sent.
fn add(key: String) -> ErasedView {
    let i18n = use_i18n();
    let able = RwSignal::new(false);
    Effect::new(move || able.set(browser::has_push()));
    let (waiting, failed) = (RwSignal::new(false), RwSignal::new(false));
    let (form, answer) = (NodeRef::<html::Form>::new(), NodeRef::<html::Input>::new());
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if waiting.get_untracked() {
            return;
        }
        waiting.set(true);
        failed.set(false);
        let key = key.clone();
        spawn_local(async move {
            let subscription = browser::subscribe(&key).await;
            match (subscription, form.try_get_untracked(), answer.try_get_untracked()) {
                (Some(subscription), Some(Some(form)), Some(Some(field))) => {
                    field.set_value(&subscription);
                    // It fails for a form that is no longer on the page only.
                    let _ = form.submit();
                }
                _ => {
                    // The reader may have gone on to another page meanwhile.
                    let _ = failed.try_set(true);
                    let _ = waiting.try_set(false);
                }
            }
        });
    };
    let said = move || {
        if waiting.get() {
            return Some(view! { <p class="hint" role="status">{i18n.show(Key::DeviceWaiting)}</p> }.erased());
        }
        failed.get().then(|| alert(i18n.t(Key::DeviceNotAdded)))
    };
    view! {
        {p("hint without-scripts", i18n.t(Key::DevicesNoScripts))}
        <form method="post" action=DeviceAdd::PATH class="stack passkey" hidden=move || !able.get() node_ref=form on:submit=on_submit>
            <input type="hidden" name="answer" node_ref=answer />
            {p("notice", i18n.t(Key::DevicesOwn))}
            <label class="choice">
                <input type="checkbox" name="titles" value="1" />
                {i18n.show(Key::DeviceTitles)}
            </label>
            <button class="primary">{i18n.show(Key::DeviceAdd)}</button>
            {said}
        </form>
    }
    .erased()
}
