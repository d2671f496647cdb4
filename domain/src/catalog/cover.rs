//! What stands for a cover, since covers are not to be had: a cloth binding in the colour of the class, with a label
//! pasted on it as on an old Japanese book (題箋), which bears the title.
//!
//! Made of the record alone, so the same title always looks the same, on the server and in the browser. It says nothing
//! that does not stand beside it in words.

use super::{BibRecord, MaterialType};
use crate::words::words;

/// How wide the sheet is on which a cover is drawn.
pub const COVER_WIDTH: u32 = 720;
/// How high it is.
pub const COVER_HEIGHT: u32 = 960;

/// The paper of the label.
pub const COVER_PAPER: &str = "#fbf5e0";
/// What is printed on the label.
pub const COVER_INK: &str = "#1a1a1a";
/// What is printed on the binding.
pub const COVER_FOIL: &str = "#ffffff";

/// The colours of a binding, dark enough for white letters: those of the classes 0 to 9, and of what has none. All are of
/// the Digital Agency's palette.
const CLOTH: [&str; 11] = [
    "#4d4d4d", "#5109ad", "#8b3200", "#00428c", "#006173", "#333333", "#3e5a00", "#8b008b", "#604b00", "#115a36",
    "#666666",
];

words! {
    /// What is woven into the binding.
    Weave, "weave" {
        /// Bands across it.
        Bands = "bands",
        /// Rings in a corner.
        Rings = "rings",
        /// Waves at the foot (青海波).
        Waves = "waves",
        /// A lattice (格子).
        Lattice = "lattice",
    }
}

words! {
    /// What kind of thing it is, as its shape says.
    Shape, "shape of a cover" {
        /// A bound book.
        Book = "book",
        /// A magazine with its head across.
        Magazine = "magazine",
        /// Picture cards in their little stage (紙芝居).
        Stage = "stage",
        /// A disc.
        Disc = "disc",
    }
}

/// A line of the title on the label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverLine {
    /// What stands there.
    pub text: String,
    /// Where its middle is, when it is upright; where it begins, when it is across.
    pub x: u32,
    /// Where it begins, when it is upright; its foot, when it is across.
    pub y: u32,
}

/// A rectangle on the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panel {
    /// Its left edge.
    pub x: u32,
    /// Its upper edge.
    pub y: u32,
    /// How wide it is.
    pub width: u32,
    /// How high it is.
    pub height: u32,
}

/// A cover to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// The colour of the binding.
    pub cloth: &'static str,
    /// What is woven into it.
    pub weave: Weave,
    /// What kind of thing it is.
    pub shape: Shape,
    /// The label.
    pub label: Panel,
    /// The title on it, line by line.
    pub lines: Vec<CoverLine>,
    /// How large its letters are.
    pub size: u32,
    /// Whether it is written downwards.
    pub upright: bool,
    /// The class, as printed at the foot of the binding; may be empty.
    pub class: String,
}

/// How wide a letter of the alphabet is, of a hundred parts of the size; kanji and kana are a hundred.
const NARROW: u32 = 58;
/// The room inside the label.
const INSIDE: u32 = 32;
/// The upper edge of a label.
const TOP: u32 = 64;
/// How far a title written downwards may reach.
const DOWN: u32 = 640;
/// How far one written across may.
const ACROSS: u32 = 516;
/// By how much lines are made shorter to even them out, in hundredths of a letter.
const STEP: u32 = 50;
/// The left edge of what is written across.
const LEFT: u32 = 110;

