//! By which ways notices go out.
//!
//! A channel is a name ([`Channel`]), rows of the outbox that bear it, and whoever carries them: a [`Carrier`]. Each carrier has a
//! worker of its own ([`Library::run_outbox`](crate::Library::run_outbox)), so that one that is slow holds no other up; lease, retry, what is
//! not true any more and the killed worker are the outbox's business and the same for all. What a carrier has to do is to hand
//! one parcel to the other side and to say what came of it.
//!
//! The telephone list is a channel as well, served by people: it is read from the same state, a try is kept by event and channel in
//! `notice_try`, and what another channel could not deliver comes to it. docs/channels.md says how to plug one in.

use std::future::Future;

use domain::notices::Channel;

use super::{
    mailer::{Mailer, Undelivered},
    parcel::Parcel,
};
use crate::Library;

/// Carries notices of one channel to the other side.
pub trait Carrier: Send + Sync {
    /// Which channel it serves.
    fn channel(&self) -> Channel;

    /// Hands a parcel to the other side. It may be one that was handed over before, when the answer was lost: the other side
    /// knows it by [`Parcel::id`].
    fn carry(&self, library: &Library, parcel: &Parcel) -> impl Future<Output = Result<(), Undelivered>> + Send;

    /// There is nothing to carry for a while.
    fn rest(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

impl Carrier for Mailer {
    fn channel(&self) -> Channel {
        Channel::Mail
    }

    async fn carry(&self, library: &Library, parcel: &Parcel) -> Result<(), Undelivered> {
        self.send(&library.sender(), parcel).await
    }

    async fn rest(&self) {
        self.hang_up().await;
    }
}
