//! The few things asked of the browser itself. On the server each of them does nothing.

use serde::{Serialize, de::DeserializeOwned};

/// What the page says of itself under this id.
#[cfg(not(feature = "ssr"))]
pub(crate) fn page_data(id: &str) -> Option<String> {
    leptos::prelude::document().get_element_by_id(id)?.get_attribute("content")
}

/// Whether the page is of the same version as the program.
#[cfg(feature = "hydrate")]
pub(crate) fn is_page_ours() -> bool {
    page_data(crate::site::SITE_DATA).is_some_and(|data| crate::load::is_ours(&data))
}

/// The server has another version of the program by now. `public/shell.js` then loads the page that was wanted.
pub(crate) fn is_of_old() {
    #[cfg(feature = "hydrate")]
    if let Ok(event) = web_sys::Event::new("hondana-old") {
        // It fails for an event under way only.
        let _ = leptos::prelude::window().dispatch_event(&event);
    }
}

/// The texts of the page's language that every page needs, once they are there.
#[cfg(not(feature = "ssr"))]
static TEXTS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();

/// The texts of the page's language, in the order of the keys.
#[cfg(not(feature = "ssr"))]
pub(crate) fn texts() -> Vec<String> {
    TEXTS.get().cloned().unwrap_or_default()
}

/// Milliseconds after which the texts are asked for again, when there was no line to ask by.
#[cfg(feature = "hydrate")]
const TEXTS_AGAIN: [i32; 5] = [1_000, 2_000, 5_000, 10_000, 30_000];

/// Fetches the texts that the page names and the browser has begun to fetch: those that every page needs, or all. Answers whether they
/// are there: without them the page stays as it came, and its links and forms work.
#[cfg(feature = "hydrate")]
pub(crate) async fn fetch_texts(all: bool) -> bool {
    let Some(mut texts) = fetch_named("href", || {}).await else { return false };
    if all {
        let Some(more) = fetch_named("data-more", || {}).await else { return false };
        texts.extend(more);
    }
    TEXTS.set(texts).is_ok()
}

/// Fetches the texts that not every page needs. When they can't be had, the page that was wanted is left to the browser.
#[cfg(feature = "hydrate")]
pub(crate) async fn fetch_more_texts() -> Vec<String> {
    fetch_named("data-more", is_of_old).await.unwrap_or_default()
}

/// Fetches the texts that an attribute of the page's link names. Each time there is no line to ask by, `missed` is called.
#[cfg(feature = "hydrate")]
async fn fetch_named(attribute: &str, missed: fn()) -> Option<Vec<String>> {
    let link = leptos::prelude::document().get_element_by_id(crate::site::TEXTS_LINK)?;
    let address = link.get_attribute(attribute)?;
    for pause in TEXTS_AGAIN {
        match fetch_list(&address).await {
            Ok(texts) => return texts,
            Err(_) => {
                missed();
                rest(pause).await;
            }
        }
    }
    None
}

/// A list of texts; `None` when the server has none there, which `public/shell.js` deals with.
///
/// # Errors
/// When the server is not reached.
#[cfg(feature = "hydrate")]
async fn fetch_list(address: &str) -> Result<Option<Vec<String>>, leptos::wasm_bindgen::JsValue> {
    use leptos::wasm_bindgen::JsCast as _;
    use wasm_bindgen_futures::JsFuture;

    let asked = leptos::prelude::window().fetch_with_str(address);
    let response: web_sys::Response = JsFuture::from(asked).await?.dyn_into()?;
    if !response.ok() {
        return Ok(None);
    }
    let list: js_sys::Array = JsFuture::from(response.json()?).await?.dyn_into()?;
    Ok(list.iter().map(|text| text.as_string()).collect())
}

#[cfg(feature = "hydrate")]
async fn rest(milliseconds: i32) {
    let over = js_sys::Promise::new(&mut |resolve, _| {
        // It fails for what is no function only.
        let _ = leptos::prelude::window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
    });
    let _ = wasm_bindgen_futures::JsFuture::from(over).await;
}