/// The cover of a title.
pub fn cover(record: &BibRecord) -> Cover {
    let title = record.display_title();
    let words = record.title.split_whitespace().collect::<Vec<_>>().join(" ");
    let latin = words.chars().filter(char::is_ascii_alphanumeric).count() * 2 > words.chars().count();
    let shape = match record.material {
        MaterialType::Book => Shape::Book,
        MaterialType::Magazine => Shape::Magazine,
        MaterialType::Kamishibai => Shape::Stage,
        MaterialType::Cd | MaterialType::Dvd | MaterialType::Ld => Shape::Disc,
    };
    // What is not a book has its title across, as such things have.
    let upright = !latin && shape == Shape::Book;
    let (label, lines, size) = if upright { downwards(&title) } else { across(&title) };
    let class = record.ndc.first().cloned().unwrap_or_default();
    let cloth = class.chars().find_map(|c| c.to_digit(10)).map_or(10, |digit| digit as usize);
    let weave = Weave::ALL[(mixed(&record.title) % 4) as usize];
    Cover { cloth: CLOTH[cloth.min(10)], weave, shape, label, lines, size, upright, class }
}

/// A title in columns from right to left, as large as it has room.
fn downwards(title: &str) -> (Panel, Vec<CoverLine>, u32) {
    let sizes = [(112, 1), (92, 1), (84, 2), (68, 3), (56, 4)];
    let (size, lines) = fitting(title, DOWN, 100, &sizes);
    let step = size + size / 5;
    let columns = u32::try_from(lines.len()).unwrap_or(1).max(1);
    let width = step * (columns - 1) + size + INSIDE * 2;
    // Where a label is pasted: to the upper left, a narrow one nearer to the middle.
    let x = (COVER_WIDTH - width) * 2 / 5;
    let right = x + width - INSIDE - size / 2;
    let lines = (0..columns).zip(lines).map(|(n, text)| CoverLine { text, x: right - step * n, y: TOP + INSIDE });
    (Panel { x, y: TOP, width, height: DOWN + INSIDE * 2 }, lines.collect(), size)
}

/// A title in lines.
fn across(title: &str) -> (Panel, Vec<CoverLine>, u32) {
    let sizes = [(104, 2), (84, 3), (68, 4), (56, 6)];
    let (size, lines) = fitting(title, ACROSS, NARROW, &sizes);
    let step = size + size / 3;
    let count = u32::try_from(lines.len()).unwrap_or(1).max(1);
    let height = step * count + INSIDE * 2;
    let lines = (1..).zip(lines).map(|(n, text)| CoverLine { text, x: LEFT, y: TOP + INSIDE + step * n - size / 3 });
    (Panel { x: LEFT - INSIDE, y: TOP, width: ACROSS + INSIDE * 2, height }, lines.collect(), size)
}

/// The largest size at which the title goes into its number of lines; in the last one it is cut.
fn fitting(title: &str, room: u32, narrow: u32, sizes: &[(u32, usize)]) -> (u32, Vec<String>) {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let sized = || sizes.iter().map(|(size, most)| (*size, *most, room * 100 / size));
    let fits = sized().find(|(_, most, room)| broken(&title, *room, narrow).len() <= *most);
    let Some((size, most, room)) = fits.or_else(|| sized().next_back()) else { return (0, Vec::new()) };
    (size, cut(&even(&title, room, narrow), most))
}

/// The text in lines, but no letter left alone in the last one where the others could be shorter.
fn even(text: &str, room: u32, narrow: u32) -> Vec<&str> {
    let lines = broken(text, room, narrow);
    let Ok(count) = u32::try_from(lines.len()) else { return lines };
    if count < 2 {
        return lines;
    }
    // In shorter ones than these it has no room whatever stands where.
    let least = text.split(' ').map(|word| wide(word, narrow)).sum::<u32>() / count;
    let rooms = (least / STEP * STEP..room).step_by(STEP as usize);
    let shorter = rooms.map(|room| broken(text, room, narrow)).find(|shorter| shorter.len() <= lines.len());
    shorter.unwrap_or(lines)
}

/// How wide a text is, in hundredths of a letter.
fn wide(text: &str, narrow: u32) -> u32 {
    text.chars().map(|c| if c.is_ascii() { narrow } else { 100 }).sum()
}

