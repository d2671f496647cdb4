//! Reading.

use std::{borrow::Cow, fmt::Display, str::FromStr};

use serde::{
    Deserialize,
    de::{self, DeserializeSeed, Deserializer, Expected, IntoDeserializer as _, Unexpected, Visitor},
};

use crate::{ESCAPE, LESS, SHIFT};

/// A text that was not written from the same types. It does not say where: nobody but a programmer could use that, and every type
/// would have to carry the words for it into the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not written from the same types")]
pub struct Garbled;

impl de::Error for Garbled {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// Reads a value, and nothing may be left of the text.
///
/// # Errors
/// See [`Garbled`].
pub fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Garbled> {
    let mut reader = Reader(text);
    let value = T::deserialize(&mut reader)?;
    if reader.0.is_empty() { Ok(value) } else { Err(Garbled) }
}

#[inline(never)]
fn unescaped(text: &str) -> Result<String, Garbled> {
    let mut letters = text.chars();
    let mut unescaped = String::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        unescaped.push(match letter {
            ESCAPE => match letters.next().ok_or(Garbled)? {
                ESCAPE => ESCAPE,
                LESS => '<',
                other => u8::try_from(other).ok().and_then(|other| other.checked_sub(SHIFT)).ok_or(Garbled)?.into(),
            },
            other => other,
        });
    }
    Ok(unescaped)
}

/// What is still to be read.
struct Reader<'de>(&'de str);

impl<'de> Reader<'de> {
    #[inline(never)]
    fn mark(&mut self) -> Result<&'de str, Garbled> {
        let (mark, rest) = self.0.split_once(';').ok_or(Garbled)?;
        self.0 = rest;
        Ok(mark)
    }

    fn number<N: FromStr>(&mut self) -> Result<N, Garbled> {
        self.mark()?.parse().map_err(|_| Garbled)
    }

    #[inline(never)]
    fn count(&mut self) -> Result<usize, Garbled> {
        self.number()
    }

    #[inline(never)]
    fn number_of_variant(&mut self) -> Result<u32, Garbled> {
        self.number()
    }

    #[inline(never)]
    fn signed(&mut self) -> Result<i64, Garbled> {
        self.number()
    }

    #[inline(never)]
    fn unsigned(&mut self) -> Result<u64, Garbled> {
        self.number()
    }

    #[inline(never)]
    fn float(&mut self) -> Result<f64, Garbled> {
        self.number()
    }

    #[inline(never)]
    fn either(&mut self) -> Result<bool, Garbled> {
        match self.mark()? {
            "0" => Ok(false),
            "1" => Ok(true),
            _ => Err(Garbled),
        }
    }

    #[inline(never)]
    fn text(&mut self) -> Result<Cow<'de, str>, Garbled> {
        let length = self.count()?;
        let (text, rest) = self.0.split_at_checked(length).ok_or(Garbled)?;
        self.0 = rest;
        if text.contains(ESCAPE) { unescaped(text).map(Cow::Owned) } else { Ok(Cow::Borrowed(text)) }
    }

    #[inline(never)]
    fn bytes(&mut self) -> Result<Vec<u8>, Garbled> {
        let digit = |letter: &u8| char::from(*letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let pair = |pair: &[u8; 2]| Some(digit(&pair[0])? * 16 + digit(&pair[1])?);
        let text = self.text()?;
        let (pairs, rest) = text.as_bytes().as_chunks();
        let bytes: Option<Vec<u8>> = pairs.iter().map(pair).collect();
        bytes.filter(|_| rest.is_empty()).ok_or(Garbled)
    }
}

/// Numbers are read as the widest of their kind: the types they are for look whether they fit.
macro_rules! numbers {
    ($read:ident, $visit:ident: $($method:ident),+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
            visitor.$visit(self.$read()?)
        })+
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Garbled;

    numbers!(signed, visit_i64: deserialize_i8, deserialize_i16, deserialize_i32, deserialize_i64);
    numbers!(unsigned, visit_u64: deserialize_u8, deserialize_u16, deserialize_u32, deserialize_u64);
    numbers!(float, visit_f64: deserialize_f32, deserialize_f64);

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Garbled> {
        Err(Garbled)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_bool(self.either()?)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_bytes(&self.bytes()?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_byte_buf(self.bytes()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        if self.either()? { visitor.visit_some(self) } else { visitor.visit_none() }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        let left = self.count()?;
        visitor.visit_seq(Counted { reader: self, left })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_seq(Fields(self))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Garbled> {
        visitor.visit_seq(Fields(self))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        let left = self.count()?;
        visitor.visit_map(Counted { reader: self, left })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Garbled> {
        visitor.visit_seq(Fields(self))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Garbled> {
        visitor.visit_enum(Fields(self))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Garbled> {
        Err(Garbled)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Garbled> {
        Err(Garbled)
    }
}

/// What is made of a known number of parts: it is its own type that stops asking.
struct Fields<'r, 'de>(&'r mut Reader<'de>);

impl<'de> de::SeqAccess<'de> for Fields<'_, 'de> {
    type Error = Garbled;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Garbled> {
        seed.deserialize(&mut *self.0).map(Some)
    }
}

impl<'de> de::EnumAccess<'de> for Fields<'_, 'de> {
    type Error = Garbled;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Garbled> {
        let number = self.0.number_of_variant()?;
        Ok((seed.deserialize(number.into_deserializer())?, self))
    }
}

impl<'de> de::VariantAccess<'de> for Fields<'_, 'de> {
    type Error = Garbled;

    fn unit_variant(self) -> Result<(), Garbled> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Garbled> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_seq(self)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_seq(self)
    }
}

/// A list or a map, of which so many are left.
struct Counted<'r, 'de> {
    reader: &'r mut Reader<'de>,
    left: usize,
}

impl Counted<'_, '_> {
    fn has_next(&mut self) -> bool {
        let next = self.left.checked_sub(1);
        self.left = next.unwrap_or(0);
        next.is_some()
    }
}

impl<'de> de::SeqAccess<'de> for Counted<'_, 'de> {
    type Error = Garbled;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Garbled> {
        if self.has_next() { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn size_hint(&self) -> Option<usize> {
        // Each takes a letter at least, so that a wrong count asks for no more room than the text has.
        Some(self.left.min(self.reader.0.len()))
    }
}

impl<'de> de::MapAccess<'de> for Counted<'_, 'de> {
    type Error = Garbled;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Garbled> {
        if self.has_next() { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Garbled> {
        seed.deserialize(&mut *self.reader)
    }
}
