//! Backups made while people work, and what is not restored.

use std::{
    fs,
    io::{Read, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use domain::{
    OpId, PartId, PatronId, ReservationId,
    catalog::MaterialType,
    circulation::{By, PatronAction, ReserveRequest},
    patrons::Contact,
};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use library::{Clock, Library, backup::BackupError};
use uuid::Uuid;

use super::{moving::export, on_the_other_engine};
use crate::{
    invariants,
    support::{Shelf, bib, on_both_engines, place, policy},
};

on_both_engines!(
    a_backup_under_load_has_all_that_was_acknowledged,
    every_table_and_column_is_in_a_backup,
    a_damaged_file_and_a_full_database_are_refused,
);

const PATRONS: usize = 20;
const TITLES: usize = 20;
/// Between two writes: fifty a second.
const PAUSE: Duration = Duration::from_millis(20);

/// Somebody who reserves, cancels, borrows and returns without end, and notes what was acknowledged.
async fn works(library: Library, patrons: Vec<PatronId>, parts: Vec<PartId>, told: Arc<Mutex<Vec<ReservationId>>>) {
    for n in 0.. {
        let (patron, part) = (patrons[n % PATRONS], parts[n * 7 % TITLES]);
        let request = ReserveRequest {
            op: OpId(Uuid::now_v7()),
            parts: vec![part],
            in_set: 0,
            pickup_place: place("north"),
            contact: Contact::Mail,
        };
        let answer = library.reserve(&By::Patron, patron, &request).await.unwrap().unwrap();
        for (id, _) in answer.titles.into_iter().filter_map(|title| title.answer.ok()) {
            told.lock().unwrap().push(id);
            if n % 3 == 0 {
                let cancel = PatronAction::Cancel(id);
                let _ = library.act(&By::Patron, patron, OpId(Uuid::now_v7()), &cancel).await.unwrap();
            }
        }
        let barcode = format!("k{:02}-1", n % TITLES);
        library.check_in(&place("central"), &barcode).await.unwrap().unwrap();
        let _ = library.check_out(&By::Staff, &place("central"), patron, &barcode).await.unwrap();
        tokio::time::sleep(PAUSE).await;
    }
}

async fn a_backup_under_load_has_all_that_was_acknowledged(shelf: Shelf) {
    let bibs: Vec<_> =
        (0..TITLES).map(|n| bib(&format!("k{n:02}"), MaterialType::Book, &["central", "north"])).collect();
    shelf.library.import("test", &bibs).await.unwrap();
    let mut patrons = Vec::new();
    for _ in 0..PATRONS {
        patrons.push(shelf.patron().await);
    }
    let parts: Vec<PartId> =
        shelf.rows("select label, id from part order by id").await.into_iter().map(|(_, id)| PartId(id)).collect();
    let told = Arc::new(Mutex::new(Vec::new()));
    let working = tokio::spawn(works(shelf.again(Clock::System, policy()), patrons, parts, Arc::clone(&told)));
    let folder = tempfile::tempdir().unwrap();
    let mut backups = Vec::new();
    for n in 0..3 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        let before: Vec<ReservationId> = told.lock().unwrap().clone();
        let path = folder.path().join(format!("{n}.hondana"));
        shelf.library.backup(&path).await.unwrap();
        backups.push((path, before));
    }
    assert!(!working.is_finished(), "the work went on");
    working.abort();
    for (path, before) in backups {
        assert!(!before.is_empty());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for restored in [Shelf::on_sqlite().await, Shelf::on_postgres().await] {
            restored.library.restore(&path).await.unwrap();
            assert_eq!(invariants::check(&restored.library).await, [""; 0]);
            for id in &before {
                let sql = format!("select count(*) from reservation where id = {}", restored.uuid(id.0));
                assert_eq!(restored.count(&sql).await, 1, "acknowledged before the backup began: {id}");
            }
        }
    }
}

async fn every_table_and_column_is_in_a_backup(shelf: Shelf) {
    shelf.library.make_demo().await.unwrap();
    shelf.library.sweep().await.unwrap();
    shelf.run("insert into session (id_hash, data, expires_at) values ('a', '{}', '2027-01-01T00:00:00Z')").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("demo.hondana");
    let counts = shelf.library.backup(&path).await.unwrap();
    let text = unpacked(&path);
    let mut saved: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let Ok(serde_json::Value::Object(head)) = serde_json::from_str(line) else { continue };
        let Some(table) = head.get("table").and_then(|name| name.as_str()) else { continue };
        for column in head["columns"].as_array().unwrap() {
            saved.push((table.to_owned(), column.as_str().unwrap().to_owned()));
        }
    }
    let mut there = match shelf.library.database() {
        library::storage::Database::Sqlite { readers, .. } => sqlx::query_as(
            "select m.name, p.name from sqlite_master m join pragma_table_info(m.name) p
             where m.type = 'table' and m.name not like 'sqlite_%' and m.name <> '_sqlx_migrations'",
        )
        .fetch_all(readers)
        .await
        .unwrap(),
        library::storage::Database::Postgres(pool) => sqlx::query_as(
            "select table_name::text, column_name::text from information_schema.columns
             where table_schema = 'public' and table_name <> '_sqlx_migrations'",
        )
        .fetch_all(&**pool)
        .await
        .unwrap(),
    };
    saved.sort();
    there.sort();
    assert_eq!(saved, there, "library/src/backup/tables.rs");

    // Restored, everything is the same but the moment of the backup.
    let other = on_the_other_engine(&shelf).await;
    assert_eq!(other.library.restore(&path).await.unwrap(), counts);
    assert_eq!(invariants::check(&other.library).await, [""; 0]);
    assert_eq!(export(&shelf, true).await, export(&other, true).await);
    let again = folder.path().join("again.hondana");
    other.library.backup(&again).await.unwrap();
    assert_eq!(sorted(&unpacked(&again)), sorted(&text));
}

