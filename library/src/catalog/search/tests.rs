//! What people type and what they have to find.

use std::time::{Duration, Instant};

use domain::{
    BibId, PlaceCode,
    catalog::{BibRecord, Creator, FacetCount, MaterialType, SearchQuery, Sort},
};
use uuid::Uuid;

use super::{Hits, IndexedBib, SearchIndex, VERSION};

fn id(number: u128) -> BibId {
    BibId(Uuid::from_u128(number))
}

/// A book with a title, its reading and one author with reading.
fn book(number: u128, title: &str, reading: &str, author: (&str, &str)) -> IndexedBib {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    IndexedBib {
        id: id(number),
        record: BibRecord {
            title: title.to_owned(),
            title_reading: some(reading),
            subtitle: None,
            volume: None,
            creators: some(author.0)
                .map(|name| Creator { name, reading: some(author.1), role: Some("著".to_owned()) })
                .into_iter()
                .collect(),
            publisher: None,
            year: None,
            isbns: Vec::new(),
            ndc: Vec::new(),
            series: None,
            subjects: Vec::new(),
            extent: None,
            material: MaterialType::Book,
        },
        branches: Vec::new(),
        part_labels: Vec::new(),
    }
}

fn index_of(bibs: &[IndexedBib]) -> SearchIndex {
    let index = SearchIndex::in_ram().expect("an index in memory");
    index.replace(bibs, &[]).expect("staged");
    index.commit("1").expect("committed");
    index
}

fn query(q: &str) -> SearchQuery {
    SearchQuery { q: q.to_owned(), ..SearchQuery::default() }
}

fn search(index: &SearchIndex, query: &SearchQuery) -> Hits {
    index.search(query, 20).expect("an answer")
}

/// Numbers of the bibs found, in order.
#[track_caller]
fn found(index: &SearchIndex, q: &str) -> Vec<u128> {
    numbers(&search(index, &query(q)))
}

#[track_caller]
fn numbers(hits: &Hits) -> Vec<u128> {
    assert!(hits.ids.len() >= 20 || hits.total == u64::try_from(hits.ids.len()).expect("a count"));
    hits.ids.iter().map(|id| id.0.as_u128()).collect()
}

#[track_caller]
fn sorted(mut numbers: Vec<u128>) -> Vec<u128> {
    numbers.sort_unstable();
    numbers
}

const SOSEKI: (&str, &str) = ("夏目 漱石", "ナツメ ソウセキ");
const NOBODY: (&str, &str) = ("", "");

/// The catalogue that most tests search.
fn shelf() -> SearchIndex {
    let mut cat = book(1, "吾輩は猫である", "ワガハイ ワ ネコ デ アル", SOSEKI);
    cat.record.isbns = vec!["9784003101018".to_owned()];
    cat.record.ndc = vec!["913.6".to_owned()];
    let mut islands = book(5, "北方領土", "ほっぽうりょうど", ("和田 春樹", "ワダ ハルキ"));
    islands.record.ndc = vec!["319.1".to_owned()];
    islands.record.subjects = vec!["国際関係".to_owned()];
    islands.record.publisher = Some("岩波書店".to_owned());
    let mut picture = book(9, "ピーターラビットのおはなし", "", ("ポター, ビアトリクス", ""));
    picture.record.ndc = vec!["K933".to_owned()];
    let mut magazine = book(12, "天文ガイド", "テンモン ガイド", NOBODY);
    magazine.part_labels = vec!["2026年11月号".to_owned()];
    index_of(&[
        cat,
        book(2, "こころ", "ココロ", SOSEKI),
        book(3, "図書館", "トショカン", NOBODY),
        book(4, "としょかんライオン", "としょかんライオン", ("ミシェル・ヌードセン", "")),
        islands,
        book(6, "國語學史", "こくごがくし", ("山田 孝雄", "ヤマダ ヨシオ")),
        book(7, "ヴァイオリンの謎", "ヴァイオリンのなぞ", NOBODY),
        book(8, "コーヒーの本", "コーヒーのほん", NOBODY),
        picture,
        book(10, "Harry Potter and the Philosopher's Stone", "", ("Rowling, J. K.", "")),
        book(11, "Les Misérables", "", ("Hugo, Victor", "")),
        magazine,
        book(13, "図書館の未来", "としょかんのみらい", NOBODY),
        book(14, "C++とC#", "", NOBODY),
        book(15, "!?", "", NOBODY),
    ])
}

