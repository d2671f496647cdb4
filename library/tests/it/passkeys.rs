//! Passkeys, by an authenticator of a few lines: registered, used, refused (issue 5).

use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;
use domain::{
    PatronId,
    notices::MailView,
    patrons::{
        Account, CardState, DoorProblem, DoorRefusal, MOST_PASSKEYS, MOST_QUESTIONS, PasskeyRefusal, RegisterForm,
        SignIn,
    },
    policy::Policy,
};
use library::{
    Clock, Library, Origin,
    notices::{Mailer, mail_files},
};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Shelf, morning, on_both_engines, policy};

on_both_engines!(
    a_passkey_is_registered_told_of_and_signs_in,
    registering_asks_for_the_password,
    an_answer_counts_once_for_its_question_and_not_for_long,
    an_answer_from_elsewhere_or_without_its_owner_is_none,
    nobody_signs_in_by_anothers_key,
    a_counter_that_does_not_rise_is_a_copy,
    a_removed_key_opens_nothing,
    a_barred_card_signs_in_as_with_the_password_and_a_replaced_one_keeps_its_keys,
    a_new_password_leaves_the_keys_and_says_so,
    guesses_of_others_hold_no_passkey_up,
    keys_go_with_the_data_a_patron_erases,
    there_are_so_many_and_no_more,
    where_browsers_have_no_passkeys_none_are_offered,
    nobody_asks_without_end,
);

const PASSWORD: &str = "Hana12";
const ADDRESS: &str = "https://library.test";

/// The policy of a library at such an address.
fn reached_at(web_address: &str) -> Policy {
    let mut policy = policy();
    web_address.clone_into(&mut policy.library.web_address);
    policy
}

/// The library under HTTPS, so many seconds after the tests' morning.
fn after(shelf: &Shelf, seconds: i64) -> Library {
    shelf.again(Clock::Fixed(morning() + TimeDelta::seconds(seconds)), reached_at(ADDRESS))
}

fn origin(n: u8) -> Origin {
    Origin::of([203, 0, 113, n].into())
}

/// What a key can be made to say wrongly.
#[derive(Clone, Copy)]
struct Manner {
    kind: &'static str,
    origin: &'static str,
    party: &'static str,
    cross: bool,
    flags: u8,
}

const MAKING: Manner = Manner { kind: "webauthn.create", flags: 0x45, ..SIGNING };
const SIGNING: Manner =
    Manner { kind: "webauthn.get", origin: ADDRESS, party: "library.test", cross: false, flags: 0x05 };

/// A telephone with one passkey.
struct Device {
    pair: EcdsaKeyPair,
    id: Vec<u8>,
    handle: String,
    counter: u32,
}

impl Device {
    /// A key made for such a question.
    fn new(options: &str) -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).unwrap();
        let id = Sha256::digest(pair.public_key()).to_vec();
        Self { pair, id, handle: text_of(options, "/user/id"), counter: 0 }
    }

    /// The browser's and the authenticator's part of an answer, before it is signed.
    fn said(&self, challenge: &str, manner: Manner) -> (Vec<u8>, Vec<u8>) {
        let client = json!({
            "type": manner.kind,
            "challenge": challenge,
            "origin": manner.origin,
            "crossOrigin": manner.cross,
            "other_keys_can_be_added_here": "do not compare clientDataJSON against a template",
        });
        let mut data = Sha256::digest(manner.party).to_vec();
        data.push(manner.flags);
        data.extend(self.counter.to_be_bytes());
        (client.to_string().into_bytes(), data)
    }

    /// The answer to a question to make a key.
    fn make(&self, options: &str, manner: Manner) -> String {
        let (client, mut data) = self.said(&text_of(options, "/challenge"), manner);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        let point = &self.pair.public_key().as_ref()[1..];
        data.extend([0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
        data.extend(&point[..32]);
        data.extend([0x22, 0x58, 32]);
        data.extend(&point[32..]);
        self.sent(json!({ "clientDataJSON": base64(&client), "authenticatorData": base64(&data) }))
    }

    /// The answer to the question who it is.
    fn sign(&self, options: &str, manner: Manner) -> String {
        let (client, data) = self.said(&text_of(options, "/challenge"), manner);
        let message = [data.as_slice(), &Sha256::digest(&client)].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &message).unwrap();
        self.sent(json!({
            "clientDataJSON": base64(&client),
            "authenticatorData": base64(&data),
            "signature": base64(signature.as_ref()),
            "userHandle": self.handle,
        }))
    }

    fn sent(&self, response: Value) -> String {
        json!({ "id": base64(&self.id), "rawId": base64(&self.id), "type": "public-key", "response": response })
            .to_string()
    }
}

