//! What becomes of each kind of row.

use domain::{
    catalog::MaterialType,
    circulation::{By, Instruction, Status},
    patrons::SignIn,
};
use library::going_live::{How, Kind, RowFile, RowMapping};

use super::{concerns, counts, refused, take};
use crate::{
    invariants,
    support::{Shelf, bib, on_both_engines, place},
};

on_both_engines!(
    patrons_are_known_by_their_cards,
    a_dry_run_says_what_will_happen_and_a_strict_one_takes_all_or_nothing,
    copies_are_attached_to_their_titles,
    loans_keep_what_may_never_be,
    queues_keep_their_times,
    a_captured_copy_stays_with_its_reservation,
    passwords_of_other_systems_are_left_out,
);

const PATRONS: &str = "card,name,name_kana,birth_date,telephone,card_state,mail1,mail1_confirmed\n\
    １００-００１,本間 静江,ﾎﾝﾏ ｼｽﾞｴ,S16.3.14,０４８０－００－０００１,,hanako@example.jp,true\n\
    100002,佐々木 恵,ササキ メグミ,1984/7/2,,suspended,なし,\n\
    100001,本間 静枝,ホンマ シズエ,1941-03-14,,,,\n\
    100003,青木,アオキ,1979-02-29,,,,\n\
    100004,,アオキ,1979-02-28,,,,\n\
    100005,青木,アオキ,2030-01-01,,,,\n\
    100006,青木,アオキ,昭和54年2月28日,,9,,\n\
    100007,青木,アオキ,1979-02-28,,,,,\n";

async fn patrons_are_known_by_their_cards(shelf: Shelf) {
    let done = take(&shelf, Kind::Patrons, PATRONS, How::GoodRows).await;
    assert_eq!(counts(&done), (2, 0, 0));
    assert_eq!(
        refused(&done),
        [
            (4, "card 100001 stands in line 2 already".to_owned()),
            (5, "birth_date: 1979-02-29 is no date of the calendar".to_owned()),
            (6, "name is empty".to_owned()),
            (7, "birth_date: 2030-01-01 has not come yet".to_owned()),
            (8, "card_state: 9 stands for nothing; say in [words.card_state] what it means".to_owned()),
            (9, "the row has 9 fields, the header row has 8".to_owned()),
        ]
    );
    assert_eq!(
        concerns(&done),
        [(3, "なし is no mail address and was left out".to_owned()), (3, "no telephone number".to_owned())]
    );
    assert_eq!(
        shelf
            .count(
                "select count(*) from patron where card_number = '100001' and birth_date = '1941-03-14'
                     and name_kana = 'ホンマ シズエ' and telephone = '0480-00-0001' and mail1_confirmed"
            )
            .await,
        1
    );
    // Again, and with a change in one: nobody is doubled, and an address confirmed here stays.
    assert_eq!(counts(&take(&shelf, Kind::Patrons, PATRONS, How::GoodRows).await), (0, 0, 2));
    let moved = "card,name,name_kana,birth_date,telephone,card_state,mail1\n\
        100001,本間 静江,ホンマ シズエ,1941-03-14,0480-00-0001,expired,other@example.jp\n";
    assert_eq!(counts(&take(&shelf, Kind::Patrons, moved, How::GoodRows).await), (0, 1, 0));
    assert_eq!(
        shelf.count("select count(*) from patron where card_state = 'expired' and mail1 = 'hanako@example.jp'").await,
        1
    );
    assert_eq!(shelf.count("select count(*) from patron").await, 2);
    assert_eq!(invariants::check(&shelf.library).await, [""; 0]);
}

async fn a_dry_run_says_what_will_happen_and_a_strict_one_takes_all_or_nothing(shelf: Shelf) {
    let dry = take(&shelf, Kind::Patrons, PATRONS, How::DryRun).await;
    assert_eq!((counts(&dry), dry.refused.len(), dry.left_out), ((2, 0, 0), 6, true));
    let strict = take(&shelf, Kind::Patrons, PATRONS, How::Strict).await;
    assert!(strict.left_out);
    assert_eq!(shelf.count("select count(*) from patron").await, 0);
    let wet = take(&shelf, Kind::Patrons, PATRONS, How::GoodRows).await;
    assert_eq!((counts(&wet), refused(&wet), concerns(&wet)), (counts(&dry), refused(&dry), concerns(&dry)));
    assert!(!wet.left_out);
    let good: String = PATRONS.lines().take(3).map(|line| format!("{line}\n")).collect();
    assert!(!take(&shelf, Kind::Patrons, &good, How::Strict).await.left_out);
}

