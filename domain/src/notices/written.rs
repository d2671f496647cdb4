//! What a notice says, in the language of its patron: the library's own text, or the one that is built in.

use chrono::NaiveDate;

use super::{About, Letter, NoticeKind, Template, TemplateError, Value};
use crate::{
    PlaceCode,
    circulation::CancelReason,
    messages::{self, Key, Language, Messages},
    policy::Policy,
};

/// The texts that are built in: subject and text.
const fn keys(kind: NoticeKind) -> (Key, Key) {
    match kind {
        NoticeKind::Ready => (Key::NoticeReadySubject, Key::NoticeReadyBody),
        NoticeKind::Expiring => (Key::NoticeExpiringSubject, Key::NoticeExpiringBody),
        NoticeKind::Vanished => (Key::NoticeVanishedSubject, Key::NoticeVanishedBody),
        NoticeKind::Paused => (Key::NoticePausedSubject, Key::NoticePausedBody),
        NoticeKind::Cancelled => (Key::NoticeCancelledSubject, Key::NoticeCancelledBody),
        NoticeKind::Due => (Key::NoticeDueSubject, Key::NoticeDueBody),
        NoticeKind::Overdue => (Key::NoticeOverdueSubject, Key::NoticeOverdueBody),
        NoticeKind::PasswordLink => (Key::NoticePasswordLinkSubject, Key::NoticePasswordLinkBody),
        NoticeKind::AddressLink => (Key::NoticeAddressLinkSubject, Key::NoticeAddressLinkBody),
        NoticeKind::PasswordChanged => (Key::NoticePasswordChangedSubject, Key::NoticePasswordChangedBody),
        NoticeKind::PasskeyAdded => (Key::NoticePasskeyAddedSubject, Key::NoticePasskeyAddedBody),
        NoticeKind::DeviceAdded => (Key::NoticeDeviceAddedSubject, Key::NoticeDeviceAddedBody),
        NoticeKind::AddressChanged => (Key::NoticeAddressChangedSubject, Key::NoticeAddressChangedBody),
        NoticeKind::OneTime => (Key::NoticeOnceSubject, Key::NoticeOnceBody),
    }
}

/// The text that is built in, as the file of a template, from which a library can begin its own.
pub fn built_in(kind: NoticeKind, language: Language) -> String {
    let (messages, (subject, body)) = (Messages::of(language), keys(kind));
    format!("Subject: {}\n\n{}", messages.text(subject), messages.text(body))
}

/// Writes what is to be told of these, which are of one kind and for one patron.
///
/// # Errors
/// When the text that is built in is no template, which a test forbids.
pub fn written(
    policy: &Policy,
    kind: NoticeKind,
    language: Language,
    name: &str,
    of: &[About],
) -> Result<Letter, TemplateError> {
    let messages = Messages::of(language);
    let library = &policy.library;
    let common = [
        ("name", name.to_owned()),
        ("library", language.of(&library.name, &library.name_en).to_owned()),
        ("telephone", library.telephone.clone()),
        ("address", library.web_address.clone()),
    ];
    let each: Vec<Vec<Value<'_>>> = of.iter().map(|about| values(policy, &messages, about)).collect();
    match policy.notices.templates.own(kind, language) {
        Some(own) => Ok(own.fill(language.code(), &common, &each)),
        None => Ok(Template::parse(kind, &built_in(kind, language))?.fill(language.code(), &common, &each)),
    }
}

fn values(policy: &Policy, messages: &Messages, about: &About) -> Vec<Value<'static>> {
    let language = messages.language();
    let place = about.place.as_ref().and_then(|code| policy.place(code));
    let where_so = |so: bool, key| if so { messages.text(key) } else { String::new() };
    let token = about.token.as_deref().unwrap_or_default();
    vec![
        ("title", about.title.clone().unwrap_or_default()),
        ("place", place.map(|place| language.of(&place.name, &place.name_en).to_owned()).unwrap_or_default()),
        ("date", about.date.map(|day| messages::date(messages, day)).unwrap_or_default()),
        ("reason", about.reason.map(|reason| messages.text(messages::cancel_reason(reason))).unwrap_or_default()),
        ("note", about.note.clone().unwrap_or_default()),
        ("link", format!("{}/link?key={token}", policy.library.web_address)),
        ("n", policy.accounts.link_minutes.to_string()),
        ("passkeys", where_so(about.passkeys, Key::NoticePasswordChangedPasskeys)),
        ("devices", where_so(about.devices, Key::NoticePasswordChangedDevices)),
    ]
}

