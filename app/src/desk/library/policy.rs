//! 運用の決まり: the policy, setting by setting, in sentences.

use domain::{
    calendar::ClosedDayRule,
    catalog::LimitGroup,
    messages::{self, Key},
    policy::{AccountPolicy, DailyPolicy, LoanPolicy, NoticePolicy, ReservationPolicy, SetWaitsFor},
};
use leptos::prelude::*;

use super::{
    super::room::{Room, room_page, section, way},
    api::{self, PolicyView},
};
use crate::{
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    load::load,
};

/// `/desk/library/policy`
pub(super) fn page() -> ErasedView {
    room_page("/desk/library/policy".to_owned(), load(|| (), |()| api::policy()), |room| policy(&room))
}

fn policy(room: &Room<PolicyView>) -> ErasedView {
    let i18n = use_i18n();
    let view = &room.loaded;
    let rest = view! {
        {p("hint", i18n.t(Key::PolicyLead))}
        {section(Key::PolicyLoans, list(loans(i18n, &view.loans, view.calendar.due_on_closed_day)))}
        {section(Key::PolicyReservations, list(reservations(i18n, view)))}
        {section(Key::PolicyDaily, list(daily(i18n, &view.daily)))}
        {section(Key::PolicyNotices, list(notices(i18n, &view.notices)))}
        {section(Key::PolicyAccounts, list(accounts(i18n, &view.accounts)))}
        <p>{way("/desk/library".to_owned(), Key::DeskBack)}</p>
    };
    room.page(i18n.t(Key::HousePolicy), rest.erased())
}

fn list(sentences: Vec<String>) -> ErasedView {
    let sentences = sentences.into_iter().map(|sentence| view! { <li>{sentence}</li> }).collect_view();
    view! { <ul>{sentences}</ul> }.erased()
}

fn loans(i18n: I18n, loans: &LoanPolicy, closed: ClosedDayRule) -> Vec<String> {
    let renewals = [("n", &*loans.renewals.to_string()), ("days", &*loans.renewal_days.to_string())];
    vec![
        i18n.number(Key::PolicyLoanDays, loans.days),
        i18n.fill(Key::PolicyRenewals, &renewals),
        i18n.t(match closed {
            ClosedDayRule::NextOpenDay => Key::PolicyDueNext,
            ClosedDayRule::Keep => Key::PolicyDueKeep,
        }),
    ]
}

fn reservations(i18n: I18n, view: &PolicyView) -> Vec<String> {
    let ReservationPolicy { hold_days, hold_extension_days, transit_days, pause_days, keep_cancelled_days, .. } =
        view.reservations;
    let limits = LimitGroup::ALL.iter().map(|group| {
        let name = match group {
            LimitGroup::BooksAndMagazines => Key::GroupBooksAndMagazines,
            LimitGroup::Kamishibai => Key::GroupKamishibai,
            LimitGroup::Cds => Key::GroupCds,
            LimitGroup::Videos => Key::GroupVideos,
        };
        let counter = if *group == LimitGroup::BooksAndMagazines { Key::CountVolumes } else { Key::CountPieces };
        let loans = i18n.number(counter, view.loans.limits.of(*group));
        let reservations = i18n.number(counter, view.reservations.limits.of(*group));
        let values = [("group", &*i18n.t(name)), ("loans", &loans), ("reservations", &reservations)];
        i18n.fill(Key::PolicyLimit, &values)
    });
    let hold = [("n", &*hold_days.to_string()), ("more", &*hold_extension_days.to_string())];
    let mut sentences: Vec<String> = limits.collect();
    sentences.extend([
        i18n.fill(Key::PolicyHold, &hold),
        i18n.t(match view.calendar.hold_on_closed_day {
            ClosedDayRule::NextOpenDay => Key::PolicyHoldNext,
            ClosedDayRule::Keep => Key::PolicyHoldKeep,
        }),
        i18n.number(Key::PolicyTransit, transit_days),
        i18n.t(match view.reservations.set_waits_for {
            SetWaitsFor::Ready => Key::PolicySetReady,
            SetWaitsFor::Lent => Key::PolicySetLent,
        }),
        i18n.number(Key::PolicyPause, pause_days),
        i18n.number(Key::PolicyCancelled, keep_cancelled_days),
        i18n.t(if view.reservations.contact_none { Key::PolicyContactNone } else { Key::PolicyContactAlways }),
    ]);
    sentences
}

fn accounts(i18n: I18n, accounts: &AccountPolicy) -> Vec<String> {
    let AccountPolicy {
        kiosk_idle_minutes,
        kiosk_minutes,
        patron_idle_days,
        patron_days,
        staff_idle_minutes,
        staff_hours,
        second_factor,
        ..
    } = accounts;
    let idle = [("n", &*patron_idle_days.to_string()), ("minutes", &*staff_idle_minutes.to_string())];
    let most = [("n", &*patron_days.to_string()), ("hours", &*staff_hours.to_string())];
    let kiosk = [("n", &*kiosk_idle_minutes.to_string()), ("most", &*kiosk_minutes.to_string())];
    vec![
        i18n.fill(Key::PolicyKiosk, &kiosk),
        i18n.fill(Key::PolicyPatronIdle, &idle),
        i18n.fill(Key::PolicySignedInMost, &most),
        i18n.t(messages::second_factor(*second_factor)),
    ]
}

fn notices(i18n: I18n, notices: &NoticePolicy) -> Vec<String> {
    let NoticePolicy { gather_minutes, quiet_from, quiet_until, quiet_mail, expiring_days, cancelled, expired, .. } =
        notices;
    let quiet = [("from", &*quiet_from.to_string()), ("until", &*quiet_until.to_string())];
    [
        (*gather_minutes > 0).then(|| i18n.number(Key::PolicyGather, gather_minutes)),
        (*quiet_mail && quiet_from != quiet_until).then(|| i18n.fill(Key::PolicyQuiet, &quiet)),
        (*expiring_days > 0).then(|| i18n.number(Key::PolicyExpiring, expiring_days)),
        Some(i18n.t(if *cancelled { Key::PolicyTellCancelled } else { Key::PolicyNoTellCancelled })),
        Some(i18n.t(if *expired { Key::PolicyTellExpired } else { Key::PolicyNoTellExpired })),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn daily(i18n: I18n, daily: &DailyPolicy) -> Vec<String> {
    let reminder = |key: Key, days: u32| (days > 0).then(|| i18n.number(key, days));
    let before = reminder(Key::PolicyRemindBefore, daily.remind_before_days);
    let after = reminder(Key::PolicyRemindAfter, daily.remind_after_days);
    let missing = (before.is_none() || after.is_none()).then(|| i18n.t(Key::PolicyNoReminder));
    [
        Some(i18n.number(Key::PolicyHour, daily.hour)),
        before,
        after,
        missing,
        Some(i18n.number(Key::PolicyMail, daily.keep_mail_days)),
        Some(i18n.number(Key::PolicyAudit, daily.keep_audit_days)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
