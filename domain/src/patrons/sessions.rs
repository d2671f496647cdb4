//! Where somebody is signed in.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A browser in which a patron or a member of staff is signed in, as they see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// What names it in a form; it opens nothing.
    pub key: String,
    /// The browser in a few words; empty when it said nothing that is known.
    pub browser: String,
    /// The day of the sign-in.
    pub begun: NaiveDate,
    /// The day it was last used.
    pub seen: NaiveDate,
    /// Whether it is the one that asks.
    pub here: bool,
}

/// What a browser calls itself, in a few words: `Chrome · Android`. The numbers of versions, by which people can be told
/// apart, are left out.
pub fn browser_words(user_agent: &str) -> String {
    let first = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    // Each of them also says the names of those below it.
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("YJApp", "Yahoo! JAPAN"),
        ("Line/", "LINE"),
        ("FxiOS/", "Firefox"),
        ("Firefox/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ]);
    [browser, system].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::browser_words;

    #[test]
    fn browsers_are_known_by_what_they_call_themselves() {
        for (says, words) in [
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                "Chrome · Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
                "Safari · iPhone",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge · Windows",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox · Linux"),
            ("curl/8.14.1", ""),
        ] {
            assert_eq!(browser_words(says), words, "{says}");
        }
    }
}
