//! The files of an old system, in an old system's manner: CP932, half-width kana, Japanese eras, codes for everything, a
//! column too many here and there, doubled cards, dates no calendar has. The same seed makes the same files.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    io::Read,
    path::Path,
};

use chrono::{Datelike, Days, NaiveDate};
use encoding_rs::SHIFT_JIS;
use flate2::read::GzDecoder;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};

/// How many of everything.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) copies: usize,
    pub(super) patrons: usize,
    pub(super) loans: usize,
    pub(super) reservations: usize,
}

/// A file and how many of its rows can't be taken.
pub(super) struct OldFile {
    pub(super) bytes: Vec<u8>,
    pub(super) rows: usize,
    pub(super) bad: usize,
}

/// What the old system hands over.
pub(super) struct OldSystem {
    pub(super) items: OldFile,
    pub(super) patrons: OldFile,
    pub(super) loans: OldFile,
    pub(super) reservations: OldFile,
}

const BRANCHES: [&str; 4] = ["中央図書館", "北分館", "東分館", "駅前館"];

/// The day the old system was asked: the tests' today.
fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 4, 1).unwrap()
}

/// Names as kanji and katakana.
struct Names {
    families: Vec<(String, String)>,
    given: Vec<(String, String)>,
}

impl Names {
    /// The real names beside the project; a few of our own where they are absent.
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/tables/names-with-readings.csv.gz");
        let mut text = String::new();
        match std::fs::File::open(path) {
            Ok(file) => drop(GzDecoder::new(file).read_to_string(&mut text).unwrap()),
            Err(_) => {
                "\nlast,,山田,やまだ,ヤマダ\nlast,,佐藤,さとう,サトウ\nfirst,,花子,はなこ,ハナコ\nfirst,,健,けん,ケン"
                    .clone_into(&mut text)
            }
        }
        let mut names = Self { families: Vec::new(), given: Vec::new() };
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let [kind, _, kanji, _, kana] = cells[..] else { continue };
            // What CP932 has no character for, the old system could not hold either.
            if SHIFT_JIS.encode(kanji).2 {
                continue;
            }
            let into = if kind == "last" { &mut names.families } else { &mut names.given };
            into.push((kanji.to_owned(), kana.to_owned()));
        }
        names
    }
}

struct Copy {
    barcode: String,
    bib: usize,
    lendable: bool,
    on_shelf: bool,
    branch: &'static str,
}

struct Sheet {
    text: String,
    columns: usize,
    rows: usize,
    bad: usize,
}

impl Sheet {
    fn new(header: &str) -> Self {
        Self { text: format!("{header}\r\n"), columns: header.split(',').count(), rows: 0, bad: 0 }
    }

    fn row(&mut self, cells: &[String]) {
        assert_eq!(cells.len(), self.columns);
        self.text.push_str(&cells.join(","));
        self.text.push_str("\r\n");
        self.rows += 1;
    }

    /// A row that can't be taken.
    fn bad(&mut self, cells: &[String]) {
        self.row(cells);
        self.bad += 1;
    }

    /// A row with a column too many.
    fn too_long(&mut self, cells: &[String]) {
        self.bad(cells);
        self.text.truncate(self.text.len() - 2);
        self.text.push_str(",備考\r\n");
    }

    fn file(self) -> OldFile {
        let (bytes, _, lost) = SHIFT_JIS.encode(&self.text);
        assert!(!lost, "the old system has no such character");
        OldFile { bytes: bytes.into_owned(), rows: self.rows, bad: self.bad }
    }
}

/// A day as one of the old system's programs writes it.
fn written(day: NaiveDate, random: &mut StdRng) -> String {
    let (y, m, d) = (day.year(), day.month(), day.day());
    match (y, random.random_range(0..5)) {
        (1926..=1988, 0) => format!("S{}.{m}.{d}", y - 1925),
        (1926..=1988, 1) => format!("昭和{}年{m}月{d}日", y - 1925),
        (1990..=2018, 0) => format!("H{:02}{m:02}{d:02}", y - 1988),
        (_, 2) => format!("{y}/{m}/{d}"),
        (_, 3) => wide(&format!("{y}{m:02}{d:02}")),
        _ => format!("{y}{m:02}{d:02}"),
    }
}

/// Full-width digits, as an input method left on makes them.
fn wide(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { char::from_u32(c as u32 + 0xFEE0).unwrap() } else { c }).collect()
}