#[test]
fn a_title_is_found_by_its_reading_in_any_kana() {
    let index = shelf();
    for q in ["としょかん", "トショカン", "ﾄｼｮｶﾝ", "図書館"] {
        assert!(found(&index, q).contains(&3), "{q}");
        assert!(found(&index, q).contains(&4), "{q} finds the title written in kana");
    }
    for q in ["こくごがくし", "コクゴガクシ", "ｺｸｺﾞｶﾞｸｼ"] {
        assert_eq!(found(&index, q), [6], "{q}");
    }
}

#[test]
fn particles_are_found_as_written_and_as_spoken() {
    let index = shelf();
    for q in ["わがはいはねこである", "わがはいわねこである", "吾輩は猫である", "ワガハイ ハ ネコ"]
    {
        assert_eq!(found(&index, q), [1], "{q}");
    }
}

#[test]
fn a_word_in_kanji_finds_titles_in_kana_but_no_homophones() {
    let index = shelf();
    assert!(found(&index, "図書館").contains(&4));
    let homophones = index_of(&[
        book(1, "科学", "かがく", NOBODY),
        book(2, "化学", "かがく", NOBODY),
        book(3, "たのしいカガク", "", NOBODY),
    ]);
    assert_eq!(found(&homophones, "科学"), [1, 3]);
    // The reading is learnt from two titles that begin with the word, when none is the word.
    let taught = index_of(&[
        book(1, "図書館の未来", "としょかんのみらい", NOBODY),
        book(2, "図書館で待つ", "としょかんでまつ", NOBODY),
        book(3, "ようこそとしょかんへ", "", NOBODY),
    ]);
    assert_eq!(found(&taught, "図書館"), [2, 1, 3]);
}

#[test]
fn a_part_of_a_word_finds_it() {
    let index = shelf();
    for q in ["領土", "北方", "方領", "領", "りょうど"] {
        assert_eq!(found(&index, q), [5], "{q}");
    }
}

#[test]
fn spellings_are_one() {
    let index = shelf();
    for (q, number) in [
        ("国語学史", 6),
        ("國語學史", 6),
        ("バイオリンの謎", 7),
        ("ばいおりん", 7),
        ("ヴァイオリン", 7),
        ("コ-ヒ-", 8),
        ("コ―ヒ−の本", 8),
        ("コヒの本", 8),
        ("ｺｰﾋｰ", 8),
        ("こーひーの本", 8),
        ("ピータラビット", 9),
        ("ＨＡＲＲＹ", 10),
        ("les miserables", 11),
        ("LES MISÉRABLES", 11),
        ("Ｍｉｓｅｒａｂｌｅｓ", 11),
    ] {
        assert_eq!(found(&index, q), [number], "{q}");
    }
}

#[test]
fn a_name_is_found_with_and_without_space_and_by_its_reading() {
    let index = shelf();
    for q in [
        "夏目漱石",
        "夏目 漱石",
        "夏目　漱石",
        "ナツメソウセキ",
        "ナツメ ソウセキ",
        "なつめ そうせき",
        "ﾅﾂﾒｿｳｾｷ",
        "漱石",
    ] {
        assert_eq!(sorted(found(&index, q)), [1, 2], "{q}");
    }
    assert_eq!(found(&index, "J.K. Rowling"), [10]);
    assert_eq!(found(&index, "rowling j k"), [10]);
}

#[test]
fn every_word_has_to_be_found_somewhere() {
    let index = shelf();
    for q in [
        "漱石 こころ",
        "こころ　夏目漱石",
        "ココロ なつめそうせき",
        "こころ / 夏目漱石",
        "こころ/夏目漱石",
        "夏目漱石、こころ",
    ] {
        assert_eq!(found(&index, q), [2], "{q}");
    }
    assert_eq!(found(&index, "北方 国際関係 岩波"), [5]);
    assert_eq!(found(&index, "天文ガイド 2026年11月号"), [12]);
    assert_eq!(found(&index, "こころ 北方"), [0; 0]);
}

