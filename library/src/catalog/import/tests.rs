//! The readers against self-made files for each rule, against real files where they are at hand, and against noise.

use std::{fs, io::Write, path::PathBuf};

use domain::{
    PlaceCode,
    catalog::{Creator, ImportedBib, LoanRule, MaterialType},
};
use proptest::prelude::*;

use super::*;

const AOZORA: &str = include_str!("../../../mappings/aozora.toml");
const BEST_LOANS: &str = include_str!("../../../mappings/best-loans.toml");
const DEMO: &str = include_str!("../../../mappings/demo.toml");
const JAPAN_MARC: &str = include_str!("../../../mappings/japan-marc.toml");

/// What came of a file.
#[derive(Debug, Default)]
struct Outcome {
    bibs: Vec<ImportedBib>,
    rejections: Vec<Rejection>,
    warnings: Vec<Warning>,
}

impl Outcome {
    fn bib(&self, key: &str) -> &ImportedBib {
        self.bibs.iter().find(|bib| bib.source_key == key).unwrap_or_else(|| panic!("no bib {key} in {self:#?}"))
    }

    /// Positions and reasons, as people see them.
    fn rejected(&self) -> Vec<(u64, Option<&str>, String)> {
        self.rejections.iter().map(|it| (it.position, it.key.as_deref(), it.reason.to_string())).collect()
    }
}

fn mapping(toml: &str) -> Mapping {
    toml.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn read(bytes: &[u8], name: &str, mapping: &Mapping) -> Outcome {
    let mut reader = Reader::open(bytes, name, mapping).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut outcome = Outcome::default();
    for result in reader.by_ref() {
        match result {
            Ok(bib) => outcome.bibs.push(bib),
            Err(rejection) => outcome.rejections.push(rejection),
        }
    }
    outcome.warnings = reader.take_warnings();
    outcome
}

fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/import")).join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A file or folder of the real data, which is not part of the project.
fn real(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")).join(path);
    if path.exists() {
        return Some(path);
    }
    // The one thing a skipped test can do is say so.
    let _ = writeln!(std::io::stderr(), "skipped: {} is not here", path.display());
    None
}

fn creator(name: &str, reading: Option<&str>, role: Option<&str>) -> Creator {
    Creator { name: name.to_owned(), reading: reading.map(str::to_owned), role: role.map(str::to_owned) }
}

/// A MARC record in ISO 2709. `|` stands before a subfield code; a field's text begins with its indicators.
fn iso2709(leader: &str, fields: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut directory, mut data) = (Vec::new(), Vec::new());
    for (tag, text) in fields {
        let body: Vec<u8> = text.iter().map(|byte| if *byte == b'|' { 0x1F } else { *byte }).chain([0x1E]).collect();
        directory.extend(format!("{tag}{:04}{:05}", body.len(), data.len()).into_bytes());
        data.extend(body);
    }
    directory.push(0x1E);
    let base = 24 + directory.len();
    let mut record = format!("{:05}{}22{base:05}{}", base + data.len() + 1, &leader[5..10], &leader[17..]).into_bytes();
    record.extend(directory);
    record.extend(data);
    record.push(0x1D);
    record
}

const BOOK: &str = "00000nam a2200000 i 4500";
const MARC8_BOOK: &str = "00000nam  2200000 i 4500";

fn simple(key: &str, title: &str) -> Vec<u8> {
    iso2709(BOOK, &[("001", key.as_bytes()), ("245", format!("00|a{title}").as_bytes())])
}

fn marc(bytes: &[u8]) -> Outcome {
    read(bytes, "it.mrc", &Mapping::default())
}

fn one(leader: &str, fields: &[(&str, &[u8])]) -> ImportedBib {
    let mut all = vec![("001", b"k1".as_slice())];
    all.extend(fields);
    let outcome = marc(&iso2709(leader, &all));
    assert_eq!(outcome.rejected(), []);
    outcome.bib("k1").clone()
}

mod formats {
    use super::*;

    #[test]
    fn bytes_decide_before_names() {
        assert_eq!(guess_format("x.csv", &simple("1", "t")), Some(Format::Iso2709));
        assert_eq!(guess_format("x.mrc", b"\xEF\xBB\xBF \n<?xml version='1.0'?>"), Some(Format::MarcXml));
        assert_eq!(guess_format("x.xml", b"{\"leader\": 1}"), None);
        assert_eq!(guess_format("x.CSV.gz", b"a,b\n"), Some(Format::Csv));
        assert_eq!(guess_format("x.marc", b"     nam a22     uu 4500"), Some(Format::Iso2709));
        assert_eq!(guess_format("x.doc", b"hello"), None);
        assert_eq!(guess_format("csv", b"a,b"), None);
    }

    #[test]
    fn gzip_is_told_by_its_magic_number() {
        let records: Vec<u8> =
            (0..2000).flat_map(|key| simple(&key.to_string(), &format!("題{}", key * 7919))).collect();
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&records).expect("writing to memory");
        let packed = packed.finish().expect("writing to memory");
        assert_eq!(marc(&packed).bibs.len(), 2000);
        let cut = marc(&packed[..packed.len() / 2]);
        assert!(cut.bibs.len() > 100, "what could be unpacked goes in");
        assert!(matches!(cut.rejections[..], [Rejection { reason: Reason::Unreadable(_), .. }]), "{cut:?}");
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        let open = |bytes: &'static [u8], name, toml: &str| Reader::open(bytes, name, &mapping(toml)).err();
        let unknown = open(b"PK\x03\x04", "books.xlsx", "").map(|error| error.to_string());
        assert_eq!(unknown.as_deref(), Some("books.xlsx is neither MARC 21, MARCXML nor CSV"));
        assert!(matches!(open(b"a,b\n", "x.csv", JAPAN_MARC), Some(OpenError::NoTable)));
        let missing = open("ＩＳＢＮ,題名\n".as_bytes(), "x.csv", "table.key='ＩＳＢＮ'\nfields.title='書名'");
        let missing = missing.map(|error| error.to_string());
        assert_eq!(missing.as_deref(), Some("the header row has no column 書名; it has ＩＳＢＮ, 題名"));
    }
}

