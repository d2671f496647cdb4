//! How a patron comes by a password and keeps it, and how addresses are confirmed (R3–R6).

use chrono::TimeDelta;
use domain::{
    PatronId,
    notices::MailView,
    patrons::{DoorProblem, DoorRefusal, LinkGone, LinkState, OneTimeForm, RegisterForm, SignIn, Slot},
};
use library::{
    Clock, Library, Origin,
    notices::{Mailer, mail_files},
};

use crate::support::{Shelf, morning, on_both_engines, policy};

on_both_engines!(
    a_first_password_is_chosen_behind_a_mailed_link,
    a_forgotten_password_goes_to_the_confirmed_address_only,
    a_card_nobody_has_and_facts_that_differ_get_the_same_answer_and_no_mail,
    a_link_works_once_for_its_purpose_and_not_for_long,
    a_changed_password_ends_other_sessions_and_is_told,
    an_address_takes_its_place_when_its_link_was_used,
    an_address_is_taken_away_and_chosen,
    a_one_time_password_opens_the_choice_of_a_password_once,
    a_child_below_the_age_of_the_policy_gets_no_link,
    nobody_is_mailed_links_without_end,
    a_hash_of_other_parameters_is_made_anew_at_the_next_sign_in,
    when_too_many_wait_for_the_hasher_the_rest_are_told_so,
);

/// The facts of every patron of [`Shelf::patron`].
pub(crate) fn facts(card: &str) -> RegisterForm {
    RegisterForm {
        card: card.to_owned(),
        kana: "やまだ　はなこ".to_owned(),
        birth_date: "平成12年1月1日".to_owned(),
        telephone: "０００－００００".to_owned(),
        mail: String::new(),
    }
}

pub(crate) fn origin(n: u8) -> Origin {
    Origin::of([203, 0, 113, n].into())
}

pub(crate) async fn card(shelf: &Shelf, patron: PatronId) -> String {
    crate::counter::card_of(shelf, patron).await
}

/// Fills in the form and waits for what is done behind its answer.
pub(crate) async fn ask(library: &Library, form: &RegisterForm) {
    library.ask_for_password(form, &origin(1)).await.unwrap().unwrap().await.unwrap();
}

/// All mails so far, newest first.
async fn mails(shelf: &Shelf, library: &Library) -> Vec<MailView> {
    let folder = shelf.folder.path().join("mail");
    library.send_due(&Mailer::Folder(folder.clone())).await.unwrap();
    mail_files(&folder).await.unwrap()
}

/// The token of the mail to this address whose link leads somewhere.
pub(crate) async fn token(shelf: &Shelf, library: &Library, to: &str) -> String {
    for mail in mails(shelf, library).await.iter().filter(|mail| mail.to == to) {
        let line = mail.body.lines().find(|line| line.contains("/link?key=")).unwrap_or_default();
        let token = line.split("key=").nth(1).unwrap_or_default().trim();
        if !matches!(library.link(token).await.unwrap(), LinkState::Gone(_)) {
            return token.to_owned();
        }
    }
    panic!("no mail to {to} has a link that leads somewhere");
}

/// How many mails with this subject went to an address.
async fn told(shelf: &Shelf, library: &Library, to: &str, subject: &str) -> usize {
    mails(shelf, library).await.iter().filter(|mail| mail.to == to && mail.subject == subject).count()
}

const CHANGED: &str = "パスワードが変わりました";
const MOVED: &str = "メールアドレスの登録が変わりました";

pub(crate) async fn may_sign_in(library: &Library, card: &str, password: &str) -> bool {
    matches!(library.sign_in(card, password, &origin(9)).await.unwrap(), SignIn::Done(_))
}

/// A patron with a password and a confirmed address; their card and the address.
pub(crate) async fn reader(shelf: &Shelf, password: &str) -> (PatronId, String, String) {
    let patron = shelf.patron().await;
    let card = card(shelf, patron).await;
    let address = shelf.library.settings(patron).await.unwrap().mails[0].clone().unwrap().address;
    ask(&shelf.library, &facts(&card)).await;
    let token = token(shelf, &shelf.library, &address).await;
    shelf.library.set_password_by_link(&token, password, password).await.unwrap().unwrap();
    (patron, card, address)
}

