//! The section `[mail]`: how the mail server is reached, and how mails are signed.

use std::{fs, path::PathBuf, time::Duration};

use library::notices::{DkimSettings, Encryption, SmtpSettings};
use serde::Deserialize;

/// The mail server.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// Its name.
    pub host: String,
    /// Its port; without one, the usual port for this kind of encryption.
    pub port: Option<u16>,
    /// Whether the connection is encrypted.
    #[serde(default)]
    pub tls: Tls,
    /// A file with certificates in PEM that are trusted beside the public ones.
    pub ca_file: Option<PathBuf>,
    /// Who signs in; without a name nobody does.
    pub user: Option<String>,
    /// Their password, from `HONDANA_SMTP_PASSWORD`; never in the file.
    #[serde(skip)]
    pub password: Option<String>,
    /// How long the server may take for an answer, in seconds, from 1 to 30.
    #[serde(default = "timeout_seconds")]
    pub timeout_seconds: u32,
    /// How mails are signed (DKIM), if they are.
    pub dkim: Option<DkimKey>,
}

/// How the connection to the mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// By the command STARTTLS, which must succeed; port 587.
    #[default]
    Starttls,
    /// From the first byte on; port 465.
    Implicit,
    /// Not at all; port 25. For a server on this machine or in the library's own network, and never with a password that
    /// leaves this machine.
    Off,
}

/// The key with which mails are signed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DkimKey {
    /// Under which name its public half stands in the DNS.
    pub selector: String,
    /// The domain that signs; without one, that of `library.mail_from`.
    pub domain: Option<String>,
    /// The file of the private key, RSA in PEM.
    pub key_file: PathBuf,
}

fn timeout_seconds() -> u32 {
    30
}

/// What is wrong with the section, and under which key.
pub(super) type Wrong = (&'static [&'static str], String);

impl MailSettings {
    /// Checks what the types can't.
    pub(super) fn check(&self, mail_from: &str) -> Result<(), Wrong> {
        if !(1..=30).contains(&self.timeout_seconds) {
            return Err((&["mail", "timeout_seconds"], "`mail.timeout_seconds` must be from 1 to 30".to_owned()));
        }
        let here = matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "::1");
        if self.tls == Tls::Off && self.user.is_some() && !here {
            let why = "a password must not leave this machine unencrypted; write tls = \"starttls\" or \"implicit\"";
            return Err((&["mail", "tls"], why.to_owned()));
        }
        if let Some(dkim) = &self.dkim {
            let is_name = |text: &str| {
                !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
            };
            if !is_name(&dkim.selector) {
                return Err((&["mail", "dkim", "selector"], format!("`{}` is no name in the DNS", dkim.selector)));
            }
            let from = domain_of(mail_from);
            let signs = dkim.domain.as_deref().unwrap_or(from);
            // Another domain's signature would not count for the address mails come from (DMARC).
            if from != signs && !from.ends_with(&format!(".{signs}")) {
                let why = format!("mails come from `{from}`, for which `{signs}` can't sign");
                return Err((&["mail", "dkim", "domain"], why));
            }
        }
        self.smtp(mail_from).map(drop)
    }

    /// What the mailer is told. Reads the files.
    pub(super) fn smtp(&self, mail_from: &str) -> Result<SmtpSettings, Wrong> {
        let read = |key: &'static [&'static str], path: &PathBuf| {
            fs::read(path).map_err(|error| (key, format!("`{}` can't be read: {error}", path.display())))
        };
        let trusted = self.ca_file.as_ref().map(|path| read(&["mail", "ca_file"], path)).transpose()?;
        let dkim = self.dkim.as_ref().map(|dkim| -> Result<DkimSettings, Wrong> {
            Ok(DkimSettings {
                domain: dkim.domain.clone().unwrap_or_else(|| domain_of(mail_from).to_owned()),
                selector: dkim.selector.clone(),
                key: read(&["mail", "dkim", "key_file"], &dkim.key_file)?,
            })
        });
        let (encryption, port) = match self.tls {
            Tls::Starttls => (Encryption::StartTls, 587),
            Tls::Implicit => (Encryption::Implicit, 465),
            Tls::Off => (Encryption::Off, 25),
        };
        Ok(SmtpSettings {
            host: self.host.clone(),
            port: self.port.unwrap_or(port),
            encryption,
            trusted,
            credentials: self.user.clone().map(|user| (user, self.password.clone().unwrap_or_default())),
            hello: domain_of(mail_from).to_owned(),
            timeout: Duration::from_secs(self.timeout_seconds.into()),
            dkim: dkim.transpose()?,
        })
    }
}

/// The domain of a mail address.
fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(_, domain)| domain)
}
