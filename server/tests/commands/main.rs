//! The commands, run as a person runs them.

mod going_live;

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
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

/// Runs `hondana bounce` with this on standard input.
fn bounce(command: &mut Command, mail: &str) -> Output {
    let mut child = command
        .arg("bounce")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    child.stdin.take().expect("a pipe").write_all(mail.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

#[test]
fn a_mail_that_came_back_is_taken_from_a_pipe() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = bounce(&mut hondana(folder.path()), "From: neko@example.jp\n\nThank you!\n");
    assert!(output.status.success(), "{}", noted(&output));
    assert_eq!(said(&output), "No report about a mail.\n");
    let report = "From: MAILER-DAEMON@mx.example.jp\nSubject: Undelivered\n\n<neko@example.jp>: 550 user unknown\n\n\
        Message-ID: <0190a1b2-0000-7000-8000-000000000000@hondana.example.jp>\n";
    let output = bounce(&mut hondana(folder.path()), report);
    assert!(output.status.success(), "{}", noted(&output));
    assert!(said(&output).starts_with("About no mail of ours"), "{}", said(&output));
}

#[test]
fn a_mail_that_could_not_be_noted_comes_again() {
    let folder = tempfile::tempdir().expect("a folder");
    for wrong in
        [("HONDANA_DATABASE_URL", "sqlite:/proc/nowhere/hondana.db"), ("HONDANA_CONFIG", "/nowhere/hondana.toml")]
    {
        let output = bounce(hondana(folder.path()).env(wrong.0, wrong.1), "From: neko@example.jp\n\nThank you!\n");
        assert_eq!(output.status.code(), Some(75), "{}", noted(&output));
    }
    // Of any other command a failure is a failure.
    let output = hondana(folder.path())
        .args(["check"])
        .env("HONDANA_CONFIG", "/nowhere/hondana.toml")
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_key_for_push_services_is_made_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("push-key.pem");
    let make = || hondana(folder.path()).arg("push-key").arg(&file).output().expect("it runs");
    assert!(make().status.success());
    let key = fs::read_to_string(&file).expect("a key");
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    assert!(!make().status.success(), "a new key would end the notices of every device");
    assert_eq!(fs::read_to_string(&file).expect("a key"), key);
}
