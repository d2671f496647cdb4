//! Whose open page may follow what. Nothing is written on the way: a page that is left open is nobody doing something, so
//! it keeps nobody signed in.

use domain::{circulation::DeskRoom, patrons::SecondStep};
use library::{
    live::{Signed, Topic, Watcher},
    sessions::session_hash,
};
use tower_sessions::Session;

use super::{
    fault,
    session::{KEY, SessionData},
};
use crate::failure::Failure;

/// What the patron who is signed in in this session may follow. Whether the session is over, whoever watches for it is told.
///
/// # Errors
/// [`Failure::SignIn`] when nobody is signed in, or our failure.
pub async fn of_patron(session: &Session) -> Result<(Topic, Watcher), Failure> {
    let (hash, data) = read(session).await?.ok_or(Failure::SignIn)?;
    let patron = data.patron.ok_or(Failure::SignIn)?;
    let signed = Signed::Patron { kiosk: patron.kiosk };
    Ok((Topic::Patron(patron.id), Watcher { session: hash, generation: patron.generation, signed }))
}

/// What the member of staff may follow who is signed in in this session and has said where they work.
///
/// # Errors
/// [`Failure::StaffOnly`] when that is not so, or our failure.
pub async fn at_desk(session: &Session, room: DeskRoom) -> Result<(Topic, Watcher), Failure> {
    let (hash, data) = read(session).await?.ok_or(Failure::StaffOnly)?;
    let staff = data.staff.filter(|staff| staff.step == SecondStep::Done).ok_or(Failure::StaffOnly)?;
    let place = staff.place.ok_or(Failure::StaffOnly)?;
    let signed = Signed::Staff(staff.id);
    Ok((Topic::Desk(place, room), Watcher { session: hash, generation: staff.generation, signed }))
}

async fn read(session: &Session) -> Result<Option<([u8; 32], SessionData)>, Failure> {
    let data: Option<SessionData> = session.get(KEY).await.map_err(fault)?;
    Ok(session.id().map(|id| session_hash(id.0)).zip(data))
}
