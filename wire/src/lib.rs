//! How answers are written for the browser: by place and without names, as text.
//!
//! Both ends are compiled from the same types, so that nothing has to be said twice: a struct is its fields in their order, a
//! variant its number. What reads JSON is the largest single part of a program for the browser (each type brings a table of its
//! fields' names, and what to do when one is missing, or comes twice); what reads this is a third of it. And an answer
//! within a page has no quotation marks that HTML and JavaScript would have to escape.
//!
//! | value | text |
//! |---|---|
//! | number | `12;` `-3;` `0.5;` |
//! | `false`, `true` | `0;` `1;` |
//! | text | its length in bytes, then itself: `6;本棚` |
//! | line breaks and other controls, `<`, backslash in it | `\j` for 10 and so on, `\L`, `\\` |
//! | bytes | the same, of two letters each: `4;0aff` |
//! | nothing, something | `0;`, or `1;` and what there is |
//! | list, map | how many, then each |
//! | struct, tuple | each field |
//! | variant | its number, then what it holds |
//!
//! So it stands on one line, and nothing in it ends a script or begins a tag: Leptos replaces `<` by what only a reader of JSON would
//! take for it.
//!
//! It says nothing of itself. Who reads has to know that it was written from the same types, and types that ask what comes next
//! (`#[serde(untagged)]`, `#[serde(flatten)]`, `#[serde(tag)]`) can't be read.

/// Begins two letters that stand for one.
const ESCAPE: char = '\\';
/// Stands for `<`.
const LESS: char = 'L';
/// How far a control character is from the letter that stands for it.
const SHIFT: u8 = 0x60;

mod read;
mod write;

pub use read::{Garbled, read};
pub use write::{Unwritable, write};

#[cfg(test)]
mod tests;