async fn copies_are_attached_to_their_titles(shelf: Shelf) {
    shelf.library.import("test", &[bib("a", MaterialType::Book, &["central"])]).await.unwrap();
    let mut other = bib("b", MaterialType::Magazine, &[]);
    other.parts[0].label = "4月号".to_owned();
    shelf.library.import("test", &[other]).await.unwrap();
    let csv = "key,part,barcode,branch,shelf_mark,loan_rule,state,place\n\
        a,,Ｎ１,central,913.6 ア,,,\n\
        a,,N2,north,,in-library-only,missing,\n\
        b,4月号,N3,east,,,on-loan,\n\
        b,5月号,N4,east,,,,\n\
        a,,N1,central,,,,\n\
        c,,N5,central,,,,\n\
        a,,N6,south-hall,,,,\n\
        a,,N7,central,,,,moon\n\
        b,,N9,central,,,,\n\
        b,4月号,a-1,central,,,,\n\
        a,,N8,central,,,broken,\n";
    let done = take(&shelf, Kind::Items, csv, How::GoodRows).await;
    assert_eq!(counts(&done), (4, 0, 0));
    assert_eq!(
        refused(&done),
        [
            (6, "barcode N1 stands in line 2 already".to_owned()),
            (7, "there is no title c of the source test".to_owned()),
            (8, "branch: `south-hall` is no such place in the policy file".to_owned()),
            (9, "place: `moon` is no such place in the policy file".to_owned()),
            (10, "the title has several volumes or issues, and the row does not say which".to_owned()),
            (11, "the barcode belongs to a copy of another title".to_owned()),
            (12, "state: broken stands for nothing; say in [words.state] what it means".to_owned()),
        ]
    );
    assert_eq!(concerns(&done), [(5, "the volume or issue 5月号 is new".to_owned())]);
    assert_eq!(shelf.count("select count(*) from item where state = 'on-shelf'").await, 4, "on loan when loans say so");
    assert_eq!(counts(&take(&shelf, Kind::Items, csv, How::GoodRows).await), (0, 0, 4));
    // A known copy moves to another branch, but its state is the desk's.
    let moved = "key,barcode,branch,shelf_mark,loan_rule,state\na,N2,east,,in-library-only,on-shelf\n";
    assert_eq!(counts(&take(&shelf, Kind::Items, moved, How::GoodRows).await), (0, 1, 0));
    assert_eq!(
        shelf.count("select count(*) from item where barcode = 'N2' and branch = 'east' and state = 'missing'").await,
        1
    );
    assert_eq!(invariants::check(&shelf.library).await, [""; 0]);
}

