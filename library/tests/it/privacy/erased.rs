//! What a patron's erasure leaves: nothing of an address they had, and nothing sealed.

use domain::circulation::By;
use library::notices::Mailer;

use super::{PASSWORD, day, everything};
use crate::{
    history::{lend, reader, start},
    support::{Shelf, on_both_engines, place},
};

on_both_engines!(
    an_erasure_leaves_no_address_and_nothing_sealed,
    an_erasure_leaves_what_is_anothers_at_the_same_address,
);

async fn an_erasure_leaves_no_address_and_nothing_sealed(shelf: Shelf) {
    let (library, patron) = (&shelf.library, reader(&shelf).await);
    start(library, patron).await;
    let id = shelf.uuid(patron.0);
    // A mail that went, one that is still to go, and one that was refused, each to an address that was theirs at the time.
    let mailer = Mailer::Folder(shelf.folder.path().join("mail"));
    for n in 0..3 {
        shelf.run(&format!("update patron set mail1 = 'earlier{n}@example.jp' where id = {id}")).await;
        let (part, copies) = shelf.book(&["central"]).await;
        shelf.reserve(patron, &[part], 0, "central").await;
        library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
        if n == 0 {
            assert!(library.send_due(&mailer).await.unwrap() > 0);
        }
    }
    shelf.run("update outbox set refused_at = made_at where recipient = 'earlier1@example.jp'").await;
    shelf
        .run(&format!(
            "insert into link (token_hash, purpose, patron_id, address, made_at, expires_at, used_at)
             select k.salt, 'password', {id}, 'earlier3@example.jp', o.made_at, o.made_at, o.made_at
             from outbox o join history_key k on k.patron_id = o.patron_id limit 1"
        ))
        .await;
    shelf.run(&format!("update patron set mail1 = 'now@example.jp' where id = {id}")).await;
    // A history that is being kept, with what was lent today and before.
    let (_, copies) = shelf.book(&["central", "central"]).await;
    lend(library, patron, &copies[0]).await;
    let next = day(&shelf, 1);
    next.daily().await.unwrap();
    let (_, copies) = shelf.book(&["central"]).await;
    lend(&next, patron, &copies[0]).await;
    for table in ["history_entry", "history_today", "history_key", "sent_mail", "link"] {
        assert!(shelf.count(&format!("select count(*) from {table}")).await > 0, "{table}");
    }

    next.erase_own_data(patron).await.unwrap();
    for table in ["history_entry", "history_today", "history_key", "sent_mail", "link", "outbox"] {
        assert_eq!(shelf.count(&format!("select count(*) from {table}")).await, 0, "{table}");
    }
    for row in everything(&shelf).await {
        for word in ["earlier", "now@", "hanako"] {
            assert!(!row.words.contains(word), "{word} in {}", row.table);
        }
    }
    // Nothing is sealed from now on either.
    let (_, copies) = shelf.book(&["central"]).await;
    next.check_out(&By::Staff, &place("central"), patron, &copies[0]).await.unwrap().unwrap();
    assert_eq!(shelf.count("select count(*) from history_today").await, 0);
    assert!(next.open_at_sign_in(patron, PASSWORD).await.unwrap().is_none());
}

async fn an_erasure_leaves_what_is_anothers_at_the_same_address(shelf: Shelf) {
    let (library, patron, other) = (&shelf.library, shelf.patron().await, shelf.patron().await);
    shelf.run("update patron set mail1 = 'family@example.jp'").await;
    let mailer = Mailer::Folder(shelf.folder.path().join("mail"));
    for of in [patron, other] {
        let (part, copies) = shelf.book(&["central"]).await;
        shelf.reserve(of, &[part], 0, "central").await;
        library.check_in(&place("central"), &copies[0]).await.unwrap().unwrap();
    }
    assert_eq!(library.send_due(&mailer).await.unwrap(), 2);
    library.erase_own_data(patron).await.unwrap();
    assert_eq!(library.own_data(other).await.unwrap().unwrap().sent_mails.len(), 1);
    assert_eq!(shelf.count("select count(*) from sent_mail").await, 1, "by which a mail that comes back is known");
}
