//! Readings of kanji, as easy Japanese has them.

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Plain(String),
    /// Kanji with their reading.
    Read(String, String),
}

/// Finds the readings in a text of easy Japanese, where they stand behind their kanji: `予約（よやく）`.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('（') {
        let kanji = before.rfind(|c| !is_kanji(c)).map_or(before, |at| {
            let end = at + before[at..].chars().next().map_or(0, char::len_utf8);
            &before[end..]
        });
        match after.split_once('）') {
            Some((reading, after)) if !kanji.is_empty() && !reading.is_empty() && reading.chars().all(is_kana) => {
                plain.push_str(&before[..before.len() - kanji.len()]);
                if !plain.is_empty() {
                    pieces.push(Piece::Plain(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Read(kanji.to_owned(), reading.to_owned()));
                rest = after;
            }
            _ => {
                plain.push_str(before);
                plain.push('（');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Plain(plain));
    }
    pieces
}

const fn is_kanji(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '々' | 'ヶ')
}

const fn is_kana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ー')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Piece {
        Piece::Plain(text.into())
    }

    fn read(kanji: &str, reading: &str) -> Piece {
        Piece::Read(kanji.into(), reading.into())
    }

    #[test]
    fn a_reading_belongs_to_the_kanji_before_it() {
        let found = pieces("この 本（ほん）を 受（う）け取（と）る");
        let expected = [
            plain("この "),
            read("本", "ほん"),
            plain("を "),
            read("受", "う"),
            plain("け"),
            read("取", "と"),
            plain("る"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_no_reading_stays_as_it_is() {
        for text in ["", "CD（3枚）", "（ほん）", "本（ほん", "本（hon）", "本（）", "かな（かな）", "11月29日（日）"]
        {
            let whole: Vec<Piece> = if text.is_empty() { Vec::new() } else { vec![plain(text)] };
            assert_eq!(pieces(text), whole, "{text}");
        }
    }
}
