//! What stands in a session's row: no moment of its patron, and nothing that was to be said to one who did not come back.

use app::ssr::session::{KEY, without_flash};
use library::storage::Database;

use crate::access::{Town, Visitor};

async fn rows(town: &Town) -> Vec<(String, String)> {
    let Database::Sqlite { readers, .. } = town.library.database() else { return Vec::new() };
    let sql = "select data, begun_at || ' ' || seen_at || ' ' || expires_at from session where patron_id is not null";
    sqlx::query_as(sql).fetch_all(readers).await.expect("read")
}

#[tokio::test]
async fn r28_a_session_tells_the_day_and_no_moment() {
    let town = Town::new("").await;
    town.cookie(Visitor::Patron).await.expect("signed in");
    let rows = rows(&town).await;
    let [(data, moments)] = rows.as_slice() else { panic!("{rows:?}") };
    // Midnight in Japan.
    assert_eq!(moments.matches("15:00:00").count(), 3, "{moments}");
    let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
    let patron = &data[KEY]["patron"];
    for moment in ["begun", "seen"] {
        assert!(patron[moment].to_string().contains("T15:00:00Z"), "{patron}");
    }
}

#[tokio::test]
async fn what_was_to_be_said_is_forgotten_when_its_day_is_over() {
    let town = Town::new("").await;
    let cookie = town.cookie(Visitor::Patron).await.expect("signed in");
    let body = format!("list=wanted&bib={}", town.titles[0].0);
    town.post("/api/shelf-add", Some(&cookie), &body).await;
    let said = async || rows(&town).await.iter().filter(|(data, _)| data.contains("\"flash\"")).count();
    assert_eq!(said().await, 1, "a title is on its way to a page");
    town.library.change_old_sessions(without_flash).await.expect("written");
    assert_eq!(said().await, 1, "while the day lasts");
    let Database::Sqlite { readers, .. } = town.library.database() else { return };
    sqlx::query("update session set seen_at = '2026-01-01T15:00:00+00:00'").execute(readers).await.expect("written");
    town.library.change_old_sessions(without_flash).await.expect("written");
    assert_eq!(said().await, 0);
    assert_eq!(rows(&town).await.len(), 1, "they are signed in all the same");
}