#[cfg(feature = "hydrate")]
thread_local! {
    /// Whether what stands on the page has come to life.
    static ALIVE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Until the page has come to life its links load the next page, as they do without scripts. The router would replace what
/// a part of the program that is still under way is to take over, and neither would live after that. On a page from the
/// browser's store they do so for as long as it is shown, since other pages are had from the store by loading only.
#[cfg(feature = "hydrate")]
pub(crate) fn load_by_links_at_first() {
    use leptos::wasm_bindgen::{JsCast, closure::Closure};
    let hold = |event: web_sys::Event| {
        let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if (!ALIVE.get() || is_kept())
            && element.is_some_and(|element| element.closest("a[href]").ok().flatten().is_some())
        {
            // The browser follows the link all the same; only the router does not hear of it.
            event.stop_propagation();
        }
    };
    let hold = Closure::<dyn Fn(web_sys::Event)>::new(hold);
    // It fails in no browser; where it did, the router would hear of everything.
    let _ = leptos::prelude::window().add_event_listener_with_callback_and_bool(
        "click",
        hold.as_ref().unchecked_ref(),
        true,
    );
    // It listens until the page is left.
    hold.forget();
}

/// The id of the element in which stands what the server made.
pub(crate) const STANDING: &str = "standing";

/// What the server made, as it stands on the page.
pub(crate) fn standing(id: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    return leptos::prelude::document().get_element_by_id(id).map(|element| element.inner_html());
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = id;
        None
    }
}

/// The element that was meant by an event, or the nearest around it that the selector finds.
#[cfg(feature = "hydrate")]
pub(crate) fn meant(event: &web_sys::Event, selector: &str) -> Option<web_sys::Element> {
    use leptos::wasm_bindgen::JsCast;
    event.target()?.dyn_into::<web_sys::Element>().ok()?.closest(selector).ok().flatten()
}

/// Sets an attribute of every element that the selector finds, or takes it away.
#[cfg(feature = "hydrate")]
pub(crate) fn mark(selector: &str, attribute: &str, is_set: impl Fn(&web_sys::Element) -> bool) {
    use leptos::wasm_bindgen::JsCast;
    let Ok(found) = leptos::prelude::document().query_selector_all(selector) else { return };
    let elements = (0..found.length()).filter_map(|at| found.get(at)?.dyn_into::<web_sys::Element>().ok());
    for element in elements {
        // It fails for what is no name of an attribute only.
        let _ = element.toggle_attribute_with_force(attribute, is_set(&element));
    }
}

/// Whether the page comes from the browser's store, because there was no line; `public/sw.js` marks it.
pub(crate) fn is_kept() -> bool {
    #[cfg(feature = "hydrate")]
    return leptos::prelude::document().document_element().is_some_and(|root| root.has_attribute("data-kept"));
    #[cfg(not(feature = "hydrate"))]
    false
}

/// The worker of this device, when it has one at work.
#[cfg(feature = "hydrate")]
fn worker() -> Option<leptos::wasm_bindgen::JsValue> {
    let worker = member(&leptos::prelude::window().into(), "navigator")
        .and_then(|navigator| member(&navigator, "serviceWorker"))
        .and_then(|workers| member(&workers, "controller"));
    worker.ok().filter(|worker| worker.is_object())
}

/// What the browser's store of pages is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ForTheStore {
    /// Somebody's session may be over: it asks whose it is now, and drops what was another's.
    WhoseNow,
    /// The server has another cart.
    CartChanged,
}

