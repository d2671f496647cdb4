//! The library's own texts of notices: files such as `ja/ready.txt` in a folder the settings name.

use std::{fs, io, path::Path};

use domain::{
    messages::Language,
    notices::{NoticeKind, Template, TemplateError, Templates},
};

use super::ConfigError;

/// Reads them. What has no file there has the text that is built in; a file that is none of them is a slip.
///
/// # Errors
/// `Err(Ok(_))` for a file, `Err(Err(_))` when the folder can't be read.
pub(super) fn read(folder: &Path) -> Result<Templates, Result<ConfigError, io::Error>> {
    let mut templates = Templates::default();
    let mut found = false;
    for language in Language::ALL {
        let of_language = folder.join(language.code());
        let entries = match fs::read_dir(&of_language) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound && folder.is_dir() => continue,
            Err(error) => return Err(Err(error)),
        };
        for entry in entries {
            let path = entry.map_err(Err)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            // What editors and file systems leave behind.
            if name.starts_with('.') || name.ends_with('~') {
                continue;
            }
            let wrong = |line: usize, text: &str, why: String| {
                let text = text.lines().nth(line - 1).unwrap_or_default().trim().to_owned();
                Err(Ok(ConfigError::Line { file: path.display().to_string(), line, text, why }))
            };
            let Some(kind) = name.strip_suffix(".txt").and_then(|kind| kind.parse::<NoticeKind>().ok()) else {
                let known: Vec<_> = NoticeKind::ALL.iter().map(|kind| format!("`{kind}.txt`")).collect();
                return wrong(1, "", format!("there is no notice of this name, only {}", known.join(", ")));
            };
            let text = match fs::read(&path).map(super::decoded) {
                Ok(Some(text)) => text,
                Ok(None) => return wrong(1, "", "the file is neither UTF-8 nor CP932".to_owned()),
                Err(error) => return wrong(1, "", format!("the file can't be read: {error}")),
            };
            match Template::parse(kind, &text) {
                Ok(template) => templates.put(kind, language, template),
                Err(TemplateError { line, fault }) => return wrong(line, &text, fault.to_string()),
            }
            found = true;
        }
    }
    if found { Ok(templates) } else { Err(Err(io::Error::other("there is no text in it, such as ja/ready.txt"))) }
}