#[test]
fn an_isbn_finds_its_book_however_it_is_written() {
    let index = shelf();
    for q in [
        "9784003101018",
        "978-4-00-310101-8",
        "978 4 00 310101 8",
        "９７８－４－００－３１０１０１－８",
        "4003101014",
        "4-00-310101-4",
        "4‐00‐310101‐4",
        "ISBN 4-00-310101-4",
        "ISBN978-4-00-310101-8",
    ] {
        assert_eq!(found(&index, q), [1], "{q}");
    }
    assert_eq!(found(&index, "漱石 4003101014"), [1]);
    let mut printed = book(1, "別の本", "", NOBODY);
    printed.record.isbns = vec!["080442957X".to_owned()];
    let index = index_of(&[printed]);
    for q in ["0-8044-2957-x", "9780804429573"] {
        assert_eq!(found(&index, q), [1], "{q}");
    }
    assert_eq!(found(&index, "9780804429574"), [0; 0]);
}

#[test]
fn a_classification_finds_what_stands_there() {
    let index = shelf();
    assert_eq!(found(&index, "913.6"), [1]);
    assert_eq!(found(&index, "９１３"), [1]);
    assert_eq!(found(&index, "933"), [9]);
    assert_eq!(found(&index, "913.7"), [0; 0]);
    assert_eq!(found(&index, "漱石 913"), [1]);
}

#[test]
fn a_latin_word_is_found_whole_or_from_its_beginning() {
    let index = shelf();
    for q in ["harry potter", "potter stone", "philosophers", "philosopher’s stone", "phil", "Harry Pot"] {
        assert_eq!(found(&index, q), [10], "{q}");
    }
    assert_eq!(found(&index, "arry"), [0; 0]);
}

#[test]
fn one_character_is_a_query() {
    let index = shelf();
    assert_eq!(found(&index, "猫"), [1]);
    assert_eq!(found(&index, "謎"), [7]);
    assert_eq!(sorted(found(&index, "の")), [7, 8, 9, 13]);
    assert_eq!(found(&index, "c"), [14]);
    assert_eq!(found(&index, "!?"), [15]);
}

#[test]
fn exact_comes_before_reading_and_reading_before_folded() {
    let index = index_of(&[
        book(1, "ビル", "", NOBODY),
        book(2, "麦酒", "びーる", NOBODY),
        book(3, "ビール", "ビール", NOBODY),
    ]);
    assert_eq!(found(&index, "ビール"), [3, 2, 1]);
    // Here the order of the titles would be another.
    let index = index_of(&[
        book(1, "みかずき", "", NOBODY),
        book(2, "三日月", "みかづき", NOBODY),
        book(3, "みかづき", "みかづき", NOBODY),
    ]);
    assert_eq!(found(&index, "みかづき"), [3, 2, 1]);
    assert_eq!(found(&index, "みかずき"), [1, 2, 3], "a reading is folded too");
}

#[test]
fn whole_titles_come_first_then_beginnings_then_the_inside_then_makers_then_the_rest() {
    let mut about = book(6, "文豪の話", "ぶんごうのはなし", NOBODY);
    about.record.subjects = vec!["心".to_owned()];
    let index = index_of(&[
        about,
        book(5, "ある話", "あるはなし", ("町田 心", "まちだ こころ")),
        book(4, "ある心の話", "あるこころのはなし", NOBODY),
        book(3, "心の話", "こころのはなし", NOBODY),
        book(2, "心", "しん", NOBODY),
        book(1, "北", "きた", ("心", "しん")),
    ]);
    assert_eq!(found(&index, "心"), [2, 3, 4, 1, 5, 6]);
}

#[test]
fn words_that_stand_together_come_first() {
    let index = index_of(&[
        book(1, "の猫と黒い話", "", NOBODY),
        book(2, "黒い塀と猫", "くろいへいとねこ", NOBODY),
        book(3, "ある黒い猫", "あるくろいねこ", NOBODY),
        book(4, "黒い猫", "くろいねこ", NOBODY),
    ]);
    assert_eq!(found(&index, "黒い 猫"), [4, 3, 2, 1]);
}