/// Tells it to the store, where there is one.
pub(crate) fn tell_store(what: ForTheStore) {
    #[cfg(feature = "hydrate")]
    if let Some(worker) = worker() {
        let word = match what {
            ForTheStore::WhoseNow => "begin",
            ForTheStore::CartChanged => "cart",
        };
        // It fails for a worker that is being replaced; the next page that is loaded says the same.
        let _ = call(&worker, "postMessage", &js_sys::Array::of1(&word.into()));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = what;
}

/// Loads a page that could not be had without loading, where a worker may have it in its store; where there is none, the
/// browser would show nothing of ours. A page from the store is the page there is: loading it again would be for ever.
pub(crate) fn load_from_store(address: &str) {
    #[cfg(feature = "hydrate")]
    if worker().is_some() && !is_kept() {
        // It fails for what is no address only.
        let _ = leptos::prelude::window().location().replace(address);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = address;
}

/// Which of the radio buttons of this name is chosen.
pub(crate) fn chosen(name: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::JsCast;
        let found = leptos::prelude::document().query_selector(&format!("input[name={name}]:checked")).ok().flatten();
        found.and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok()).map(|field| field.value())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = name;
        None
    }
}

/// What stands on the page has come to life.
pub(crate) fn come_to_life() {
    #[cfg(feature = "hydrate")]
    ALIVE.set(true);
}

/// Moves the focus to the first element the selector finds, once the page has been painted.
pub(crate) fn focus_soon(selector: String) {
    #[cfg(feature = "hydrate")]
    leptos::prelude::request_animation_frame(move || focus(&selector));
    #[cfg(not(feature = "hydrate"))]
    drop(selector);
}

#[cfg(feature = "hydrate")]
fn focus(selector: &str) {
    use leptos::wasm_bindgen::JsCast;
    let found = leptos::prelude::document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        // It fails only for elements that can't have the focus.
        let _ = element.focus();
    }
}

