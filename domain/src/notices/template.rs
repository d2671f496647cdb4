//! The texts of notices as templates, which a library may replace by its own.
//!
//! A template is a plain text file. Its first line is `Subject: …` (or `件名：…`), an empty line follows, then the text. What
//! stands in braces is filled in: `{name}`, `{library}`, `{telephone}`, `{address}` and what the kind of notice has beside
//! them ([`NoticeKind::values`]). Where several notices go in one mail, what lies between a line `{each}` and a line `{end}`
//! is written once for each. The HTML of a mail is made of the same text, so there is one file to keep.

use std::collections::BTreeMap;

use super::NoticeKind;
use crate::messages::Language;

/// What every text may speak of.
const COMMON: [&str; 4] = ["name", "library", "telephone", "address"];

/// Most characters of a subject: what a phone shows of it.
const LONGEST_SUBJECT: usize = 60;

/// A text of notices, ready to be filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pub(super) subject: Line,
    pub(super) blocks: Vec<Block>,
}

/// Lines that are written once, or once for each of the notices that go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Once(Vec<Line>),
    Each(Vec<Line>),
}

impl Block {
    fn is_empty(&self) -> bool {
        let (Self::Once(lines) | Self::Each(lines)) = self;
        lines.iter().all(Vec::is_empty)
    }
}

/// A line of a template.
pub(super) type Line = Vec<Piece>;

/// A piece of a line: as it stands, or the name of what is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Value(String),
}

/// A template that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct TemplateError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub fault: TemplateFault,
}

/// What is wrong with a template, in plain words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// The first line is no subject.
    #[error("the first line must be `Subject: …` or `件名：…`")]
    NoSubject,
    /// The subject is longer than a phone shows.
    #[error("the subject has more than {LONGEST_SUBJECT} characters")]
    LongSubject,
    /// There is no text.
    #[error("there is no text below the subject")]
    NoText,
    /// A placeholder that this kind of notice does not have.
    #[error("there is no `{{{name}}}` here, only {known}")]
    Unknown {
        /// As it stands there.
        name: String,
        /// What could stand there.
        known: String,
    },
    /// A brace that begins or ends no placeholder.
    #[error("a brace stands alone; placeholders are written like {{name}}")]
    StrayBrace,
    /// This kind of notice goes several in a mail, and the text has no place for them, or two.
    #[error("exactly one line `{{each}}` is needed, and below it a line `{{end}}`: what lies between them is repeated")]
    Each,
    /// This kind of notice goes alone.
    #[error("`{{each}}` and `{{end}}` are for notices of which several go in one mail, which this is not")]
    NothingRepeats,
}

impl Template {
    /// Reads the text of a template for notices of that kind.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line.
    pub fn parse(kind: NoticeKind, text: &str) -> Result<Self, TemplateError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let wrong = |line, fault| TemplateError { line, fault };
        let at = |line, fault| Err(wrong(line, fault));
        let mut lines = (1..).zip(text.lines().map(str::trim_end));
        let subject = lines.next().and_then(|(_, line)| subject_of(line));
        let Some(subject) = subject.filter(|subject| !subject.is_empty()) else {
            return at(1, TemplateFault::NoSubject);
        };
        if subject.chars().count() > LONGEST_SUBJECT {
            return at(1, TemplateFault::LongSubject);
        }
        let subject = pieces(subject, &known(kind, false)).map_err(|fault| wrong(1, fault))?;

        let mut blocks = vec![Block::Once(Vec::new())];
        let mut last = 1;
        for (number, line) in lines {
            last = number;
            let inside = matches!(blocks.last(), Some(Block::Each(_)));
            match line.trim() {
                "{each}" | "{end}" if !kind.gathers() => return at(number, TemplateFault::NothingRepeats),
                "{each}" if inside || blocks.len() > 1 => return at(number, TemplateFault::Each),
                "{each}" => blocks.push(Block::Each(Vec::new())),
                "{end}" if !inside => return at(number, TemplateFault::Each),
                "{end}" => blocks.push(Block::Once(Vec::new())),
                _ => {
                    let line = pieces(line, &known(kind, inside)).map_err(|fault| wrong(number, fault))?;
                    match blocks.last_mut() {
                        Some(Block::Once(lines) | Block::Each(lines)) => lines.push(line),
                        None => blocks.push(Block::Once(vec![line])),
                    }
                }
            }
        }
        // Before, between, after: a text in which something is repeated has three blocks.
        if kind.gathers() && blocks.len() != 3 {
            return at(last, TemplateFault::Each);
        }
        if blocks.iter().all(Block::is_empty) {
            return at(last, TemplateFault::NoText);
        }
        Ok(Self { subject, blocks })
    }
}

