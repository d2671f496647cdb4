//! Asking other people's servers, for the channels beside mail.

use std::time::Duration;

use http_body_util::Full;
use hyper::{Request, body::Bytes};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

/// A client; cheap to clone, and it keeps connections open.
#[derive(Clone, Debug)]
pub(super) struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    patience: Duration,
}

/// What a server answered.
pub(super) struct Answered {
    /// The code. What else is said is for people.
    pub(super) code: u16,
}

impl HttpClient {
    /// A client that trusts the certificates browsers trust, and waits so long for an answer, the connection included. It
    /// follows no redirect: whoever is to be asked is named.
    pub(super) fn new(patience: Duration) -> Self {
        let tls = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        Self { client: Client::builder(TokioExecutor::new()).build(tls), patience }
    }

    /// Sends a request. `None` when no answer came: no connection, none in time, or a broken one.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Option<Answered> {
        let asked = async {
            let answer = self.client.request(request).await.ok()?;
            Some(Answered { code: answer.status().as_u16() })
        };
        tokio::time::timeout(self.patience, asked).await.ok().flatten()
    }
}