fn base64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn text_of(options: &str, pointer: &str) -> String {
    let options: Value = serde_json::from_str(options).unwrap();
    options.pointer(pointer).and_then(Value::as_str).unwrap().to_owned()
}

/// A patron with a password, and their card.
async fn reader(shelf: &Shelf, library: &Library) -> (PatronId, String) {
    let patron = shelf.patron().await;
    let card = crate::counter::card_of(shelf, patron).await;
    let address = library.settings(patron).await.unwrap().mails[0].clone().unwrap().address;
    let form = RegisterForm {
        card: card.clone(),
        kana: "やまだ はなこ".to_owned(),
        birth_date: "20000101".to_owned(),
        telephone: "048-000-0000".to_owned(),
        mail: String::new(),
    };
    library.ask_for_password(&form, &origin(1)).await.unwrap().unwrap().await.unwrap();
    for mail in mails(shelf, library).await {
        let token = mail.body.split("/link?key=").nth(1).and_then(|rest| rest.split_whitespace().next());
        if let Some(token) = token.filter(|_| mail.to == address) {
            library.set_password_by_link(token, PASSWORD, PASSWORD).await.unwrap().unwrap();
        }
    }
    (patron, card)
}

/// All mails so far, newest first.
async fn mails(shelf: &Shelf, library: &Library) -> Vec<MailView> {
    let folder = shelf.folder.path().join("mail");
    library.send_due(&Mailer::Folder(folder.clone())).await.unwrap();
    mail_files(&folder).await.unwrap()
}

/// What a patron's browser is asked to make.
async fn offer(library: &Library, patron: PatronId) -> String {
    library.offer_passkey(patron, PASSWORD, &origin(1)).await.unwrap().unwrap()
}

/// Registers a new telephone.
async fn register(library: &Library, patron: PatronId, name: &str) -> Device {
    let options = offer(library, patron).await;
    let device = Device::new(&options);
    let answer = device.make(&options, MAKING);
    library.add_passkey(patron, &answer, (name, "Chrome · Android")).await.unwrap().unwrap();
    device
}

/// What somebody is asked who wants to sign in.
async fn question(library: &Library) -> String {
    library.passkey_question(&origin(9)).await.unwrap().unwrap()
}

async fn sign_in(library: &Library, device: &Device, manner: Manner) -> Result<Account, PasskeyRefusal> {
    let answer = device.sign(&question(library).await, manner);
    library.passkey_sign_in(&answer, &origin(9)).await.unwrap()
}

/// All that happens with passkeys, for whoever overhears the statements.
pub(crate) async fn live(shelf: &Shelf) {
    let library = &after(shelf, 0);
    let (patron, _) = reader(shelf, library).await;
    let device = register(library, patron, "").await;
    sign_in(library, &device, SIGNING).await.unwrap();
    let keys = library.settings(patron).await.unwrap().passkeys;
    assert!(library.remove_passkey(patron, &keys[0].key).await.unwrap());
    register(library, patron, "").await;
    library.erase_own_data(patron).await.unwrap();
}

async fn a_passkey_is_registered_told_of_and_signs_in(shelf: Shelf) {
    let library = &after(&shelf, 0);
    let (patron, card) = reader(&shelf, library).await;
    let options: Value = serde_json::from_str(&offer(library, patron).await).unwrap();
    assert_eq!(options["rp"], json!({ "id": "library.test", "name": "本棚町立図書館" }));
    assert_eq!(options["user"]["name"], json!(card));
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["excludeCredentials"], json!([]));

    let device = register(library, patron, " わたしの　スマホ ").await;
    register(library, patron, "").await;
    let keys = library.settings(patron).await.unwrap().passkeys;
    // Both were registered in one instant.
    let mut seen: Vec<_> = keys.iter().map(|key| (key.name.as_str(), key.made, key.used)).collect();
    seen.sort_unstable();
    let today = library.today();
    assert_eq!(seen, [("Chrome · Android", today, None), ("わたしの スマホ", today, None)]);
    let told = mails(&shelf, library).await.into_iter().filter(|mail| mail.subject == "パスキーが登録されました");
    assert_eq!(told.count(), 2);
    let options: Value = serde_json::from_str(&offer(library, patron).await).unwrap();
    assert_eq!(options["excludeCredentials"].as_array().unwrap().len(), 2, "a device that has one makes no second");

    let asked: Value = serde_json::from_str(&question(library).await).unwrap();
    assert_eq!((&asked["rpId"], &asked["allowCredentials"]), (&json!("library.test"), &json!([])), "nobody is named");
    let tomorrow = after(&shelf, 86_400);
    let account = sign_in(&tomorrow, &device, SIGNING).await.unwrap();
    assert_eq!(account, library.account(patron).await.unwrap().unwrap(), "with the generation of the password");
    let keys = library.settings(patron).await.unwrap().passkeys;
    let used = |name: &str| keys.iter().find(|key| key.name == name).unwrap().used;
    assert_eq!((used("わたしの スマホ"), used("Chrome · Android")), (Some(tomorrow.today()), None));
}

