//! Carrying one mail out: to a mail server, or as a file where there is none.

use std::path::{Path, PathBuf};

use domain::NoticeId;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::authentication::Credentials,
};

use crate::Fault;

/// How to reach the mail server.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpSettings {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whether the connection is upgraded to TLS, which must succeed (STARTTLS). Off only for a server on this
    /// machine.
    pub tls: bool,
    /// User name and password, where the server wants them.
    pub credentials: Option<(String, String)>,
}

impl std::fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the password, so that it can't reach a log.
        f.debug_struct("SmtpSettings").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

/// Carries mails out.
#[derive(Clone)]
pub enum Mailer {
    /// To a mail server.
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// Into a folder, one `.eml` file each.
    Folder(PathBuf),
}

/// A mail as it lies in the outbox.
pub(super) struct OutgoingMail<'a> {
    pub(super) id: NoticeId,
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) subject: &'a str,
    pub(super) body: &'a str,
}

impl Mailer {
    /// A mailer for a mail server.
    ///
    /// # Errors
    /// When the host can't be used for TLS.
    pub fn smtp(settings: &SmtpSettings) -> Result<Self, Fault> {
        let builder = if settings.tls {
            AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&settings.host)
                .map_err(|error| Fault::Mail(error.to_string()))?
        } else {
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
        };
        let builder = match &settings.credentials {
            Some((user, password)) => builder.credentials(Credentials::new(user.clone(), password.clone())),
            None => builder,
        };
        Ok(Self::Smtp(builder.port(settings.port).build()))
    }

    /// Carries one mail out. Its Message-ID is made of the notice's id, so that a receiver can tell a mail that was
    /// sent twice, because the answer of the mail server was lost.
    pub(super) async fn send(&self, mail: &OutgoingMail<'_>) -> Result<(), Fault> {
        let message = message(mail)?;
        match self {
            Self::Smtp(transport) => {
                transport.send(message).await.map_err(|error| Fault::Mail(without_addresses(&error)))?;
            }
            Self::Folder(folder) => write(folder, &format!("{}.eml", mail.id), &message.formatted()).await?,
        }
        Ok(())
    }
}

fn message(mail: &OutgoingMail<'_>) -> Result<Message, Fault> {
    // The error of a malformed address quotes it, so only its kind is passed on.
    let mailbox = |address: &str| address.parse::<Mailbox>().map_err(|_| Fault::Mail("malformed address".to_owned()));
    let from = mailbox(mail.from)?;
    let domain = from.email.domain().to_owned();
    Message::builder()
        .from(from)
        .to(mailbox(mail.to)?)
        .subject(mail.subject)
        .message_id(Some(format!("<{}@{domain}>", mail.id)))
        .header(ContentType::TEXT_PLAIN)
        .body(mail.body.to_owned())
        .map_err(|error| Fault::Mail(error.to_string()))
}

/// What went wrong, for the log. What the mail server said is left out: it quotes the address it refuses.
fn without_addresses(error: &lettre::transport::smtp::Error) -> String {
    let kind = match error {
        error if error.is_permanent() => "refused for good",
        error if error.is_transient() => "refused for now",
        error if error.is_timeout() => "no answer in time",
        error if error.is_tls() => "no secure connection",
        _ => "no conversation",
    };
    error.status().map_or_else(|| kind.to_owned(), |code| format!("{kind}, code {code}"))
}

/// Writes a file so that it is there whole or not at all, also after a power cut.
async fn write(folder: &Path, name: &str, content: &[u8]) -> Result<(), Fault> {
    let path = folder.join(name);
    let unfinished = folder.join(format!("{name}.part"));
    let result = async {
        tokio::fs::create_dir_all(folder).await?;
        let mut options = tokio::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // It names a patron and what they read.
        #[cfg(unix)]
        options.mode(0o600);
        let mut file = options.open(&unfinished).await?;
        tokio::io::AsyncWriteExt::write_all(&mut file, content).await?;
        file.sync_all().await?;
        tokio::fs::rename(&unfinished, &path).await?;
        // The new name is lasting only when the folder is.
        tokio::fs::File::open(folder).await?.sync_all().await
    };
    result.await.map_err(|error| Fault::File { path, error })
}
