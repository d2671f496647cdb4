//! The weekend itself: an old system's files, the example mappings, and a library that works on Monday. A small town in
//! every run of the tests; a whole one by `make going-live`.
#![expect(clippy::print_stdout, reason = "the report is what it is run for")]

use std::{collections::BTreeMap, fs::File, path::Path, time::Instant};

use domain::catalog::{ImportedBib, MaterialType};
use library::{
    catalog::import::{Mapping, Reader},
    going_live::{How, Kind, RowFile, RowMapping, TakenIn},
};

use super::{
    counts,
    moving::{export, moves_to},
    old_system::{OldFile, OldSystem, Size},
    on_the_other_engine,
};
use crate::{
    invariants,
    support::{Shelf, bib, number_from, on_both_engines},
};

on_both_engines!(a_small_town_goes_live, a_real_town_goes_live);

fn mapping(kind: Kind) -> RowMapping {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mappings/going-live");
    RowMapping::read(kind, &std::fs::read_to_string(folder.join(format!("{kind}.toml"))).unwrap()).unwrap()
}

async fn take_in(shelf: &Shelf, kind: Kind, file: &OldFile, how: How) -> TakenIn {
    let started = Instant::now();
    let rows = RowFile::read(file.bytes.as_slice(), &mapping(kind)).unwrap();
    assert_eq!(rows.len(), file.rows);
    let done = shelf.library.take_in(&rows, how).await.unwrap();
    let mut reasons: BTreeMap<&str, u32> = BTreeMap::new();
    let said: Vec<String> = done.refused.iter().map(|note| note.what.to_string()).collect();
    for why in &said {
        *reasons.entry(why.split([':', '/']).next().unwrap_or_default()).or_default() += 1;
    }
    println!(
        "{kind}, {how:?}: {} rows: {:?} new, changed, as they were; {} rejected, {} to be looked at; {:.1} s",
        rows.len(),
        counts(&done),
        done.refused.len(),
        done.concerns.len(),
        started.elapsed().as_secs_f64()
    );
    assert_eq!(done.refused.len(), file.bad, "{reasons:#?}");
    done
}

async fn goes_live(shelf: &Shelf, old: &OldSystem) {
    let files = [
        (Kind::Items, &old.items),
        (Kind::Patrons, &old.patrons),
        (Kind::Loans, &old.loans),
        (Kind::Reservations, &old.reservations),
    ];
    for (kind, file) in files {
        let good = u64::try_from(file.rows - file.bad).unwrap();
        let dry = take_in(shelf, kind, file, How::DryRun).await;
        let done = take_in(shelf, kind, file, How::GoodRows).await;
        assert_eq!((counts(&dry), counts(&done)), ((good, 0, 0), (good, 0, 0)), "{kind}");
        assert_eq!((&dry.refused, &dry.concerns), (&done.refused, &done.concerns), "{kind}");
    }
    for (kind, file) in files {
        let good = u64::try_from(file.rows - file.bad).unwrap();
        assert_eq!(counts(&take_in(shelf, kind, file, How::GoodRows).await), (0, 0, good), "{kind} again");
    }
    let started = Instant::now();
    assert_eq!(invariants::check(&shelf.library).await, [""; 0]);
    println!("check: nothing wrong; {:.1} s", started.elapsed().as_secs_f64());

    let started = Instant::now();
    let first = export(shelf, true).await;
    println!("export: {:.1} s", started.elapsed().as_secs_f64());
    let other = on_the_other_engine(shelf).await;
    let started = Instant::now();
    moves_to(&first, &other).await;
    println!("into the other engine, export the same, nothing wrong; {:.1} s", started.elapsed().as_secs_f64());
}

async fn a_small_town_goes_live(shelf: Shelf) {
    let bibs: Vec<ImportedBib> = (0..80).map(|n| bib(&format!("{n:06}"), MaterialType::Book, &[])).collect();
    shelf.library.import("aozora", &bibs).await.unwrap();
    let keys: Vec<String> = bibs.into_iter().map(|bib| bib.source_key).collect();
    let size = Size { copies: 500, patrons: 400, loans: 150, reservations: 400 };
    goes_live(&shelf, &OldSystem::make(number_from("SEED").unwrap_or(1), &keys, size)).await;
}

/// Only when asked for by its size: `make going-live`.
async fn a_real_town_goes_live(shelf: Shelf) {
    let Some(patrons) = number_from("GOING_LIVE").map(|n| usize::try_from(n).unwrap()) else { return };
    let data =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/aozora/list_person_all_extended_utf8.csv.gz");
    let Ok(file) = File::open(&data) else {
        println!("not run: the real catalogue is absent");
        return;
    };
    let engine = shelf.address.split(':').next().unwrap_or_default();
    println!("== {engine}");
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../mappings/aozora.toml")).unwrap();
    // Its copies are made up; here the old system says which there are.
    let without_copies: Mapping = text.split("[copies]").next().unwrap().parse().unwrap();
    let started = Instant::now();
    let bibs: Vec<ImportedBib> =
        Reader::open(file, "works.csv.gz", &without_copies).unwrap().map(Result::unwrap).collect();
    for batch in bibs.chunks(500) {
        shelf.library.import("aozora", batch).await.unwrap();
    }
    println!("catalogue: {} titles; {:.1} s", bibs.len(), started.elapsed().as_secs_f64());
    let keys: Vec<String> = bibs.into_iter().map(|bib| bib.source_key).collect();
    let size = Size { copies: patrons * 2, patrons, loans: patrons * 3 / 4, reservations: patrons * 3 / 20 };
    let started = Instant::now();
    let old = OldSystem::make(number_from("SEED").unwrap_or(1), &keys, size);
    println!("the old system's files: {:.1} s", started.elapsed().as_secs_f64());
    goes_live(&shelf, &old).await;
}
