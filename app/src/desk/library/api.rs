//! What the pages about the library itself ask the server. The policy is every member of staff's to read, the rest the
//! managers'.

#[cfg(feature = "ssr")]
use chrono::NaiveDate;
#[cfg(feature = "ssr")]
use domain::{
    PlaceCode,
    circulation::Refusal,
    dates::read_date,
    figures::Span,
    patrons::{StaffForm, StaffProblem},
};
use domain::{
    StaffId,
    calendar::{Closure, ClosureEffect},
    figures::FiguresPage,
    patrons::{StaffAccount, StaffRole},
    policy::{AccountPolicy, CalendarPolicy, DailyPolicy, LoanPolicy, NoticePolicy, ReservationPolicy},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::super::said::{Done, Problem, Said};
#[cfg(feature = "ssr")]
use crate::ssr::{fault, forms, visit, visit::Visit};
use crate::{
    failure::Failure,
    load::{Answer, Json, Loadable},
};

/// The policy, as far as it says what patrons and staff meet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyView {
    /// Loans.
    pub loans: LoanPolicy,
    /// Reservations.
    pub reservations: ReservationPolicy,
    /// The work of each day.
    pub daily: DailyPolicy,
    /// Closed days.
    pub calendar: CalendarPolicy,
    /// What patrons are told.
    pub notices: NoticePolicy,
    /// Sign-in.
    pub accounts: AccountPolicy,
}

/// The policy.
#[server(endpoint = "desk-policy", input = Json, output = Loadable)]
pub async fn policy() -> Result<Answer<PolicyView>, Failure> {
    let (visit, _) = visit::staff().await?;
    let policy = visit.library.policy().clone();
    Answer::of(&PolicyView {
        loans: policy.loans,
        reservations: policy.reservations,
        daily: policy.daily,
        calendar: policy.calendar,
        notices: policy.notices,
        accounts: policy.accounts,
    })
}

/// A closure that is thought of and what it would move; or why there can't be such.
pub type Thought = Result<(Closure, ClosureEffect), ()>;

/// What a closure would move. Nothing while no days are named.
#[server(endpoint = "closure-effect", input = Json, output = Loadable)]
pub async fn think_of_closure(
    /// Where.
    place: String,
    /// The first closed day, in any way of writing it.
    from: String,
    /// The last one; empty for the same.
    until: String,
    /// Why.
    reason: String,
) -> Result<Answer<Option<Thought>>, Failure> {
    let (visit, _) = visit::manager().await?;
    if from.trim().is_empty() {
        return Answer::of(&None::<Thought>);
    }
    let thought = match read_closure(&visit, &place, &from, &until, &reason) {
        Ok(closure) => Ok((closure.clone(), visit.library.closure_effect(&closure).await.map_err(fault)?)),
        Err(_) => Err(()),
    };
    Answer::of(&Some(thought))
}

/// Reads a closure as typed.
#[cfg(feature = "ssr")]
fn read_closure(visit: &Visit, place: &str, from: &str, until: &str, reason: &str) -> Result<Closure, Refusal> {
    let place = PlaceCode(place.to_owned());
    if visit.library.policy().place(&place).is_none() {
        return Err(Refusal::UnknownPlace);
    }
    let first = read_date(from).ok_or(Refusal::BadSpan)?;
    let last = if until.trim().is_empty() { Some(first) } else { read_date(until) };
    let until = last.filter(|last| *last >= first).ok_or(Refusal::BadSpan)?;
    Ok(Closure { place, from: first, until, reason: reason.trim().to_owned() })
}

/// Closes a place and moves the dates.
#[server(endpoint = "close-place")]
pub async fn close_place(
    /// Where.
    place: String,
    /// The first closed day.
    from: String,
    /// The last one.
    until: String,
    /// Why.
    #[server(default)]
    reason: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::manager().await?;
        let answer = match read_closure(&visit, &place, &from, &until, &reason) {
            Ok(closure) => visit.library.close_place(&closure).await.map_err(fault)?,
            Err(refusal) => Err(refusal),
        };
        let said = match answer {
            Ok(moved) => Said::done(Done::Closed { moved }),
            Err(refusal) => Said::not([Problem::Refused(refusal)], &[]),
        };
        said.keep(&mut visit).await?;
        Ok("/desk/library/closures".to_owned())
    })
    .await
}