async fn loans_keep_what_may_never_be(shelf: Shelf) {
    let (_, a) = shelf.book(&["central", "central"]).await;
    let (_, b) = shelf.book(&["north", "north"]).await;
    let (reader, other) = (shelf.patron().await, shelf.patron().await);
    let card = shelf.rows("select card_number, id from patron order by card_number").await;
    let [first, second] = [0, 1].map(|n| card[n].0.clone());
    shelf.library.check_out(&By::Staff, &place("north"), other, &b[0]).await.unwrap().unwrap();
    shelf.run(&format!("update item set state = 'missing' where barcode = '{}'", b[1])).await;
    let csv = format!(
        "barcode,card,due_on,lent_at,renewals\n\
        {a0},{first},令和8年4月10日,2026/03/27 10:15,1\n\
        {a1},{first},2026-04-10,,\n\
        {a0},{second},2026-04-10,,\n\
        {b0},{first},2026-04-10,,\n\
        {b1},{first},2026-04-10,,\n\
        none,{first},2026-04-10,,\n\
        {b1},none,2026-04-10,,\n\
        {b1},{second},2026-04-31,,\n\
        {b1},{second},2026-04-10,2026-04-02,\n\
        {b1},{second},2026-04-10,2026-03-02,x\n",
        a0 = a[0],
        a1 = a[1],
        b0 = b[0],
        b1 = b[1]
    );
    let done = take(&shelf, Kind::Loans, &csv, How::GoodRows).await;
    assert_eq!(counts(&done), (1, 0, 0));
    assert_eq!(
        refused(&done),
        [
            (3, "the patron has this title on loan".to_owned()),
            (4, format!("barcode {} stands in line 2 already", a[0])),
            (5, "the copy is on loan to another card".to_owned()),
            (6, "the copy is missing".to_owned()),
            (7, "there is no copy with the barcode none".to_owned()),
            (8, format!("barcode {} stands in line 6 already", b[1])),
            (9, format!("barcode {} stands in line 6 already", b[1])),
            (10, format!("barcode {} stands in line 6 already", b[1])),
            (11, format!("barcode {} stands in line 6 already", b[1])),
        ]
    );
    let loans = shelf.library.loans(reader).await.unwrap();
    assert_eq!((loans.len(), loans[0].due_on), (1, chrono::NaiveDate::from_ymd_opt(2026, 4, 10).unwrap()));
    // What somebody has reserved is lent to them by a scan, which fulfils it, and not by a file.
    let (reserved, c) = shelf.book(&["central"]).await;
    shelf.reserve(reader, &[reserved], 0, "central").await;
    let scanned = format!("barcode,card,due_on\n{},{first},2026-04-10\n", c[0]);
    let done = take(&shelf, Kind::Loans, &scanned, How::GoodRows).await;
    assert_eq!(refused(&done), [(2, "the patron has reserved this title".to_owned())]);
    assert_eq!(invariants::check(&shelf.library).await, [""; 0]);
    // Again: the same. Renewed in the old system since: moved. Brought back here since: not lent again.
    assert_eq!(counts(&take(&shelf, Kind::Loans, &csv, How::GoodRows).await), (0, 0, 1));
    let renewed = format!("barcode,card,due_on,lent_at,renewals\n{},{first},2026-04-24,2026/03/27 10:15,2\n", a[0]);
    assert_eq!(counts(&take(&shelf, Kind::Loans, &renewed, How::GoodRows).await), (0, 1, 0));
    assert_eq!(invariants::check(&shelf.library).await, [""; 0]);
    shelf.library.check_in(&place("central"), &a[0]).await.unwrap().unwrap();
    assert_eq!(counts(&take(&shelf, Kind::Loans, &renewed, How::GoodRows).await), (0, 0, 1));
    assert_eq!(shelf.library.loans(reader).await.unwrap(), []);
    assert_eq!(invariants::check(&shelf.library).await, [""; 0]);
}

async fn queues_keep_their_times(shelf: Shelf) {
    shelf.library.import("test", &[bib("a", MaterialType::Book, &["central"])]).await.unwrap();
    let part = shelf.part_of("a").await;
    let mut patrons = Vec::new();
    for _ in 0..5 {
        patrons.push(shelf.patron().await);
    }
    let cards: Vec<String> = shelf
        .rows("select card_number, id from patron order by card_number")
        .await
        .into_iter()
        .map(|row| row.0)
        .collect();
    // Somebody was faster on the web, and still stands behind those who waited before.
    shelf.reserve(patrons[4], &[part], 0, "central").await;
    let csv = format!(
        "key,card,placed_at,pickup_place,contact\n\
        a,{},2026-03-20,north,telephone\n\
        a,{},20260310,central,mail\n\
        a,{},2026-03-20,central,none\n\
        a,{},2026-02-01,central,\n\
        a,{},2026-03-20,moon,\n\
        a,{},2026-04-02,central,\n\
        a,{},2026-03-01,central,\n\
        a,none,2026-03-01,central,\n",
        cards[0], cards[1], cards[2], cards[4], cards[3], cards[3], cards[0]
    );
    let done = take(&shelf, Kind::Reservations, &csv, How::GoodRows).await;
    assert_eq!(counts(&done), (3, 0, 0));
    assert_eq!(
        refused(&done),
        [
            (5, "the patron has reserved this title".to_owned()),
            (6, "pickup_place: `moon` is no such place in the policy file".to_owned()),
            (7, "placed_at: 2026-04-02 has not come yet".to_owned()),
            (8, "this title for this card stands in line 2 already".to_owned()),
            (9, "nobody has the card NONE".to_owned()),
        ]
    );
    assert_eq!(
        concerns(&done),
        [
            (4, "to be told by nobody, which the policy does not offer: will be telephoned".to_owned()),
            (4, "of the same moment as another in this queue: the order of the rows decides".to_owned()),
        ]
    );
    let mut positions = Vec::new();
    for patron in [1, 0, 2, 4] {
        let view = shelf.library.reservations(patrons[patron]).await.unwrap().remove(0);
        let Status::Waiting { position } = view.status else { panic!("{view:?}") };
        positions.push((position, view.placed_on.to_string()));
    }
    let wanted = [(1, "2026-03-10"), (2, "2026-03-20"), (3, "2026-03-20"), (4, "2026-04-01")];
    assert_eq!(positions, wanted.map(|(position, day)| (position, day.to_owned())));
    assert_eq!(invariants::check(&shelf.library).await, [""; 0]);
    // Again: the same, but for another place; cancelled here since: not made again.
    let again = csv.replace("20260310,central", "20260310,north");
    assert_eq!(counts(&take(&shelf, Kind::Reservations, &again, How::GoodRows).await), (0, 1, 2));
    let view = shelf.library.reservations(patrons[1]).await.unwrap().remove(0);
    assert_eq!(view.pickup_place, place("north"));
    let op = domain::OpId(uuid::Uuid::from_u128(99));
    let cancel = domain::circulation::PatronAction::Cancel(view.id);
    shelf.library.act(&By::Patron, patrons[1], op, &cancel).await.unwrap().unwrap();
    assert_eq!(counts(&take(&shelf, Kind::Reservations, &again, How::GoodRows).await), (0, 0, 3));
    assert_eq!(shelf.library.reservations(patrons[1]).await.unwrap(), []);
    assert_eq!(invariants::check(&shelf.library).await, [""; 0]);
}

