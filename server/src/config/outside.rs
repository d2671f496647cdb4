//! Where mails that came back are fetched, and the channels beside mail: settings that lead outside.

use std::{path::PathBuf, sync::Arc, time::Duration};

use library::notices::{ImapSettings, PushKey, PushSettings, WebhookSettings};
use serde::Deserialize;

use super::ConfigError;

/// How long a server that is asked for a channel may take for its answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where mails that came back are found (R13). A pipe to `hondana bounce` needs no setting.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BounceSettings {
    /// A maildir on this machine, into which a mail server delivers them.
    pub maildir: Option<PathBuf>,
    /// A mailbox of another mail server.
    pub imap: Option<ImapFile>,
}

/// A mailbox.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImapFile {
    /// Its mail server.
    pub host: String,
    /// Its port.
    #[serde(default = "imaps")]
    pub port: u16,
    /// Whether the connection is encrypted. Off only for a server on this machine.
    #[serde(default = "yes")]
    pub tls: bool,
    /// Who signs in.
    pub user: String,
    /// The mailbox.
    #[serde(default = "inbox")]
    pub mailbox: String,
    /// The password, from `HONDANA_IMAP_PASSWORD`; never in the file.
    #[serde(skip)]
    pub password: Option<String>,
}

impl std::fmt::Debug for ImapFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the password, so that it can't reach a log.
        f.debug_struct("ImapFile").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl ImapFile {
    /// Checks what the types can't.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.tls || matches!(self.host.as_str(), "127.0.0.1" | "localhost") {
            return Ok(());
        }
        Err("without `tls` the password would travel in the clear; only a server on this machine may go without"
            .to_owned())
    }

    /// Where the mailbox is.
    pub fn settings(&self) -> ImapSettings {
        let Self { host, port, tls, user, mailbox, password } = self.clone();
        ImapSettings { host, port, tls, user, password: password.unwrap_or_default(), mailbox }
    }
}

fn imaps() -> u16 {
    993
}

fn yes() -> bool {
    true
}

fn inbox() -> String {
    "INBOX".to_owned()
}

/// Notices to patrons' devices by web push.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushFile {
    /// The file of the key, made by `hondana push-key`.
    pub key_file: PathBuf,
    /// The hosts of push services; see [`library::notices::PushSettings::services`].
    #[serde(default = "known_services")]
    pub services: Vec<String>,
}

impl PushFile {
    /// By which key devices are told.
    ///
    /// # Errors
    /// When the key can't be read.
    pub fn settings(&self) -> Result<PushSettings, ConfigError> {
        let wrong = |error| ConfigError::Unreadable { path: self.key_file.clone(), error };
        let text = std::fs::read_to_string(&self.key_file).map_err(wrong)?;
        let key = PushKey::read(&text).map_err(|error| wrong(std::io::Error::other(error.to_string())))?;
        Ok(PushSettings { key: Arc::new(key), services: self.services.clone(), patience: PATIENCE })
    }
}

/// Those of Chrome, Firefox, Edge and Safari.
fn known_services() -> Vec<String> {
    ["fcm.googleapis.com", "*.push.services.mozilla.com", "*.notify.windows.com", "*.push.apple.com"]
        .map(str::to_owned)
        .into()
}

/// A library's own gateway for text messages, LINE or calls by a machine.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayFile {
    /// Its address.
    pub url: String,
    /// The secret both sides know, from `HONDANA_WEBHOOK_SECRET`; never in the file.
    #[serde(skip)]
    pub secret: Option<String>,
}

impl std::fmt::Debug for GatewayFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the secret, so that it can't reach a log.
        f.debug_struct("GatewayFile").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Fewest characters of the secret: of 16 random bytes in hexadecimal.
const SHORTEST_SECRET: usize = 32;

impl GatewayFile {
    /// Checks what the types can't.
    pub(super) fn check(&self) -> Result<(), String> {
        let host = |scheme| self.url.strip_prefix(scheme).and_then(|rest| rest.split(['/', ':']).next());
        let good = host("https://").is_some_and(|host| !host.is_empty())
            || host("http://").is_some_and(|host| matches!(host, "127.0.0.1" | "localhost"));
        if !good || self.url.contains(['@', ' ']) {
            return Err(format!("`{}` must begin with https://, or with http://127.0.0.1 on this machine", self.url));
        }
        Ok(())
    }

    /// Who asks the gateway, for the server; other commands have no need of the secret.
    ///
    /// # Errors
    /// When there is no secret, or a short one.
    pub fn settings(&self) -> Result<WebhookSettings, ConfigError> {
        let wrong = |why| ConfigError::Override { name: "HONDANA_WEBHOOK_SECRET", why };
        let secret = self.secret.as_ref().filter(|secret| secret.len() >= SHORTEST_SECRET);
        let secret = secret.ok_or_else(|| wrong(format!("must have {SHORTEST_SECRET} characters or more")))?;
        let url = self.url.parse().map_err(|_| wrong("the url of [webhook] can't be read".to_owned()))?;
        Ok(WebhookSettings { url, secret: secret.clone().into_bytes(), patience: PATIENCE })
    }
}
