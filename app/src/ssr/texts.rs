//! The texts of a language as a file, which a browser keeps for as long as the build has the same.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::LazyLock,
};

use domain::messages::{Language, Messages};

/// The texts of one language, in the order of the keys.
pub struct TextsFile {
    /// Where it is had: among the files of the build, with a hash in its name.
    pub address: String,
    /// A list of texts, as JSON.
    pub json: Vec<u8>,
}

static FILES: LazyLock<[TextsFile; Language::ALL.len()]> = LazyLock::new(|| Language::ALL.map(file));

/// All of them, in the order of the languages.
pub fn texts_files() -> &'static [TextsFile] {
    &*FILES
}

/// Where the texts of a language are had.
pub(super) fn address(language: Language) -> &'static str {
    let [first, ..] = &*FILES;
    let at = Language::ALL.iter().position(|one| *one == language);
    &at.and_then(|at| FILES.get(at)).unwrap_or(first).address
}

fn file(language: Language) -> TextsFile {
    let messages = Messages::of(language);
    let json = serde_json::to_vec(messages.list()).unwrap_or_else(|cause| {
        super::fault(cause);
        b"[]".to_vec()
    });
    let mut hasher = DefaultHasher::new();
    json.hash(&mut hasher);
    // As long as the hashes of the other files.
    TextsFile { address: format!("/pkg/texts-{}.{:022x}.json", language.code(), hasher.finish()), json }
}
