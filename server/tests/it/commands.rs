//! The commands, run as a person runs them.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// A program that sees nothing of the environment of whoever runs the tests.
fn hondana(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hondana"));
    command.current_dir(folder).env_clear();
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn noted(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_wrong_setting_stops_the_start_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("own.toml"), "[loans]\ndays = 0\n").expect("written");
    let output = hondana(folder.path()).args(["--config", "own.toml", "serve"]).output().expect("it runs");
    assert!(!output.status.success());
    assert_eq!(noted(&output), "hondana: own.toml, line 2: `loans.days` must be at least 1\n    days = 0\n");
    let by_environment = hondana(folder.path()).arg("migrate").env("HONDANA_CONFIG", "own.toml").output();
    assert!(!by_environment.expect("it runs").status.success());
    assert!(!folder.path().join("data").exists(), "nothing was begun");
}

#[test]
fn a_wrong_environment_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = hondana(folder.path()).arg("migrate").env("HONDANA_DATABASE_URL", "mysql://x/y").output();
    let noted = noted(&output.expect("it runs"));
    assert!(noted.contains("HONDANA_DATABASE_URL") && !noted.contains("mysql"), "{noted}");
    let output = hondana(folder.path()).arg("serve").env("HONDANA_ADDR", "here").output().expect("it runs");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("here"));
}

const MAPPING: &str = r#"
[table]
encoding = "utf-8"
key = ["id"]

[fields]
title = "title"

[copies]
generated = { min = 1, max = 1, branches = ["central"] }
barcode_prefix = "8"
"#;

#[test]
fn an_import_is_reported_and_the_second_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("own.toml"), MAPPING).expect("written");
    let rows = "id,title\n1,坊っちゃん\n2,\n3,こころ\n4,too,many\n";
    fs::write(folder.path().join("titles.csv"), rows).expect("written");
    let import = || {
        let arguments = ["import", "--source", "test", "--mapping", "own.toml", "--report", "report.tsv", "titles.csv"];
        hondana(folder.path()).args(arguments).output().expect("it runs")
    };

    let first = import();
    assert!(first.status.success(), "rejected rows are no failure: {}", noted(&first));
    assert!(
        said(&first).starts_with("2 titles: 2 new, 0 changed, 0 as they were; 2 new copies; 2 rejected;"),
        "{}",
        said(&first)
    );
    assert!(noted(&first).contains("rejected: titles.csv, record at 3 (2): no title"), "{}", noted(&first));
    let report = fs::read_to_string(folder.path().join("report.tsv")).expect("a report");
    let lines: Vec<_> = report.lines().collect();
    assert_eq!(lines.first(), Some(&"file\trecord\tkey\toutcome\treason"));
    assert_eq!(lines.len(), 3, "{report}");
    assert!(lines.contains(&"titles.csv\t3\t2\trejected\tno title"), "{report}");
    assert!(lines.iter().any(|line| line.starts_with("titles.csv\t5\t\trejected\tthe row has 3 fields")), "{report}");

    let second = import();
    assert!(
        said(&second).starts_with("2 titles: 0 new, 0 changed, 2 as they were; 0 new copies; 2 rejected;"),
        "{}",
        said(&second)
    );
}

#[test]
fn an_import_that_cannot_begin_is_a_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = hondana(folder.path()).args(["import", "--source", "test", "nowhere.mrc"]).output().expect("it runs");
    assert!(!output.status.success());
    assert!(noted(&output).contains("nowhere.mrc"), "{}", noted(&output));
    fs::write(folder.path().join("notes.pdf"), "%PDF-1.4").expect("written");
    let output = hondana(folder.path()).args(["import", "--source", "test", "notes.pdf"]).output().expect("it runs");
    assert!(!output.status.success());
    assert!(noted(&output).contains("neither MARC 21, MARCXML nor CSV"), "{}", noted(&output));
}

#[test]
fn help_teaches() {
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [&["--help"][..], &["import", "--help"]] {
        let output = hondana(folder.path()).args(arguments).output().expect("it runs");
        assert!(output.status.success());
        assert!(said(&output).contains("Examples:"), "{}", said(&output));
    }
}