mod binary {
    use super::*;

    #[test]
    fn a_field_becomes_what_it_means() {
        let bib = one(
            BOOK,
            &[
                ("008", b"190212s2018    ja ||||g |||| ||||||jpn  "),
                ("020", "  |a978-4-7949-7075-6 :|c1700円".as_bytes()),
                ("020", b"  |a0-306-40615-3 (pbk.)"),
                ("084", b"  |aUE13|2kktb"),
                ("084", b"  |a023|2njb/10"),
                ("082", b"04|a813.54"),
                (
                    "245",
                    "00|6880-01|aこれからの本 :|b電子書籍版付き.|n2019年版 /|c萩野正昭 著 ; 鈴木花子, 佐藤二郎 編."
                        .as_bytes(),
                ),
                ("250", "  |a第2版.".as_bytes()),
                ("260", "  |a東京 :|b晶文社 ;|a東京 :|bほか (発売),|c2019.2.".as_bytes()),
                ("300", b"  |a301p ;|c19cm."),
                ("490", "0 |a草思社文庫 =|aSoshi ;|x1349-0389 ;|vで1-2".as_bytes()),
                ("650", " 7|a防災科学|v論文集|2ndlsh|0000953159".as_bytes()),
                ("653", "  |a英語|a和訳".as_bytes()),
                ("700", "1 |6880-05|a萩野, 正昭,|d1946-|01215194".as_bytes()),
                ("710", "2 |a鈴木花子".as_bytes()),
                ("880", "00|6245-01/$1|aコレカラ ノ ホン :|bデンシ.".as_bytes()),
                ("880", b"00|6245-01/(B|aKorekara no hon."),
                ("880", b"1 |6700-05/(B|aHagino, Masaaki"),
                ("880", "1 |6700-05/$1|aハギノ, マサアキ".as_bytes()),
            ],
        );
        let record = &bib.record;
        assert_eq!(record.title, "これからの本");
        assert_eq!(record.title_reading.as_deref(), Some("コレカラ ノ ホン"));
        assert_eq!(record.subtitle.as_deref(), Some("電子書籍版付き : 第2版"));
        assert_eq!(record.volume.as_deref(), Some("2019年版"));
        let creators =
            [creator("萩野 正昭", Some("ハギノ マサアキ"), Some("著")), creator("鈴木花子", None, Some("編"))];
        assert_eq!(record.creators, creators);
        assert_eq!(record.publisher.as_deref(), Some("晶文社"));
        assert_eq!(record.year, Some(2019));
        assert_eq!(record.isbns, ["9784794970756"]);
        assert_eq!(record.ndc, ["023"]);
        assert_eq!(record.series.as_deref(), Some("草思社文庫 で1-2"));
        assert_eq!(record.subjects, ["防災科学--論文集", "英語", "和訳"]);
        assert_eq!(record.extent.as_deref(), Some("301p ; 19cm"));
        assert_eq!(record.material, MaterialType::Book);
        assert!(bib.parts.len() == 1 && bib.parts[0].label.is_empty() && bib.parts[0].items.is_empty());
    }

    #[test]
    fn a_wrong_isbn_is_a_warning() {
        let outcome = marc(&iso2709(BOOK, &[("001", b"7"), ("020", b"  |a4-591-04623-1"), ("245", b"00|aT")]));
        assert_eq!(outcome.bib("7").record.isbns, Vec::<String>::new());
        let concern = Concern::Isbn { text: "4-591-04623-1".to_owned(), reason: InvalidIsbn::CheckDigit };
        assert_eq!(outcome.warnings, [Warning { position: 1, key: "7".to_owned(), concern }]);
    }

    #[test]
    fn the_key_falls_back() {
        let key = |fields: &[(&str, &[u8])]| {
            let outcome = marc(&iso2709(BOOK, &[fields, &[("245", b"00|aT")]].concat()));
            outcome.bibs.first().map(|bib| bib.source_key.clone())
        };
        let (isbn, national): (_, (&str, &[u8])) = (("020", b"  |a4591046230".as_slice()), ("015", b"  |a23173255"));
        assert_eq!(key(&[("001", b" 029455884 "), isbn]).as_deref(), Some("029455884"));
        assert_eq!(key(&[national, isbn]).as_deref(), Some("9784591046234"));
        assert_eq!(key(&[national]).as_deref(), Some("23173255"));
        assert_eq!(key(&[]), None);
    }

    #[test]
    fn years_and_names_without_help() {
        let bib = one(
            BOOK,
            &[
                ("008", b"190212s2018    ja "),
                ("245", "00|aT. /|c日経パソコン 編 ; 耕作 太郎.".as_bytes()),
                ("260", "  |c[刊年不明]".as_bytes()),
            ],
        );
        assert_eq!(bib.record.year, Some(2018));
        assert_eq!(bib.record.creators, [creator("日経パソコン", None, Some("編")), creator("耕作 太郎", None, None)]);
        let rda = [("245", b"00|aT".as_slice()), ("264", b" 4|c1999"), ("264", b" 1|bHurst & Co.,|c[2014]")];
        let rda = one(BOOK, &rda).record;
        assert_eq!((rda.year, rda.publisher.as_deref()), (Some(2014), Some("Hurst & Co")));
    }

