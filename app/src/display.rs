//! 表示と文字の大きさ: at the foot of every page, a plain form whose answer the browser keeps in a cookie.

use domain::{
    display::{Display, TextSize, Theme},
    messages::{self, Key},
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::ssr::{display, forms};
use crate::{
    components::native_form,
    erase::{Erase as _, ErasedView},
    failure::Failure,
    i18n::use_i18n,
    site::use_site,
};

/// Remembers how somebody wants the pages to look, and leads back. Anybody may choose; nobody is asked who they are.
#[server(endpoint = "display")]
pub async fn choose_display(
    /// The word of a [`Theme`].
    #[server(default)]
    theme: String,
    /// The word of a [`TextSize`].
    #[server(default)]
    size: String,
) -> Result<(), Failure> {
    forms::answer(async {
        display::remember(Display { theme: theme.parse().unwrap_or_default(), size: size.parse().unwrap_or_default() });
        Ok(forms::came_from("/"))
    })
    .await
}

/// The form.
pub(crate) fn display_form() -> ErasedView {
    let i18n = use_i18n();
    let Display { theme, size } = use_site().with(|site| site.display);
    let themes: Vec<_> =
        Theme::ALL.iter().map(|one| (one.as_str(), i18n.t(messages::theme(*one)), *one == theme)).collect();
    let sizes: Vec<_> =
        TextSize::ALL.iter().map(|one| (one.as_str(), i18n.t(messages::text_size(*one)), *one == size)).collect();
    let fields = view! {
        {choice("theme", i18n.t(Key::DisplayTheme), themes)}
        {choice("size", i18n.t(Key::DisplaySize), sizes)}
        <button>{i18n.show(Key::DisplayChange)}</button>
    };
    view! {
        <details class="display">
            <summary>{i18n.show(Key::DisplayTitle)}</summary>
            {native_form::<ChooseDisplay>("", fields.erased())}
            <p class="hint">{i18n.show(Key::DisplayRemembered)}</p>
        </details>
    }
    .erased()
}

/// A choice of one among some.
fn choice(name: &'static str, label: String, options: Vec<(&'static str, String, bool)>) -> ErasedView {
    let options = options
        .into_iter()
        .map(|(value, text, chosen)| view! { <option value=value selected=chosen>{text}</option> })
        .collect_view();
    let id = format!("display-{name}");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select id=id name=name>{options}</select>
        </div>
    }
    .erased()
}