/// All that happens at the door, for whoever overhears the statements.
pub(crate) async fn live(shelf: &Shelf) {
    let library = &shelf.library;
    let (patron, number, _) = reader(shelf, "Hana12").await;
    assert!(may_sign_in(library, &number, "Hana12").await && !may_sign_in(library, &number, "guess").await);
    library.staff_sign_in("nobody", "guess", &origin(1)).await.unwrap();
    library.change_password(patron, ("Hana12", "Neko34", "Neko34"), &origin(1)).await.unwrap().unwrap();
    library.ask_for_address(patron, Slot::Second, ("two@example.jp", "Neko34"), &origin(1)).await.unwrap().unwrap();
    library.settings(patron).await.unwrap();
    let token = token(shelf, library, "two@example.jp").await;
    library.confirm_address(&token).await.unwrap().unwrap();
    library.choose_ready_mail(patron, Slot::Second).await.unwrap().unwrap();
    library.remove_address(patron, Slot::Second, "Neko34", &origin(1)).await.unwrap().unwrap();
    let once = library.issue_one_time(patron).await.unwrap().unwrap();
    let (password, again) = ("Inu56".to_owned(), "Inu56".to_owned());
    let form = OneTimeForm { card: number, once, birth_date: "20000101".to_owned(), password, again };
    library.use_one_time(&form, &origin(1)).await.unwrap().unwrap();
    library.card_page(patron).await.unwrap();
    library.lift_wait(patron).await.unwrap();
}

async fn a_first_password_is_chosen_behind_a_mailed_link(shelf: Shelf) {
    let library = &shelf.library;
    let patron = shelf.patron().await;
    let number = card(&shelf, patron).await;
    shelf.run("update patron set mail1 = null, mail1_confirmed = false").await;
    // Without an address there is nowhere to mail to.
    ask(library, &facts(&number)).await;
    assert_eq!(mails(&shelf, library).await, []);
    let form = RegisterForm { mail: "Hanako＠example.jp".to_owned(), ..facts(&number) };
    ask(library, &form).await;
    let token = token(&shelf, library, "Hanako@example.jp").await;
    assert_eq!(library.link(&token).await.unwrap(), LinkState::Password);
    assert!(library.settings(patron).await.unwrap().mails[0].is_none(), "looking confirms nothing");
    for (password, again, problem) in [
        ("abc", "abc", DoorProblem::Length),
        ("ab cd", "ab cd", DoorProblem::Characters),
        ("Hana12", "hana12", DoorProblem::Differs),
        ("0101", "0101", DoorProblem::Easy),
    ] {
        let answer = library.set_password_by_link(&token, password, again).await.unwrap();
        assert_eq!(answer, Err(DoorRefusal::Problems(vec![problem])), "{password}");
    }
    library.set_password_by_link(&token, "Hana12", "Ｈａｎａ１２").await.unwrap().unwrap();
    assert!(may_sign_in(library, &number, "Hana12").await);
    assert!(!may_sign_in(library, &number, "hana12").await, "capital letters count");
    let account = library.account(patron).await.unwrap().unwrap();
    assert_eq!(account.ready_mail.as_deref(), Some("Hanako@example.jp"), "the link proved it");
    assert_eq!(told(&shelf, library, "Hanako@example.jp", CHANGED).await, 1);
    // What opens something is nowhere in the database.
    assert_eq!(shelf.count(&format!("select count(*) from outbox where body like '%{token}%'")).await, 0);
    assert_eq!(shelf.count("select count(*) from outbox where body <> ''").await, 1, "of other mails it stays");
}