async fn registering_asks_for_the_password(shelf: Shelf) {
    let library = &after(&shelf, 0);
    let (patron, _) = reader(&shelf, library).await;
    let wrong = library.offer_passkey(patron, "wrong", &origin(1)).await.unwrap();
    assert_eq!(wrong, Err(DoorRefusal::Problems(vec![DoorProblem::Old])));
    assert_eq!(shelf.count("select count(*) from passkey_challenge").await, 0);
    // A question to sign in, which anybody gets, is none to register by.
    let asked = question(library).await;
    let device = Device { handle: base64(patron.0.as_bytes()), ..Device::new(&offer(library, patron).await) };
    let answer = device.make(&asked, MAKING);
    assert_eq!(library.add_passkey(patron, &answer, ("", "")).await.unwrap(), Err(PasskeyRefusal::Stale));
    assert_eq!(library.settings(patron).await.unwrap().passkeys, []);
}

async fn an_answer_counts_once_for_its_question_and_not_for_long(shelf: Shelf) {
    let library = &after(&shelf, 0);
    let (patron, _) = reader(&shelf, library).await;
    let (other, _) = reader(&shelf, library).await;
    let options = offer(library, patron).await;
    let device = Device::new(&options);
    let made = device.make(&options, MAKING);
    let stale = Err(PasskeyRefusal::Stale);
    assert_eq!(library.add_passkey(other, &made, ("", "")).await.unwrap(), stale, "another was asked");
    assert_eq!(library.add_passkey(patron, &made, ("", "")).await.unwrap(), stale, "and the question is closed");
    let device = register(library, patron, "").await;
    let options = offer(library, patron).await;
    let again = device.make(&options, MAKING);
    assert_eq!(library.add_passkey(patron, &again, ("", "")).await.unwrap(), Err(PasskeyRefusal::Known));

    let asked = question(library).await;
    let answer = device.sign(&asked, SIGNING);
    assert!(library.passkey_sign_in(&answer, &origin(9)).await.unwrap().is_ok());
    assert_eq!(library.passkey_sign_in(&answer, &origin(9)).await.unwrap().unwrap_err(), PasskeyRefusal::Stale);
    let invented = json!({ "challenge": base64(&[7; 32]) }).to_string();
    let answer = device.sign(&invented, SIGNING);
    assert_eq!(library.passkey_sign_in(&answer, &origin(9)).await.unwrap().unwrap_err(), PasskeyRefusal::Stale);
    // What was asked to make a key signs nobody in.
    let answer = device.sign(&offer(library, patron).await, SIGNING);
    assert_eq!(library.passkey_sign_in(&answer, &origin(9)).await.unwrap().unwrap_err(), PasskeyRefusal::Stale);

    let answer = device.sign(&question(library).await, SIGNING);
    let late = after(&shelf, 300);
    assert_eq!(late.passkey_sign_in(&answer, &origin(9)).await.unwrap().unwrap_err(), PasskeyRefusal::Stale);
    question(library).await;
    late.forget_questions().await.unwrap();
    assert_eq!(shelf.count("select count(*) from passkey_challenge").await, 0);
}