/// What a word begins with and is not broken where it can be helped: a letter of a script that is written without spaces, or letters
/// and digits that belong together.
fn first_unit(word: &str) -> &str {
    let mut joined = false;
    let end = word.char_indices().find_map(|(at, letter)| {
        let belongs = at == 0 || hangs(letter) || (joined && letter.is_ascii());
        joined = letter.is_ascii();
        (!belongs).then_some(at)
    });
    &word[..end.unwrap_or(word.len())]
}

/// A text in pieces of so many letters.
fn pieces(mut text: &str, letters: usize) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (piece, rest) = text.split_at(text.char_indices().nth(letters).map_or(text.len(), |(end, _)| end));
        text = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

/// A text whose words are parted by one space each, in lines of so many hundredths of a letter, between words where there are such.
fn broken(text: &str, room: u32, narrow: u32) -> Vec<&str> {
    let mut lines = Vec::new();
    // The line that is being filled: where it begins and ends in the text, and how wide it is.
    let (mut start, mut end, mut width) = (0, 0, 0);
    let mut at = 0;
    for word in text.split(' ') {
        let word_width = wide(word, narrow);
        let joined = if end > start { width + narrow + word_width } else { word_width };
        if joined <= room {
            start = if end > start { start } else { at };
            (end, width) = (at + word.len(), joined);
        } else {
            if end > start {
                lines.push(&text[start..end]);
            }
            (start, end, width) = (at, at, 0);
            let mut rest = word;
            while !rest.is_empty() {
                let unit = first_unit(rest);
                rest = &rest[unit.len()..];
                // What is too long for any line is broken anywhere.
                let length = if wide(unit, narrow) <= room { usize::MAX } else { 1 };
                for piece in pieces(unit, length) {
                    let piece_width = wide(piece, narrow);
                    if end > start && width + piece_width > room {
                        lines.push(&text[start..end]);
                        (start, width) = (end, 0);
                    }
                    (end, width) = (end + piece.len(), width + piece_width);
                }
            }
        }
        at += word.len() + 1;
    }
    if end > start {
        lines.push(&text[start..end]);
    }
    lines
}

/// What never begins a line (行頭禁則).
const fn hangs(letter: char) -> bool {
    matches!(
        letter,
        '、' | '。'
            | '，'
            | '．'
            | '・'
            | 'ー'
            | '」'
            | '』'
            | '）'
            | '！'
            | '？'
            | '々'
            | 'ッ'
            | 'ャ'
            | 'ュ'
            | 'ョ'
            | 'っ'
            | 'ゃ'
            | 'ゅ'
            | 'ょ'
    )
}

/// At most so many lines; the last one says when there were more.
fn cut(lines: &[&str], most: usize) -> Vec<String> {
    let mut kept: Vec<String> = lines.iter().take(most).map(|line| (*line).to_owned()).collect();
    if lines.len() > most
        && let Some(last) = kept.last_mut()
    {
        last.pop();
        last.push('…');
    }
    kept
}

