//! A sound with each instruction, so that whoever stands at the desk need not look up. Never without the text, and it can
//! be muted.

use domain::{
    circulation::{CheckIn, Instruction},
    messages::Key,
};
use leptos::prelude::*;

use crate::{
    browser,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
};

/// Where the browser keeps whether it is muted.
const MUTED: &str = "hondana.desk.muted";

/// What is to be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// Done, nothing more to do: lent, or back to its shelf.
    Done,
    /// To the hold shelf.
    HoldShelf,
    /// It leaves this place.
    Away,
    /// Whose turn it is.
    Card,
    /// Written down until the line is back.
    Kept,
    /// It was not done.
    Problem,
}

impl Tone {
    /// What is heard after a check-in.
    pub(super) const fn of(done: &CheckIn) -> Self {
        match done.instruction {
            Instruction::Shelve { .. } => Self::Done,
            Instruction::HoldShelf(_) => Self::HoldShelf,
            Instruction::Transit(_) | Instruction::SendHome { .. } | Instruction::ReturnToLender { .. } => Self::Away,
        }
    }

    /// Its notes: how high, in Hz, and how long, in seconds. No two tones begin alike.
    #[cfg_attr(not(any(feature = "hydrate", test)), expect(dead_code, reason = "only a browser makes a sound"))]
    const fn notes(self) -> &'static [(f32, f64)] {
        match self {
            Self::Done => &[(880.0, 0.12)],
            Self::HoldShelf => &[(523.0, 0.12), (784.0, 0.22)],
            Self::Away => &[(659.0, 0.1), (523.0, 0.1), (440.0, 0.2)],
            Self::Card => &[(1047.0, 0.06)],
            Self::Kept => &[(392.0, 0.1), (392.0, 0.1)],
            Self::Problem => &[(165.0, 0.45)],
        }
    }

    /// Lets it be heard, unless the desk is muted.
    pub(super) fn sound(self) {
        #[cfg(feature = "hydrate")]
        if !browser::recall::<bool>(MUTED).unwrap_or(false) {
            // Where there is nothing to hear with, the text says it all.
            let _ = player::play(self.notes());
        }
    }
}

#[cfg(feature = "hydrate")]
mod player {
    use std::cell::OnceCell;

    use leptos::wasm_bindgen::JsValue;
    use web_sys::AudioContext;

    /// How loud, of one.
    const LOUD: f32 = 0.2;

    thread_local! {
        /// Made at the first scan: browsers keep silent what begins before anybody touched the page.
        static CONTEXT: OnceCell<AudioContext> = const { OnceCell::new() };
    }

    pub(super) fn play(notes: &[(f32, f64)]) -> Result<(), JsValue> {
        CONTEXT.with(|kept| {
            let context = match kept.get() {
                Some(context) => context,
                None => {
                    let made = AudioContext::new()?;
                    kept.get_or_init(|| made)
                }
            };
            let mut from = context.current_time();
            for (hertz, seconds) in notes {
                let (note, volume) = (context.create_oscillator()?, context.create_gain()?);
                note.frequency().set_value(*hertz);
                volume.gain().set_value(LOUD);
                note.connect_with_audio_node(&volume)?.connect_with_audio_node(&context.destination())?;
                note.start_with_when(from)?;
                from += seconds;
                note.stop_with_when(from)?;
            }
            Ok(())
        })
    }
}

/// The button that mutes this desk.
pub(super) fn mute_button() -> ErasedView {
    let i18n = use_i18n();
    let muted = RwSignal::new(false);
    Effect::new(move |_| muted.set(browser::recall(MUTED).unwrap_or(false)));
    let turn = move |_| {
        muted.update(|muted| *muted = !*muted);
        // Where nothing is kept it is asked anew the next time.
        let _ = browser::keep(MUTED, &muted.get_untracked());
        if !muted.get_untracked() {
            Tone::Done.sound();
        }
        browser::focus_soon(super::SCAN_FIELD.to_owned());
    };
    let text = move || i18n.t(if muted.get() { Key::SoundOn } else { Key::SoundOff });
    view! { <button type="button" class="quiet with-scripts" on:click=turn>{text}</button> }.erased()
}

#[cfg(test)]
mod tests {
    use super::Tone;

    #[test]
    fn no_two_tones_begin_alike() {
        let tones = [Tone::Done, Tone::HoldShelf, Tone::Away, Tone::Card, Tone::Kept, Tone::Problem];
        for (n, tone) in tones.iter().enumerate() {
            assert!(tones[n + 1..].iter().all(|other| other.notes()[0].0 != tone.notes()[0].0), "{tone:?}");
        }
    }
}