async fn a_forgotten_password_goes_to_the_confirmed_address_only(shelf: Shelf) {
    let library = &shelf.library;
    let (patron, number, address) = reader(&shelf, "Hana12").await;
    let before = mails(&shelf, library).await.len();
    let form = RegisterForm { mail: "thief@example.com".to_owned(), ..facts(&number) };
    ask(library, &form).await;
    let all = mails(&shelf, library).await;
    assert_eq!((all.len(), all[0].to.as_str()), (before + 1, address.as_str()));
    assert!(may_sign_in(library, &number, "Hana12").await, "a form changes nothing");
    let token = token(&shelf, library, &address).await;
    library.set_password_by_link(&token, "Neko34", "Neko34").await.unwrap().unwrap();
    assert!(may_sign_in(library, &number, "Neko34").await && !may_sign_in(library, &number, "Hana12").await);

    // Whoever had a password and has no confirmed address comes to the desk.
    shelf.run("update patron set mail1_confirmed = false").await;
    let before = mails(&shelf, library).await.len();
    ask(library, &form).await;
    assert_eq!(mails(&shelf, library).await.len(), before);
    assert_eq!(library.settings(patron).await.unwrap().pending, [None, None]);
}

async fn a_card_nobody_has_and_facts_that_differ_get_the_same_answer_and_no_mail(shelf: Shelf) {
    let library = &shelf.library;
    let patron = shelf.patron().await;
    let number = card(&shelf, patron).await;
    let right = facts(&number);
    let wrong = [
        RegisterForm { card: "7777777".to_owned(), ..right.clone() },
        RegisterForm { kana: "ヤマダ ハナヨ".to_owned(), ..right.clone() },
        RegisterForm { birth_date: "2000-01-02".to_owned(), ..right.clone() },
        RegisterForm { telephone: "048-000-0001".to_owned(), ..right.clone() },
    ];
    for form in &wrong {
        let form = RegisterForm { mail: "thief@example.com".to_owned(), ..form.clone() };
        ask(library, &form).await;
    }
    assert_eq!(mails(&shelf, library).await, []);
    // What can't be read is said, as it is said of any card.
    let unread = RegisterForm { birth_date: "2000-13-01".to_owned(), ..right.clone() };
    let nobodys = RegisterForm { card: "7777777".to_owned(), ..unread.clone() };
    for form in [&unread, &nobodys] {
        let refusal = library.ask_for_password(form, &origin(1)).await.unwrap().err();
        assert_eq!(refusal, Some(DoorRefusal::Problems(vec![DoorProblem::BirthDate])));
    }
    ask(library, &right).await;
    assert_eq!(mails(&shelf, library).await.len(), 1);
}

async fn a_link_works_once_for_its_purpose_and_not_for_long(shelf: Shelf) {
    let library = &shelf.library;
    let patron = shelf.patron().await;
    let number = card(&shelf, patron).await;
    let address = library.settings(patron).await.unwrap().mails[0].clone().unwrap().address;
    ask(library, &facts(&number)).await;
    let first = token(&shelf, library, &address).await;
    assert_eq!(library.confirm_address(&first).await.unwrap(), Err(DoorRefusal::Link(LinkGone::Unknown)));
    assert_eq!(library.link("").await.unwrap(), LinkState::Gone(LinkGone::Unknown));
    assert_eq!(library.link(&first[..20]).await.unwrap(), LinkState::Gone(LinkGone::Unknown));
    // A newer one takes its place.
    ask(library, &facts(&number)).await;
    let second = token(&shelf, library, &address).await;
    assert_ne!(first, second);
    assert_eq!(library.link(&first).await.unwrap(), LinkState::Gone(LinkGone::Expired));
    let late = shelf.again(Clock::Fixed(morning() + TimeDelta::minutes(60)), policy());
    let answer = late.set_password_by_link(&second, "Hana12", "Hana12").await.unwrap();
    assert_eq!(answer, Err(DoorRefusal::Link(LinkGone::Expired)));
    let in_time = shelf.again(Clock::Fixed(morning() + TimeDelta::minutes(59)), policy());
    // Two at once: one of them.
    let (one, other) = tokio::join!(
        in_time.set_password_by_link(&second, "Hana12", "Hana12"),
        in_time.set_password_by_link(&second, "Neko34", "Neko34"),
    );
    let (one, other) = (one.unwrap(), other.unwrap());
    let used = Err(DoorRefusal::Link(LinkGone::Used));
    assert!((one == Ok(()) && other == used) || (one == used && other == Ok(())), "{one:?} {other:?}");
    assert_eq!(in_time.link(&second).await.unwrap(), LinkState::Gone(LinkGone::Used));
    // After a month nobody asks for it any more.
    let month = shelf.again(Clock::Fixed(morning() + TimeDelta::days(32)), policy());
    month.daily().await.unwrap();
    assert_eq!(shelf.count("select count(*) from link").await, 0);
}

