//! What a page that follows says.

use super::{Key, Messages};
use crate::circulation::{Change, Standing};

/// Most changes that are said one by one.
const SAID: usize = 2;

/// What has changed, shortly; of many changes how many. `None` when nothing is worth a word.
pub fn live_changes(texts: &Messages, changes: &[Change]) -> Option<String> {
    let titled = |key: Key, title: &str| texts.fill(key, &[("title", title)]);
    let said: Vec<String> = changes
        .iter()
        .filter_map(|change| {
            Some(match change {
                Change::Now { title, standing: Standing::Ready } => titled(Key::LiveReady, title),
                Change::Now { title, standing } => {
                    texts.fill(Key::LiveNow, &[("title", title), ("state", &texts.text(state(*standing)))])
                }
                Change::Moved { title, position } => {
                    texts.fill(Key::LiveMoved, &[("title", title), ("position", &position.to_string())])
                }
                Change::New { title } => titled(Key::LiveNew, title),
                Change::Gone { title } => titled(Key::LiveGone, title),
                Change::Other => return None,
            })
        })
        .collect();
    match said.len() {
        0 => None,
        1..=SAID => Some(said.concat()),
        n => {
            let rest = texts.fill(Key::LiveMore, &[("n", &(n - 1).to_string())]);
            Some(format!("{}{rest}", said.first().map_or("", String::as_str)))
        }
    }
}

const fn state(standing: Standing) -> Key {
    match standing {
        Standing::Waiting => Key::LiveWaiting,
        Standing::Dormant => Key::LiveDormant,
        Standing::Paused => Key::PausedTitle,
        Standing::Assigned => Key::StatusAssigned,
        Standing::InTransit => Key::StatusInTransit,
        Standing::Ready => Key::StatusReady,
        Standing::NotOwned => Key::StatusNotOwned,
    }
}

#[cfg(all(test, feature = "texts"))]
mod tests {
    use super::*;
    use crate::messages::Language;

    #[test]
    fn few_changes_are_said_and_many_are_counted() {
        let texts = Messages::of(Language::Ja);
        let ready = Change::Now { title: "坊っちゃん".into(), standing: Standing::Ready };
        let moved = Change::Moved { title: "こころ".into(), position: 2 };
        assert_eq!(live_changes(&texts, &[]), None);
        assert_eq!(live_changes(&texts, &[Change::Other]), None);
        let one = live_changes(&texts, std::slice::from_ref(&ready)).expect("a word");
        assert_eq!(one, "「坊っちゃん」が用意できました。");
        let two = live_changes(&texts, &[ready.clone(), moved.clone()]).expect("words");
        assert_eq!(two, "「坊っちゃん」が用意できました。「こころ」は2番目になりました。");
        let many = live_changes(&texts, &[ready, moved.clone(), moved]).expect("words");
        assert_eq!(many, "「坊っちゃん」が用意できました。ほかに2件変わりました。");
    }
}