/// Katakana in half width.
fn half_width(kana: &str) -> String {
    const FULL: &str = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォャュョッー";
    const HALF: &str = "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｧｨｩｪｫｬｭｮｯｰ";
    let plain: HashMap<char, char> = FULL.chars().zip(HALF.chars()).collect();
    let mut half = String::new();
    for c in kana.chars() {
        let before = |n: u32| char::from_u32(c as u32 - n).and_then(|c| plain.get(&c));
        match plain.get(&c) {
            Some(c) => half.push(*c),
            None if "ガギグゲゴザジズゼゾダヂヅデドバビブベボ".contains(c) => {
                half.extend(before(1));
                half.push('ﾞ');
            }
            None if "パピプペポ".contains(c) => {
                half.extend(before(2));
                half.push('ﾟ');
            }
            None => half.push(c),
        }
    }
    half
}

/// Every so many-th row is followed by bad ones.
const BAD_EVERY: usize = 97;

impl OldSystem {
    /// Makes the files for titles with these keys.
    pub(super) fn make(seed: u64, keys: &[String], size: Size) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let (items, copies) = items(&mut random, keys, size.copies);
        let (patrons, cards) = patrons(&mut random, size.patrons);
        let (loans, ties, lent) = loans(&mut random, &copies, &cards, size.loans);
        let reservations = reservations(&mut random, keys, &copies, &cards, (ties, lent), size.reservations);
        Self { items, patrons, loans, reservations }
    }
}

fn items(random: &mut StdRng, keys: &[String], count: usize) -> (OldFile, Vec<Copy>) {
    let mut sheet = Sheet::new("資料番号,書誌番号,所蔵館,請求記号,帯出区分,状態");
    let mut copies = Vec::with_capacity(count);
    for n in 0..count {
        let bib = if n < keys.len() { n } else { random.random_range(0..keys.len()) };
        let barcode = format!("1{n:08}");
        let lendable = random.random_range(0..100) > 2;
        let state = match random.random_range(0..200) {
            0..2 => "90",
            2 => "99",
            _ => "00",
        };
        let branch = *BRANCHES.choose(random).unwrap();
        let cells = |barcode: &str, key: &str, branch: &str| {
            [barcode, key, branch, "913.6 ア", if lendable { "0" } else { "1" }, state].map(str::to_owned)
        };
        sheet.row(&cells(&barcode, &keys[bib], branch));
        if n % BAD_EVERY == 0 {
            match n / BAD_EVERY % 4 {
                0 => sheet.bad(&cells(&wide(&barcode), &keys[bib], branch)),
                1 => sheet.bad(&cells(&format!("2{n:08}"), "99999999", branch)),
                2 => sheet.bad(&cells(&format!("2{n:08}"), &keys[bib], "旧南分館")),
                _ => sheet.too_long(&cells(&format!("2{n:08}"), &keys[bib], branch)),
            }
        }
        copies.push(Copy { barcode, bib, lendable, on_shelf: state == "00", branch });
    }
    (sheet.file(), copies)
}

fn patrons(random: &mut StdRng, count: usize) -> (OldFile, Vec<String>) {
    let names = Names::read();
    let mut sheet = Sheet::new("利用者番号,漢字氏名,カナ氏名,生年月日,電話番号,メールアドレス,カード状態,パスワード");
    let mut cards = Vec::with_capacity(count);
    for n in 0..count {
        let card = format!("{}", 2_000_000 + n);
        let (family, given) = (names.families.choose(random).unwrap(), names.given.choose(random).unwrap());
        let born = NaiveDate::from_ymd_opt(1930, 1, 1).unwrap() + Days::new(random.random_range(0..32_000));
        let telephone = format!("048-{:03}-{:04}", random.random_range(0..1000), random.random_range(0..10_000));
        let telephone = match random.random_range(0..10) {
            0 => wide(&telephone),
            1 => String::new(),
            _ => telephone,
        };
        let mail = match random.random_range(0..10) {
            0..5 => format!("p{n}@example.jp"),
            5 => "なし".to_owned(),
            _ => String::new(),
        };
        let state = ["0", "0", "0", "0", "０", "0", "0", "1", "9", ""].choose(random).unwrap();
        let kana = half_width(&format!("{} {}", family.1, given.1));
        let name = format!("{}　{}", family.0, given.0);
        let cells = |card: &str, born: String, state: &str| {
            let (telephone, mail) = (telephone.clone(), mail.clone());
            [card.to_owned(), name.clone(), kana.clone(), born, telephone, mail, state.to_owned(), "1234".to_owned()]
        };
        let day = written(born, random);
        let typed = if n % 13 == 0 { wide(&card) } else { card.clone() };
        sheet.row(&cells(&typed, day.clone(), state));
        if n % BAD_EVERY == 0 {
            let other = format!("{}", 9_000_000 + n);
            match n / BAD_EVERY % 4 {
                0 => sheet.bad(&cells(&card, day, state)),
                1 => sheet.bad(&cells(&other, "S63.2.31".to_owned(), state)),
                2 => sheet.bad(&cells(&other, day, "X")),
                _ => sheet.too_long(&cells(&other, day, state)),
            }
        }
        cards.push(card);
    }
    (sheet.file(), cards)
}