/// What the first line names as the subject.
fn subject_of(line: &str) -> Option<&str> {
    let (word, rest) = line.split_once([':', '：'])?;
    matches!(word.trim(), "Subject" | "subject" | "件名").then(|| rest.trim())
}

/// What may stand in braces, there where notices are spoken of one by one and elsewhere.
fn known(kind: NoticeKind, in_each: bool) -> Vec<&'static str> {
    let own = kind.values().iter().filter(|_| in_each || !kind.gathers());
    COMMON.iter().chain(own).copied().collect()
}

/// Takes a line apart.
fn pieces(line: &str, known: &[&str]) -> Result<Line, TemplateFault> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        let Some((name, after)) = from.strip_prefix('{').and_then(|inner| inner.split_once('}')) else {
            return Err(TemplateFault::StrayBrace);
        };
        if !known.contains(&name) {
            let known = known.iter().map(|name| format!("`{{{name}}}`")).collect::<Vec<_>>().join(", ");
            return Err(TemplateFault::Unknown { name: name.to_owned(), known });
        }
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        pieces.push(Piece::Value(name.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

/// The texts a library has put in the place of those that are built in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates {
    own: BTreeMap<(NoticeKind, &'static str), Template>,
}

impl Templates {
    /// Puts one in.
    pub fn put(&mut self, kind: NoticeKind, language: Language, template: Template) {
        self.own.insert((kind, language.code()), template);
    }

    /// The library's own text, where it has one.
    pub fn own(&self, kind: NoticeKind, language: Language) -> Option<&Template> {
        self.own.get(&(kind, language.code()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: NoticeKind, text: &str) -> (usize, TemplateFault) {
        let TemplateError { line, fault } = Template::parse(kind, text).expect_err("wrong");
        (line, fault)
    }

    #[test]
    fn a_text_is_taken_apart() {
        let text = "\u{feff}件名：{library}から\n\n{name} 様\n{each}\n・{title}（{place}）\n{end}\n以上\n";
        let Template { subject, blocks } = Template::parse(NoticeKind::Ready, text).expect("sound");
        assert_eq!(subject, [Piece::Value("library".into()), Piece::Text("から".into())]);
        let [Block::Once(before), Block::Each(each), Block::Once(after)] = blocks.as_slice() else {
            panic!("{blocks:?}")
        };
        assert_eq!((before.len(), each.len(), after.len()), (2, 1, 1));
        assert_eq!(each[0][1], Piece::Value("title".into()));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let ready = NoticeKind::Ready;
        assert_eq!(fault(ready, ""), (1, TemplateFault::NoSubject));
        assert_eq!(fault(ready, "こんにちは\n\n{each}\n{title}\n{end}\n"), (1, TemplateFault::NoSubject));
        assert_eq!(fault(ready, &format!("Subject: {}\n", "長".repeat(61))), (1, TemplateFault::LongSubject));
        let (line, unknown) = fault(ready, "Subject: a\n\n{each}\n{titel}\n{end}\n");
        assert_eq!(line, 4);
        assert!(unknown.to_string().starts_with("there is no `{titel}` here, only `{name}`"), "{unknown}");
        let (line, outside) = fault(ready, "Subject: a\n\n{title}\n{each}\n{end}\n");
        assert!(line == 3 && matches!(outside, TemplateFault::Unknown { .. }), "of which of them?");
        assert_eq!(fault(ready, "Subject: a\n\n{each\n"), (3, TemplateFault::StrayBrace));
        assert_eq!(fault(ready, "Subject: a\n\nname}\n"), (3, TemplateFault::StrayBrace));
        assert_eq!(fault(ready, "Subject: a\n\n用意できました\n"), (3, TemplateFault::Each));
        assert_eq!(fault(ready, "Subject: a\n\n{each}\n{title}\n"), (4, TemplateFault::Each));
        assert_eq!(fault(ready, "Subject: a\n{end}\n"), (2, TemplateFault::Each));
        assert_eq!(fault(ready, "Subject: a\n{each}\n{end}\n{each}\n{end}\n"), (4, TemplateFault::Each));
        assert_eq!(fault(NoticeKind::Paused, "Subject: a\n\n{each}\n"), (3, TemplateFault::NothingRepeats));
        assert_eq!(fault(NoticeKind::Paused, "Subject: a\n\n\n"), (3, TemplateFault::NoText));
    }
}
