//! MARC 21 in ISO 2709: leader, directory, fields; records end with 0x1D.

use std::io::{self, BufRead};

use super::{
    Reason,
    input::Plain,
    marc::{Field, MarcRecord},
    marc8,
};

const RECORD_END: u8 = 0x1D;
const FIELD_END: u8 = 0x1E;
const SUBFIELD: u8 = 0x1F;
const LEADER: usize = 24;
const ENTRY: usize = 12;

/// The longest record taken. The format's own limit is 99,999 bytes, which some systems exceed by writing nonsense
/// into the length; beyond this a file is not MARC, and we must not fill the memory with it.
const LONGEST: usize = 4 * 1024 * 1024;

/// Whether bytes look like the beginning of a record.
pub(super) fn is_leader(bytes: &[u8]) -> bool {
    bytes.get(..LEADER).is_some_and(|leader| {
        leader[..5].iter().all(u8::is_ascii_digit) && leader[10..12] == *b"22" && leader[20..22] == *b"45"
    })
}

/// The records of a file. Each begins after the terminator of the one before, whatever the lengths in it say, so
/// that a damaged record costs no other.
pub(super) struct Records<'a> {
    source: Plain<'a>,
    /// A record found behind a damaged one that had lost its terminator.
    swallowed: Option<Vec<u8>>,
    failed: bool,
}

impl<'a> Records<'a> {
    pub(super) fn new(source: Plain<'a>) -> Self {
        Self { source, swallowed: None, failed: false }
    }

    /// The bytes up to the next terminator, which is not among them; `None` at the end of the file.
    fn chunk(&mut self) -> Result<Option<Vec<u8>>, Reason> {
        let mut chunk = Vec::new();
        let mut too_long = false;
        loop {
            let buffer = match self.source.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if buffer.is_empty() {
                // Line ends and the end-of-file mark of old systems may follow the last record.
                let nothing = chunk.iter().all(|byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0 | 0x1A));
                return if too_long { Err(Reason::TooLong(LONGEST)) } else { Ok((!nothing).then_some(chunk)) };
            }
            let end = buffer.iter().position(|byte| *byte == RECORD_END);
            let piece = &buffer[..end.unwrap_or(buffer.len())];
            too_long |= chunk.len() + piece.len() > LONGEST;
            if !too_long {
                chunk.extend_from_slice(piece);
            }
            let used = piece.len() + usize::from(end.is_some());
            self.source.consume(used);
            if end.is_some() {
                return if too_long { Err(Reason::TooLong(LONGEST)) } else { Ok(Some(chunk)) };
            }
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<MarcRecord, Reason>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let chunk = match self.swallowed.take().map_or_else(|| self.chunk(), |chunk| Ok(Some(chunk))) {
            Ok(chunk) => chunk?,
            Err(reason) => {
                self.failed = matches!(reason, Reason::Unreadable(_));
                return Some(Err(reason));
            }
        };
        let record = parse(&chunk);
        if record.is_err() {
            self.swallowed = following_record(&chunk).map(<[u8]>::to_vec);
        }
        Some(record)
    }
}

/// The record at the end of a damaged chunk: one whose length reaches exactly to the terminator.
fn following_record(chunk: &[u8]) -> Option<&[u8]> {
    (1..chunk.len().saturating_sub(LEADER))
        .map(|start| &chunk[start..])
        .find(|rest| is_leader(rest) && number(&rest[..5]) == Some(rest.len() + 1))
}

fn number(digits: &[u8]) -> Option<usize> {
    str::from_utf8(digits).ok()?.parse().ok()
}