async fn a_changed_password_ends_other_sessions_and_is_told(shelf: Shelf) {
    let library = &shelf.library;
    let (patron, number, address) = reader(&shelf, "Hana12").await;
    let began = library.account(patron).await.unwrap().unwrap().generation;
    let change =
        async |old: &str, new: &str| library.change_password(patron, (old, new, new), &origin(1)).await.unwrap();
    assert_eq!(change("Hana13", "Neko34").await, Err(DoorRefusal::Problems(vec![DoorProblem::Old])));
    assert_eq!(change("Hana12", "neko").await.err(), None);
    let now = library.account(patron).await.unwrap().unwrap().generation;
    assert!(now > began);
    assert!(may_sign_in(library, &number, "neko").await && !may_sign_in(library, &number, "Hana12").await);
    assert_eq!(told(&shelf, library, &address, CHANGED).await, 2, "the first one and the change");
    // A phone left behind is no place to guess at leisure.
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(change("Hana13", "Neko34").await);
    }
    assert!(matches!(answers.last(), Some(Err(DoorRefusal::Slow(_)))), "{answers:?}");
}

async fn an_address_takes_its_place_when_its_link_was_used(shelf: Shelf) {
    let library = &shelf.library;
    let (patron, number, old) = reader(&shelf, "Hana12").await;
    let ask = async |slot, address: &str, password: &str| {
        library.ask_for_address(patron, slot, (address, password), &origin(1)).await.unwrap()
    };
    let problem = |problem| Err(DoorRefusal::Problems(vec![problem]));
    assert_eq!(ask(Slot::First, "hanako@", "Hana12").await, problem(DoorProblem::Mail));
    assert_eq!(ask(Slot::Second, &old, "Hana12").await, problem(DoorProblem::MailTwice));
    assert_eq!(ask(Slot::First, "new@example.jp", "wrong").await, problem(DoorProblem::Old));
    assert_eq!(ask(Slot::First, "new@example.jp", "Hana12").await, Ok("new@example.jp".to_owned()));
    let settings = library.settings(patron).await.unwrap();
    assert_eq!(settings.pending, [Some("new@example.jp".to_owned()), None]);
    assert_eq!(
        settings.mails[0].as_ref().map(|mail| mail.address.as_str()),
        Some(old.as_str()),
        "until it is confirmed"
    );
    let first = token(&shelf, library, "new@example.jp").await;
    assert_eq!(library.link(&first).await.unwrap(), LinkState::Address("new@example.jp".to_owned()));
    let answer = library.set_password_by_link(&first, "Neko34", "Neko34").await.unwrap();
    assert_eq!(answer, Err(DoorRefusal::Link(LinkGone::Unknown)), "it is no link to a password");
    assert_eq!(library.confirm_address(&first).await.unwrap(), Ok("new@example.jp".to_owned()));
    assert_eq!(library.confirm_address(&first).await.unwrap(), Err(DoorRefusal::Link(LinkGone::Used)));
    assert_eq!(told(&shelf, library, &old, MOVED).await, 1, "whoever had it before is told");
    let account = library.account(patron).await.unwrap().unwrap();
    assert_eq!(account.ready_mail.as_deref(), Some("new@example.jp"));

    ask(Slot::Second, "second@example.jp", "Hana12").await.unwrap();
    let second = token(&shelf, library, "second@example.jp").await;
    library.confirm_address(&second).await.unwrap().unwrap();
    let account = library.account(patron).await.unwrap().unwrap();
    assert_eq!(account.ready_mail.as_deref(), Some("new@example.jp"), "the choice stays");
    assert!(may_sign_in(library, &number, "Hana12").await);
}