async fn an_answer_from_elsewhere_or_without_its_owner_is_none(shelf: Shelf) {
    let library = &after(&shelf, 0);
    let (patron, _) = reader(&shelf, library).await;
    let device = register(library, patron, "").await;
    let wrong = [
        ("another site's page", Manner { origin: "https://library.test.example", ..SIGNING }),
        ("the same name in the clear", Manner { origin: "http://library.test", ..SIGNING }),
        ("another port", Manner { origin: "https://library.test:8443", ..SIGNING }),
        ("a frame in another site", Manner { cross: true, ..SIGNING }),
        ("a key of another site", Manner { party: "example.test", ..SIGNING }),
        ("what was said when a key was made", Manner { kind: "webauthn.create", ..SIGNING }),
        ("nobody touched it", Manner { flags: 0x04, ..SIGNING }),
        ("it did not ask who touched it", Manner { flags: 0x01, ..SIGNING }),
        ("flags that contradict each other", Manner { flags: 0x15, ..SIGNING }),
    ];
    for (what, manner) in wrong {
        assert_eq!(sign_in(library, &device, manner).await.unwrap_err(), PasskeyRefusal::Unknown, "{what}");
        let options = offer(library, patron).await;
        let flags = manner.flags | 0x40;
        let kind = if manner.kind == "webauthn.create" { "webauthn.get" } else { "webauthn.create" };
        let answer = Device::new(&options).make(&options, Manner { kind, flags, ..manner });
        let added = library.add_passkey(patron, &answer, ("", "")).await.unwrap();
        assert_eq!(added, Err(PasskeyRefusal::Unknown), "{what}");
    }
    // Kept on several devices, by a maker who says so.
    assert!(sign_in(library, &device, Manner { flags: 0x1D, ..SIGNING }).await.is_ok());
    for nonsense in ["", "{}", "[]", "null", "\u{0}", r#"{"rawId":"","response":{}}"#] {
        let answer = library.passkey_sign_in(nonsense, &origin(9)).await.unwrap();
        assert_eq!(answer.unwrap_err(), PasskeyRefusal::Unknown, "{nonsense:?}");
        assert_eq!(library.add_passkey(patron, nonsense, ("", "")).await.unwrap(), Err(PasskeyRefusal::Unknown));
    }
    let options = offer(library, patron).await;
    let theirs = Device::new(&options).make(&options, MAKING);
    let mut theirs: Value = serde_json::from_str(&theirs).unwrap();
    theirs["rawId"] = json!(base64(&[7; 32]));
    let answer = library.add_passkey(patron, &theirs.to_string(), ("", "")).await.unwrap();
    assert_eq!(answer, Err(PasskeyRefusal::Unknown), "the authenticator says another name of the key than the browser");
    let cut = Device::new(&options).make(&options, Manner { flags: 0x05, ..MAKING });
    assert_eq!(
        library.add_passkey(patron, &cut, ("", "")).await.unwrap(),
        Err(PasskeyRefusal::Unknown),
        "no key in it"
    );
    assert_eq!(library.settings(patron).await.unwrap().passkeys.len(), 1);
}

async fn nobody_signs_in_by_anothers_key(shelf: Shelf) {
    let library = &after(&shelf, 0);
    let (patron, _) = reader(&shelf, library).await;
    let (thief, _) = reader(&shelf, library).await;
    let (own, thiefs) = (register(library, patron, "").await, register(library, thief, "").await);
    // The thief's own key under the id or under the name of the other's.
    let asked = question(library).await;
    let id = own.id.clone();
    let disguised = Device { id, ..register(library, thief, "").await };
    let answer = disguised.sign(&asked, SIGNING);
    assert_eq!(library.passkey_sign_in(&answer, &origin(9)).await.unwrap().unwrap_err(), PasskeyRefusal::Unknown);
    let disguised = Device { handle: own.handle.clone(), ..thiefs };
    assert_eq!(sign_in(library, &disguised, SIGNING).await.unwrap_err(), PasskeyRefusal::Unknown);
    // The right signature of another question.
    let elsewhere = own.sign(&question(library).await, SIGNING);
    let mut answer: Value = serde_json::from_str(&own.sign(&asked, SIGNING)).unwrap();
    answer["response"]["signature"] =
        serde_json::from_str::<Value>(&elsewhere).unwrap()["response"]["signature"].clone();
    let answer = library.passkey_sign_in(&answer.to_string(), &origin(9)).await.unwrap();
    assert_eq!(answer.unwrap_err(), PasskeyRefusal::Unknown);
    assert_eq!(sign_in(library, &own, SIGNING).await.unwrap().id, patron);
    // And nobody takes another's away.
    let keys = library.settings(patron).await.unwrap().passkeys;
    assert!(!library.remove_passkey(thief, &keys[0].key).await.unwrap());
    assert!(!library.remove_passkey(patron, "nonsense").await.unwrap());
}

