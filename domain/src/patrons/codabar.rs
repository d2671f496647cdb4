//! NW-7 (Codabar): the barcode in which Japanese desks read cards.

/// What each letter is made of, by JIS X 0506: bar, space, bar, space, bar, space, bar; a one is a wide element. The last
/// four begin and end a code.
const LETTERS: [(char, u8); 20] = [
    ('0', 0b000_0011),
    ('1', 0b000_0110),
    ('2', 0b000_1001),
    ('3', 0b110_0000),
    ('4', 0b001_0010),
    ('5', 0b100_0010),
    ('6', 0b010_0001),
    ('7', 0b010_0100),
    ('8', 0b011_0000),
    ('9', 0b100_1000),
    ('-', 0b000_1100),
    ('$', 0b001_1000),
    (':', 0b100_0101),
    ('/', 0b101_0001),
    ('.', 0b101_0100),
    ('+', 0b001_0101),
    ('A', 0b001_1010),
    ('B', 0b010_1001),
    ('C', 0b000_1011),
    ('D', 0b000_1110),
];

/// Elements of a letter.
const ELEMENTS: u8 = 7;

/// With which letter a code begins and ends. Desks in Japan expect A, and most scanners leave it out of what they type.
const AROUND: char = 'A';

/// Width of a narrow element, in modules of the picture.
const NARROW: u32 = 2;
/// Width of a wide element: two and a half times as much, in the middle of what the standard allows.
const WIDE: u32 = 5;
/// The quiet on both sides, which the standard wants ten times as wide as a narrow element.
const QUIET: u32 = 10 * NARROW;

/// A barcode as bars on a white ground.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Barcode {
    /// The bars, from the left: where each begins, and how wide it is, in modules.
    pub bars: Vec<(u32, u32)>,
    /// How wide the whole is with the quiet on both sides, in modules.
    pub width: u32,
}

/// The barcode of a card number in NW-7, begun and ended by A. `None` when the number holds what NW-7 can't write, or nothing.
pub fn codabar(number: &str) -> Option<Barcode> {
    let inner = number.chars().all(|letter| !letter.is_ascii_alphabetic());
    if number.is_empty() || !inner {
        return None;
    }
    let mut bars = Vec::new();
    let mut at = QUIET;
    for letter in [AROUND].into_iter().chain(number.chars()).chain([AROUND]) {
        let (_, pattern) = LETTERS.iter().find(|(of, _)| *of == letter)?;
        for element in 0..ELEMENTS {
            let width = if pattern >> (ELEMENTS - 1 - element) & 1 == 1 { WIDE } else { NARROW };
            if element % 2 == 0 {
                bars.push((at, width));
            }
            at += width;
        }
        at += NARROW;
    }
    // Behind the last letter there is no gap but the quiet.
    Some(Barcode { bars, width: at - NARROW + QUIET })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the symbology as it is printed: widths of the bars and spaces, `n` narrow and `w` wide.
    const PRINTED: [(&str, &str); 20] = [
        ("0", "n n n n n w w"),
        ("1", "n n n n w w n"),
        ("2", "n n n w n n w"),
        ("3", "w w n n n n n"),
        ("4", "n n w n n w n"),
        ("5", "w n n n n w n"),
        ("6", "n w n n n n w"),
        ("7", "n w n n w n n"),
        ("8", "n w w n n n n"),
        ("9", "w n n w n n n"),
        ("-", "n n n w w n n"),
        ("$", "n n w w n n n"),
        (":", "w n n n w n w"),
        ("/", "w n w n n n w"),
        (".", "w n w n w n n"),
        ("+", "n n w n w n w"),
        ("A", "n n w w n w n"),
        ("B", "n w n w n n w"),
        ("C", "n n n w n w w"),
        ("D", "n n n w w w n"),
    ];

    /// Reads a code as a scanner does: by the widths it passes over, and nothing else.
    fn scanned(code: &Barcode) -> String {
        let mut widths = Vec::new();
        for pair in code.bars.windows(2) {
            widths.extend([pair[0].1, pair[1].0 - pair[0].0 - pair[0].1]);
        }
        widths.extend(code.bars.last().map(|bar| bar.1));
        let words: Vec<_> = widths.iter().map(|width| if *width == WIDE { "w" } else { "n" }).collect();
        words
            .chunks(8)
            .map(|letter| {
                let printed = letter[..7].join(" ");
                PRINTED.iter().find(|(_, widths)| *widths == printed).map_or("?", |(letter, _)| letter)
            })
            .collect()
    }

    #[test]
    fn every_letter_is_made_as_the_symbology_prints_it() {
        for (letter, printed) in PRINTED {
            let (_, pattern) = LETTERS.iter().find(|(of, _)| of.to_string() == letter).expect(letter);
            let made: Vec<_> = format!("{pattern:07b}").chars().map(|bit| if bit == '1' { "w" } else { "n" }).collect();
            assert_eq!(made.join(" "), printed, "{letter}");
        }
        assert_eq!(LETTERS.len(), PRINTED.len());
    }

    #[test]
    fn r33_a_card_number_is_scanned_as_it_is_printed() {
        for number in ["1000004", "0", "2-$:/.+", "9876543210"] {
            let code = codabar(number).expect(number);
            assert_eq!(scanned(&code), format!("A{number}A"));
            let first = code.bars.first().expect("a bar");
            let last = code.bars.last().expect("a bar");
            assert_eq!((first.0, code.width - last.0 - last.1), (QUIET, QUIET), "quiet on both sides");
        }
    }

    #[test]
    fn what_the_code_can_not_write_has_no_barcode() {
        for number in ["", "ABC", "12A4", "１２３", "12 34", "12é4"] {
            assert_eq!(codabar(number), None, "{number:?}");
        }
    }
}
