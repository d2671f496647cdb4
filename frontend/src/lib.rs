//! The WASM entry point, nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Brings the page that came from the server to life. Called by the script in the page.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    app::hydrate().await;
}
