//! The HTML document around the pages.

use domain::messages::Messages;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

use super::language;
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
    let site = super::site(wanted);
    let kiosk = site.kiosk.then_some("kiosk");
    let site = data_block(&site);
    view! {
        <!DOCTYPE html>
        <html lang=wanted.code()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options=options.clone() />
                <AutoReload options=options.clone() />
                <HydrationScripts options />
                <MetaTags />
                <script type="application/json" id=SITE_BLOCK inner_html=site></script>
                <script type="application/json" id=MESSAGES_BLOCK inner_html=texts></script>
            </head>
            <body class=kiosk>
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