/// Who has to do with which title, and which copies are out.
type Ties = (HashSet<(usize, usize)>, BTreeSet<usize>);

fn loans(
    random: &mut StdRng,
    copies: &[Copy],
    cards: &[String],
    count: usize,
) -> (OldFile, HashSet<(usize, usize)>, BTreeSet<usize>) {
    let mut sheet = Sheet::new("資料番号,利用者番号,貸出日時,返却期限,延長回数,貸出館");
    let (mut ties, mut lent) = (HashSet::new(), BTreeSet::new());
    while lent.len() < count {
        let (at, reader) = (random.random_range(0..copies.len()), random.random_range(0..cards.len()));
        let copy = &copies[at];
        if !copy.lendable || !copy.on_shelf || lent.contains(&at) || !ties.insert((reader, copy.bib)) {
            continue;
        }
        let n = lent.len();
        lent.insert(at);
        let day = today() - Days::new(random.random_range(1..40));
        let at_time = format!("{} {:02}:{:02}:00", day.format("%Y/%m/%d"), 9 + n % 9, n % 60);
        let due = written(day + Days::new(14), random);
        let cells = |barcode: &str, card: &str, due: &str| {
            let renewals = if n.is_multiple_of(7) { "１" } else { "" };
            [barcode, card, &at_time, due, renewals, copy.branch].map(str::to_owned)
        };
        sheet.row(&cells(&copy.barcode, &cards[reader], &due));
        if n.is_multiple_of(BAD_EVERY) {
            let other = &cards[(reader + 1) % cards.len()];
            match n / BAD_EVERY % 5 {
                0 => sheet.bad(&cells(&copy.barcode, other, &due)),
                1 => sheet.bad(&cells("999999999", other, &due)),
                2 => sheet.bad(&cells(&copies[0].barcode, "8888888", &due)),
                3 => sheet.bad(&cells(&copies[0].barcode, other, "20260431")),
                _ => sheet.too_long(&cells("999999999", other, &due)),
            }
        }
    }
    (sheet.file(), ties, lent)
}

fn reservations(
    random: &mut StdRng,
    keys: &[String],
    copies: &[Copy],
    cards: &[String],
    (mut ties, lent): Ties,
    count: usize,
) -> OldFile {
    let mut sheet = Sheet::new("書誌番号,利用者番号,予約日時,受取館,連絡方法,状態,確保資料番号,取置期限");
    let free = |at: &usize| copies[*at].lendable && copies[*at].on_shelf && !lent.contains(at);
    let free: Vec<usize> = (0..copies.len()).filter(free).collect();
    let mut kept = free.sample(random, (count / 10).min(free.len())).copied().collect::<Vec<_>>().into_iter();
    // Few titles are wanted by many.
    let wanted = (keys.len() / 12).max(4);
    let mut n = 0;
    while n < count {
        let reader = random.random_range(0..cards.len());
        let copy = if n % 10 == 9 { kept.next() } else { None };
        let bib = copy.map_or_else(|| random.random_range(0..wanted.min(keys.len())), |at| copies[at].bib);
        if !ties.insert((reader, bib)) {
            continue;
        }
        let day = today() - Days::new(random.random_range(1..200));
        // The older half of the old system knew the day only.
        let placed = if random.random_range(0..2) == 0 {
            written(day, random)
        } else {
            format!("{}{:02}{:02}{:02}", day.format("%Y%m%d"), 9 + n % 9, n % 60, n % 59)
        };
        let place = *BRANCHES.choose(random).unwrap();
        let until = copy.map(|_| written(today() + Days::new(random.random_range(0..14)), random)).unwrap_or_default();
        let state = match copy {
            Some(_) => "3",
            None => ["0", ""].choose(random).unwrap(),
        };
        let barcode = copy.map(|at| copies[at].barcode.clone()).unwrap_or_default();
        let contact = ["1", "2", "２"].choose(random).unwrap();
        let cells = |key: &str, card: &str, placed: &str| {
            [key, card, placed, place, contact, state, &barcode, &until].map(str::to_owned)
        };
        sheet.row(&cells(&keys[bib], &cards[reader], &placed));
        if n % BAD_EVERY == 0 {
            match n / BAD_EVERY % 4 {
                0 => sheet.bad(&cells(&keys[bib], &wide(&cards[reader]), &placed)),
                1 => sheet.bad(&cells(&keys[bib], "8888888", &placed)),
                2 => sheet.bad(&cells("99999999", &cards[reader], &placed)),
                _ => sheet.too_long(&cells("99999999", &cards[reader], &placed)),
            }
        }
        n += 1;
    }
    sheet.file()
}
