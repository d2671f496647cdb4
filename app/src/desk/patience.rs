//! Waiting, but not for ever, and one after the other.

use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Poll, Waker},
    time::Duration,
};

use leptos::{prelude::*, task::spawn_local};

/// What the work answers, unless it takes longer than so many seconds. A browser that has lost its line may wait for
/// minutes before it says so.
pub(super) async fn within<T>(seconds: u64, work: impl Future<Output = T>) -> Option<T> {
    let over = Arc::new(AtomicBool::new(false));
    let waker: Arc<Mutex<Option<Waker>>> = Arc::default();
    let (ring, bell) = (Arc::clone(&over), Arc::clone(&waker));
    let rings = move || {
        ring.store(true, Ordering::Relaxed);
        if let Some(waker) = bell.lock().unwrap_or_else(PoisonError::into_inner).take() {
            waker.wake();
        }
    };
    let timer = set_timeout_with_handle(rings, Duration::from_secs(seconds)).ok();
    let mut work = pin!(work);
    let answer = poll_fn(|context| {
        if let Poll::Ready(answer) = work.as_mut().poll(context) {
            return Poll::Ready(Some(answer));
        }
        if over.load(Ordering::Relaxed) {
            return Poll::Ready(None);
        }
        *waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(context.waker().clone());
        Poll::Pending
    })
    .await;
    if let Some(timer) = timer {
        timer.clear();
    }
    answer
}

/// Scans wait here until those before them are answered: a copy is lent to the card that was scanned before it.
pub(super) struct Turns<T: Send + Sync + 'static> {
    waiting: StoredValue<VecDeque<T>>,
    busy: RwSignal<bool>,
}

impl<T: Send + Sync + 'static> Clone for Turns<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Turns<T> {}

impl<T: Send + Sync + 'static> Turns<T> {
    /// Nothing waits.
    pub(super) fn new() -> Self {
        Self { waiting: StoredValue::new(VecDeque::new()), busy: RwSignal::new(false) }
    }

    /// Whether something is being worked on.
    pub(super) fn is_busy(self) -> bool {
        self.busy.get()
    }

    /// Works on it when all before it is done.
    pub(super) fn take<W: Future<Output = ()> + 'static>(self, next: T, work: impl Fn(T) -> W + 'static) {
        self.waiting.update_value(|waiting| waiting.push_back(next));
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            // Nothing is left when the page has been left.
            while let Some(next) = self.waiting.try_update_value(VecDeque::pop_front).flatten() {
                work(next).await;
            }
            self.busy.set(false);
        });
    }
}
