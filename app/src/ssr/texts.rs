//! The texts of a language as files, which a browser keeps for as long as the build has the same.

use std::{
    borrow::Cow,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::LazyLock,
};

use domain::messages::{Language, Messages};

/// Texts of one language, in the order of the keys.
pub struct TextsFile {
    /// Where it is had: among the files of the build, with a hash in its name.
    pub address: String,
    /// A list of texts, as JSON.
    pub json: Vec<u8>,
}

/// Where the texts of a language are had.
pub(crate) struct Addresses {
    /// Those that every page needs.
    pub(crate) first: &'static str,
    /// The others.
    pub(crate) more: &'static str,
}

/// How many there are.
pub const FILES: usize = 2 * Language::ALL.len();

static TEXTS: LazyLock<Vec<TextsFile>> = LazyLock::new(|| Language::ALL.into_iter().flat_map(of).collect());

/// All of them, [`FILES`].
pub fn texts_files() -> &'static [TextsFile] {
    &TEXTS
}

/// Where the texts of a language are had.
pub(crate) fn addresses(language: Language) -> Addresses {
    let at = Language::ALL.iter().position(|one| *one == language).unwrap_or_default();
    let address = |at: usize| TEXTS.get(at).map_or("", |file| &file.address);
    Addresses { first: address(2 * at), more: address(2 * at + 1) }
}

fn of(language: Language) -> [TextsFile; 2] {
    let [first, more] = Messages::of(language).lists().map(json);
    let code = language.code();
    [file(format!("texts-{code}"), first), file(format!("texts-{code}-more"), more)]
}

fn json(texts: &[Cow<'static, str>]) -> Vec<u8> {
    serde_json::to_vec(texts).unwrap_or_else(|cause| {
        super::fault(cause);
        b"[]".to_vec()
    })
}

fn file(name: String, json: Vec<u8>) -> TextsFile {
    let mut hasher = DefaultHasher::new();
    json.hash(&mut hasher);
    // As long as the hashes of the other files.
    TextsFile { address: format!("/pkg/{name}.{:022x}.json", hasher.finish()), json }
}