async fn a_captured_copy_stays_with_its_reservation(shelf: Shelf) {
    shelf.library.import("test", &[bib("a", MaterialType::Book, &["central", "north", "east"])]).await.unwrap();
    let reader = shelf.patron().await;
    shelf.patron().await;
    shelf.patron().await;
    let cards = shelf.rows("select card_number, id from patron order by card_number").await;
    let csv = format!(
        "key,card,placed_at,pickup_place,state,barcode,hold_until,set,set_ordinal,set_gaps\n\
        a,{},2026-03-20,central,ready,a-1,2026-04-09,家族,2,1\n\
        a,{},2026-03-21,central,ready,a-1,2026-04-09,,,\n\
        a,{},2026-03-22,north,in-transit,a-2,,,,\n\
        a,{},2026-03-22,north,ready,a-3,,,,\n",
        cards[0].0, cards[1].0, cards[1].0, cards[2].0
    );
    let done = take(&shelf, Kind::Reservations, &csv, How::GoodRows).await;
    assert_eq!(counts(&done), (2, 0, 0));
    assert_eq!(
        refused(&done),
        [(3, "the copy is kept for another reservation".to_owned()), (5, "hold_until is empty".to_owned())]
    );
    assert_eq!(invariants::check(&shelf.library).await, [""; 0]);
    let views = shelf.library.reservations(reader).await.unwrap();
    let until = chrono::NaiveDate::from_ymd_opt(2026, 4, 9).unwrap();
    assert_eq!(views[0].status, Status::Ready { until });
    let arrived = shelf.library.check_in(&place("north"), "a-2").await.unwrap().unwrap();
    assert!(matches!(arrived.instruction, Instruction::HoldShelf { .. }), "{arrived:?}");
    shelf.library.check_out(&By::Staff, &place("central"), reader, "a-1").await.unwrap().unwrap();
    assert_eq!(invariants::check(&shelf.library).await, [""; 0]);
}

async fn passwords_of_other_systems_are_left_out(shelf: Shelf) {
    let csv = "card,name,name_kana,birth_date,telephone,password_hash\n\
        100001,本間 静江,ホンマ シズエ,1941-03-14,0480-00-0001,1234\n";
    let done = take(&shelf, Kind::Patrons, csv, How::GoodRows).await;
    assert_eq!(concerns(&done).len(), 1);
    assert_eq!(shelf.library.sign_in("100001", "1234", &library::Origin::unknown()).await.unwrap(), SignIn::Wrong);
    assert_eq!(shelf.count("select count(*) from patron where password_hash is not null").await, 0);
}

#[test]
fn a_mapping_that_makes_no_sense_is_named() {
    let said = |text: &str| RowMapping::read(Kind::Patrons, text).unwrap_err().to_string();
    assert!(said("[columns]\ncrad = \"番号\"").contains("have no field crad; they have card, name"));
    assert_eq!(said("[columns]\ncard = \"番号\""), "[columns] patrons need a column for name, or a default for it");
    assert!(said("[colums]").contains("colums"));
    assert!(said("[table]\ndelimiter = \"、\"").contains("one ASCII character"));
    let mapping = RowMapping::read(
        Kind::Patrons,
        "[columns]\ncard = \"番号\"\nname = \"氏名\"\nname_kana = \"カナ\"\nbirth_date = \"生年月日\"",
    );
    let missing = RowFile::read("番号,氏名\n1,山田\n".as_bytes(), &mapping.unwrap()).unwrap_err().to_string();
    assert!(missing.contains("has no column 生年月日, カナ; it has 番号, 氏名"), "{missing}");
}