/// The lines of rows, whose order within a table is the engine's affair.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.contains("\"sha256\"")).collect();
    lines.sort_unstable();
    lines
}

fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    GzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

fn packed(path: &Path, text: &str) {
    let mut file = GzEncoder::new(fs::File::create(path).unwrap(), Compression::fast());
    file.write_all(text.as_bytes()).unwrap();
    file.finish().unwrap();
}

async fn a_damaged_file_and_a_full_database_are_refused(shelf: Shelf) {
    shelf.book(&["central"]).await;
    shelf.patron().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sound.hondana");
    shelf.library.backup(&path).await.unwrap();
    assert!(matches!(shelf.library.backup(&path).await, Err(BackupError::File { .. })), "it is there already");
    assert!(matches!(shelf.library.restore(&path).await, Err(BackupError::NotEmpty("bib"))));

    let empty = on_the_other_engine(&shelf).await;
    let text = unpacked(&path);
    let bytes = fs::read(&path).unwrap();
    let bad = folder.path().join("bad.hondana");
    for n in (0..bytes.len()).step_by(bytes.len() / 20) {
        // Cut short, and a byte turned over. What gzip does not look at (the time in its head) changes nothing.
        fs::write(&bad, &bytes[..n]).unwrap();
        assert!(matches!(empty.library.restore(&bad).await, Err(BackupError::Damaged(_))), "cut at {n}");
        let mut turned = bytes.clone();
        turned[n.max(10)] ^= 0x20;
        let mut all = String::new();
        if GzDecoder::new(&turned[..]).read_to_string(&mut all).is_ok() && all == text {
            // It points to the same letters a few lines off: the file says what it said.
            continue;
        }
        fs::write(&bad, turned).unwrap();
        assert!(matches!(empty.library.restore(&bad).await, Err(BackupError::Damaged(_))), "turned at {n}");
    }
    // Packed again after somebody changed it: the checksum tells.
    packed(&bad, &text.replace("山田", "山本"));
    let error = empty.library.restore(&bad).await.unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");
    let lines: Vec<&str> = text.lines().collect();
    let patron = lines.iter().position(|line| line.contains("山田")).unwrap();
    let mut without = lines.clone();
    without.remove(patron);
    packed(&bad, &(without.join("\n") + "\n"));
    let error = empty.library.restore(&bad).await.unwrap_err();
    assert!(error.to_string().contains("rows are missing"), "{error}");
    packed(&bad, &(text.clone() + "more\n"));
    assert!(empty.library.restore(&bad).await.unwrap_err().to_string().contains("follows the end"));
    packed(&bad, &text.replacen("\"schema\":", "\"schema\":9", 1));
    assert!(matches!(empty.library.restore(&bad).await, Err(BackupError::OtherSchema { .. })));
    fs::write(&bad, "SQLite format 3").unwrap();
    assert!(matches!(empty.library.restore(&bad).await, Err(BackupError::Damaged(_))));
    // After all of that it is still empty, and takes the sound one.
    empty.library.restore(&path).await.unwrap();
    assert_eq!(empty.count("select count(*) from patron").await, 1);
}