#[test]
fn volume_and_subtitle_belong_to_the_title() {
    let mut first = book(2, "明暗", "めいあん", NOBODY);
    first.record.volume = Some("上".to_owned());
    let mut second = first.clone();
    second.id = id(1);
    second.record.volume = Some("下".to_owned());
    second.record.subtitle = Some("未完の小説".to_owned());
    let index = index_of(&[second, first]);
    assert_eq!(found(&index, "明暗 上"), [2]);
    assert_eq!(found(&index, "明暗上"), [2]);
    assert_eq!(found(&index, "明暗 未完の小説"), [1]);
    assert_eq!(found(&index, "明暗"), [2, 1], "the first volume comes first");
}

/// Four bibs for narrowing and sorting.
fn mixed() -> SearchIndex {
    let make = |number, title, material, branches: &[&str], year: Option<i32>, ndc: &[&str]| {
        let mut bib = book(number, title, title, NOBODY);
        bib.record.material = material;
        bib.branches = branches.iter().map(|code| PlaceCode((*code).to_owned())).collect();
        bib.record.year = year;
        bib.record.ndc = ndc.iter().map(|number| (*number).to_owned()).collect();
        bib
    };
    index_of(&[
        make(1, "ほしのほん", MaterialType::Book, &["main", "east"], Some(2020), &["440", "K913"]),
        make(2, "ほしのおと", MaterialType::Cd, &["main", "east"], Some(2029), &["763"]),
        make(3, "ぼしのうた", MaterialType::Book, &["east"], Some(1999), &["911.5"]),
        make(4, "ほしのえ", MaterialType::Book, &["main"], None, &[]),
    ])
}

fn count<T>(value: T, count: u64) -> FacetCount<T> {
    FacetCount { value, count }
}

#[test]
fn filters_narrow_and_each_facet_counts_as_if_not_narrowed_itself() {
    let index = mixed();
    let all = search(&index, &query(""));
    assert_eq!(all.total, 4);
    assert_eq!(all.facets.materials, [count(MaterialType::Book, 3), count(MaterialType::Cd, 1)]);
    assert_eq!(all.facets.branches, [count(PlaceCode("east".into()), 3), count(PlaceCode("main".into()), 3)]);
    assert_eq!(all.facets.decades, [count(2020, 2), count(1990, 1)]);
    assert_eq!(all.facets.ndc, [count(4, 1), count(7, 1), count(9, 2)]);

    let narrow = SearchQuery {
        material: Some(MaterialType::Book),
        branch: Some(PlaceCode("east".into())),
        ..SearchQuery::default()
    };
    let hits = search(&index, &narrow);
    assert_eq!(sorted(numbers(&hits)), [1, 3]);
    assert_eq!(hits.facets.materials, [count(MaterialType::Book, 2), count(MaterialType::Cd, 1)], "at the branch");
    assert_eq!(
        hits.facets.branches,
        [count(PlaceCode("east".into()), 2), count(PlaceCode("main".into()), 2)],
        "of the books"
    );
    assert_eq!(hits.facets.decades, [count(2020, 1), count(1990, 1)], "of the books at the branch");
    assert_eq!(hits.facets.ndc, [count(4, 1), count(9, 2)]);
    let narrow = SearchQuery { decade: Some(1990), ndc: Some(9), ..SearchQuery::default() };
    let hits = search(&index, &narrow);
    assert_eq!(hits.facets.decades, [count(2020, 1), count(1990, 1)], "of the class");
    assert_eq!(hits.facets.ndc, [count(9, 1)], "of the decade");
    let narrow = SearchQuery { ndc: Some(7), ..SearchQuery::default() };
    assert_eq!(search(&index, &narrow).facets.ndc, all.facets.ndc);

    for (narrow, expected) in [
        (SearchQuery { decade: Some(2020), ..SearchQuery::default() }, vec![1, 2]),
        (SearchQuery { ndc: Some(9), ..SearchQuery::default() }, vec![1, 3]),
        (SearchQuery { ndc: Some(9), decade: Some(1990), ..SearchQuery::default() }, vec![3]),
        (SearchQuery { branch: Some(PlaceCode("north".into())), ..SearchQuery::default() }, vec![]),
        (SearchQuery { material: Some(MaterialType::Ld), ..SearchQuery::default() }, vec![]),
    ] {
        assert_eq!(sorted(numbers(&search(&index, &narrow))), expected, "{narrow:?}");
        let with_words = SearchQuery { q: "しのう".to_owned(), ..narrow.clone() };
        let expected: Vec<u128> = expected.into_iter().filter(|number| *number == 3).collect();
        assert_eq!(numbers(&search(&index, &with_words)), expected, "{with_words:?}");
    }
}