async fn a_counter_that_does_not_rise_is_a_copy(shelf: Shelf) {
    let library = &after(&shelf, 0);
    let (patron, _) = reader(&shelf, library).await;
    let mut device = register(library, patron, "").await;
    assert!(sign_in(library, &device, SIGNING).await.is_ok(), "it does not count");
    assert!(sign_in(library, &device, SIGNING).await.is_ok());
    device.counter = 5;
    assert!(sign_in(library, &device, SIGNING).await.is_ok());
    for counter in [5, 4, 0] {
        device.counter = counter;
        assert_eq!(sign_in(library, &device, SIGNING).await.unwrap_err(), PasskeyRefusal::Unknown, "{counter}");
    }
    device.counter = 6;
    assert!(sign_in(library, &device, SIGNING).await.is_ok());
}

async fn a_removed_key_opens_nothing(shelf: Shelf) {
    let library = &after(&shelf, 0);
    let (patron, card) = reader(&shelf, library).await;
    let (phone, tablet) = (register(library, patron, "a").await, register(library, patron, "b").await);
    let keys = library.settings(patron).await.unwrap().passkeys;
    let gone = &keys.iter().find(|key| key.name == "a").unwrap().key;
    assert!(library.remove_passkey(patron, gone).await.unwrap());
    assert!(!library.remove_passkey(patron, gone).await.unwrap());
    assert_eq!(sign_in(library, &phone, SIGNING).await.unwrap_err(), PasskeyRefusal::Unknown);
    assert!(sign_in(library, &tablet, SIGNING).await.is_ok());
    let by_password = library.sign_in(&card, PASSWORD, &origin(9)).await.unwrap();
    assert!(matches!(by_password, SignIn::Done(_)), "the password is there all the time");
}

async fn a_barred_card_signs_in_as_with_the_password_and_a_replaced_one_keeps_its_keys(shelf: Shelf) {
    let library = &after(&shelf, 0);
    let (patron, card) = reader(&shelf, library).await;
    let device = register(library, patron, "").await;
    for state in [CardState::Suspended, CardState::Expired] {
        library.set_card_state(patron, state).await.unwrap();
        let SignIn::Done(by_password) = library.sign_in(&card, PASSWORD, &origin(9)).await.unwrap() else {
            panic!("a {state} card may look")
        };
        let by_passkey = sign_in(library, &device, SIGNING).await.unwrap();
        assert_eq!((by_passkey.card, &by_passkey), (state, &by_password));
    }
    library.replace_card(patron, "7000001").await.unwrap().unwrap();
    assert_eq!(library.sign_in(&card, PASSWORD, &origin(9)).await.unwrap(), SignIn::Wrong);
    assert_eq!(sign_in(library, &device, SIGNING).await.unwrap().id, patron, "it never was the card's");
}

async fn a_new_password_leaves_the_keys_and_says_so(shelf: Shelf) {
    let library = &after(&shelf, 0);
    let (patron, _) = reader(&shelf, library).await;
    let hint = "登録してあるパスキーは、そのまま使えます。";
    let newest =
        async || mails(&shelf, library).await.into_iter().find(|mail| mail.subject == "パスワードが変わりました");
    library.change_password(patron, (PASSWORD, "Neko34", "Neko34"), &origin(1)).await.unwrap().unwrap();
    assert!(!newest().await.unwrap().body.contains(hint), "there are none");
    library.change_password(patron, ("Neko34", PASSWORD, PASSWORD), &origin(1)).await.unwrap().unwrap();
    let device = register(library, patron, "").await;
    let later = after(&shelf, 60);
    later.change_password(patron, (PASSWORD, "Inu567", "Inu567"), &origin(1)).await.unwrap().unwrap();
    assert!(mails(&shelf, &later).await.iter().any(|mail| mail.body.contains(hint)));
    let generation = library.account(patron).await.unwrap().unwrap().generation;
    assert_eq!(sign_in(library, &device, SIGNING).await.unwrap().generation, generation);
}