/// The figures of a span.
#[server(endpoint = "desk-figures", input = Json, output = Loadable)]
pub async fn figures(
    /// `day`, `month` or `year`.
    span: String,
    /// Any day of it; today when it can't be read.
    day: String,
) -> Result<Answer<FiguresPage>, Failure> {
    let (visit, _) = visit::manager().await?;
    let day = day.parse::<NaiveDate>().unwrap_or_else(|_| visit.library.today());
    Answer::of(&visit.library.figures(Span::named(&span, day)).await.map_err(fault)?)
}

/// The accounts of staff.
#[server(endpoint = "staff-accounts", input = Json, output = Loadable)]
pub async fn accounts() -> Result<Answer<Vec<StaffAccount>>, Failure> {
    let (visit, _) = visit::manager().await?;
    Answer::of(&visit.library.staff_accounts().await.map_err(fault)?)
}

/// Makes an account.
#[server(endpoint = "add-staff")]
pub async fn add_staff(
    /// Login name.
    #[server(default)]
    login: String,
    /// The password.
    #[server(default)]
    password: String,
    /// What they may do.
    role: StaffRole,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::manager().await?;
        let form = StaffForm { login, password, role };
        let said = match visit.library.add_staff(&form).await.map_err(fault)? {
            Ok(_) => Said::done(Done::StaffAdded),
            Err(problem) => Said::not([Problem::Staff(problem)], &[("login", &form.login), ("role", role.as_str())]),
        };
        said.keep(&mut visit).await?;
        Ok(STAFF.to_owned())
    })
    .await
}

/// Gives a member of staff another role.
#[server(endpoint = "staff-role")]
pub async fn set_role(
    /// Whose.
    account: StaffId,
    /// What they may do.
    role: StaffRole,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::manager().await?;
        let answer = visit.library.set_staff_role(account, role).await.map_err(fault)?;
        changed(&mut visit, answer, STAFF.to_owned()).await
    })
    .await
}

/// Lets a member of staff sign in or not.
#[server(endpoint = "staff-enable")]
pub async fn enable(
    /// Whose.
    account: StaffId,
    /// Whether they may.
    enabled: bool,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::manager().await?;
        let answer = visit.library.enable_staff(account, enabled).await.map_err(fault)?;
        changed(&mut visit, answer, STAFF.to_owned()).await
    })
    .await
}

/// Gives a member of staff a new password.
#[server(endpoint = "staff-password")]
pub async fn set_password(
    /// Whose.
    account: StaffId,
    /// The password.
    #[server(default)]
    password: String,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::manager().await?;
        let answer = visit.library.set_staff_password(account, &password).await.map_err(fault)?;
        changed(&mut visit, answer, format!("/desk/library/password?of={account}")).await
    })
    .await
}

/// Takes away the second factor of a member of staff who has lost it.
#[server(endpoint = "staff-factor-off")]
pub async fn remove_staff_factor(
    /// Whose.
    account: StaffId,
) -> Result<(), Failure> {
    forms::answer(async {
        let (mut visit, _) = visit::manager().await?;
        visit.library.remove_factor(account).await.map_err(fault)?;
        changed(&mut visit, Ok(()), STAFF.to_owned()).await
    })
    .await
}

/// The page of the accounts.
#[cfg(feature = "ssr")]
const STAFF: &str = "/desk/library/staff";

#[cfg(feature = "ssr")]
async fn changed(visit: &mut Visit, answer: Result<(), StaffProblem>, back: String) -> Result<String, Failure> {
    let (said, to) = match answer {
        Ok(()) => (Said::done(Done::StaffChanged), STAFF.to_owned()),
        Err(problem) => (Said::not([Problem::Staff(problem)], &[]), back),
    };
    said.keep(visit).await?;
    Ok(to)
}