    #[test]
    fn readings_and_vernacular_are_told_apart() {
        // As the Library of Congress does it: romaji in the field, the title as printed in 880.
        let fields =
            [("245", b"10|6880-01|aYama no kurashi /".as_slice()), ("880", "10|6245-01/$1|a山の暮らし /".as_bytes())];
        let record = one(BOOK, &fields).record;
        assert_eq!((record.title.as_str(), record.title_reading.as_deref()), ("山の暮らし", None));
        // JAPAN/MARC with a title in Latin letters: kana and romaji are both readings.
        let fields = [
            ("245", b"00|6880-01|aKindle Fire".as_slice()),
            ("880", b"00|6245-01/(B|aKindoru faia"),
            ("880", "00|6245-01/$1|aキンドル ファイアー".as_bytes()),
            ("880", "00|6245-02/$1|a別の項目".as_bytes()),
        ];
        let record = one(BOOK, &fields).record;
        let reading = record.title_reading.as_deref();
        assert_eq!((record.title.as_str(), reading), ("Kindle Fire", Some("キンドル ファイアー")));
    }

    #[test]
    fn materials() {
        let material = |leader: &str, more: &[(&str, &[u8])]| {
            let leader = format!("00000n{leader} a2200000 i 4500");
            one(&leader, &[more, &[("245", b"00|aT")]].concat()).record.material
        };
        let words = |text: &'static str| [("300", text.as_bytes())];
        assert_eq!(material("am", &[]), MaterialType::Book);
        assert_eq!(material("tm", &[]), MaterialType::Book);
        assert_eq!(material("as", &[]), MaterialType::Magazine);
        assert_eq!(material("jm", &[]), MaterialType::Cd);
        assert_eq!(material("im", &[]), MaterialType::Cd);
        assert_eq!(material("gm", &[]), MaterialType::Dvd);
        assert_eq!(material("gm", &[("007", b"vd cgaizq")]), MaterialType::Ld);
        assert_eq!(material("gm", &[("007", b"vd cvaizq")]), MaterialType::Dvd);
        assert_eq!(material("km", &words("  |a紙芝居 1組 (12枚)")), MaterialType::Kamishibai);
        assert_eq!(material("am", &words("  |aビデオディスク 1枚")), MaterialType::Dvd);
        assert_eq!(material("am", &[("245", b"00|aT|h[sound recording]")]), MaterialType::Cd);
        // A book with a disc inside is a book.
        assert_eq!(material("am", &words("  |a94p ;|c21cm +|eDVD 1枚")), MaterialType::Book);
        assert_eq!(material("em", &[]), MaterialType::Book);
    }

