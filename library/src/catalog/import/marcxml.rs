//! MARC 21 in XML. Only local names count: sources use the namespace as default, with a prefix, or not at all.

use std::{
    io::{self, BufReader},
    mem,
};

use encoding_rs::{Encoding, UTF_8};
use quick_xml::{Reader, errors::Error, events::BytesStart, events::Event};

use super::{
    Reason,
    input::{Peeked, Plain, Utf8, peeked},
    marc::{Field, MarcRecord},
};

type Source<'a> = BufReader<Utf8<Peeked<Plain<'a>>>>;

/// The records of a file, however deep they lie: in a collection, or in the records of an OAI-PMH answer.
pub(super) struct Records<'a> {
    xml: Reader<Source<'a>>,
    buffer: Vec<u8>,
    /// The record being read. One without anything in it is the wrapper of another format, and no loss.
    record: Option<MarcRecord>,
    /// The element whose text is wanted, with what its attributes said, and the text so far.
    element: Element,
    text: String,
    ended: bool,
}

#[derive(Default)]
enum Element {
    #[default]
    Other,
    Leader,
    Control(String),
    Subfield(char),
}

impl<'a> Records<'a> {
    pub(super) fn new(source: Plain<'a>) -> io::Result<Self> {
        let (head, source) = peeked(source)?;
        let mut xml = Reader::from_reader(BufReader::new(Utf8::new(source, declared(&head))));
        // We read records out of whatever stands around them. Ends that match nothing and bare ampersands are the
        // trouble of one record.
        let config = xml.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        config.expand_empty_elements = true;
        Ok(Self { xml, buffer: Vec::new(), record: None, element: Element::Other, text: String::new(), ended: false })
    }

    /// The beginning of an element. Gives the record that should have ended before it.
    fn begin(&mut self, start: &BytesStart<'_>) -> Option<MarcRecord> {
        self.text.clear();
        self.element = Element::Other;
        let name = start.local_name().into_inner();
        if name == "record" {
            let unclosed = self.record.replace(MarcRecord::default());
            return unclosed.filter(|record| !record.is_empty());
        }
        if let Some(record) = &mut self.record {
            match name {
                "leader" => self.element = Element::Leader,
                "controlfield" => self.element = Element::Control(tag(start)),
                "datafield" => {
                    let second_indicator = attribute(start, "ind2").chars().next().unwrap_or(' ');
                    record.fields.push(Field::data(&tag(start), second_indicator, Vec::new()));
                }
                "subfield" => {
                    // A code that is missing belongs to no rule and so is left out of all.
                    let code = attribute(start, "code").chars().next().unwrap_or('\0');
                    self.element = Element::Subfield(code);
                }
                _ => {}
            }
        }
        None
    }

    /// The end of an element. Gives the record when that is what ends.
    fn end(&mut self, name: &str) -> Option<MarcRecord> {
        let text = mem::take(&mut self.text);
        let element = mem::take(&mut self.element);
        if name == "record" {
            return self.record.take().filter(|record| !record.is_empty());
        }
        let record = self.record.as_mut()?;
        match element {
            Element::Leader => record.leader = text,
            Element::Control(tag) => record.fields.push(Field::control(&tag, text)),
            Element::Subfield(code) => {
                if let Some(field) = record.fields.last_mut() {
                    field.push(code, text);
                }
            }
            Element::Other => {}
        }
        None
    }
}

impl Iterator for Records<'_> {
    type Item = Result<MarcRecord, Reason>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let mut buffer = mem::take(&mut self.buffer);
            buffer.clear();
            let found = match self.xml.read_event_into(&mut buffer) {
                Ok(Event::Start(start)) => self.begin(&start).map(|_| Err(Reason::Unclosed)),
                Ok(Event::End(end)) => self.end(end.local_name().into_inner()).map(Ok),
                Ok(Event::Text(text)) => {
                    self.text.push_str(&text);
                    None
                }
                Ok(Event::CData(text)) => {
                    self.text.push_str(&text);
                    None
                }
                Ok(Event::GeneralRef(reference)) => {
                    self.text.push(resolved(&reference));
                    None
                }
                Ok(Event::Eof) => {
                    self.ended = true;
                    self.record.take().filter(|record| !record.is_empty()).map(|_| Err(Reason::Unclosed))
                }
                Ok(_) => None,
                // The reader goes on behind a construct that is only ill-formed, such as `--` in a comment.
                Err(Error::IllFormed(_)) => None,
                Err(Error::Io(error)) => {
                    self.ended = true;
                    Some(Err(Reason::Unreadable(io::Error::new(error.kind(), error))))
                }
                Err(error) => {
                    self.ended = true;
                    Some(Err(Reason::Xml(error.to_string())))
                }
            };
            self.buffer = buffer;
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

/// The encoding an XML declaration names. UTF-16 is told by its byte order mark, which the decoder believes anyway.
fn declared(head: &[u8]) -> &'static Encoding {
    let head = String::from_utf8_lossy(head);
    let label = head
        .trim_start_matches('\u{FEFF}')
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"))
        .and_then(|(declaration, _)| declaration.split_once("encoding"))
        .and_then(|(_, value)| value.split(['"', '\'']).nth(1));
    label.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(UTF_8)
}

fn attribute(start: &BytesStart<'_>, name: &str) -> String {
    let attribute = start.attributes().with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name);
    attribute
        .and_then(|attribute| attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok())
        .map(|value| value.into_owned())
        .unwrap_or_default()
}

/// The tag of a field; some systems leave off leading zeros.
fn tag(start: &BytesStart<'_>) -> String {
    format!("{:0>3}", attribute(start, "tag"))
}

fn resolved(reference: &quick_xml::events::BytesRef<'_>) -> char {
    let named = match &**reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    };
    named.or_else(|| reference.resolve_char_ref().ok().flatten()).unwrap_or(char::REPLACEMENT_CHARACTER)
}