async fn an_address_is_taken_away_and_chosen(shelf: Shelf) {
    let library = &shelf.library;
    let (patron, _, first) = reader(&shelf, "Hana12").await;
    let no = Err(DoorRefusal::Problems(vec![DoorProblem::Mail]));
    assert_eq!(library.choose_ready_mail(patron, Slot::Second).await.unwrap(), no, "there is none");
    library.ask_for_address(patron, Slot::Second, ("two@example.jp", "Hana12"), &origin(1)).await.unwrap().unwrap();
    let token = token(&shelf, library, "two@example.jp").await;
    library.confirm_address(&token).await.unwrap().unwrap();
    library.choose_ready_mail(patron, Slot::Second).await.unwrap().unwrap();
    let ready = async || library.account(patron).await.unwrap().unwrap().ready_mail;
    assert_eq!(ready().await.as_deref(), Some("two@example.jp"));
    let wrong = library.remove_address(patron, Slot::Second, "wrong", &origin(1)).await.unwrap();
    assert_eq!(wrong, Err(DoorRefusal::Problems(vec![DoorProblem::Old])));
    library.remove_address(patron, Slot::Second, "Hana12", &origin(1)).await.unwrap().unwrap();
    assert_eq!(ready().await, Some(first.clone()));
    for address in [&*first, "two@example.jp"] {
        assert_eq!(told(&shelf, library, address, MOVED).await, if address == first { 2 } else { 1 }, "{address}");
    }
}

async fn a_one_time_password_opens_the_choice_of_a_password_once(shelf: Shelf) {
    let library = &shelf.library;
    let (patron, number, address) = reader(&shelf, "Hana12").await;
    let once = library.issue_one_time(patron).await.unwrap().unwrap();
    assert_eq!(told(&shelf, library, &address, "仮パスワードを発行しました").await, 1);
    assert_eq!(shelf.count("select count(*) from audit where deed = 'one-time-issued'").await, 1);
    let form = OneTimeForm {
        card: number.clone(),
        once: once.to_uppercase(),
        birth_date: "H12.1.1".to_owned(),
        password: "Neko34".to_owned(),
        again: "Neko34".to_owned(),
    };
    let try_it = async |form: &OneTimeForm| library.use_one_time(form, &origin(1)).await.unwrap();
    let no = Err(DoorRefusal::Problems(vec![DoorProblem::Once]));
    assert!(!may_sign_in(library, &number, &once.replace('-', "")).await, "it opens no account");
    assert!(may_sign_in(library, &number, "Hana12").await, "the old one holds until then");
    assert_eq!(try_it(&OneTimeForm { birth_date: "H12.1.2".to_owned(), ..form.clone() }).await, no);
    assert_eq!(try_it(&OneTimeForm { card: "7777777".to_owned(), ..form.clone() }).await, no);
    assert_eq!(try_it(&OneTimeForm { once: "aaaa-aaaa".to_owned(), ..form.clone() }).await, no);
    let easy = OneTimeForm { password: "0101".to_owned(), again: "0101".to_owned(), ..form.clone() };
    assert_eq!(try_it(&easy).await, Err(DoorRefusal::Problems(vec![DoorProblem::Easy])));
    assert_eq!(try_it(&form).await, Ok(()));
    assert_eq!(try_it(&form).await, no, "once");
    assert!(may_sign_in(library, &number, "Neko34").await && !may_sign_in(library, &number, "Hana12").await);

    // A newer one takes its place, and none lasts.
    let first = library.issue_one_time(patron).await.unwrap().unwrap();
    let second = library.issue_one_time(patron).await.unwrap().unwrap();
    assert_eq!(try_it(&OneTimeForm { once: first, ..form.clone() }).await, no);
    let late = shelf.again(Clock::Fixed(morning() + TimeDelta::hours(24)), policy());
    let answer = late.use_one_time(&OneTimeForm { once: second, ..form }, &origin(2)).await.unwrap();
    assert_eq!(answer, no);
    let later = shelf.again(Clock::Fixed(morning() + TimeDelta::hours(25)), policy());
    later.daily().await.unwrap();
    assert_eq!(shelf.count("select count(*) from one_time_password").await, 0);
}