/// The same, unless something on the page has the focus already.
pub(crate) fn focus_when_free(selector: &'static str) {
    #[cfg(feature = "hydrate")]
    leptos::prelude::request_animation_frame(move || {
        let focused = leptos::prelude::document().active_element();
        if focused.is_none_or(|element| element.tag_name() == "BODY") {
            // Now and not a frame later, in which somebody may have gone on already.
            focus(selector);
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = selector;
}

/// The text field with this id.
#[cfg(feature = "hydrate")]
fn field(id: &str) -> Option<web_sys::HtmlInputElement> {
    use leptos::wasm_bindgen::JsCast;
    leptos::prelude::document().get_element_by_id(id)?.dyn_into().ok()
}

/// Moves the focus to a field when nothing stands in it, and answers whether it did.
pub(crate) fn focus_when_empty(id: &str) -> bool {
    #[cfg(feature = "hydrate")]
    {
        let empty = field(id).filter(|field| field.value().is_empty());
        empty.is_some_and(|field| field.focus().is_ok())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = id;
        false
    }
}

/// Marks what stands in a field, so that what is typed takes its place.
pub(crate) fn mark_all(id: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(field) = field(id) {
        field.select();
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = id;
}

/// Prints a part of the page: the style sheet looks for its word at the body.
pub(crate) fn print(part: &str) {
    #[cfg(feature = "hydrate")]
    {
        let body = leptos::prelude::document().body();
        let body = body.as_deref();
        // What fails here leaves the page as it is: where there is nothing to print with, all stays on the screen.
        let _ = body.map(|body| body.set_attribute("data-print", part));
        let _ = leptos::prelude::window().print();
        let _ = body.map(|body| body.remove_attribute("data-print"));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = part;
}

/// The store of this browser, where it has one and pages may use it.
#[cfg(feature = "hydrate")]
fn store() -> Option<web_sys::Storage> {
    leptos::prelude::window().local_storage().ok().flatten()
}

/// Reads a text that this browser kept.
pub(crate) fn recall_text(key: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    return store()?.get_item(key).ok().flatten();
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = key;
        None
    }
}

/// Keeps a text in this browser, and answers whether it is kept: storage may be full or forbidden.
pub(crate) fn keep_text(key: &str, text: &str) -> bool {
    #[cfg(feature = "hydrate")]
    return store().is_some_and(|store| store.set_item(key, text).is_ok());
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (key, text);
        false
    }
}

/// Reads what this browser kept as JSON.
pub(crate) fn recall<T: DeserializeOwned>(key: &str) -> Option<T> {
    serde_json::from_str(&recall_text(key)?).ok()
}

/// Keeps something in this browser as JSON, and answers whether it is kept.
pub(crate) fn keep<T: Serialize>(key: &str, value: &T) -> bool {
    serde_json::to_string(value).is_ok_and(|text| keep_text(key, &text))
}

/// The keys of all that this browser keeps.
#[cfg(feature = "hydrate")]
pub(crate) fn kept_keys() -> Vec<String> {
    let Some(store) = store() else { return Vec::new() };
    (0..store.length().unwrap_or(0)).filter_map(|at| store.key(at).ok().flatten()).collect()
}

/// All that was kept as JSON under keys that begin so.
#[cfg(feature = "hydrate")]
pub(crate) fn recall_all<T: DeserializeOwned>(prefix: &str) -> Vec<T> {
    kept_keys().iter().filter(|key| key.starts_with(prefix)).filter_map(|key| recall(key)).collect()
}

/// What this browser's clock says, in milliseconds since 1970. It may be wrong.
#[cfg(feature = "hydrate")]
pub(crate) fn now() -> f64 {
    js_sys::Date::now()
}

/// Ten bytes that nobody can guess.
#[cfg(feature = "hydrate")]
pub(crate) fn draw() -> [u8; 10] {
    let mut drawn = [0; 10];
    if let Ok(crypto) = leptos::prelude::window().crypto() {
        // It fails for more bytes than a browser gives at once only, which is tens of thousands.
        let _ = crypto.get_random_values_with_u8_array(&mut drawn);
    }
    drawn
}

/// Forgets what was kept under a key.
pub(crate) fn forget(key: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(store) = store() {
        // It fails where there is nothing to forget.
        let _ = store.remove_item(key);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = key;
}

/// The vertical middles of the elements a selector finds, in the order of the page.
pub(crate) fn middles(selector: &str) -> Vec<f64> {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::JsCast;
        let Ok(list) = leptos::prelude::document().query_selector_all(selector) else { return Vec::new() };
        (0..list.length())
            .filter_map(|at| list.item(at)?.dyn_into::<web_sys::Element>().ok())
            .map(|element| {
                let place = element.get_bounding_client_rect();
                place.top() + place.height() / 2.0
            })
            .collect()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = selector;
        Vec::new()
    }
}

/// What was typed into the field with this id, which is empty from now on.
pub(crate) fn take_typed(id: &str) -> String {
    #[cfg(feature = "hydrate")]
    {
        let Some(field) = field(id) else { return String::new() };
        let typed = field.value();
        field.set_value("");
        typed
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = id;
        String::new()
    }
}

/// What a browser does with its passkeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PasskeyDeed {
    /// Makes one.
    Make,
    /// Says by one who somebody is.
    Use,
}

impl PasskeyDeed {
    /// What reads its options, and what does it.
    #[cfg(feature = "hydrate")]
    const fn methods(self) -> (&'static str, &'static str) {
        match self {
            Self::Make => ("parseCreationOptionsFromJSON", "create"),
            Self::Use => ("parseRequestOptionsFromJSON", "get"),
        }
    }
}

/// Whether this browser can be asked for a passkey in words of JSON; older ones have the password.
pub(crate) fn has_passkeys() -> bool {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::JsValue;
        let window: JsValue = leptos::prelude::window().into();
        let reader =
            member(&window, "PublicKeyCredential").and_then(|class| member(&class, PasskeyDeed::Use.methods().0));
        reader.is_ok_and(|reader| reader.is_function())
    }
    #[cfg(not(feature = "hydrate"))]
    false
}

/// Has the device make or use a passkey, for which it asks its owner. The options and the answer are JSON; `None` when they
/// did not want to, or it can't.
pub(crate) async fn passkey(deed: PasskeyDeed, options: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    {
        asked(deed, options).await.ok()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (deed, options);
        None
    }
}

#[cfg(feature = "hydrate")]
async fn asked(deed: PasskeyDeed, options: &str) -> Result<String, leptos::wasm_bindgen::JsValue> {
    use leptos::wasm_bindgen::{JsCast, JsValue};
    let (reader, asker) = deed.methods();
    let window: JsValue = leptos::prelude::window().into();
    let class = member(&window, "PublicKeyCredential")?;
    let options = call(&class, reader, &js_sys::Array::of1(&js_sys::JSON::parse(options)?))?;
    let request = js_sys::Object::new();
    js_sys::Reflect::set(&request, &"publicKey".into(), &options)?;
    let credentials = member(&member(&window, "navigator")?, "credentials")?;
    let promise = call(&credentials, asker, &js_sys::Array::of1(&request))?;
    let credential: JsValue = promise.dyn_into::<js_sys::Promise>()?.await?;
    let answer = call(&credential, "toJSON", &js_sys::Array::new())?;
    js_sys::JSON::stringify(&answer).map(Into::into)
}

/// Whether this browser can show notices of a page that is not open.
pub(crate) fn has_push() -> bool {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::JsValue;
        let window: JsValue = leptos::prelude::window().into();
        let worker = member(&window, "navigator").and_then(|navigator| member(&navigator, "serviceWorker"));
        let manager = member(&window, "PushManager");
        worker.is_ok_and(|worker| worker.is_object()) && manager.is_ok_and(|manager| manager.is_function())
    }
    #[cfg(not(feature = "hydrate"))]
    false
}

