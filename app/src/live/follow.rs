//! A stream of the server's, one for all tabs of a browser: over HTTP/1.1 it has six connections to a host.
//!
//! The tab that holds a lock leads: it has the stream and tells the others by a channel what it hears. The lock goes to
//! whichever tab is looked at last, which takes it away from the one that had it, since a tab in the background may be put
//! to sleep; when the leader closes, the browser gives the lock to the next. Where there are no locks (they want HTTPS or
//! localhost) each tab has a stream of its own.
//!
//! A line is dead when nothing was heard for longer than the server's beats are apart, and is made anew with the version
//! that is known, so that nothing is missed and nothing comes twice.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use domain::OpId;
use leptos::{
    prelude::*,
    task::spawn_local,
    wasm_bindgen::{JsCast, JsValue, closure::Closure},
};
use web_sys::{BroadcastChannel, EventSource, MessageEvent};

use crate::browser::{call, draw, member, now};

/// How long nothing may be heard, in milliseconds: two beats of the server and a little.
const SILENCE: f64 = 50_000.0;
/// How long nothing may have been heard by a page that is looked at again.
const SILENCE_UNSEEN: f64 = 25_000.0;
/// How often that is looked at.
const WATCH: Duration = Duration::from_secs(5);
/// The pause before the first try to get the line back, and the longest, in milliseconds. Each is drawn between half of it
/// and half as much again, so that not all browsers come back in one moment.
const FIRST_PAUSE: f64 = 500.0;
const LONGEST_PAUSE: f64 = 15_000.0;
/// After how many tries in vain the page says that the line is down.
const TRIES: u32 = 2;
/// The pause before a page that nobody is signed in for any more is loaded anew. The browser may be about to get the session
/// that takes the place of the one that ended, with a new password for instance; asked sooner, it would name the old one.
const BEFORE_RELOAD: Duration = Duration::from_secs(2);

/// Who is called with what comes, kept as long as it may come.
type Listener = RefCell<Option<Closure<dyn Fn(MessageEvent)>>>;

/// What is heard.
pub(super) enum Heard {
    /// The present state.
    State(String),
    /// All is as it was, at this time.
    Beat(String),
    /// The line is down.
    Down,
}

struct Follower {
    stream: String,
    hear: Box<dyn Fn(Heard)>,
    source: RefCell<Option<EventSource>>,
    channel: Option<BroadcastChannel>,
    leads: Cell<bool>,
    /// Whether the lock was asked for and not given yet.
    queued: Cell<bool>,
    /// Gives the lock away.
    release: RefCell<Option<js_sys::Function>>,
    version: RefCell<String>,
    /// The state as it was told last, for tabs that come later.
    last: RefCell<Option<String>>,
    heard_at: Cell<f64>,
    tries: Cell<u32>,
    pause: Cell<Option<TimeoutHandle>>,
    /// Whether newer streams of this session took our place. It is taken back when the page is looked at again.
    rests: Cell<bool>,
    over: Cell<bool>,
    undo: RefCell<Vec<Box<dyn FnOnce()>>>,
    on_event: Listener,
    on_word: Listener,
}

