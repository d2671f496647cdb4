//! Out of one engine and into the other: what is exported, taken in and exported again is the same, byte for byte.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use domain::{
    OpId,
    catalog::MaterialType,
    circulation::{BorrowedCopy, By, Instruction, PatronAction, RequestStep, TitleRequest, WriteOff},
    patrons::{CardState, Contact},
};
use library::{
    Clock,
    going_live::{How, Kind, RowFile, RowMapping},
};
use uuid::Uuid;

use super::on_the_other_engine;
use crate::{
    invariants,
    support::{Shelf, bib, morning, on_both_engines, place, policy},
};

on_both_engines!(a_lively_library_moves_to_the_other_engine, an_export_overwrites_nothing_and_is_its_owners);

/// The files of an export, by name.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

pub(super) async fn export(shelf: &Shelf, passwords: bool) -> Files {
    let folder = tempfile::tempdir().unwrap();
    shelf.library.export(folder.path(), passwords).await.unwrap();
    let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap())).collect()
}

/// Takes an export in by its own mappings, into an empty library, and exports it again.
pub(super) async fn moves_to(files: &Files, other: &Shelf) {
    for kind in Kind::ALL {
        let mapping = String::from_utf8(files[&format!("{kind}.toml")].clone()).unwrap();
        let mapping = RowMapping::read(kind, &mapping).unwrap();
        let rows = RowFile::read(files[&format!("{kind}.csv")].as_slice(), &mapping).unwrap();
        let done = other.library.take_in(&rows, How::Strict).await.unwrap();
        assert_eq!((done.refused, done.left_out), (Vec::new(), false), "{kind}");
    }
    assert_eq!(invariants::check(&other.library).await, [""; 0]);
    let again = export(other, files["patrons.toml"].windows(8).any(|word| word == b"password")).await;
    for (name, bytes) in files {
        assert_eq!(String::from_utf8_lossy(bytes), String::from_utf8_lossy(&again[name]), "{name}");
    }
    assert_eq!(files.len(), again.len());
}