/// Has the browser take notices sealed for it alone, for which it asks its owner. The answer is JSON; `None` when they did not want
/// to, or it can't.
pub(crate) async fn subscribe(key: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    {
        subscribed(key).await.ok()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = key;
        None
    }
}

#[cfg(feature = "hydrate")]
async fn subscribed(key: &str) -> Result<String, leptos::wasm_bindgen::JsValue> {
    use js_sys::{Array, Object, Promise, Reflect};
    use leptos::wasm_bindgen::{JsCast, JsValue};
    let window: JsValue = leptos::prelude::window().into();
    let workers = member(&member(&window, "navigator")?, "serviceWorker")?;
    call(&workers, "register", &Array::of1(&"/sw.js".into()))?.dyn_into::<Promise>()?.await?;
    // The one that was registered may still be waking up.
    let worker: JsValue = member(&workers, "ready")?.dyn_into::<Promise>()?.await?;
    let options = Object::new();
    Reflect::set(&options, &"userVisibleOnly".into(), &true.into())?;
    Reflect::set(&options, &"applicationServerKey".into(), &key.into())?;
    let manager = member(&worker, "pushManager")?;
    let subscription: JsValue = call(&manager, "subscribe", &Array::of1(&options))?.dyn_into::<Promise>()?.await?;
    js_sys::JSON::stringify(&call(&subscription, "toJSON", &Array::new())?).map(Into::into)
}

/// What an object of the browser has under a name.
#[cfg(feature = "hydrate")]
pub(crate) fn member(
    of: &leptos::wasm_bindgen::JsValue,
    name: &str,
) -> Result<leptos::wasm_bindgen::JsValue, leptos::wasm_bindgen::JsValue> {
    js_sys::Reflect::get(of, &name.into())
}

/// Calls a method of an object of the browser.
#[cfg(feature = "hydrate")]
pub(crate) fn call(
    of: &leptos::wasm_bindgen::JsValue,
    method: &str,
    with: &js_sys::Array,
) -> Result<leptos::wasm_bindgen::JsValue, leptos::wasm_bindgen::JsValue> {
    use leptos::wasm_bindgen::JsCast;
    js_sys::Reflect::apply(&member(of, method)?.dyn_into::<js_sys::Function>()?, of, with)
}