/// A notice of that kind with made-up values, to see what a text looks like.
///
/// # Errors
/// As [`written`].
pub fn example(
    policy: &Policy,
    kind: NoticeKind,
    language: Language,
    today: NaiveDate,
) -> Result<Letter, TemplateError> {
    let name = language.of("本間 静江", "Shizue Honma");
    let titles = [language.of("こころ", "Kokoro"), language.of("坊っちゃん", "Botchan")];
    let place: Option<PlaceCode> = policy.pickup_places().next().map(|place| place.code.clone());
    let about = |title: &str| About {
        name: name.to_owned(),
        title: Some(title.to_owned()),
        place: place.clone(),
        date: today.checked_add_days(chrono::Days::new(policy.reservations.hold_days.into())),
        reason: Some(CancelReason::Withdrawn),
        token: Some("0123456789abcdef0123456789abcdef".to_owned()),
        passkeys: true,
        devices: true,
        ..About::default()
    };
    let shown = if kind.gathers() { titles.len() } else { 1 };
    let of: Vec<About> = titles.iter().take(shown).map(|title| about(title)).collect();
    written(policy, kind, language, name, &of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::tests::sound;

    #[test]
    fn every_text_that_is_built_in_is_a_template() {
        for kind in NoticeKind::ALL {
            for language in Language::ALL {
                let read = Template::parse(*kind, &built_in(*kind, language));
                assert!(read.is_ok(), "{kind} in {language:?}: {read:?}");
            }
        }
    }

    #[test]
    fn an_example_leaves_nothing_open() {
        let today = NaiveDate::from_ymd_opt(2026, 4, 1).expect("sound");
        for kind in NoticeKind::ALL {
            for language in Language::ALL {
                let Letter { subject, text, html } = example(&sound(), *kind, language, today).expect("sound");
                assert!(subject.chars().count() <= 40, "{subject}");
                assert!(!text.contains(['{', '}']) && !html.contains("{"), "{kind}: {text}");
                assert!(text.contains("048-000-0000"), "how to reach the library: {text}");
            }
        }
    }

    #[test]
    fn places_days_and_the_library_are_named_in_the_language() {
        let about = About {
            title: Some("こころ".into()),
            place: Some(PlaceCode("central".into())),
            date: NaiveDate::from_ymd_opt(2026, 4, 15),
            ..About::default()
        };
        let mut policy = sound();
        policy.places[0].name = "中央図書館".into();
        let of = [about.clone(), About { title: Some("坊っちゃん".into()), ..about }];
        let write = |language| written(&policy, NoticeKind::Ready, language, "山田 花子", &of).expect("sound").text;
        let (ja, en) = (write(Language::Ja), write(Language::En));
        for told in ["山田 花子 様", "こころ", "坊っちゃん", "中央図書館", "2026年4月15日（水）", "本棚町立図書館"]
        {
            assert!(ja.contains(told), "{told}: {ja}");
        }
        for told in ["Dear 山田 花子", "こころ", "坊っちゃん", "central", "Wed 15 April 2026", "Hondana Town Library"]
        {
            assert!(en.contains(told), "{told}: {en}");
        }
    }

    #[test]
    fn the_librarys_own_text_is_taken_in_its_language() {
        let mut policy = sound();
        let own = Template::parse(NoticeKind::OneTime, "件名：仮\n\n{name} さんへ\n").expect("sound");
        policy.notices.templates.put(NoticeKind::OneTime, Language::Ja, own);
        let write = |language| written(&policy, NoticeKind::OneTime, language, "花子", &[]).expect("sound").subject;
        assert_eq!(write(Language::Ja), "仮");
        assert_eq!(write(Language::En), built_in(NoticeKind::OneTime, Language::En)[9..].lines().next().unwrap_or(""));
    }
}
