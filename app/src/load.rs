//! What pages load, and how it crosses the wire.

use std::{convert::Infallible, fmt, marker::PhantomData, pin::Pin, str::FromStr};

use leptos::{
    prelude::*,
    server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, codec::Post},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{browser, failure::Failure};

/// What every answer begins with: of which version of the program it is. What is written without names can't tell by itself
/// whether who reads it expects the same.
const VERSION: &str = concat!(env!("HONDANA_SHAPES"), ";");

/// Writes something for the browser.
///
/// # Errors
/// When it can't be written, which every type of ours can.
pub(crate) fn write<T: Serialize>(value: &T) -> Result<String, wire::Unwritable> {
    wire::write(value).map(|text| format!("{VERSION}{text}"))
}

/// Reads what was written for the browser.
///
/// # Errors
/// [`Failure::Fault`] when it came from a server of another version.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    text.strip_prefix(VERSION).and_then(|text| wire::read(text).ok()).ok_or(Failure::Fault)
}

/// Whether something was written by a server of this version.
pub(crate) fn is_ours(text: &str) -> bool {
    text.starts_with(VERSION)
}

/// How server functions that scripts call are asked, and how those are answered whose answers have to be understood by a page
/// that has been open while the server got a new version, because something was done.
pub(crate) type Json = Post<JsonText>;

/// JSON. Server_fn's own would bring its reader of bytes into the WASM.
pub struct JsonText;

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_string(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        let text = str::from_utf8(&bytes).map_err(serde::de::Error::custom)?;
        serde_json::from_str(text)
    }
}

/// What a page loads: written by the server, read where it is shown, and text on the way, so that Leptos' machinery of
/// resources is compiled once and not for every type.
///
/// What stands still on a page comes as HTML beside it, so that the program neither has what it was made of nor makes it: the
/// server alone does. A page that the server made holds that HTML already, and it is not sent with the page's data again.
pub struct Answer<T> {
    text: String,
    /// What stands still; empty where there is nothing.
    html: String,
    of: PhantomData<fn() -> T>,
}

/// What stands between an answer and its HTML. The text of an answer has no such character (`wire`).
const BESIDE: char = '\n';

impl<T> Answer<T> {
    /// Writes an answer.
    ///
    /// # Errors
    /// As [`write`].
    #[cfg(feature = "ssr")]
    pub(crate) fn of(value: &T) -> Result<Self, Failure>
    where
        T: Serialize,
    {
        Self::beside(value, String::new())
    }

    /// Writes an answer with what stands still beside it.
    ///
    /// # Errors
    /// As [`write`].
    #[cfg(feature = "ssr")]
    pub(crate) fn beside(value: &T, html: String) -> Result<Self, Failure>
    where
        T: Serialize,
    {
        let text = write(value).map_err(crate::ssr::fault)?;
        Ok(Self { text, html, of: PhantomData })
    }

    /// Reads it.
    ///
    /// # Errors
    /// As [`read`].
    pub(crate) fn read(&self) -> Result<T, Failure>
    where
        T: DeserializeOwned,
    {
        read(&self.text)
    }

    fn sent(&self) -> String {
        if self.html.is_empty() { self.text.clone() } else { format!("{}{BESIDE}{}", self.text, self.html) }
    }

    fn received(body: String) -> Self {
        let (text, html) = match body.split_once(BESIDE) {
            Some((text, html)) => (text.to_owned(), html.to_owned()),
            None => (body, String::new()),
        };
        Self { text, html, of: PhantomData }
    }
}

/// How server functions are answered whose answers pages load.
pub(crate) type Loadable = Post<AnswerText>;

/// The text of an [`Answer`], as it is, and its HTML.
pub struct AnswerText;

impl ContentType for AnswerText {
    const CONTENT_TYPE: &'static str = "text/plain; charset=utf-8";
}

impl FormatType for AnswerText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T> Encodes<Answer<T>> for AnswerText {
    type Error = std::convert::Infallible;

    fn encode(answer: &Answer<T>) -> Result<Bytes, Self::Error> {
        Ok(Bytes::from(answer.sent()))
    }
}

impl<T> Decodes<Answer<T>> for AnswerText {
    type Error = std::string::FromUtf8Error;

    fn decode(bytes: Bytes) -> Result<Answer<T>, Self::Error> {
        String::from_utf8(bytes.into()).map(Answer::received)
    }
}

/// An answer as it came, or why there is none. In the page's data it is the text alone, or the code of why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrived(pub(crate) Result<Came, Failure>);

/// The text and the HTML of an [`Answer`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Came {
    pub(crate) text: String,
    html: String,
}

/// What a failure begins with, and no version does.
const FAILED: char = '!';

