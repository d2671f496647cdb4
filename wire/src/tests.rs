use std::{collections::BTreeMap, fmt::Debug};

use proptest::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Garbled, read, write};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Empty {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    none: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    list: Vec<u8>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    no: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    text: String,
    last: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Sort {
    Unit,
    One(i64),
    Two(String, Option<f64>),
    Fields { of: Vec<Sort>, letter: char },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Whole {
    sorts: Vec<Sort>,
    named: BTreeMap<String, (u64, i8)>,
    answer: Result<(), Empty>,
    nested: Option<Option<bool>>,
    #[serde(skip)]
    never: u8,
}

fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> String {
    let text = write(value).expect("written");
    assert_eq!(read::<T>(&text).as_ref(), Ok(value), "{text}");
    text
}

#[test]
fn each_sort_of_value_is_written_as_the_table_says() {
    assert_eq!(comes_back(&(12_u8, -3_i32, 0.5_f64)), "12;-3;0.5;");
    assert_eq!(comes_back(&[false, true]), "0;1;");
    assert_eq!(comes_back(&"本棚".to_owned()), "6;本棚");
    assert_eq!(comes_back(&"a\nb\\".to_owned()), "6;a\\jb\\\\");
    assert_eq!(comes_back(&"<b>".to_owned()), "4;\\Lb>");
    assert_eq!(comes_back(&(None::<u8>, Some(7_u8))), "0;1;7;");
    assert_eq!(comes_back(&vec!["a".to_owned()]), "1;1;a");
    assert_eq!(comes_back(&BTreeMap::from([(1_u8, 'b')])), "1;1;1;b");
    assert_eq!(comes_back(&Sort::Fields { of: vec![Sort::Unit], letter: '棚' }), "3;1;0;3;棚");
    assert_eq!(comes_back(&Err::<u8, String>("x".to_owned())), "1;1;x");
}

#[test]
fn bytes_are_two_letters_each() {
    #[derive(Debug, PartialEq)]
    struct Bytes(Vec<u8>);

    impl Serialize for Bytes {
        fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            to.serialize_bytes(&self.0)
        }
    }

    impl<'de> Deserialize<'de> for Bytes {
        fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            struct Visitor;

            impl serde::de::Visitor<'_> for Visitor {
                type Value = Bytes;

                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("bytes")
                }

                fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                    Ok(Bytes(bytes.to_vec()))
                }
            }

            from.deserialize_bytes(Visitor)
        }
    }

    assert_eq!(comes_back(&Bytes(vec![0x0a, 0xff])), "4;0aff");
    for wrong in ["3;0af", "2;0g", "2;棚"] {
        assert_eq!(read::<Bytes>(wrong), Err(Garbled), "{wrong}");
    }
}

#[test]
fn what_is_left_out_when_empty_has_its_place() {
    assert_eq!(comes_back(&Empty { last: 9, ..Empty::default() }), "0;0;0;0;9;");
    let full = Empty { none: Some("n".to_owned()), list: vec![1], no: true, text: "t".to_owned(), last: 9 };
    assert_eq!(comes_back(&full), "1;1;n1;1;1;1;t9;");
}

#[test]
fn what_was_written_from_other_types_is_refused_and_asks_for_no_room() {
    assert_eq!(read::<u8>("256;"), Err(Garbled));
    assert_eq!(read::<u8>("1;1;"), Err(Garbled));
    assert_eq!(read::<u8>("1"), Err(Garbled));
    assert_eq!(read::<bool>("2;"), Err(Garbled));
    assert_eq!(read::<Sort>("4;"), Err(Garbled));
    assert_eq!(read::<char>("2;ab"), Err(Garbled));
    assert_eq!(read::<String>("1;棚"), Err(Garbled), "within a letter");
    assert_eq!(read::<String>("2;\\"), Err(Garbled));
    assert_eq!(read::<String>("2;\\本"), Err(Garbled));
    assert_eq!(read::<Vec<u64>>("18446744073709551615;1;"), Err(Garbled));
}

fn sort() -> impl Strategy<Value = Sort> {
    let leaf = prop_oneof![
        Just(Sort::Unit),
        any::<i64>().prop_map(Sort::One),
        (any::<String>(), proptest::option::of(-1e300..1e300)).prop_map(|(text, number)| Sort::Two(text, number)),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        (proptest::collection::vec(inner, 0..4), any::<char>()).prop_map(|(of, letter)| Sort::Fields { of, letter })
    })
}

proptest! {
    #[test]
    fn whatever_is_written_stands_on_one_line_and_comes_back(
        sorts in proptest::collection::vec(sort(), 0..4),
        named in proptest::collection::btree_map(any::<String>(), any::<(u64, i8)>(), 0..4),
        text in proptest::option::of("[\\x00-\\x7f\u{3000}-\u{30ff}]{0,20}"),
        nested in any::<Option<Option<bool>>>(),
    ) {
        let answer = text.map_or(Ok(()), |text| Err(Empty { text, ..Empty::default() }));
        let whole = Whole { sorts, named, answer, nested, never: 0 };
        let text = comes_back(&whole);
        prop_assert!(!text.contains(|letter| letter < ' ' || letter == '<'), "{text:?}");
    }

    #[test]
    fn whatever_arrives_is_read_or_refused(text in "([0-9]{1,3};|[a-z\\\\本]){0,40}") {
        // What matters is that nothing panics.
        let _ = read::<Whole>(&text);
    }
}
