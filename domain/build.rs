//! Turns `messages/{language}/*.toml` into typed keys, so that a text that is missing, or lacks a `{placeholder}` that
//! another language has, fails the build.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::Path,
};

/// The list of the texts that every page needs.
const FIRST: &str = "first.txt";

/// Japanese comes first: its files decide which keys there are.
const LANGUAGES: [(&str, &str); 7] =
    [("Ja", "ja"), ("Easy", "ja-x-easy"), ("En", "en"), ("Zh", "zh-Hans"), ("Ko", "ko"), ("Pt", "pt-BR"), ("Vi", "vi")];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=messages");
    let mut catalogues = Vec::new();
    for (_, code) in LANGUAGES {
        let folder = format!("messages/{code}");
        let mut all = BTreeMap::new();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let text = fs::read_to_string(&path)?;
            let table: BTreeMap<String, String> =
                toml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
            for (key, text) in table {
                let text = with_readings(&text).ok_or_else(|| format!("{}: brackets of `{key}`", path.display()))?;
                if all.insert(key.clone(), text).is_some() {
                    return Err(format!("{folder} has `{key}` twice").into());
                }
            }
        }
        catalogues.push((folder, all));
    }
    let [(ja_path, ja), others @ ..] = catalogues.as_slice() else { return Err("no languages".into()) };
    for (path, table) in others {
        for (key, text) in ja {
            let other = table.get(key).ok_or_else(|| format!("{path} lacks `{key}`"))?;
            if placeholders(text) != placeholders(other) {
                return Err(format!("{path}: `{key}` has other placeholders than {ja_path}").into());
            }
        }
        if let Some(key) = table.keys().find(|key| !ja.contains_key(*key)) {
            return Err(format!("{path} has `{key}`, which {ja_path} lacks").into());
        }
    }

    println!("cargo::rerun-if-changed=messages/{FIRST}");
    let first = fs::read_to_string(format!("messages/{FIRST}"))?;
    let first: BTreeSet<&str> = first.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    if let Some(key) = first.iter().find(|key| !ja.contains_key(**key)) {
        return Err(format!("messages/{FIRST} has `{key}`, which {ja_path} lacks").into());
    }
    // Those that every page needs come first.
    let is_first = |key: &String| first.contains(key.as_str());
    let in_order = |table: &BTreeMap<String, String>| {
        let (first, more): (Vec<_>, Vec<_>) = table.clone().into_iter().partition(|(key, _)| is_first(key));
        first.into_iter().chain(more).collect::<Vec<_>>()
    };

    let mut out = format!(
        "/// How many texts every page needs: the first of them.\n#[cfg(feature = \"texts\")]\n\
         const FIRST: usize = {};\n\n/// How many texts there are.\nconst ALL: usize = {};\n\n\
         /// Every text a person may read. The Japanese stands in each key's documentation.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\n#[repr(u16)]\npub enum Key {{\n",
        first.len(),
        ja.len()
    );
    for (key, text) in &in_order(ja) {
        writeln!(out, "    /// {}", text.replace('\n', " ").replace('<', "&lt;").replace('[', "\\["))?;
        writeln!(out, "    {},", variant(key))?;
    }
    out.push_str("}\n\n/// The texts of a language, in the order of [`Key`].\n#[cfg(feature = \"texts\")]\n");
    out.push_str("pub(super) fn texts(language: Language) -> &'static [Cow<'static, str>] {\n    match language {\n");
    for ((name, _), (_, table)) in LANGUAGES.iter().zip(&catalogues) {
        writeln!(
            out,
            "        Language::{name} => {{\n            static TEXTS: [Cow<'static, str>; {}] = [",
            table.len()
        )?;
        for (_, text) in in_order(table) {
            writeln!(out, "                Cow::Borrowed({text:?}),")?;
        }
        out.push_str("            ];\n            &TEXTS\n        }\n");
    }
    out.push_str("    }\n}\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("messages.rs"), out)?;
    Ok(())
}

/// `cart-add` → `CartAdd`
fn variant(key: &str) -> String {
    key.split('-')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
        })
        .collect()
}

/// `[漢字|かんじ]` → `漢字（かんじ）`; `None` when a bracket is not closed or has no reading.
fn with_readings(text: &str) -> Option<String> {
    let mut pieces = text.split('[');
    let mut out = pieces.next()?.to_owned();
    for piece in pieces {
        let (word, rest) = piece.split_once(']')?;
        let (word, reading) = word.split_once('|')?;
        write!(out, "{word}（{reading}）{rest}").ok()?;
    }
    Some(out)
}

/// The names in braces, sorted.
fn placeholders(text: &str) -> Vec<&str> {
    let mut names: Vec<_> = text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
    names.sort_unstable();
    names
}
