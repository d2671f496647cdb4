//! はじめての方へ: what the service is, who can use it, and its rules, with the figures of the policy.

use domain::{
    catalog::LimitGroup,
    messages::{self, Key},
};
use leptos::prelude::*;

use crate::{
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::heading,
    site::use_site,
};

/// The guide (R1, R2, R6, R8–R12, R16–R18).
pub(crate) fn guide() -> ErasedView {
    let i18n = use_i18n();
    let (loans, reservations, mail_from) =
        use_site().with(|site| (site.loans.clone(), site.reservations.clone(), site.mail_from.clone()));
    let groups = [
        (LimitGroup::BooksAndMagazines, Key::GroupBooksAndMagazines),
        (LimitGroup::Kamishibai, Key::GroupKamishibai),
        (LimitGroup::Cds, Key::GroupCds),
        (LimitGroup::Videos, Key::GroupVideos),
    ];
    let limits = groups
        .map(|(group, name)| {
            let counted = |n: u32| match n {
                0 => i18n.t(Key::GuideNone),
                n if group == LimitGroup::BooksAndMagazines => i18n.number(Key::CountVolumes, n),
                n => i18n.number(Key::CountPieces, n),
            };
            view! {
                <tr>
                    <th scope="row">{i18n.t(name)}</th>
                    <td>{counted(loans.limits.of(group))}</td>
                    <td>{counted(reservations.limits.of(group))}</td>
                </tr>
            }
        })
        .collect_view();
    let steps = [Key::GuideStepSearch, Key::GuideStepCart, Key::GuideStepPlace, Key::GuideStepConfirm]
        .map(|key| view! { <li>{i18n.t(key)}</li> })
        .collect_view();
    let dvd = i18n.t(messages::material(domain::catalog::MaterialType::Dvd));
    let ld = i18n.t(messages::material(domain::catalog::MaterialType::Ld));
    let passkeys = use_site().with(|site| site.passkeys).then(|| view! { <p>{i18n.show(Key::GuidePasskeys)}</p> });
    view! {
        {heading(i18n.t(Key::GuideTitle))}
            <h2>{i18n.show(Key::GuideWhoTitle)}</h2>
            <p>{i18n.show(Key::GuideWho)}</p>
            <p>{i18n.show(Key::GuidePassword)}</p>
            <p><a class="button" href="/register">{i18n.show(Key::LoginRegister)}</a></p>
            <p>{i18n.show(Key::GuideAddresses)}</p>
            {passkeys}
            <h2>{i18n.show(Key::GuideHowTitle)}</h2>
            <ol>{steps}</ol>
            <p>{i18n.number(Key::GuideReady, reservations.hold_days)}</p>
            <p>{i18n.fill(Key::GuideMailFrom, &[("address", &mail_from)])}</p>
            <h2>{i18n.show(Key::GuideOrderTitle)}</h2>
            <p>{i18n.show(Key::GuideOrder)}</p>
            <p>{i18n.show(Key::SetRuleAllOrNothing)}</p>
            <p>{i18n.show(Key::SetRuleWaits)}</p>
            <h2>{i18n.show(Key::GuideLimitsTitle)}</h2>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{i18n.show(Key::GuideColumnMaterial)}</th>
                        <th scope="col">{i18n.show(Key::GuideColumnLoans)}</th>
                        <th scope="col">{i18n.show(Key::GuideColumnReservations)}</th>
                    </tr>
                </thead>
                <tbody>{limits}</tbody>
            </table>
            <p>{i18n.number(Key::GuideLoanDays, loans.days)}</p>
            <h2>{i18n.show(Key::GuideRefusedTitle)}</h2>
            <ul>
                <li>{i18n.show(Key::GuideRefusedNewest)}</li>
                <li>{format!("{dvd}・{ld}")}</li>
                <li>{i18n.show(Key::GuideRefusedInLibrary)}</li>
            </ul>
    }
    .erased()
}