#[test]
fn results_are_sorted_as_asked() {
    let index = mixed();
    for (sort, expected) in [
        (Sort::Title, [3, 4, 2, 1]),
        (Sort::Relevance, [3, 4, 2, 1]),
        (Sort::Newest, [2, 1, 3, 4]),
        (Sort::Oldest, [3, 1, 2, 4]),
    ] {
        let query = SearchQuery { sort, ..SearchQuery::default() };
        assert_eq!(numbers(&search(&index, &query)), expected, "{sort}");
    }
}

#[test]
fn pages_follow_on_each_other_across_segments() {
    let index = SearchIndex::in_ram().expect("an index");
    for segment in 0..5 {
        let bibs: Vec<IndexedBib> =
            (0..20).map(|n| n * 5 + segment).map(|n| book(n, &format!("{n}"), &format!("{n}"), NOBODY)).collect();
        index.replace(&bibs, &[]).expect("staged");
        index.commit("1").expect("committed");
    }
    let mut seen = Vec::new();
    for page in 1..=15 {
        let hits = index.search(&SearchQuery { page, ..SearchQuery::default() }, 7).expect("an answer");
        assert_eq!(hits.total, 100);
        seen.extend(hits.ids.iter().map(|id| id.0.as_u128()));
    }
    assert_eq!(seen, (0..100).collect::<Vec<u128>>(), "titles that are numbers stand in their order");
    for page in [0, 16, u32::MAX] {
        let hits = index.search(&SearchQuery { page, ..SearchQuery::default() }, 7).expect("an answer");
        assert_eq!((hits.total, hits.ids.len()), (100, if page == 0 { 7 } else { 0 }), "page {page}");
    }
}

#[test]
fn the_engine_alone_finds_the_same() {
    let index = shelf();
    let hits = search(&index, &query("の"));
    assert!(hits.total > 3);
    let (total, best) = index.best("の", 0, 20).expect("an answer");
    assert_eq!((total, sorted(best.iter().map(|id| id.0.as_u128()).collect())), (hits.total, sorted(numbers(&hits))));
    assert_eq!(index.best("の", 2, 20).expect("an answer").1, best[2..]);
}

#[test]
fn hostile_queries_are_answered_quickly() {
    let index = shelf();
    let cases = [
        "あ".repeat(10_000),
        "a".repeat(10_000),
        "猫 ".repeat(5_000),
        "()\"'*?~^:[]{}\\/+-&|!".repeat(500),
        "\"".to_owned(),
        "title:猫 AND (".to_owned(),
        "\0\u{1}\u{2} \u{3}\u{7f}".to_owned(),
        "\u{2} 吾".to_owned(),
        "。、・「」".to_owned(),
        "\u{202e}\u{200b}\u{feff}".to_owned(),
        "゛゜ー".to_owned(),
        "🐈🐈🐈".to_owned(),
        "978-".repeat(100),
    ];
    for q in cases {
        let shown: String = q.chars().take(20).collect();
        let begun = Instant::now();
        search(&index, &query(&q));
        index.suggest(&q, 8).expect("suggestions");
        index.did_you_mean(&q).expect("an answer");
        assert!(begun.elapsed() < Duration::from_millis(500), "{shown}: {:?}", begun.elapsed());
    }
    let long = format!("猫{}鬯", " ".repeat(200));
    assert_eq!(found(&index, &long), [1], "what comes after 200 characters is not looked at");
    assert_eq!(found(&index, "「」、。"), [0; 0], "punctuation alone is not everything");
    assert_eq!(found(&index, "\0\u{7}"), [0; 0]);
    assert_eq!(found(&index, "「猫」である。"), [1], "punctuation within the words is passed over");
    assert_eq!(search(&index, &query(" 　\n")).total, 15, "nothing but spaces is no query");
}

#[track_caller]
fn suggested(index: &SearchIndex, typed: &str) -> Vec<String> {
    index.suggest(typed, 8).expect("suggestions").into_iter().map(|suggestion| suggestion.text).collect()
}

