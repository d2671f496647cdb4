//! The WASM entry point, nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Room for the build tool, which nobody loads. It gives each piece its own data, and when that takes more room in all than before,
/// because some has to begin at a round address, it leaves all of it in the first file, the desk's too (`wasm_split_cli_support`
/// 0.2). What nothing refers to it leaves out, so there is always room.
#[used]
static ROOM: [u8; 4096] = [0xff; 4096];

/// Brings the page that came from the server to life. Called by the script in the page.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    app::hydrate().await;
}
