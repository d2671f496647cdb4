//! The search box, with suggestions while typing.

use std::time::Duration;

use domain::{
    catalog::{SearchQuery, Suggestion},
    messages::Key,
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::api::suggest;
use crate::{
    address,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    kiosk::is_kiosk,
};

/// How long the keyboard has to rest before suggestions are asked for.
const REST: Duration = Duration::from_millis(180);

/// What is offered while typing.
#[derive(Clone, Copy)]
struct Offer {
    suggestions: RwSignal<Vec<Suggestion>>,
    /// The one the arrow keys point at.
    chosen: RwSignal<Option<usize>>,
    /// Counts the keystrokes: an answer to an older one is dropped.
    typed: StoredValue<u32>,
}

impl Offer {
    /// Asks for suggestions once the keyboard rests.
    fn ask(self, text: String) {
        self.typed.update_value(|typed| *typed = typed.wrapping_add(1));
        let typed = self.typed.get_value();
        if text.trim().is_empty() {
            return self.close();
        }
        set_timeout(
            move || {
                if self.typed.try_get_value() != Some(typed) {
                    return;
                }
                spawn_local(async move {
                    let found = suggest(text).await.and_then(|answer| answer.read()).unwrap_or_default();
                    if self.typed.try_get_value() == Some(typed) {
                        self.chosen.set(None);
                        self.suggestions.set(found);
                    }
                });
            },
            REST,
        );
    }

    fn is_open(self) -> bool {
        !self.suggestions.read_untracked().is_empty()
    }

    fn close(self) {
        self.typed.update_value(|typed| *typed = typed.wrapping_add(1));
        self.chosen.set(None);
        self.suggestions.set(Vec::new());
    }

    /// Points at the next or the one before, going round by way of what was typed.
    fn step(self, forward: bool) {
        let last = self.suggestions.read().len().checked_sub(1);
        self.chosen.update(|chosen| {
            *chosen = match (*chosen, forward) {
                (None, true) => last.map(|_| 0),
                (None, false) => last,
                (Some(at), true) => Some(at + 1).filter(|next| Some(*next) <= last),
                (Some(at), false) => at.checked_sub(1),
            };
        });
    }

    fn chosen_text(self) -> Option<String> {
        let at = self.chosen.get()?;
        self.suggestions.read().get(at).map(|suggestion| suggestion.text.clone())
    }
}

/// The search box. It is a plain form to `/search`; typing brings suggestions as a list of options.
#[component]
pub fn SearchBox(
    /// What stands in it at first.
    typed: String,
    /// Whether it has the focus when the page opens at a kiosk, where its keyboard comes with it.
    #[prop(optional)]
    first: bool,
) -> ErasedView {
    let i18n = use_i18n();
    let navigate = use_navigate();
    let offer =
        Offer { suggestions: RwSignal::new(Vec::new()), chosen: RwSignal::new(None), typed: StoredValue::new(0) };
    let go = move |text: String| {
        offer.close();
        let query = SearchQuery { q: text, ..SearchQuery::default() };
        navigate(&address::search(&query), NavigateOptions::default());
    };
    let field = NodeRef::<html::Input>::new();
    let on_submit = {
        let go = go.clone();
        move |event: ev::SubmitEvent| {
            if let Some(input) = field.get_untracked() {
                event.prevent_default();
                go(input.value());
            }
        }
    };
    let on_key = {
        let go = go.clone();
        move |event: ev::KeyboardEvent| {
            // The keys of an input method belong to it: Enter there ends the conversion to kanji.
            if event.is_composing() {
                return;
            }
            match event.key().as_str() {
                "ArrowDown" if !offer.suggestions.read_untracked().is_empty() => {
                    event.prevent_default();
                    offer.step(true);
                }
                "ArrowUp" if !offer.suggestions.read_untracked().is_empty() => {
                    event.prevent_default();
                    offer.step(false);
                }
                // The browser's own answer would be to empty the field.
                "Escape" if offer.is_open() => {
                    event.prevent_default();
                    offer.close();
                }
                "Enter" => {
                    if let Some(text) = untrack(move || offer.chosen_text()) {
                        event.prevent_default();
                        go(text);
                    }
                }
                _ => {}
            }
        }
    };
    let options = move || {
        let chosen = offer.chosen.get();
        offer
            .suggestions
            .get()
            .into_iter()
            .enumerate()
            .map(|(at, suggestion)| {
                let go = go.clone();
                let text = suggestion.text.clone();
                view! {
                    <li
                        role="option"
                        id=format!("suggestion-{at}")
                        aria-selected=if chosen == Some(at) { "true" } else { "false" }
                        // Not click: the box would lose the focus first and close the list.
                        on:pointerdown=move |event| {
                            event.prevent_default();
                            go(text.clone());
                        }
                    >
                        {suggestion.text}
                        {suggestion.reading.map(|reading| view! { <span class="reading">{reading}</span> })}
                    </li>
                }
            })
            .collect_view()
    };
    let closed = move || offer.suggestions.read().is_empty();
    let active = move || offer.chosen.get().map(|at| format!("suggestion-{at}"));
    view! {
        <div class="search-box" role="search">
            <form action="/search" on:submit=on_submit>
                <label class="unseen" for="q">{i18n.show(Key::SearchLabel)}</label>
                <div class="field">
                    <input
                        id="q"
                        node_ref=field
                        name="q"
                        type="search"
                        value=typed
                        autocomplete="off"
                        autofocus=first && is_kiosk()
                        enterkeyhint="search"
                        placeholder=i18n.t(Key::SearchPlaceholder)
                        aria-autocomplete="list"
                        aria-controls="suggestions"
                        aria-activedescendant=active
                        on:input=move |event| offer.ask(event_target_value(&event))
                        on:keydown=on_key
                        on:blur=move |_| offer.close()
                    />
                    <ul id="suggestions" role="listbox" aria-label=i18n.t(Key::SuggestionsLabel) hidden=closed>
                        {options}
                    </ul>
                </div>
                <button class="primary">{i18n.show(Key::SearchButton)}</button>
            </form>
        </div>
    }
    .erased()
}
