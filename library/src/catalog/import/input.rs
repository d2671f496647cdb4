//! What lies between a file and its format: compression and encoding.

use std::{
    io::{self, BufReader, Cursor, Read},
    mem,
};

use encoding_rs::{CoderResult, Decoder, Encoding};
use flate2::read::MultiGzDecoder;

/// A file's bytes without compression.
pub(crate) type Plain<'a> = BufReader<Box<dyn Read + Send + 'a>>;

/// A source whose beginning was looked at and put back.
pub(super) type Peeked<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// Bytes looked at to tell compression, format and encoding.
const HEAD: usize = 1024;

/// Unpacks gzip, which is told by its magic number. Also gives the first bytes, for guessing the format.
pub(crate) fn unpacked<'a>(source: impl Read + Send + 'a) -> io::Result<(Vec<u8>, Plain<'a>)> {
    let (head, source) = peeked(source)?;
    if head.starts_with(&[0x1F, 0x8B]) {
        let (head, plain) = peeked(MultiGzDecoder::new(BufReader::new(source)))?;
        return Ok((head, BufReader::new(Box::new(plain))));
    }
    Ok((head, BufReader::new(Box::new(source))))
}

/// The first bytes of a source, and the source as if they had not been read.
pub(super) fn peeked<R: Read>(mut source: R) -> io::Result<(Vec<u8>, Peeked<R>)> {
    let mut head = Vec::with_capacity(HEAD);
    source.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    Ok((head.clone(), Cursor::new(head).chain(source)))
}

/// Text in any encoding, read as UTF-8.
///
/// A byte order mark is dropped and, where it contradicts the encoding asked for, believed. Bytes that are no text
/// become U+FFFD: they are a record's trouble ([`Concern::Characters`](super::Concern::Characters)), not the file's.
/// Every kind of line end becomes a line feed, as XML asks for and as counting the lines of a CSV file needs.
pub(crate) struct Utf8<R> {
    source: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    ended: bool,
    flushed: bool,
    text: Vec<u8>,
    text_at: usize,
    after_return: bool,
}

impl<R: Read> Utf8<R> {
    /// Reads `source`, which is in `encoding`.
    pub(super) fn new(source: R, encoding: &'static Encoding) -> Self {
        Self {
            source,
            decoder: encoding.new_decoder(),
            raw: Vec::new(),
            raw_at: 0,
            ended: false,
            flushed: false,
            text: Vec::new(),
            text_at: 0,
            after_return: false,
        }
    }

    /// Decodes some more; afterwards `text` is empty only at the end.
    fn refill(&mut self) -> io::Result<()> {
        const STEP: usize = 16 * 1024;
        self.text_at = 0;
        self.text.clear();
        while self.text.is_empty() && !self.flushed {
            if self.raw_at == self.raw.len() && !self.ended {
                self.raw.resize(STEP, 0);
                let read = loop {
                    match self.source.read(&mut self.raw) {
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        other => break other,
                    }
                };
                let read = read.inspect_err(|_| self.raw.clear())?;
                self.raw.truncate(read);
                self.raw_at = 0;
                self.ended = read == 0;
            }
            self.text.resize(3 * STEP, 0);
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(&self.raw[self.raw_at..], &mut self.text, self.ended);
            self.raw_at += read;
            self.text.truncate(written);
            self.text.retain_mut(|byte| {
                let second_half = mem::replace(&mut self.after_return, *byte == b'\r') && *byte == b'\n';
                if *byte == b'\r' {
                    *byte = b'\n';
                }
                !second_half
            });
            // The decoder has nothing left to say once it was told of the end and asks for no more room.
            self.flushed = self.ended && result == CoderResult::InputEmpty;
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.text_at == self.text.len() {
            self.refill()?;
        }
        let count = out.len().min(self.text.len() - self.text_at);
        out[..count].copy_from_slice(&self.text[self.text_at..self.text_at + count]);
        self.text_at += count;
        Ok(count)
    }
}