#[test]
fn titles_and_makers_are_offered_while_typing() {
    let index = shelf();
    for typed in ["夏", "なつ", "ナツメ", "なつめそ", "夏目漱", "ﾅﾂ"] {
        assert_eq!(suggested(&index, typed), ["夏目 漱石"], "{typed}");
    }
    for typed in ["こくごg", "國語", "国語", "こくごがk", "コクゴｇ"] {
        assert_eq!(suggested(&index, typed), ["國語學史"], "{typed}");
    }
    assert_eq!(suggested(&index, "harry p"), ["Harry Potter and the Philosopher's Stone"]);
    assert_eq!(suggested(&index, "図書館"), ["図書館", "図書館の未来"], "the whole title first");
    assert_eq!(suggested(&index, ""), [""; 0]);
    assert_eq!(suggested(&index, "ん"), [""; 0]);
    let reading = index.suggest("夏目", 8).expect("suggestions").remove(0).reading;
    assert_eq!(reading.as_deref(), Some("ナツメ ソウセキ"));
}

#[test]
fn frequent_makers_leave_room_for_titles_and_titles_for_makers() {
    let authors = ["あおき", "あかぎ", "あきた", "あさい"];
    let bibs: Vec<IndexedBib> =
        (0..40).map(|n| book(n, &format!("本{n}"), &format!("あ{n}"), (authors[n as usize % 4], ""))).collect();
    let index = index_of(&bibs);
    let offered = index.suggest("あ", 6).expect("suggestions");
    assert_eq!(offered.len(), 6);
    assert_eq!(offered.iter().filter(|suggestion| suggestion.text.starts_with('あ')).count(), 3);
    assert_eq!(index.suggest("あ", 0).expect("suggestions"), []);
}

#[test]
fn another_spelling_is_offered_for_what_is_not_found() {
    let index = shelf();
    for (q, meant) in [
        ("北方頷土", "北方領土"),
        ("ほっぽうりょと", "北方領土"),
        // The first letter: another one, one too many, one too few.
        ("比方領土", "北方領土"),
        ("のほっぽうりょうど", "北方領土"),
        ("bharry", "harry"),
        ("arry", "harry"),
        ("garry", "harry"),
        ("夏目漱右", "夏目 漱石"),
        ("國話學史", "國語學史"),
        ("harri", "harry"),
        ("Harry Poter", "Harry potter"),
        ("こころ 夏目漱右", "こころ 夏目 漱石"),
    ] {
        assert_eq!(found(&index, q), [0; 0], "{q}");
        let offered = index.did_you_mean(q).expect("an answer");
        assert_eq!(offered.as_deref(), Some(meant), "{q}");
        assert_ne!(found(&index, meant), [0; 0], "{meant}");
    }
    for q in ["", "鬯", "鬯鬱", "鬯鬱鬱鬯鬱鬱", "こころ 北方領土", "鬯鬱鬱鬯 こころ", "こころ 北方頷土"]
    {
        assert_eq!(index.did_you_mean(q).expect("an answer"), None, "{q}");
    }
}

#[test]
fn what_is_staged_shows_after_the_commit_and_the_cursor_with_it() {
    let index = SearchIndex::in_ram().expect("an index");
    assert_eq!(index.cursor().expect("a cursor"), None);
    index.replace(&[book(1, "猫", "", NOBODY)], &[]).expect("staged");
    assert_eq!(found(&index, "猫"), [0; 0]);
    index.commit("7").expect("committed");
    assert_eq!(found(&index, "猫"), [1]);
    assert_eq!(index.cursor().expect("a cursor").as_deref(), Some("7"));

    // Again the same bib: changed, not doubled.
    index.replace(&[book(1, "犬", "", SOSEKI), book(2, "鳥", "", NOBODY)], &[]).expect("staged");
    index.commit("8").expect("committed");
    assert_eq!(found(&index, "猫"), [0; 0]);
    assert_eq!(sorted(found(&index, "")), [1, 2]);
    assert_eq!(suggested(&index, "猫"), [""; 0]);

    index.replace(&[], &[id(1)]).expect("staged");
    index.commit("9").expect("committed");
    assert_eq!(found(&index, ""), [2]);
    assert_eq!(suggested(&index, "夏目"), [""; 0]);
}

