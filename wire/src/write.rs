//! Writing.

use std::{
    borrow::Cow,
    fmt::{self, Display, Write as _},
};

use serde::{
    Serialize,
    ser::{self, Serializer},
};

use crate::{ESCAPE, LESS, SHIFT};

/// A value that can't be written: a list that does not know its length, or what its type refuses to write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("can't be written: {0}")]
pub struct Unwritable(String);

impl ser::Error for Unwritable {
    fn custom<T: Display>(cause: T) -> Self {
        Self(cause.to_string())
    }
}

/// Writes a value.
///
/// # Errors
/// See [`Unwritable`].
pub fn write<T: Serialize + ?Sized>(value: &T) -> Result<String, Unwritable> {
    let mut text = String::new();
    value.serialize(&mut Writer(&mut text))?;
    Ok(text)
}

/// A text without the characters that end a line, or what else holds the answer: each is a backslash and a letter.
fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(|letter: char| letter < ' ' || letter == ESCAPE || letter == '<') {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match u8::try_from(letter) {
            Ok(control @ 0..0x20) => escaped.extend([ESCAPE, char::from(control + SHIFT)]),
            _ if letter == ESCAPE => escaped.extend([ESCAPE, ESCAPE]),
            _ if letter == '<' => escaped.extend([ESCAPE, LESS]),
            _ => escaped.push(letter),
        }
    }
    Cow::Owned(escaped)
}

struct Writer<'a>(&'a mut String);

impl Writer<'_> {
    fn mark(&mut self, value: impl Display) -> Result<(), Unwritable> {
        write!(self.0, "{value};").map_err(|fmt::Error| Unwritable("a number".to_owned()))
    }

    fn count(&mut self, count: Option<usize>) -> Result<(), Unwritable> {
        self.mark(count.ok_or_else(|| Unwritable("a list of unknown length".to_owned()))?)
    }
}

macro_rules! marks {
    ($($method:ident: $number:ty),+) => {
        $(fn $method(self, value: $number) -> Result<(), Unwritable> {
            self.mark(value)
        })+
    };
}

impl<'w, 'a> Serializer for &'w mut Writer<'a> {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, value: bool) -> Result<(), Unwritable> {
        self.mark(u8::from(value))
    }

    marks!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64);
    marks!(serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64);
    marks!(serialize_f32: f32, serialize_f64: f64);

    fn serialize_char(self, value: char) -> Result<(), Unwritable> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Unwritable> {
        let text = escaped(value);
        self.mark(text.len())?;
        self.0.push_str(&text);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Unwritable> {
        self.mark(value.len() * 2)?;
        value
            .iter()
            .try_for_each(|byte| write!(self.0, "{byte:02x}"))
            .map_err(|fmt::Error| Unwritable("bytes".to_owned()))
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        self.mark(0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        self.mark(1)?;
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unwritable> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, number: u32, _: &'static str) -> Result<(), Unwritable> {
        self.mark(number)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        number: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        self.mark(number)?;
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Unwritable> {
        self.count(length)?;
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Unwritable> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Unwritable> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        number: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Unwritable> {
        self.mark(number)?;
        Ok(self)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, Unwritable> {
        self.count(length)?;
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Unwritable> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        number: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Unwritable> {
        self.mark(number)?;
        Ok(self)
    }
}

/// The parts of what is made of parts follow each other.
macro_rules! parts {
    ($($of:ident: $part:ident),+) => {
        $(impl ser::$of for &mut Writer<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn $part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Unwritable> {
                Ok(())
            }
        })+
    };
}

parts!(SerializeSeq: serialize_element, SerializeTuple: serialize_element, SerializeTupleStruct: serialize_field, SerializeTupleVariant: serialize_field);

/// Fields follow each other as well. One that is left out when it is empty (`skip_serializing_if`) stands there as what every
/// empty value is written as: `None`, `false`, a text and a list of nothing are all `0;`.
macro_rules! fields {
    ($($of:ident),+) => {
        $(impl ser::$of for &mut Writer<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result<(), Unwritable> {
                value.serialize(&mut **self)
            }

            fn skip_field(&mut self, _: &'static str) -> Result<(), Unwritable> {
                self.mark(0)
            }

            fn end(self) -> Result<(), Unwritable> {
                Ok(())
            }
        })+
    };
}

fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for &mut Writer<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Unwritable> {
        Ok(())
    }
}
