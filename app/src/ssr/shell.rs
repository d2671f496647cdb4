//! The HTML document around the pages.

use domain::{
    display::{Display, TextSize, Theme},
    messages::Messages,
};
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

use super::{display, language};
use crate::{
    App,
    site::{MESSAGES_BLOCK, SITE_BLOCK},
};

/// The HTML document around the pages, with the texts of its language and what is known of the library as data blocks,
/// so that the WASM holds none of them.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let wanted = language::wanted();
    language::remember();
    let texts = data_block(&Messages::of(wanted).list());
    let site = data_block(&super::site(wanted));
    // What the device is to decide is not said, so that the style sheet asks it.
    let Display { theme, size } = display::wanted();
    let said = (theme != Theme::Auto).then(|| theme.as_str());
    let size = (size != TextSize::Usual).then(|| size.as_str());
    let schemes = match theme {
        Theme::Light => "light",
        Theme::Dark => "dark",
        Theme::Auto | Theme::HighContrast => "light dark",
    };
    view! {
        <!DOCTYPE html>
        <html lang=wanted.code() data-theme=said data-size=size>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content=schemes />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options=options.clone() />
                <AutoReload options=options.clone() />
                <HydrationScripts options />
                <MetaTags />
                <script type="application/json" id=SITE_BLOCK inner_html=site></script>
                <script type="application/json" id=MESSAGES_BLOCK inner_html=texts></script>
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// JSON that can stand inside a script element: without `<` nothing in it can end the element or begin a comment.
fn data_block(value: &impl serde::Serialize) -> String {
    match serde_json::to_string(value) {
        Ok(json) => json.replace('<', "\\u003c"),
        Err(cause) => {
            super::fault(cause);
            "null".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::data_block;

    #[test]
    fn nothing_in_a_data_block_ends_it() {
        let block = data_block(&["</script><script>", "<!--"]);
        assert!(!block.contains('<'));
        assert_eq!(serde_json::from_str::<[String; 2]>(&block).ok(), Some(["</script><script>".into(), "<!--".into()]));
    }
}
