//! What a patron is shown of themselves, and what not.

use domain::patrons::Slot;

use crate::{
    bounces::{address, told},
    door::{ask, facts, origin, reader},
    support::{Shelf, on_both_engines},
};

on_both_engines!(no_link_is_in_it_that_opens_something, mails_to_a_shared_address_are_whose_they_were_written_for);

async fn no_link_is_in_it_that_opens_something(shelf: Shelf) {
    let library = &shelf.library;
    let (patron, number, address) = reader(&shelf, "Hana12").await;
    // Two that are still to be sent, for whoever sits at a telephone that was left behind signed in.
    ask(library, &facts(&number)).await;
    library.ask_for_address(patron, Slot::Second, ("two@example.jp", "Hana12"), &origin(1)).await.unwrap().unwrap();
    let links = shelf.rows("select about, id from outbox where secret and sent_at is null").await;
    assert_eq!(links.len(), 2);
    let data = serde_json::to_string(&library.own_data(patron).await.unwrap().unwrap()).unwrap();
    for (about, _) in links {
        let about: serde_json::Value = serde_json::from_str(&about).unwrap();
        let token = about["token"].as_str().unwrap();
        assert!(token.len() == 32 && !data.contains(token), "{data}");
    }
    assert!(!data.contains("/link?key="), "{data}");
    let told = library.own_data(patron).await.unwrap().unwrap().mails;
    assert_eq!(told.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), [address], "that the password changed");
}

async fn mails_to_a_shared_address_are_whose_they_were_written_for(shelf: Shelf) {
    let library = &shelf.library;
    let (mother, shared, _) = told(&shelf).await;
    let (other, own, _) = told(&shelf).await;
    let second_address = async |confirmed: bool| {
        let sql = format!("update patron set mail2 = '{shared}', mail2_confirmed = {confirmed} where id = ");
        shelf.run(&(sql + &shelf.uuid(other.0))).await;
    };
    let seen = async |patron| {
        let data = library.own_data(patron).await.unwrap().unwrap();
        let mails: Vec<String> = data.mails.into_iter().map(|mail| mail.to).collect();
        let sent: Vec<String> = data.sent_mails.into_iter().map(|mail| mail.to).collect();
        (mails, sent)
    };
    // Whoever writes a stranger's address learns nothing of them.
    second_address(false).await;
    assert_eq!(seen(other).await, (vec![own.clone()], vec![own.clone()]));
    // Where two of a family share one, each sees their own mails, and when their own went out.
    second_address(true).await;
    assert_eq!(seen(other).await, (vec![own.clone()], vec![own.clone()]));
    assert_eq!(address(library, mother).await, shared);
    assert_eq!(seen(mother).await, (vec![shared.clone()], vec![shared.clone()]));
    // What was written to an address that was given up is theirs all the same.
    shelf.run("update patron set mail1 = null, mail1_confirmed = false").await;
    assert_eq!(seen(mother).await, (vec![shared.clone()], vec![shared]));
}
