//! Going live and keeping a library safe, as a person does it at the terminal.

use std::{
    fs,
    io::{Read, Write},
    path::Path,
    process::{Command, Output},
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use sha2::{Digest, Sha256};

fn hondana(folder: &Path, database: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hondana"));
    command.current_dir(folder).env_clear();
    command.args(["--data-dir", database]).args(arguments).output().expect("it runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn noted(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a command that must succeed; what it said.
fn done(folder: &Path, database: &str, arguments: &[&str]) -> String {
    let output = hondana(folder, database, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", noted(&output));
    said(&output)
}

#[test]
fn a_library_is_backed_up_restored_exported_and_taken_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    done(at, "demo", &["demo"]);
    assert_eq!(done(at, "demo", &["check"]), "Everything is as it must be.\n");

    assert!(done(at, "demo", &["backup", "demo.hondana"]).starts_with("demo.hondana: "));
    let twice = hondana(at, "demo", &["backup", "demo.hondana"]);
    assert!(!twice.status.success() && noted(&twice).contains("demo.hondana"), "{}", noted(&twice));
    let restored = done(at, "restored", &["restore", "demo.hondana"]);
    assert!(restored.ends_with("Everything is as it must be.\n"), "{restored}");
    let full = hondana(at, "restored", &["restore", "demo.hondana"]);
    assert!(noted(&full).contains("the database is not empty"), "{}", noted(&full));

    let exported = done(at, "restored", &["export", "out"]);
    assert!(exported.contains("patrons.csv: 20 rows") && exported.contains("--with-passwords"), "{exported}");
    for kind in ["titles", "items", "patrons", "loans", "reservations"] {
        let file = format!("out/{kind}.csv");
        let dry = done(at, "moved", &["import", kind, "--dry-run", &file]);
        assert!(dry.trim_end().ends_with("nothing was written"), "{dry}");
        let taken = done(at, "moved", &["import", kind, "--strict", &file]);
        assert!(taken.contains("; 0 rejected"), "{taken}");
        let again = done(at, "moved", &["import", kind, &file]);
        assert!(again.contains(": 0 new, 0 changed, "), "{again}");
    }
    done(at, "moved", &["check"]);
    done(at, "moved", &["export", "again"]);
    for kind in ["titles", "items", "patrons", "loans", "reservations"] {
        let read = |folder: &str| fs::read_to_string(at.join(folder).join(format!("{kind}.csv"))).expect("exported");
        assert_eq!(read("out"), read("again"), "{kind}");
    }
}

#[test]
fn rejected_rows_are_reported_with_line_and_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let mapping = "[columns]\ncard = \"番号\"\nname = \"氏名\"\nname_kana = \"カナ\"\nbirth_date = \"生年月日\"\n";
    fs::write(at.join("own.toml"), mapping).expect("written");
    let rows = "番号,氏名,カナ,生年月日\n1001,本間 静江,ホンマ シズエ,昭和16年3月14日\n1002,青木,アオキ,S63.2.31\n";
    fs::write(at.join("people.csv"), rows).expect("written");
    let arguments = ["import", "patrons", "--mapping", "own.toml", "--report", "report.tsv", "people.csv"];
    let output = hondana(at, "data", &arguments);
    assert!(output.status.success(), "rejected rows are no failure: {}", noted(&output));
    let counts = "people.csv: 2 rows: 1 new, 0 changed, 0 as they were; 1 rejected, 1 to be looked at;";
    assert!(said(&output).starts_with(counts), "{}", said(&output));
    let why = "birth_date: S63.2.31 is no date of the calendar";
    assert!(noted(&output).contains(&format!("rejected: people.csv, line 3 (1002): {why}")), "{}", noted(&output));
    let report = fs::read_to_string(at.join("report.tsv")).expect("a report");
    assert!(report.contains(&format!("people.csv\t3\t1002\trejected\t{why}\n")), "{report}");
    assert!(report.contains("people.csv\t2\t1001\ttaken\tno telephone number\n"), "{report}");

    let strict = hondana(at, "other", &["import", "patrons", "--strict", "--mapping", "own.toml", "people.csv"]);
    assert!(!strict.status.success() && said(&strict).contains("nothing was written"), "{}", noted(&strict));
    fs::write(at.join("own.toml"), "[columns]\ncrad = \"番号\"\n").expect("written");
    let wrong = hondana(at, "other", &arguments);
    assert!(noted(&wrong).contains("own.toml: [columns] patrons have no field crad"), "{}", noted(&wrong));
}

#[test]
fn what_is_wrong_is_said_and_is_a_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    done(at, "demo", &["demo"]);
    done(at, "demo", &["backup", "demo.hondana"]);
    // Somebody takes the backup for a text file, changes it and even seals it anew.
    let mut text = String::new();
    GzDecoder::new(fs::File::open(at.join("demo.hondana")).expect("there")).read_to_string(&mut text).expect("text");
    let without_seal = text.trim_end().rsplit_once('\n').expect("lines").0;
    let changed = format!("{}\n", without_seal.replacen("\"on-shelf\"", "\"on-loan\"", 1));
    let sum: String = Sha256::digest(&changed).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = GzEncoder::new(fs::File::create(at.join("changed.hondana")).expect("made"), Compression::fast());
    writeln!(file, "{changed}{{\"sha256\":\"{sum}\"}}").expect("written");
    file.finish().expect("written");

    let restored = hondana(at, "restored", &["restore", "changed.hondana"]);
    assert!(!restored.status.success());
    assert!(said(&restored).contains("wrong: a copy on loan without a loan (1): copy "), "{}", said(&restored));
    let checked = hondana(at, "restored", &["check"]);
    assert!(!checked.status.success());
    assert_eq!(noted(&checked), "hondana: the database is not sound (findings: 1)\n");
}