thread_local! {
    static FOLLOWERS: RefCell<Vec<(u32, Rc<Follower>)>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

/// Begins to follow a stream; the answer ends it.
pub(super) fn begin(stream: String, hear: Box<dyn Fn(Heard)>) -> u32 {
    let follower = Rc::new(Follower {
        channel: BroadcastChannel::new(&name(&stream)).ok(),
        stream,
        hear,
        source: RefCell::default(),
        leads: Cell::default(),
        queued: Cell::default(),
        release: RefCell::default(),
        version: RefCell::default(),
        last: RefCell::default(),
        heard_at: Cell::new(now()),
        tries: Cell::default(),
        pause: Cell::default(),
        rests: Cell::default(),
        over: Cell::default(),
        undo: RefCell::default(),
        on_event: RefCell::default(),
        on_word: RefCell::default(),
    });
    follower.listen();
    if document().hidden() {
        follower.say("h");
        follower.ask_for_lock(false);
    } else {
        follower.ask_for_lock(true);
    }
    let id = NEXT.get();
    NEXT.set(id.wrapping_add(1));
    FOLLOWERS.with_borrow_mut(|followers| followers.push((id, follower)));
    id
}

/// Ends it: the page is left.
pub(super) fn end(id: u32) {
    let found = FOLLOWERS.with_borrow_mut(|followers| {
        let at = followers.iter().position(|(of, _)| *of == id)?;
        Some(followers.swap_remove(at).1)
    });
    if let Some(follower) = found {
        follower.end();
    }
}

/// Whether the focus is within the element with this id, on what the selector says.
pub(super) fn is_focused(id: &str, on: &str) -> bool {
    let focused = document().active_element();
    focused.is_some_and(|element| {
        element.matches(on) == Ok(true) && element.closest(&format!("#{id}")).ok().flatten().is_some()
    })
}

/// A state as another tab was told it, with an op of our own: what is done here is not what is done there.
fn with_own_op(text: &str) -> String {
    super::with_op(text, OpId::new(now() as u64, &draw())).unwrap_or_else(|| text.to_owned())
}

/// The name of lock and channel.
fn name(stream: &str) -> String {
    format!("hondana{stream}")
}

impl Follower {
    fn listen(self: &Rc<Self>) {
        let me = Rc::clone(self);
        *self.on_event.borrow_mut() = Some(Closure::new(move |event: MessageEvent| me.event(&event)));
        let me = Rc::clone(self);
        let on_word = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(word) = event.data().as_string() {
                me.word(&word, true);
            }
        });
        if let Some(channel) = &self.channel {
            channel.set_onmessage(Some(on_word.as_ref().unchecked_ref()));
        }
        *self.on_word.borrow_mut() = Some(on_word);
        let mut undo = self.undo.borrow_mut();
        for sort in ["online", "visibilitychange"] {
            let me = Rc::clone(self);
            let listener = window_event_listener_untyped(sort, move |_| me.awake(sort == "online"));
            undo.push(Box::new(move || listener.remove()));
        }
        let me = Rc::clone(self);
        if let Ok(watch) = set_interval_with_handle(move || me.watch(), WATCH) {
            undo.push(Box::new(move || watch.clear()));
        }
    }

    fn end(&self) {
        self.over.set(true);
        self.hang_up();
        for undo in self.undo.take() {
            undo();
        }
        if let Some(channel) = &self.channel {
            channel.close();
        }
        if let Some(release) = self.release.take() {
            // It resolves a promise, which does not fail.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
        // What holds this alive goes in a moment: one of them may be what called us.
        let (event, word) = (self.on_event.take(), self.on_word.take());
        set_timeout(move || drop((event, word)), Duration::ZERO);
    }

    /// Asks for the lock: to have it when it is free, or now, whoever has it.
    fn ask_for_lock(self: &Rc<Self>, now: bool) {
        if !now && self.queued.replace(true) {
            return;
        }
        let asked = self.request_lock(now);
        let me = Rc::clone(self);
        match asked {
            Ok(asked) => spawn_local(async move {
                // It ends well when we gave the lock away, and badly when another took it.
                if asked.await.is_err() && !me.over.get() {
                    me.leads.set(false);
                    me.hang_up();
                    me.ask_for_lock(false);
                }
            }),
            Err(_) => self.lead(),
        }
    }

    fn request_lock(self: &Rc<Self>, now: bool) -> Result<js_sys::Promise, JsValue> {
        let navigator = member(&window(), "navigator")?;
        let locks = member(&navigator, "locks")?;
        let options = js_sys::Object::new();
        js_sys::Reflect::set(&options, &"steal".into(), &now.into())?;
        let me = Rc::clone(self);
        let given = Closure::once_into_js(move |_lock: JsValue| {
            if !now {
                me.queued.set(false);
            }
            if me.over.get() {
                return js_sys::Promise::resolve(&JsValue::UNDEFINED);
            }
            me.lead();
            js_sys::Promise::new(&mut |resolve, _| *me.release.borrow_mut() = Some(resolve))
        });
        let with = js_sys::Array::of3(&name(&self.stream).into(), &options, &given);
        call(&locks, "request", &with)?.dyn_into()
    }

    fn lead(&self) {
        self.leads.set(true);
        self.tries.set(0);
        self.call_up();
    }

    /// Makes the line anew.
    fn call_up(&self) {
        self.hang_up();
        self.rests.set(false);
        if self.over.get() || !self.leads.get() {
            return;
        }
        let version = self.version.borrow();
        let sign = if self.stream.contains('?') { '&' } else { '?' };
        let address =
            if version.is_empty() { self.stream.clone() } else { format!("{}{sign}since={version}", self.stream) };
        let Ok(source) = EventSource::new(&address) else { return };
        if let Some(on_event) = self.on_event.borrow().as_ref() {
            for sort in ["state", "beat", "end", "full", "error"] {
                // It fails in no browser.
                let _ = source.add_event_listener_with_callback(sort, on_event.as_ref().unchecked_ref());
            }
        }
        self.source.replace(Some(source));
    }

    fn hang_up(&self) {
        if let Some(source) = self.source.take() {
            source.close();
        }
        if let Some(pause) = self.pause.take() {
            pause.clear();
        }
    }

    /// Something came from the server.
    fn event(self: &Rc<Self>, event: &MessageEvent) {
        let data = || event.data().as_string().unwrap_or_default();
        let word = match event.type_().as_str() {
            "state" => format!("s{} {}", event.last_event_id(), data()),
            "beat" => format!("b{}", data()),
            "end" => "e".to_owned(),
            "full" => return self.is_displaced(),
            _ => return self.lost(),
        };
        self.tries.set(0);
        self.say(&word);
        self.word(&word, false);
    }

    /// So many streams are open in this browser that the server ended ours.
    fn is_displaced(self: &Rc<Self>) {
        self.hang_up();
        self.rests.set(true);
        self.say("d");
        self.word("d", false);
    }

    /// The line broke. The browser would come back by itself, but not when a server in between answers for ours, and all
    /// browsers at once.
    fn lost(self: &Rc<Self>) {
        self.hang_up();
        let tries = self.tries.get();
        self.tries.set(tries.saturating_add(1));
        if tries + 1 >= TRIES {
            self.say("d");
            self.word("d", false);
        }
        let pause =
            (FIRST_PAUSE * f64::from(1_u32 << tries.min(6))).min(LONGEST_PAUSE) * (0.5 + js_sys::Math::random());
        let me = Rc::clone(self);
        let again = set_timeout_with_handle(move || me.call_up(), Duration::from_secs_f64(pause / 1000.0));
        self.pause.set(again.ok());
    }

    fn say(&self, word: &str) {
        if let Some(channel) = &self.channel {
            // It fails when the channel was closed, which is when nobody need hear it.
            let _ = channel.post_message(&word.into());
        }
    }

    /// What the server or the tab that leads says; the first letter says what it is.
    fn word(self: &Rc<Self>, word: &str, from_another: bool) {
        let Some((sort, rest)) = word.split_at_checked(1) else { return };
        if sort == "h" {
            if let Some(last) = self.last.borrow().as_ref().filter(|_| self.leads.get()) {
                self.say(last);
            }
            return;
        }
        self.heard_at.set(now());
        match sort {
            "s" => {
                let Some((version, text)) = rest.split_once(' ') else { return };
                if self.version.replace(version.to_owned()) != version {
                    self.last.replace(Some(word.to_owned()));
                    (self.hear)(Heard::State(if from_another { with_own_op(text) } else { text.to_owned() }));
                }
            }
            "b" => (self.hear)(Heard::Beat(rest.to_owned())),
            "e" => self.is_over(),
            _ => (self.hear)(Heard::Down),
        }
    }

    /// Nobody is signed in here any more, or under another session, or at another place: the page is loaded anew and knows.
    /// One that never was told anything is left alone, or it would do that for ever.
    fn is_over(self: &Rc<Self>) {
        self.hang_up();
        self.leads.set(false);
        (self.hear)(Heard::Down);
        if !self.version.borrow().is_empty() {
            let me = Rc::clone(self);
            let reload = move || {
                if !me.over.get() {
                    // It fails in no browser.
                    let _ = window().location().reload();
                }
            };
            set_timeout(reload, BEFORE_RELOAD);
        }
    }

    /// The machine has a line again, or the page is looked at again.
    fn awake(self: &Rc<Self>, online: bool) {
        let silence = now() - self.heard_at.get();
        if online {
            self.call_up();
        } else if document().hidden() {
        } else if !self.leads.get() {
            self.ask_for_lock(true);
        } else if self.rests.get() || silence > SILENCE_UNSEEN {
            self.call_up();
        }
    }

    /// Looks whether the line is dead.
    fn watch(self: &Rc<Self>) {
        if self.rests.get() || now() - self.heard_at.get() < SILENCE {
            return;
        }
        self.heard_at.set(now());
        (self.hear)(Heard::Down);
        if self.leads.get() {
            self.call_up();
        } else if !document().hidden() {
            self.ask_for_lock(true);
        }
    }
}