async fn a_child_below_the_age_of_the_policy_gets_no_link(shelf: Shelf) {
    let patron = shelf.patron().await;
    let number = card(&shelf, patron).await;
    let mut strict = policy();
    strict.accounts.own_password_age = 27;
    let strict = shelf.again(Clock::Fixed(morning()), strict);
    ask(&strict, &facts(&number)).await;
    assert_eq!(mails(&shelf, &strict).await, [], "26 years old");
    ask(&shelf.library, &facts(&number)).await;
    assert_eq!(mails(&shelf, &shelf.library).await.len(), 1);
}

async fn nobody_is_mailed_links_without_end(shelf: Shelf) {
    let mut open = policy();
    open.accounts.guesses.here.free = 1000;
    open.accounts.guesses.card.free = 1000;
    let library = shelf.again(Clock::Fixed(morning()), open);
    let patron = shelf.patron().await;
    let number = card(&shelf, patron).await;
    for _ in 0..15 {
        ask(&library, &facts(&number)).await;
        // Each goes before the next is asked for; of several that wait only the last, which leads somewhere, would go.
        mails(&shelf, &library).await;
    }
    assert_eq!(mails(&shelf, &library).await.len(), 10);
}

async fn a_hash_of_other_parameters_is_made_anew_at_the_next_sign_in(shelf: Shelf) {
    let (_, number, _) = reader(&shelf, "Hana12").await;
    let made_with = async |passes: u32| {
        let sql = format!("select count(*) from patron where password_hash like '$argon2id$%,t={passes},%'");
        shelf.count(&sql).await
    };
    assert_eq!((made_with(1).await, made_with(2).await), (1, 0));
    let mut slower = policy();
    slower.accounts.hash_passes = 2;
    let library = shelf.again(Clock::Fixed(morning()), slower);
    assert!(!may_sign_in(&library, &number, "hana12").await);
    assert_eq!(made_with(1).await, 1, "a wrong password renews nothing");
    assert!(may_sign_in(&library, &number, "Hana12").await);
    assert_eq!((made_with(1).await, made_with(2).await), (0, 1));
    assert!(may_sign_in(&library, &number, "Hana12").await);
}

async fn when_too_many_wait_for_the_hasher_the_rest_are_told_so(shelf: Shelf) {
    let mut narrow = policy();
    narrow.accounts.hash_at_once = 1;
    narrow.accounts.hash_queue = 1;
    // Slow enough that all are there before the first is done.
    narrow.accounts.hash_memory_kib = 65_536;
    narrow.accounts.hash_passes = 3;
    let library = shelf.again(Clock::Fixed(morning()), narrow);
    let mut all = tokio::task::JoinSet::new();
    for n in 0..8u8 {
        let library = library.clone();
        all.spawn(async move { library.sign_in(&format!("770000{n}"), "Hana12", &origin(n)).await.unwrap() });
    }
    let answers = all.join_all().await;
    let busy = answers.iter().filter(|answer| **answer == SignIn::Busy).count();
    assert!(busy > 0 && answers.iter().all(|answer| matches!(answer, SignIn::Busy | SignIn::Wrong)), "{answers:?}");
    // Who was turned away is not held for a guesser.
    let counted =
        shelf.count("select count(*) from guess where tries > 0 and length(origin) > 0 and length(subject) > 0").await;
    assert_eq!(usize::try_from(counted).unwrap(), 8 - busy);
}