/// Reads one record, without its terminator.
fn parse(chunk: &[u8]) -> Result<MarcRecord, Reason> {
    let chunk = chunk.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(chunk);
    let start = chunk.iter().position(|byte| !matches!(byte, b'\r' | b'\n' | 0 | 0x1A)).ok_or(Reason::Leader)?;
    let chunk = &chunk[start..];
    let leader: String = chunk.get(..LEADER).ok_or(Reason::Leader)?.iter().map(|byte| char::from(*byte)).collect();
    // Where the fields begin is told by the end of the directory; the base address in the leader only repeats it,
    // and is wrong in records edited by hand.
    let directory = chunk[LEADER..].split(|byte| *byte == FIELD_END).next().unwrap_or_default();
    let data = chunk.get(LEADER + directory.len() + 1..).ok_or(Reason::Directory)?;
    let decode = decoder(&leader, data);
    let fields = entries(directory, data)?.into_iter().map(|(tag, bytes)| field(tag, bytes, decode)).collect();
    Ok(MarcRecord { leader, fields })
}

/// Tags and the bytes of their fields.
fn entries<'a>(directory: &'a [u8], data: &'a [u8]) -> Result<Vec<(&'a str, &'a [u8])>, Reason> {
    if !directory.len().is_multiple_of(ENTRY) {
        return Err(Reason::Directory);
    }
    let tags = directory
        .chunks_exact(ENTRY)
        .map(|entry| {
            str::from_utf8(&entry[..3]).ok().filter(|tag| tag.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        })
        .collect::<Option<Vec<_>>>()
        .ok_or(Reason::Directory)?;
    let addressed: Option<Vec<_>> = directory.chunks_exact(ENTRY).map(|entry| addressed(entry, data)).collect();
    let fields = match addressed {
        Some(fields) => fields,
        // Lengths counted in characters, or too large for their four digits: the order of the fields still tells.
        None => {
            let data = data.strip_suffix(&[FIELD_END]).ok_or(Reason::Directory)?;
            data.split(|byte| *byte == FIELD_END).collect()
        }
    };
    if fields.len() != tags.len() {
        return Err(Reason::Directory);
    }
    Ok(tags.into_iter().zip(fields).collect())
}

/// The field a directory entry points to, if it is a whole field.
fn addressed<'a>(entry: &[u8], data: &'a [u8]) -> Option<&'a [u8]> {
    let (length, start) = (number(&entry[3..7])?, number(&entry[7..])?);
    let begins = start == 0 || data.get(start - 1) == Some(&FIELD_END);
    let field = data.get(start..start + length)?.strip_suffix(&[FIELD_END])?;
    (begins && !field.contains(&FIELD_END)).then_some(field)
}

/// How the text of a record is encoded.
///
/// Position 9 of the leader says `a` for UTF-8 and blank for MARC-8, but systems get it wrong in both directions. MARC-8
/// beyond ASCII is practically never valid UTF-8, so what is valid is UTF-8 whatever the leader says; and what says it
/// is UTF-8 without a single valid sequence beyond ASCII is MARC-8.
fn decoder(leader: &str, data: &[u8]) -> fn(&[u8]) -> String {
    let utf8 = match str::from_utf8(data) {
        Ok(_) => leader.chars().nth(9) == Some('a') || !data.contains(&marc8::ESCAPE),
        Err(_) => leader.chars().nth(9) == Some('a') && !data.utf8_chunks().all(|chunk| chunk.valid().is_ascii()),
    };
    if utf8 { |bytes| String::from_utf8_lossy(bytes).into_owned() } else { marc8::decode }
}

fn field(tag: &str, bytes: &[u8], decode: fn(&[u8]) -> String) -> Field {
    if tag.starts_with("00") {
        return Field::control(tag, decode(bytes));
    }
    let mut pieces = bytes.split(|byte| *byte == SUBFIELD);
    let indicators = pieces.next().unwrap_or_default();
    let second_indicator = indicators.get(1).map_or(' ', |byte| char::from(*byte));
    let subfields = pieces.filter_map(|piece| {
        let text = decode(piece);
        let mut rest = text.chars();
        Some((rest.next()?, rest.as_str().to_owned()))
    });
    Field::data(tag, second_indicator, subfields.collect())
}