impl fmt::Display for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(came) => f.write_str(&came.text),
            Err(failure) => write!(f, "{FAILED}{}", failure.code()),
        }
    }
}

impl FromStr for Arrived {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(match text.strip_prefix(FAILED) {
            Some(why) => Err(why.parse().unwrap_or(Failure::Fault)),
            None => Ok(Came { text: text.to_owned(), html: String::new() }),
        }))
    }
}

/// The text of an answer where a page waits for it.
pub(crate) type Arriving = Resource<Arrived, codee::string::FromToStringCodec>;

/// What a page loads: on the server before it is sent, in the browser when the page is opened without loading.
pub(crate) struct Loaded<T> {
    text: Arriving,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Loaded<T> {}

impl<T: DeserializeOwned> Loaded<T> {
    /// The answer, once it is there.
    pub(crate) async fn get(self) -> Result<T, Failure> {
        read(&self.text.await.0?.text)
    }

    /// The answer, once it is there, and the HTML of what stands still. On a page that the server made it stands there.
    pub(crate) async fn get_beside(self) -> Result<(T, String), Failure> {
        let Came { text, html } = self.text.await.0?;
        Ok((
            read(&text)?,
            if html.is_empty() { browser::standing(browser::STANDING).unwrap_or_default() } else { html },
        ))
    }
}

impl<T> Loaded<T> {
    /// The answer as it came, see [`read`].
    pub(crate) fn text(self) -> Arriving {
        self.text
    }
}

type Answering = Pin<Box<dyn Future<Output = Arrived> + Send>>;

/// Asks now, and again whenever the question changes.
pub(crate) fn load<Q: 'static, T: 'static, F>(
    question: impl Fn() -> Q + Clone + Send + Sync + 'static,
    ask: impl Fn(Q) -> F + Send + Sync + 'static,
) -> Loaded<T>
where
    F: Future<Output = Result<Answer<T>, Failure>> + Send + 'static,
{
    let asked = StoredValue::new(0_u32);
    let watched = question.clone();
    let turn = Box::new(move || {
        watched();
        asked.update_value(|asked| *asked = asked.wrapping_add(1));
        asked.get_value()
    });
    let fetch = Box::new(move |_| -> Answering {
        let answer = ask(untrack(&question));
        Box::pin(async move {
            let came = answer.await.map(|Answer { text, html, .. }| Came { text, html });
            // The page it is for can be had from the server as it is now.
            if came.as_ref().is_ok_and(|came| !is_ours(&came.text)) {
                browser::is_of_old();
            }
            Arrived(came)
        })
    });
    Loaded { text: resource(turn, fetch), of: PhantomData }
}

/// What is shown of what is loaded, within a `Suspense`. In the browser it is made anew when what it was made of changes.
///
/// On the server it is made once. Leptos has it find out first what is to be waited for, and makes a closure's view again each time
/// it looks (`tachys` 0.2, `dry_resolve`); of a future it keeps what came.
#[cfg(feature = "ssr")]
pub(crate) fn awaited<V: 'static, F>(make: impl Fn() -> F) -> Suspend<V>
where
    F: Future<Output = V> + Send + 'static,
{
    Suspend::new(make())
}

/// What is shown of what is loaded, within a `Suspense`; made anew when what it was made of changes.
#[cfg(not(feature = "ssr"))]
pub(crate) fn awaited<V: 'static, F>(make: impl Fn() -> F + Send + 'static) -> impl Fn() -> Suspend<V> + Send + 'static
where
    F: Future<Output = V> + Send + 'static,
{
    move || Suspend::new(make())
}

/// The one resource of its type.
fn resource(turn: Box<dyn Fn() -> u32 + Send + Sync>, fetch: Box<dyn Fn(u32) -> Answering + Send + Sync>) -> Arriving {
    Resource::new_str(turn, fetch)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn what_stands_still_goes_beside_an_answer_and_not_into_the_pages_data() {
        let (value, html) = ("一\n二".to_owned(), "<p>\n</p>".to_owned());
        let answer = Answer::beside(&value, html.clone()).expect("it is written");
        let received = Answer::<String>::received(answer.sent());
        assert_eq!((received.read().as_ref(), &received.html), (Ok(&value), &html));

        let came = Came { text: answer.text.clone(), html };
        let of_page: Arrived = Arrived(Ok(came)).to_string().parse().expect("it is read");
        assert_eq!(of_page, Arrived(Ok(Came { text: answer.text, html: String::new() })));
    }

    #[test]
    fn an_answer_without_html_is_its_text() {
        let answer = Answer::of(&7_u32).expect("it is written");
        assert_eq!(answer.sent(), answer.text);
        assert_eq!(Answer::<u32>::received(answer.sent()).read(), Ok(7));
    }
}