/// A number of a text that looks drawn by lot (FNV-1a).
fn mixed(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |mixed: u32, byte| (mixed ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(title: &str, material: MaterialType, ndc: &str) -> BibRecord {
        let text = format!(r#"{{"title":{title:?},"material":"{material}","ndc":[{ndc:?}]}}"#);
        serde_json::from_str(&text).expect("a record")
    }

    /// How light a colour is, as WCAG 2.2 reckons it.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour")) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn what_is_printed_can_be_read_on_every_binding() {
        assert!(contrast(COVER_INK, COVER_PAPER) >= 7.0);
        for cloth in CLOTH {
            assert!(contrast(COVER_FOIL, cloth) >= 4.5, "{cloth}: {}", contrast(COVER_FOIL, cloth));
            assert!(contrast(COVER_PAPER, cloth) >= 3.0, "the label stands out from {cloth}");
        }
        assert!((contrast("#ffffff", "#000000") - 21.0).abs() < 0.01);
    }

    #[test]
    fn each_class_has_a_colour_of_its_own() {
        let of = |ndc: &str| cover(&record("本", MaterialType::Book, ndc)).cloth;
        let mut colours: Vec<_> =
            ["007", "1", "210", "383.8", "4", "5", "6", "K726", "8", "913.6", ""].map(of).to_vec();
        assert_eq!((of("913.6"), of("K913")), (of("9"), of("9")), "a letter before it says nothing of the class");
        colours.sort_unstable();
        colours.dedup();
        assert_eq!(colours.len(), 11);
    }

    #[test]
    fn the_same_title_always_looks_the_same_and_another_one_may_not() {
        let titles = ["吾輩は猫である", "坊っちゃん", "草枕", "こころ", "三四郎", "それから", "門", "明暗"];
        let covers = titles.map(|title| cover(&record(title, MaterialType::Book, "913.6")));
        assert_eq!(covers[0], cover(&record(titles[0], MaterialType::Book, "913.6")));
        let weaves: std::collections::HashSet<_> = covers.iter().map(|cover| cover.weave).collect();
        assert!(weaves.len() > 1, "{weaves:?}");
    }

    #[test]
    fn a_title_stays_on_its_label_and_the_label_on_the_cover() {
        let long = "とても長い書名".repeat(30);
        let words = "International Encyclopedia of Librarianship and Information Management ".repeat(4);
        let word = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft";
        for title in
            ["", "門", "こころ", "吾輩は猫である", "ハリー・ポッターと賢者の石", &long, "Moby Dick", &words, word]
        {
            for material in MaterialType::ALL {
                let Cover { label, lines, size, upright, .. } = cover(&record(title, *material, "913"));
                assert!(
                    label.x + label.width <= COVER_WIDTH && label.y + label.height <= COVER_HEIGHT,
                    "{title} {material}"
                );
                for line in &lines {
                    let narrow = if upright { 100 } else { NARROW };
                    let long: u32 = line.text.chars().map(|c| if c.is_ascii() { narrow } else { 100 }).sum();
                    let room = if upright { DOWN } else { ACROSS };
                    // A letter that must not begin a line may hang over its end.
                    assert!(long * size / 100 <= room + size, "{line:?} of {title}");
                    assert!(line.x > label.x && line.x < label.x + label.width, "{line:?} of {title}");
                    assert!(line.y > label.y && line.y < label.y + label.height, "{line:?} of {title}");
                }
            }
        }
    }

    #[test]
    fn columns_go_from_right_to_left_and_break_between_words() {
        let Cover { lines, upright, .. } = cover(&record("銀河鉄道の夜 ほか十四篇 童話集", MaterialType::Book, "913"));
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!((texts.as_slice(), upright), (["銀河鉄道の夜", "ほか十四篇 童話集"].as_slice(), true));
        assert!(lines.windows(2).all(|pair| pair[0].x > pair[1].x));
        let Cover { lines, upright, .. } = cover(&record("The Old Man and the Sea", MaterialType::Book, "933"));
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!((texts.as_slice(), upright), (["The Old", "Man and", "the Sea"].as_slice(), false));
    }

    #[test]
    fn no_line_begins_with_what_must_not_and_what_is_cut_says_so() {
        let Cover { lines, .. } = cover(&record("アアアアアアアーアアアアアアアアアアアアア", MaterialType::Book, ""));
        assert!(lines.iter().all(|line| !line.text.starts_with('ー')), "{lines:?}");
        let Cover { lines, .. } = cover(&record("るるぶ京都東山嵐山'26", MaterialType::Book, ""));
        assert!(lines.iter().any(|line| line.text.ends_with("'26")), "a year stays whole: {lines:?}");
        let Cover { lines, .. } = cover(&record("ゆきじぞう", MaterialType::Kamishibai, ""));
        assert_eq!(
            lines.iter().map(|line| line.text.chars().count()).collect::<Vec<_>>(),
            [3, 2],
            "none is left alone"
        );
        let Cover { lines, .. } = cover(&record(&"長".repeat(200), MaterialType::Book, ""));
        assert!(lines.last().is_some_and(|line| line.text.ends_with('…')));
    }
}