async fn guesses_of_others_hold_no_passkey_up(shelf: Shelf) {
    let library = &after(&shelf, 0);
    let (patron, card) = reader(&shelf, library).await;
    let device = register(library, patron, "").await;
    for n in 0..30 {
        library.sign_in(&card, "wrong", &origin(n)).await.unwrap();
    }
    let slow = library.sign_in(&card, PASSWORD, &origin(9)).await.unwrap();
    assert!(matches!(slow, SignIn::Slow(_)), "{slow:?}");
    assert_eq!(sign_in(library, &device, SIGNING).await.unwrap().id, patron);
    let known = library.sign_in(&card, PASSWORD, &origin(9)).await.unwrap();
    assert!(matches!(known, SignIn::Done(_)), "where they came in they are known: {known:?}");
    let elsewhere = library.sign_in(&card, PASSWORD, &origin(77)).await.unwrap();
    assert!(matches!(elsewhere, SignIn::Slow(_)), "and nowhere else: {elsewhere:?}");
}

async fn keys_go_with_the_data_a_patron_erases(shelf: Shelf) {
    let library = &after(&shelf, 0);
    let (patron, _) = reader(&shelf, library).await;
    let (other, _) = reader(&shelf, library).await;
    let (device, others) = (register(library, patron, "わたしのスマホ").await, register(library, other, "").await);
    offer(library, patron).await;
    let data = library.own_data(patron).await.unwrap().unwrap();
    assert_eq!(data.passkeys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>(), ["わたしのスマホ"]);
    assert!(!serde_json::to_string(&data).unwrap().contains(&base64(&device.id)));
    library.erase_own_data(patron).await.unwrap();
    assert_eq!(library.own_data(patron).await.unwrap().unwrap().passkeys.len(), 0);
    assert_eq!(shelf.count("select count(*) from passkey_challenge").await, 0);
    assert_eq!(sign_in(library, &device, SIGNING).await.unwrap_err(), PasskeyRefusal::Unknown);
    assert!(sign_in(library, &others, SIGNING).await.is_ok());
    assert_eq!(crate::invariants::check(library).await, [""; 0]);
}

async fn there_are_so_many_and_no_more(shelf: Shelf) {
    let library = &after(&shelf, 0);
    let (patron, _) = reader(&shelf, library).await;
    let spare = offer(library, patron).await;
    for n in 0..MOST_PASSKEYS {
        register(library, patron, &n.to_string()).await;
    }
    let full = PasskeyRefusal::Full;
    let asked = library.offer_passkey(patron, PASSWORD, &origin(1)).await.unwrap();
    assert_eq!(asked, Err(DoorRefusal::Passkey(full)));
    let answer = Device::new(&spare).make(&spare, MAKING);
    assert_eq!(library.add_passkey(patron, &answer, ("", "")).await.unwrap(), Err(full), "asked before");
}

async fn where_browsers_have_no_passkeys_none_are_offered(shelf: Shelf) {
    let clear = &shelf.library;
    let (patron, _) = reader(&shelf, clear).await;
    let none = PasskeyRefusal::NotOffered;
    assert_eq!(clear.relying_party(), None);
    assert_eq!(clear.passkey_question(&origin(1)).await.unwrap(), Err(none));
    let offered = clear.offer_passkey(patron, PASSWORD, &origin(1)).await.unwrap();
    assert_eq!(offered, Err(DoorRefusal::Passkey(none)));
    assert_eq!(clear.add_passkey(patron, "{}", ("", "")).await.unwrap(), Err(none));
    assert_eq!(clear.passkey_sign_in("{}", &origin(1)).await.unwrap().unwrap_err(), none);
}

async fn nobody_asks_without_end(shelf: Shelf) {
    let library = &after(&shelf, 0);
    let (patron, _) = reader(&shelf, library).await;
    let device = register(library, patron, "").await;
    let open = async || shelf.count("select count(*) from passkey_challenge").await;
    for _ in 0..MOST_QUESTIONS {
        question(library).await;
    }
    let before = open().await;
    let many = Err(PasskeyRefusal::Many);
    for _ in 0..3 {
        assert_eq!(library.passkey_question(&origin(9)).await.unwrap(), many);
    }
    assert_eq!(open().await, before, "and nothing is written");
    assert!(library.passkey_question(&origin(8)).await.unwrap().is_ok(), "elsewhere one may");
    // Registering is asked for with the password, which has a tally of its own.
    offer(library, patron).await;
    let rows = "select count(*) from passkey_challenge where cast(origin as text) like '%203.0.113%'";
    assert_eq!(shelf.count(rows).await, 0, "no address stands there in clear");
    let later = after(&shelf, 300);
    assert!(sign_in(&later, &device, SIGNING).await.is_ok(), "after a while one may again");
}