    #[test]
    fn copies_of_its_own_or_made_up() {
        let fields: [(&str, &[u8]); 4] = [
            ("001", b"029455884"),
            ("084", b"  |a913.6|2njb/10"),
            ("245", "00|aさくら".as_bytes()),
            ("852", b"  |bnorth|h913.6|iHA|p1234"),
        ];
        let rule = mapping(JAPAN_MARC);
        let own = read(&iso2709(BOOK, &fields), "x.mrc", &rule);
        let item = &own.bib("029455884").parts[0].items[..];
        assert!(
            matches!(item, [item] if item.barcode == "1234" && item.branch == PlaceCode("north".to_owned())
            && item.shelf_mark == "913.6 HA"),
            "{item:?}"
        );
        let made = read(&iso2709(BOOK, &fields[..3]), "x.mrc", &rule);
        let items = &made.bib("029455884").parts[0].items;
        // Not only the same in this run: these are on the books' backs.
        let expected = [
            ("602945588401", "north", "913.6 サ"),
            ("602945588402", "east", "913.6 サ"),
            ("602945588403", "station", "913.6 サ"),
        ];
        let found: Vec<_> =
            items.iter().map(|it| (it.barcode.as_str(), it.branch.0.as_str(), it.shelf_mark.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_damaged_record_costs_no_other() {
        let (good, last) = (simple("1", "一"), simple("9", "九"));
        let mut bad_leader = b"00012nam".to_vec();
        bad_leader.push(0x1D);
        let mut bad_directory = simple("3", "三");
        bad_directory[24..27].copy_from_slice(b"\xFF\x1F\0");
        let mut truncated = simple("4", "四");
        truncated.truncate(truncated.len() - 4);
        let bytes = [good, bad_leader, bad_directory, truncated, last].concat();
        let outcome = marc(&bytes);
        let keys: Vec<_> = outcome.bibs.iter().map(|bib| bib.source_key.as_str()).collect();
        assert_eq!(keys, ["1", "9"], "the record behind the truncated one has no terminator before it");
        let positions: Vec<_> = outcome.rejections.iter().map(|rejection| rejection.position).collect();
        assert_eq!(positions, [2, 3, 4]);
        assert!(matches!(outcome.rejections[0].reason, Reason::Leader));
        assert!(matches!(outcome.rejections[1].reason, Reason::Directory));
        assert!(matches!(outcome.rejections[2].reason, Reason::Directory));
    }

    #[test]
    fn lengths_that_lie_are_not_needed() {
        // Counted in characters, as programs do that think in them.
        let mut record = simple("1", "日本語の題");
        let directory = record.windows(12).position(|it| it.starts_with(b"245")).expect("has a title");
        record[directory + 3..directory + 7].copy_from_slice(b"0010");
        record[12..17].copy_from_slice(b"     ");
        assert_eq!(
            marc(&[b"\r\n".to_vec(), record, b"\r\n\x1A".to_vec()].concat()).bib("1").record.title,
            "日本語の題"
        );
    }

    #[test]
    fn a_record_without_end_does_not_fill_the_memory() {
        let mut bytes = vec![b'x'; 5 * 1024 * 1024];
        bytes.push(0x1D);
        bytes.extend(simple("2", "二"));
        let outcome = marc(&bytes);
        assert!(matches!(outcome.rejections[..], [Rejection { position: 1, reason: Reason::TooLong(_), .. }]));
        assert_eq!(outcome.bibs.len(), 1);
    }

    #[test]
    fn marc8() {
        let title = |text: &[u8]| one(MARC8_BOOK, &[("245", &[b"00|a", text].concat())]).record.title;
        assert_eq!(title(b"th\xE2e\xE1atre \xA5sop"), "théàtre Æsop");
        assert_eq!(title(b"globaliza\xF0c\xE4ao"), "globalização");
        assert_eq!(title(b"H\x1Bb2\x1BsO \x1Bgb\x1Bs"), "H₂O β");
        assert_eq!(title(b"a \x1B$1\x21\x30\x21\x22\x33\x44\x1B(B b"), "a \u{FFFD}\u{FFFD} b");
        assert_eq!(title(b"a \x1B(NABC\x1B(B b"), "a \u{FFFD}\u{FFFD}\u{FFFD} b");
        assert_eq!(title(b"\xE2e&#x30AB;&#xZZ;!"), "éカ&#xZZ;!");
        // UTF-8 that the leader keeps silent about, and MARC-8 that it calls UTF-8.
        assert_eq!(title("日本".as_bytes()), "日本");
        assert_eq!(one(BOOK, &[("245", b"00|ath\xE2e\xE1atre")]).record.title, "théàtre");
    }

    #[test]
    fn bytes_that_are_no_text_are_marked() {
        let outcome = marc(&iso2709(BOOK, &[("001", b"1"), ("245", b"00|a\xE6\x97\xA5\xFF\xE6\x9C\xAC")]));
        assert_eq!(outcome.bib("1").record.title, "日\u{FFFD}本");
        assert_eq!(outcome.warnings.len(), 1);
        assert_eq!(outcome.warnings[0].concern, Concern::Characters);
    }
}

mod xml {
    use super::*;

    #[test]
    fn wrappers_prefixes_and_unclosed_records() {
        let outcome = read(&fixture("records.xml"), "records.xml", &Mapping::default());
        assert_eq!(
            outcome.rejected(),
            [(2, Some("x3"), "no title".to_owned()), (3, None, "the record is not closed".to_owned())]
        );
        let bib = &outcome.bib("x2").record;
        assert_eq!((bib.title.as_str(), bib.title_reading.as_deref()), ("R&D<入門>・上", Some("アール アンド ディー")));
        let magazine = &outcome.bib("x5").record;
        assert_eq!((magazine.title.as_str(), magazine.material), ("Kotoba & kokoro", MaterialType::Magazine));
        assert_eq!(outcome.bibs.len(), 2);
    }

    #[test]
    fn other_encodings() {
        let text = String::from_utf8(fixture("records.xml")).expect("is UTF-8").replace("UTF-8", "Shift_JIS");
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(&text);
        assert_eq!(read(&bytes, "x.xml", &Mapping::default()).bib("x2").record.title, "R&D<入門>・上");
        let utf16: Vec<u8> = ['\u{FEFF}']
            .into_iter()
            .chain(text.chars())
            .flat_map(|character| {
                let mut units = [0; 2];
                character.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(read(&utf16, "x.xml", &Mapping::default()).bib("x2").record.title, "R&D<入門>・上");
    }

    #[test]
    fn broken_xml_ends_with_a_reason() {
        let mut bytes = fixture("records.xml");
        bytes.truncate(bytes.len() - 200);
        bytes.extend(b"<record <");
        let outcome = read(&bytes, "x.xml", &Mapping::default());
        assert!(outcome.bibs.len() == 1 && !outcome.rejections.is_empty(), "{outcome:?}");
    }
}

mod tables {
    use super::*;

    /// A town's own file: a row for each copy, its own words, CP932.
    const TOWN: &str = r#"
        [table]
        encoding = "cp932"
        key = ["資料名", "巻"]
        [fields]
        title = "資料名"
        title_reading = "ヨミ"
        volume = "巻"
        publisher = "出版者"
        year = "出版年"
        isbn = "ISBN"
        ndc = "分類"
        [[creators]]
        name = "著者"
        reading = "著者ヨミ"
        [material]
        column = "種別"
        words = { "図書" = "book", "雑誌" = "magazine", "紙芝居" = "kamishibai" }
        [loan_rule]
        column = "禁帯"
        words = { "禁帯出" = "in-library-only" }
        default = "lendable"
        [copies]
        barcode = "資料番号"
        branch = "所蔵館"
        shelf_mark = "請求記号"
        branches = { "中央図書館" = "central", "北分館" = "north" }
    "#;

    #[test]
    fn a_towns_own_file() {
        let outcome = read(&fixture("towns.csv"), "towns.csv", &mapping(TOWN));
        assert_eq!(
            outcome.rejected(),
            [
                (6, None, "the row has 4 fields, the header row has 14".to_owned()),
                (7, None, "no key".to_owned()),
                (8, Some("知らない種別"), "unknown material type: 巻物".to_owned()),
                (10, Some("同じ番号"), "the barcode 0001 occurs twice".to_owned()),
            ]
        );
        let bib = outcome.bib("山の暮らし-上");
        let record = &bib.record;
        assert_eq!(record.year, Some(1998));
        assert_eq!(record.isbns, ["9784591046234", "9784794970756"]);
        assert_eq!(record.ndc, ["913", "914"]);
        let creators =
            [creator("山田 花子", Some("ヤマダ ハナコ"), None), creator("鈴木 一郎", Some("スズキ イチロウ"), None)];
        assert_eq!(record.creators, creators);
        let items: Vec<_> = bib.parts[0]
            .items
            .iter()
            .map(|item| (item.barcode.as_str(), item.branch.0.as_str(), item.shelf_mark.as_str(), item.loan_rule))
            .collect();
        let expected =
            [("0001", "central", "K913 ヤ", LoanRule::Lendable), ("0002", "north", "K913 ヤ", LoanRule::InLibraryOnly)];
        assert_eq!(items, expected);
        let kamishibai = outcome.bib("改行の\nある題");
        assert_eq!(kamishibai.record.material, MaterialType::Kamishibai);
        assert_eq!(kamishibai.record.ndc, Vec::<String>::new());
        assert_eq!(kamishibai.parts[0].items[0].shelf_mark, "E 改");
        assert_eq!(outcome.warnings.len(), 1, "the ISBN with a wrong check digit");
        assert!(outcome.bib("髙橋①の本").parts[0].items.is_empty(), "CP932 has more letters than Shift_JIS");
    }

    #[test]
    fn the_demonstration_catalogue() {
        let outcome = read(&fixture("demo.csv"), "demo.csv", &mapping(DEMO));
        assert_eq!(
            outcome.rejected(),
            [
                (6, Some("400001"), "not a date (year-month-day): 2026-13-01".to_owned()),
                (7, Some("400002"), "not a list of copies (branch*number): central*0".to_owned()),
                (8, Some("400003"), "not a whole number: 一".to_owned()),
                (9, Some("400004"), "unknown loan rule: sometimes".to_owned()),
            ]
        );
        let book = outcome.bib("100001");
        let creators =
            [creator("夏目 漱石", Some("ナツメ ソウセキ"), Some("著")), creator("挿絵 太郎", None, Some("絵"))];
        assert_eq!(book.record.creators, creators);
        let barcodes: Vec<_> = book.parts[0].items.iter().map(|item| item.barcode.as_str()).collect();
        assert_eq!(barcodes, ["910000101", "910000102", "910000103"]);
        assert_eq!(book.parts[0].items[2].branch, PlaceCode("north".to_owned()));
        assert_eq!(book.parts[0].items[0].shelf_mark, "913.6 ナ");
        let magazine = outcome.bib("200001");
        let parts: Vec<_> =
            magazine.parts.iter().map(|part| (part.label.as_str(), part.ordinal, part.items.len())).collect();
        assert_eq!(parts, [("2026年10月号", 202_610, 2), ("2026年11月号", 202_611, 2)]);
        assert_eq!(magazine.parts[1].received_on, chrono::NaiveDate::from_ymd_opt(2026, 11, 1));
        assert!(magazine.parts[1].items.iter().all(|item| item.loan_rule == LoanRule::InLibraryOnly));
        assert_eq!(magazine.parts[1].items[0].barcode, "920000120261101");
        assert!(outcome.bib("300001").parts[0].items.is_empty());
    }

    #[test]
    fn rows_that_should_stand_together_are_read_one_bib_at_a_time() {
        let rule = mapping("table = { key = 'k', rows = 'contiguous', delimiter = \"\\t\" }\nfields.title = 't'");
        let outcome = read("k\tt\n1\t一\n1\t壱\n2\t二\n1\t一\n3\t三\n".as_bytes(), "x.tsv", &rule);
        let keys: Vec<_> = outcome.bibs.iter().map(|bib| bib.source_key.as_str()).collect();
        assert_eq!(keys, ["1", "2", "3"]);
        let reason = "the rows of this key do not stand together; the mapping says they do".to_owned();
        assert_eq!(outcome.rejected(), [(5, Some("1"), reason)]);
        // The first bib is out before the third begins.
        let mut reader = Reader::open("k\tt\n1\ta\n2\tb\n".as_bytes(), "x.tsv", &rule).expect("has the columns");
        assert!(reader.next().is_some_and(|bib| bib.is_ok_and(|bib| bib.source_key == "1")));
    }

    #[test]
    fn mistakes_in_a_mapping_are_named() {
        let error = |toml: &str| toml.parse::<Mapping>().map(|_| ()).map_err(|error| error.to_string());
        let has = |toml: &str, part: &str| {
            let message = error(toml).expect_err(part);
            assert!(message.contains(part), "{message}");
        };
        has("[table]\nkey='k'\n[fields]\ntittle='t'", "unknown field `tittle`");
        has("[table]\nkey=1", "the name of a column or a list of names");
        has("[table]\nkey='k'\nencoding='latin1'", "unknown variant `latin1`");
        has("[table]\nkey='k'\n[material]\ndefault='bok'", "unknown variant `bok`");
        has("[table]\nkey=[]\n[fields]\ntitle='t'", "names no column");
        has("[table]\nkey='k'", "neither title nor citation");
        has("[table]\nkey='k'\ndelimiter='、'\n[fields]\ntitle='t'", "one ASCII character");
        has("[fields]\ntitle='t'", "[fields] is about columns");
        has("[copies]\nbarcode='b'\nbranch='c'", "[copies] is about columns");
        has("table.key='k'\nfields.title='t'\n[[creators]]\nrole='r'", "either name or list");
        has("table.key='k'\nfields.title='t'\n[copies]\nbarcode='b'", "exactly one of");
        has("table.key='k'\nfields.title='t'\n[copies]\nbranch='b'", "exactly one of");
        has("[copies]\nper_branch='c'\ngenerated={min=1,max=1,branches=['a']}", "exactly one of");
        has("[copies]\ngenerated={min=2,max=1,branches=['a']}", "min must not be above max");
        assert_eq!(error(""), Ok(()));
    }
}

mod texts {
    use super::{
        super::{citation::*, copies::*, text::*},
        *,
    };

    #[test]
    fn years() {
        for (text, expected) in [
            ("1957（昭和32）年5月20日", Some(1957)),
            ("1940（昭和15）年9月10日、1980（昭和55）年5月16日第25刷改版", Some(1940)),
            ("c1998", Some(1998)),
            ("[２０１９].2", Some(2019)),
            ("19981231", None),
            ("19uu", None),
            ("9999", None),
            ("1234-1999", Some(1999)),
            ("", None),
        ] {
            assert_eq!(year(text), expected, "{text}");
        }
    }

    #[test]
    fn classes() {
        let of = |text: &str| {
            let classification = classification(text);
            (classification.ndc.join(" "), classification.shelf_class)
        };
        assert_eq!(of("NDC 913 914"), ("913 914".to_owned(), Some("913".to_owned())));
        assert_eq!(of("NDC K913"), ("913".to_owned(), Some("K913".to_owned())));
        assert_eq!(of("９１３．６"), ("913.6".to_owned(), Some("913.6".to_owned())));
        assert_eq!(of("E"), (String::new(), Some("E".to_owned())));
        assert_eq!(of("NDC"), (String::new(), None));
        assert_eq!(of("91 9133 913.x K"), (String::new(), Some("91".to_owned())));
    }

    #[test]
    fn punctuation_of_cards() {
        for (text, expected) in [
            ("これからの本の話をしよう /", Some("これからの本の話をしよう")),
            ("DRI technical report series,", Some("DRI technical report series")),
            ("301p ; 19cm.", Some("301p ; 19cm")),
            ("Milton, J.", Some("Milton, J.")),
            ("Q.E.D.", Some("Q.E.D.")),
            ("だから...", Some("だから...")),
            ("Title = .", Some("Title")),
            (" / ", None),
        ] {
            assert_eq!(without_punctuation(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn citations() {
        let full = citation(
            "題　前編　　（叢書　上 [2]）　原 ゆたか／[さく]・え　鈴木 花子／[訳]　ポプラ社　2010.7　22cm　10,103p",
        );
        assert_eq!(full.title.as_deref(), Some("題"));
        assert_eq!(full.volume.as_deref(), Some("前編"));
        assert_eq!(full.series.as_deref(), Some("叢書　上 [2]"));
        let creators = [creator("原 ゆたか", None, Some("[さく]・え")), creator("鈴木 花子", None, Some("訳"))];
        assert_eq!(full.creators, creators);
        assert_eq!((full.publisher.as_deref(), full.year), (Some("ポプラ社"), Some(2010)));
        assert_eq!(full.extent.as_deref(), Some("10,103p ; 22cm"));
        // A volume that looks like a year is left of the date.
        let bare = citation("全集　1987　小学館　1995");
        assert_eq!(
            (bare.volume.as_deref(), bare.publisher.as_deref(), bare.year),
            (Some("1987"), Some("小学館"), Some(1995))
        );
        let title_only = citation("題");
        assert_eq!(title_only, Citation { title: Some("題".to_owned()), ..Citation::default() });
        assert_eq!(citation("　 "), Citation::default());
        assert_eq!(citation("題　2009").title.as_deref(), Some("題"));
    }

    #[test]
    fn series_before_publishers() {
        let split = |text: &str| {
            let (series, publisher) = series_and_publisher(text);
            (series.unwrap_or_default(), publisher.unwrap_or_default())
        };
        for (text, series, publisher) in [
            ("新潮文庫、新潮社", "新潮文庫", "新潮社"),
            ("京屋出版社", "", "京屋出版社"),
            ("岩波書店、岩波文庫", "岩波文庫", "岩波書店"),
            ("日本児童文庫、復刻版、名著普及会", "日本児童文庫、復刻版", "名著普及会"),
            ("（人間の記録121）、日本図書センター", "人間の記録121", "日本図書センター"),
            ("", "", ""),
        ] {
            assert_eq!(split(text), (series.to_owned(), publisher.to_owned()), "{text}");
        }
    }

    #[test]
    fn made_up_copies_spread() {
        let rule =
            Generated { min: 1, max: 3, branches: ["a", "b", "c", "d"].map(|it| PlaceCode(it.to_owned())).to_vec() };
        let all: Vec<Vec<PlaceCode>> = (0..1000).map(|key| rule.branches_of(&key.to_string())).collect();
        for count in 1..=3 {
            let with = all.iter().filter(|branches| branches.len() == count).count();
            assert!((250..420).contains(&with), "{with} bibs of 1000 have {count} copies");
        }
        for branch in &rule.branches {
            let copies = all.iter().flatten().filter(|other| *other == branch).count();
            assert!((400..600).contains(&copies), "{copies} of about 2000 stand in {branch}");
        }
    }

    #[test]
    fn barcodes_of_keys_that_are_no_numbers() {
        let barcode = |key| {
            let labels = Labels { prefix: "8", key, part: None, shelf_mark: "" };
            labels.copy(1, PlaceCode("a".to_owned()), LoanRule::Lendable).barcode
        };
        assert_eq!(barcode("4-591-04623-0"), "8459104623001");
        assert_ne!(barcode("A1"), barcode("B1"));
        assert_eq!(barcode("A1").len(), 15);
    }
}

mod real_files {
    use super::*;

    fn open(path: &str, toml: &str) -> Option<Outcome> {
        let path = real(path)?;
        Some(read(&fs::read(&path).expect("is readable"), &path.to_string_lossy(), &mapping(toml)))
    }

    #[test]
    fn aozora() {
        let Some(outcome) = open("aozora/list_person_all_extended_utf8.csv.gz", AOZORA) else { return };
        assert_eq!((outcome.bibs.len(), outcome.rejected(), outcome.warnings.len()), (17_780, vec![], 0));
        let bib = &outcome.bib("059898").record;
        assert_eq!(bib.title, "ウェストミンスター寺院");
        assert_eq!(bib.title_reading.as_deref(), Some("ウェストミンスターじいん"));
        let creators = [
            creator("アーヴィング ワシントン", Some("アーヴィング ワシントン"), Some("著者")),
            creator("吉田 甲子太郎", Some("よしだ きねたろう"), Some("翻訳者")),
        ];
        assert_eq!(bib.creators, creators);
        assert_eq!((bib.series.as_deref(), bib.publisher.as_deref()), (Some("新潮文庫"), Some("新潮社")));
        assert_eq!((bib.year, &bib.ndc[..]), (Some(1957), &["933".to_owned()][..]));
        let with =
            |f: fn(&domain::catalog::BibRecord) -> bool| outcome.bibs.iter().filter(|bib| f(&bib.record)).count();
        // 17,087 works have something in that column; of one it is "NDC" without a number.
        assert_eq!(with(|record| !record.ndc.is_empty()), 17_086);
        let makers: usize = outcome.bibs.iter().map(|bib| bib.record.creators.len()).sum();
        assert_eq!(makers, 19_440, "each row names another person or role");
        let copies = outcome.bibs.iter().map(|bib| bib.parts[0].items.len());
        assert!(copies.clone().all(|count| (1..=3).contains(&count)));
        assert!(copies.sum::<usize>() > 30_000);
    }

    #[test]
    fn japan_marc() {
        let Some(outcome) = open("japan-marc/records.mrc", JAPAN_MARC) else { return };
        assert_eq!((outcome.bibs.len(), outcome.rejected(), outcome.warnings.len()), (150, vec![], 0));
        let bib = &outcome.bib("024103978").record;
        assert_eq!(bib.title, "図書館と電子書籍");
        assert_eq!(bib.title_reading.as_deref(), Some("トショカン ト デンシ ショセキ"));
        assert_eq!(bib.subtitle.as_deref(), Some("Library & ebook : ハイブリッド図書館へ"));
        assert_eq!(bib.creators[1], creator("李 士永", Some("リ シエイ"), Some("著")));
        assert_eq!((bib.publisher.as_deref(), bib.year), (Some("教育出版センター"), Some(2012)));
        assert!(outcome.bibs.iter().all(|bib| bib.record.year.is_some()));
        let readings = outcome.bibs.iter().filter_map(|bib| bib.record.title_reading.as_deref());
        let without_kana: Vec<_> = readings.filter(|reading| !reading.chars().any(domain::text::is_kana)).collect();
        assert_eq!(without_kana, ["한국 목록 규칙"], "a Korean book has its reading in hangul, none has romaji");
    }

    #[test]
    fn best_loans() {
        // The lists of the hundred most lent of each kind are longer, since the last rank is shared.
        let Some(children) = open("best-loans/main-children-cp932.csv", BEST_LOANS) else { return };
        let Some(general) = open("best-loans/main-general-cp932.csv", BEST_LOANS) else { return };
        assert_eq!((children.bibs.len(), general.bibs.len()), (104, 119));
        for outcome in [&children, &general] {
            assert_eq!((outcome.rejected(), outcome.warnings.len()), (vec![], 0));
            for bib in &outcome.bibs {
                let record = &bib.record;
                assert!(record.year.is_some() && record.publisher.is_some() && record.isbns.len() == 1, "{record:?}");
                assert!(record.extent.as_deref().is_some_and(|extent| extent.contains("cm")), "{record:?}");
                assert!(!record.title.contains(['　', '／', '（']), "{record:?}");
            }
        }
        let without_creator: Vec<_> =
            general.bibs.iter().filter(|bib| bib.record.creators.is_empty()).map(|bib| &bib.record.title).collect();
        assert_eq!(without_creator, ["新編日本古典文学全集"]);
        let of = |outcome: &Outcome, key: &str| {
            let record = outcome.bib(key).record.clone();
            let creator = record.creators.into_iter().map(|it| format!("{}／{}", it.name, it.role.unwrap_or_default()));
            let fields = [Some(record.title), record.volume, record.series, record.publisher, record.extent];
            let year = record.year.map(|year| year.to_string());
            let all = fields.into_iter().chain([year]).map(Option::unwrap_or_default).chain(creator);
            all.collect::<Vec<_>>().join("|")
        };
        assert_eq!(of(&general, "4-10-353422-8"), "1Q84|BOOK1||新潮社|554p ; 20cm|2009|村上 春樹／著");
        assert_eq!(of(&general, "4-09-386292-9"), "下町ロケット|1||小学館|407p ; 20cm|2010|池井戸 潤／著");
        assert_eq!(
            of(&general, "4-641-18311-2"),
            "新・心理学の基礎知識||有斐閣ブックス 681|有斐閣|10,546p ; 22cm|2005|中島 義明／編"
        );
        assert_eq!(
            of(&general, "4-7584-1207-0"),
            "人質||[道警シリーズ] [6]|角川春樹事務所|293p ; 20cm|2012|佐々木 譲／著"
        );
        assert_eq!(
            of(&children, "4-89423-042-9"),
            "バムとケロのにちようび|||文渓堂|1冊 ; 22×28cm|1994|島田 ゆか／作 絵"
        );
        assert_eq!(
            of(&children, "4-591-08975-4"),
            "かいけつゾロリのなぞのおたから大さくせん|前編|ポプラ社の新・小さな童話 219 かいけつゾロリシリーズ|ポプラ社|85p ; 22cm|2005|原 ゆたか／さく・え"
        );
        // Ten digits of thirteen, and ten of ten.
        assert_eq!(general.bib("4-10-353422-8").record.isbns, ["9784103534228"]);
        assert_eq!(children.bib("4-591-07045-X").record.isbns, ["9784591070451"]);
        assert_eq!(children.bib("4-89423-042-9").parts[0].items[0].shelf_mark, "E 島");
    }

    #[test]
    fn the_catalogue_that_comes_with_the_program() {
        let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/demo/catalogue.csv"));
        let outcome = read(&fs::read(path).expect("is part of the project"), "catalogue.csv", &mapping(DEMO));
        assert_eq!((outcome.rejected(), outcome.warnings.len()), (vec![], 0));
        for material in MaterialType::ALL {
            assert!(outcome.bibs.iter().any(|bib| bib.record.material == *material), "no {material}");
        }
        assert!(outcome.bibs.iter().flat_map(|bib| &bib.parts).all(|part| !part.items.is_empty()));
    }

    #[test]
    fn marc_torture() {
        let Some(folder) = real("marc-torture") else { return };
        let mut read_files = 0;
        let count = |path: &str| {
            let bytes = fs::read(folder.join(path)).expect("is readable");
            let outcome = read(&bytes, path, &Mapping::default());
            (outcome.bibs.len(), outcome.rejections.len())
        };
        for source in ["pymarc", "ruby-marc", "traject"] {
            for entry in fs::read_dir(folder.join(source)).expect("is a folder") {
                let path = entry.expect("is readable").path();
                let bytes = fs::read(&path).expect("is readable");
                let name = path.to_string_lossy();
                // Formats that the file is not, too: nothing may panic, whatever it is called.
                for format in [Format::Iso2709, Format::MarcXml] {
                    let reader = Reader::with_format(bytes.as_slice(), format, &Mapping::default());
                    let _ = reader.map(Iterator::count);
                }
                if guess_format(&name, &bytes).is_some() {
                    read_files += 1;
                }
            }
        }
        assert!(read_files > 70, "only {read_files} files were taken for MARC");
        assert_eq!(count("ruby-marc/three-records-second-bad.xml"), (3, 0), "an empty subfield code is no reason");
        assert_eq!(count("pymarc/bad_records.mrc"), (0, 8));
        assert_eq!(count("pymarc/marc.dat"), (20, 0));
        assert_eq!(count("pymarc/regression45.dat"), (12, 0));
        assert_eq!(count("traject/test_data.utf8.mrc.gz"), (30, 0));
        assert_eq!(count("traject/test_data.utf8.marc.xml"), (30, 0));
        assert_eq!(count("traject/sample-oai-pmh.xml"), (0, 0), "Dublin Core is not MARC");
        assert_eq!(count("traject/245_no_ab.marc"), (0, 1));
    }

    #[test]
    fn marc8_as_others_read_it() {
        let Some(folder) = real("marc-torture/pymarc") else { return };
        let marc8 = fs::read(folder.join("test_marc8.txt")).expect("is readable");
        let utf8 = fs::read_to_string(folder.join("test_utf8.txt")).expect("is UTF-8");
        let nfc = |text: &str| unicode_normalization::UnicodeNormalization::nfc(text).collect::<String>();
        let (mut same, mut different) = (0, Vec::new());
        for (ours, theirs) in marc8.split(|byte| *byte == b'\n').zip(utf8.lines()) {
            if ours.contains(&0x1B) {
                continue;
            }
            let ours = marc8::decode(ours);
            if ours == nfc(theirs) { same += 1 } else { different.push((ours, theirs)) }
        }
        assert!(
            different.is_empty(),
            "{same} same, {} different: {:?}",
            different.len(),
            &different[..different.len().min(5)]
        );
        assert!(same > 50, "{same}");
    }
}

mod noise {
    use super::*;

    fn read_all(bytes: &[u8]) {
        let demo = mapping(DEMO);
        for format in [Format::Iso2709, Format::MarcXml, Format::Csv] {
            if let Ok(reader) = Reader::with_format(bytes, format, &demo) {
                // A reader must end: no file has more records than bytes.
                assert!(reader.take(bytes.len() + 2).count() <= bytes.len() + 1);
            }
        }
    }

    fn samples() -> Vec<Vec<u8>> {
        let mut samples =
            vec![fixture("records.xml"), fixture("demo.csv"), [simple("1", "一"), simple("2", "二")].concat()];
        if let Some(path) = real("japan-marc/records.mrc") {
            samples.push(fs::read(path).expect("is readable")[..6000].to_vec());
        }
        if let Some(path) = real("marc-torture/pymarc/test.dat") {
            samples.push(fs::read(path).expect("is readable"));
        }
        samples
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            read_all(&bytes);
        }

        #[test]
        fn separators_and_digits(bytes in proptest::collection::vec(proptest::sample::select(&b"\x1B\x1D\x1E\x1F0159a$(<>&;\"=/\xE2\xE3,\n"[..]), 0..300)) {
            read_all(&bytes);
        }

        #[test]
        fn damaged_files(
            sample in 0_usize..5,
            changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0_u8..3), 1..12),
        ) {
            let samples = samples();
            let mut bytes = samples[sample % samples.len()].clone();
            for (at, byte, kind) in changes {
                let at = at.index(bytes.len());
                match kind {
                    0 => bytes[at] = byte,
                    1 => { bytes.remove(at); }
                    _ => bytes.insert(at, byte),
                }
            }
            read_all(&bytes);
        }
    }
}
