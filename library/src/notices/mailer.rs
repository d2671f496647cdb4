//! Carrying one mail out: to a mail server, or as a file where there is none.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use domain::{NoticeId, notices::Letter};
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use super::{
    parcel::Parcel,
    smtp::{Smtp, SmtpSettings},
};
use crate::{Fault, Library};

/// Carries mails out.
pub enum Mailer {
    /// To a mail server.
    Smtp(Box<Smtp>),
    /// Into a folder, one `.eml` file each.
    Folder(PathBuf),
}

/// Why a notice did not go out.
#[derive(Debug)]
pub enum Undelivered {
    /// The other side can't be reached, or takes nothing from us: this notice was never spoken of, and the next would fare no
    /// better.
    Unreachable(Fault),
    /// The conversation about this notice broke off. Nobody knows whether it was taken, and the next may fare no better.
    BrokenOff(Fault),
    /// This notice was not taken; another time it may be.
    NotNow(Fault),
    /// The address does not exist or takes no mail.
    BadAddress(Fault),
}

/// Who writes, and when.
pub(super) struct Sender<'a> {
    /// The library's name.
    pub(super) name: &'a str,
    /// The address mails come from (R6).
    pub(super) address: &'a str,
    pub(super) at: DateTime<Utc>,
}

impl Mailer {
    /// A mailer for a mail server.
    ///
    /// # Errors
    /// When a certificate or a key can't be used.
    pub fn smtp(settings: SmtpSettings) -> Result<Self, Fault> {
        Ok(Self::Smtp(Box::new(Smtp::new(settings)?)))
    }

    /// Carries a parcel out. Its Message-ID is made of the id of its first notice, so that a receiver can tell a mail that was
    /// sent twice, because the answer of the mail server was lost.
    pub(super) async fn send(&self, sender: &Sender<'_>, parcel: &Parcel) -> Result<(), Undelivered> {
        let mail = mail(sender, parcel.id, &parcel.recipient, &parcel.letter).map_err(Undelivered::NotNow)?;
        match self {
            Self::Smtp(smtp) => smtp.send(&mail, sender.at).await,
            Self::Folder(folder) => {
                let name = format!("{}.eml", parcel.id);
                write(folder, &name, &mail.formatted()).await.map_err(Undelivered::Unreachable)
            }
        }
    }

    /// Says goodbye to the mail server.
    pub(super) async fn hang_up(&self) {
        if let Self::Smtp(smtp) = self {
            smtp.hang_up().await;
        }
    }
}

impl Library {
    /// Sends a letter at once and to anybody, past the outbox: to see whether mails arrive.
    ///
    /// # Errors
    /// When it did not go out, with what the mail server said.
    pub async fn try_mail(&self, mailer: &Mailer, to: &str, letter: &Letter) -> Result<(), Fault> {
        let sender = self.sender();
        let mail = mail(&sender, NoticeId(crate::clock::new_id(sender.at)), to, letter)?;
        let sent = match mailer {
            Mailer::Smtp(smtp) => smtp.send(&mail, sender.at).await,
            Mailer::Folder(folder) => {
                write(folder, "example.eml", &mail.formatted()).await.map_err(Undelivered::Unreachable)
            }
        };
        mailer.hang_up().await;
        sent.map_err(|undelivered| match undelivered {
            Undelivered::Unreachable(error)
            | Undelivered::BrokenOff(error)
            | Undelivered::NotNow(error)
            | Undelivered::BadAddress(error) => error,
        })
    }

    /// Who writes, now.
    pub(super) fn sender(&self) -> Sender<'_> {
        let library = &self.policy().library;
        Sender { name: &library.name, address: &library.mail_from, at: self.now() }
    }
}

fn mail(sender: &Sender<'_>, id: NoticeId, to: &str, letter: &Letter) -> Result<Message, Fault> {
    // The error of a malformed address quotes it, so only its kind is passed on.
    let address = |address: &str| address.parse::<Address>().map_err(|_| Fault::Mail("malformed address".to_owned()));
    let from = address(sender.address)?;
    let domain = from.domain().to_owned();
    let builder = Message::builder()
        .from(Mailbox::new(Some(sender.name.to_owned()), from))
        .to(Mailbox::new(None, address(to)?))
        .subject(letter.subject.as_str())
        .date(sender.at.into())
        .message_id(Some(format!("<{id}@{domain}>")))
        // So that nobody's "I am on holiday" answers it (RFC 3834).
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    let mail = if letter.html.is_empty() {
        builder.header(ContentType::TEXT_PLAIN).body(letter.text.clone())
    } else {
        builder.multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()))
    };
    mail.map_err(|error| Fault::Mail(error.to_string()))
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
