//! Answers that say in a plain page what went wrong, for when the app itself can't.

use std::any::Any;

use axum::{body::Body, response::Response};
use domain::messages::{Key, Language, Messages};
use http::{HeaderValue, StatusCode, header};

/// A page that needs neither the app nor a script nor a style.
pub(super) fn page(status: StatusCode) -> Response {
    let (japanese, english) = match status {
        StatusCode::FORBIDDEN => ("この操作は受け付けられません。", "This is not allowed from here."),
        StatusCode::NOT_FOUND => ("ページが見つかりません。", "There is no such page."),
        StatusCode::METHOD_NOT_ALLOWED => ("この操作はできません。", "This can't be done here."),
        StatusCode::REQUEST_TIMEOUT => {
            ("時間切れです。もう一度お試しください。", "It took too long. Please try again.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("送られたデータが大きすぎます。", "What was sent is too large."),
        status if status.is_client_error() => ("リクエストを処理できません。", "The request can't be understood."),
        _ => (
            "申し訳ありません。ただいま処理できません。しばらくしてからもう一度お試しください。",
            "Sorry, something went wrong on our side. Please try again later.",
        ),
    };
    let code = status.as_u16();
    html(
        status,
        &format!(
            "<!DOCTYPE html><html lang=\"ja\"><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{code}</title>\
             <h1>{japanese}</h1><p lang=\"en\">{english}</p><p><a href=\"/\">トップページ</a></p></html>"
        ),
    )
}

fn html(status: StatusCode, text: &str) -> Response {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A page for somebody who is to come again in a moment.
pub(super) struct Later {
    /// In which language.
    pub(super) language: Language,
    /// Whether the same address can simply be opened again.
    pub(super) again: bool,
    /// After how many seconds.
    pub(super) seconds: u32,
}

impl Later {
    /// Says why.
    pub(super) fn saying(&self, status: StatusCode, title: Key, text: Key) -> Response {
        let texts = Messages::of(self.language);
        let (code, title, text) = (self.language.code(), texts.text(title), texts.text(text));
        // An empty address is the page's own.
        let (to, link) = if self.again { ("", Key::TryAgain) } else { ("/", Key::ToSearch) };
        let mut response = html(
            status,
            &format!(
                "<!DOCTYPE html><html lang=\"{code}\"><meta charset=\"utf-8\">\
                 <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
                 <h1>{title}</h1><p>{text}</p><p><a href=\"{to}\">{}</a></p></html>",
                texts.text(link)
            ),
        );
        response.headers_mut().insert(header::RETRY_AFTER, self.seconds.into());
        response
    }
}

/// What a browser is told after a panic. The log says where it was.
pub(super) fn after_panic(_: Box<dyn Any + Send>) -> Response {
    page(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Puts a page where a layer refused a request without a word for people. Answers of the app say themselves what
/// they are.
pub(super) async fn instead_of_empty(response: Response) -> Response {
    let status = response.status();
    let refused = status.is_client_error() || status.is_server_error();
    let wordless = match response.headers().get(header::CONTENT_TYPE) {
        None => true,
        // The body limit's own answer.
        Some(_) => status == StatusCode::PAYLOAD_TOO_LARGE,
    };
    if !(refused && wordless) {
        return response;
    }
    let (head, _) = response.into_parts();
    let mut page = page(status);
    // What it is counted as, and when to come again.
    *page.extensions_mut() = head.extensions;
    if let Some(seconds) = head.headers.get(header::RETRY_AFTER) {
        page.headers_mut().insert(header::RETRY_AFTER, seconds.clone());
    }
    page
}