/// Everything a library can have: sets, holds, copies on the way, other libraries' copies, merged titles, closures.
async fn a_lively_library_moves_to_the_other_engine(shelf: Shelf) {
    let library = shelf.again(Clock::Fixed(morning() + TimeDelta::hours(1)), policy());
    let central = place("central");
    let mut magazine = bib("m", MaterialType::Magazine, &["central"]);
    magazine.record.title = "題名m、\"引用\"\n改行".to_owned();
    magazine.parts[0].label = "3月号".to_owned();
    magazine.parts[0].received_on = NaiveDate::from_ymd_opt(2026, 3, 1);
    let mut newer = magazine.parts[0].clone();
    (newer.label, newer.ordinal, newer.items[0].barcode) = ("4月号".to_owned(), 1, "m-new".to_owned());
    magazine.parts.push(newer);
    shelf.library.import("test", &[magazine]).await.unwrap();
    let (one, copies) = shelf.book(&["central", "north", "east"]).await;
    let (two, others) = shelf.book(&["central"]).await;
    let (three, _) = shelf.book(&["station"]).await;
    let (_, fourth) = shelf.book(&["station", "central"]).await;
    let (five, fifth) = shelf.book(&["central"]).await;
    let mut patrons = Vec::new();
    for _ in 0..6 {
        patrons.push(shelf.patron().await);
    }
    let act = async |patron: usize, action: PatronAction| {
        library.act(&By::Patron, patrons[patron], OpId(Uuid::now_v7()), &action).await.unwrap()
    };
    // A set whose first member is lent, whose second is ready, whose third waits.
    shelf.reserve(patrons[0], &[five, two, one], 3, "north").await;
    library.check_out(&By::Staff, &central, patrons[0], &fifth[0]).await.unwrap().unwrap();
    library.check_in(&place("north"), &others[0]).await.unwrap().unwrap();
    // A copy on its way, one picked, a queue.
    shelf.reserve(patrons[1], &[one, three], 0, "south-hall").await;
    shelf.reserve(patrons[2], &[one, three], 0, "east").await;
    library.check_in(&central, &copies[0]).await.unwrap().unwrap();
    library.assign_pulls().await.unwrap();
    // Loans: renewed, said to be returned.
    let loan = library.check_out(&By::Staff, &central, patrons[3], &fourth[0]).await.unwrap().unwrap().loan;
    let later = shelf.again(Clock::Fixed(morning() + TimeDelta::days(3)), policy());
    later.act(&By::Patron, patrons[3], OpId(Uuid::now_v7()), &PatronAction::Renew(loan)).await.unwrap().unwrap();
    act(3, PatronAction::SayReturned(loan)).await.unwrap();
    // A title that is not owned, another for which a copy was borrowed, a lost copy, a barred card.
    let request = |title: &str| TitleRequest {
        title: title.to_owned(),
        creators: "著者".to_owned(),
        material: MaterialType::Book,
        pickup_place: central.clone(),
        contact: Contact::Telephone,
    };
    let asked = library.request_title(&By::Staff, patrons[4], &request("未所蔵")).await.unwrap().unwrap();
    library.advance_request(asked, RequestStep::Searching).await.unwrap().unwrap();
    let lent = library.request_title(&By::Staff, patrons[4], &request("相互貸借")).await.unwrap().unwrap();
    let copy = BorrowedCopy {
        barcode: "他館-1".to_owned(),
        here: central.clone(),
        lender: "県立図書館".to_owned(),
        due_on: NaiveDate::from_ymd_opt(2026, 5, 1).unwrap(),
    };
    library.receive_borrowed(lent, &copy).await.unwrap().unwrap();
    library.check_in(&central, "他館-1").await.unwrap().unwrap();
    library.write_off(&fourth[1], WriteOff::Missing).await.unwrap().unwrap();
    library.set_card_state(patrons[5], CardState::Suspended).await.unwrap();
    // A record that was merged into another.
    shelf.library.import("other", &[bib("x", MaterialType::Book, &["east"])]).await.unwrap();
    let into = shelf.rows("select source_key, id from bib where source = 'other'").await[0].1;
    shelf.library.import("third", &[bib("y", MaterialType::Book, &["east"])]).await.unwrap();
    let merged = shelf.rows("select source_key, id from bib where source = 'third'").await[0].1;
    library.merge_bibs(domain::BibId(merged), domain::BibId(into)).await.unwrap().unwrap();
    shelf
        .run(
            "update patron set mail2 = 'second@example.jp', ready_mail = 2, password_hash = '$argon2id$x'
             where card_number = (select min(card_number) from patron)",
        )
        .await;

    assert_eq!(invariants::check(&shelf.library).await, [""; 0]);
    let files = export(&shelf, true).await;
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    for (name, word) in [
        ("titles.csv", "third,y,"),
        ("items.csv", "県立図書館,2026-05-01"),
        ("patrons.csv", "second@example.jp,false,2,$argon2id$x"),
        ("patrons.csv", "suspended"),
        ("loans.csv", "2026-04-18"),
        ("reservations.csv", "ready"),
        ("reservations.csv", "in-transit"),
        ("reservations.csv", "assigned"),
        ("reservations.csv", "searching"),
        // Reserved to be told by mail; the address for that is another now, and not confirmed.
        ("reservations.csv", "north,telephone,ready"),
        ("reservations.csv", "1,2,2026-03-31T15:00:00.000000Z,,1"),
    ] {
        assert!(text(name).contains(word), "{word} in {}", text(name));
    }
    let other = on_the_other_engine(&shelf).await;
    moves_to(&files, &other).await;
    // The queue goes on where it stood: the copy that arrives is ready for the same patron, the set for its member.
    let there = other.again(Clock::Fixed(morning() + TimeDelta::hours(2)), policy());
    let arrived = there.check_in(&place("north"), &copies[0]).await.unwrap().unwrap();
    assert!(matches!(arrived.instruction, Instruction::HoldShelf { .. }), "{arrived:?}");
    assert_eq!(invariants::check(&there).await, [""; 0]);
    // Without passwords there is no trace of them.
    let without = export(&shelf, false).await;
    assert!(without.values().all(|bytes| !String::from_utf8_lossy(bytes).contains("argon2")));
}

async fn an_export_overwrites_nothing_and_is_its_owners(shelf: Shelf) {
    use std::os::unix::fs::PermissionsExt;
    shelf.patron().await;
    let folder = tempfile::tempdir().unwrap();
    shelf.library.export(folder.path(), false).await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(shelf.library.export(folder.path(), false).await.is_err());
}