#[test]
fn the_last_of_two_changes_in_one_commit_counts() {
    let index = SearchIndex::in_ram().expect("an index");
    index.replace(&[book(1, "猫", "", NOBODY)], &[]).expect("staged");
    index.replace(&[book(1, "犬", "", NOBODY)], &[]).expect("staged");
    index.commit("1").expect("committed");
    assert_eq!(found(&index, ""), [1]);
    assert_eq!(found(&index, "犬"), [1]);
}

#[test]
fn the_index_survives_on_disk_and_one_of_another_version_or_broken_does_not() {
    let dir = tempfile::tempdir().expect("a folder");
    let fill = || {
        let index = SearchIndex::open(dir.path()).expect("an index");
        index.replace(&[book(1, "猫", "", NOBODY)], &[]).expect("staged");
        index.commit("7").expect("committed");
    };
    fill();
    let index = SearchIndex::open(dir.path()).expect("the same index");
    assert_eq!(index.cursor().expect("a cursor").as_deref(), Some("7"));
    assert_eq!(found(&index, "猫"), [1]);
    assert!(SearchIndex::open(dir.path()).is_err(), "two writers");
    assert_eq!(found(&index, "猫"), [1], "the second did no harm");
    drop(index);

    let folder = dir.path().join(format!("catalogue-v{VERSION}"));
    let old = dir.path().join("catalogue-v0");
    std::fs::rename(&folder, &old).expect("an index of another version");
    let other = dir.path().join("keep");
    std::fs::create_dir(&other).expect("a folder of somebody else");
    let index = SearchIndex::open(dir.path()).expect("a new index");
    assert_eq!(index.cursor().expect("a cursor"), None);
    assert_eq!(found(&index, ""), [0; 0]);
    assert!(!old.exists() && other.exists());
    drop(index);

    fill();
    std::fs::write(folder.join("meta.json"), "{").expect("a broken index");
    let index = SearchIndex::open(dir.path()).expect("a new index");
    assert_eq!(index.cursor().expect("a cursor"), None);
    assert_eq!(found(&index, ""), [0; 0]);
}

#[test]
fn a_commit_that_was_not_finished_can_be_done_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let state = dir.path().join(format!("catalogue-v{VERSION}")).join("meta.json");
    let index = SearchIndex::open(dir.path()).expect("an index");
    index.replace(&[book(1, "猫", "", NOBODY), book(2, "鳥", "", NOBODY)], &[]).expect("staged");
    index.commit("7").expect("committed");
    drop(index);
    let before = std::fs::read(&state).expect("the state of the index");
    let remove = |index: &SearchIndex| {
        index.replace(&[], &[id(1)]).expect("staged");
        index.commit("8")
    };
    remove(&SearchIndex::open(dir.path()).expect("the same index")).expect("committed");

    // The state is what a commit writes last.
    std::fs::write(&state, before).expect("as it was when the process was killed before that");
    let index = SearchIndex::open(dir.path()).expect("the same index");
    assert_eq!(sorted(found(&index, "")), [1, 2]);
    remove(&index).expect("committed");
    assert_eq!(found(&index, ""), [2]);
    assert_eq!(index.cursor().expect("a cursor").as_deref(), Some("8"));
}

#[test]
fn what_was_found_lately_holds_until_the_index_is_written() {
    let many: Vec<_> = (1..=600).map(|n| book(n, &format!("物語 {n}"), "", NOBODY)).collect();
    let index = index_of(&many);
    let first = search(&index, &query("物語"));
    assert_eq!((first.total, index.found_lately(&query("物語"), 20)), (600, Some(first.clone())));
    let second_page = SearchQuery { page: 2, ..query("物語") };
    assert_eq!(index.found_lately(&second_page, 20), None, "another page");
    assert_eq!(index.found_lately(&query("物語"), 40), None, "a longer page");
    assert_ne!(search(&index, &second_page).ids, first.ids);
    assert_eq!(search(&index, &query("物語")), first);
    index.replace(&[book(601, "物語", "", NOBODY)], &[id(1)]).expect("staged");
    assert_eq!(search(&index, &query("物語")), first, "nobody sees what is not committed");
    index.commit("2").expect("committed");
    assert_eq!(index.found_lately(&query("物語"), 20), None);
    let after = search(&index, &query("物語"));
    assert_eq!((after.total, after.ids.first()), (600, Some(&id(601))));
    assert_eq!(search(&index, &query("物語 3")).total, 1);
    assert_eq!(index.found_lately(&query("物語 3"), 20), None, "what finds little is not remembered");
}

#[test]
fn the_pages_of_many_hits_are_those_of_the_whole_order() {
    // Years go through all numbers below 600 in another order than the titles.
    let many: Vec<_> = (0..600)
        .map(|n| {
            let mut bib = book(n + 1, &format!("物語 {n:03}"), "", NOBODY);
            bib.record.year = i32::try_from(n * 7 % 600).ok().map(|year| year + 1700);
            bib
        })
        .collect();
    let index = SearchIndex::in_ram().expect("an index in memory");
    for bibs in many.chunks(250) {
        index.replace(bibs, &[]).expect("staged");
        index.commit("1").expect("committed");
    }
    for (sort, expected) in [
        (Sort::Title, (1..=600).collect::<Vec<u128>>()),
        (Sort::Relevance, (1..=600).collect()),
        (Sort::Oldest, sorted_by_year(&many, false)),
        (Sort::Newest, sorted_by_year(&many, true)),
    ] {
        let pages: Vec<u128> =
            (1..=30).flat_map(|page| numbers(&search(&index, &SearchQuery { sort, page, ..query("物語") }))).collect();
        assert_eq!(pages, expected, "{sort:?}");
    }
    let decades = search(&index, &query("物語")).facets.decades;
    assert_eq!((decades.len(), decades.iter().map(|decade| decade.count).sum::<u64>()), (60, 600));
    assert_eq!(decades.first(), Some(&FacetCount { value: 2290, count: 10 }), "beyond what is usual");
}

fn sorted_by_year(bibs: &[IndexedBib], newest_first: bool) -> Vec<u128> {
    let mut years: Vec<_> = bibs.iter().map(|bib| (bib.record.year, bib.id.0.as_u128())).collect();
    years.sort_unstable();
    if newest_first {
        years.reverse();
    }
    years.into_iter().map(|(_, number)| number).collect()
}

#[test]
fn segments_are_joined_and_say_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let index = SearchIndex::open(folder.path()).expect("an index");
    let segments = |index: &SearchIndex| index.reader.searcher().segment_readers().len();
    let add = |numbers: std::ops::RangeInclusive<u128>| {
        let books: Vec<_> = numbers.map(|n| book(n, "本", "", NOBODY)).collect();
        index.replace(&books, &[]).expect("staged");
        index.commit("3").expect("committed");
    };
    for numbers in [1..=100, 101..=200, 201..=300, 301..=301] {
        add(numbers);
    }
    assert_eq!(segments(&index), 4);
    index.join_segments().expect("joined");
    assert_eq!(segments(&index), 1);
    assert_eq!((search(&index, &query("本")).total, index.cursor().expect("read").as_deref()), (301, Some("3")));
    index.join_segments().expect("nothing to join");
    add(302..=331);
    index.join_segments().expect("nothing to join");
    assert_eq!(segments(&index), 2, "what is a tenth of it is left alone");
    add(332..=332);
    index.join_segments().expect("joined");
    assert_eq!((segments(&index), search(&index, &query("本")).total), (1, 332));
}

#[test]
fn the_smallest_segments_are_joined_and_the_large_left() {
    let sizes = |bibs: &[u32]| {
        let segments: Vec<_> = bibs.iter().map(|bibs| (*bibs, super::SegmentId::generate_random())).collect();
        let chosen = super::joined(segments.clone());
        sorted(segments.iter().filter(|(_, id)| chosen.contains(id)).map(|(bibs, _)| u128::from(*bibs)).collect())
    };
    assert_eq!(sizes(&[]), [0; 0]);
    assert_eq!(sizes(&[9]), [0; 0]);
    assert_eq!(sizes(&[100, 1_100, 10]), [0; 0]);
    assert_eq!(sizes(&[99, 1_100, 10]), [10, 99]);
    assert_eq!(sizes(&[1, 10_000, 2, 10]), [1, 2, 10], "the largest that is not left, and all below it");
    assert_eq!(sizes(&[64_000, 8_000, 8_000, 8_000]), [8_000, 8_000, 8_000, 64_000]);
}
