//! Talking to a mail server: one line that is kept open while there is something to send, and what its answers mean.
//!
//! The conversation is led command by command, because it matters which of them was refused: one about us stops everything,
//! one about a recipient concerns that recipient, and after the mail itself silence means that nobody knows.

use std::{future::Future, time::Duration};

use chrono::{DateTime, Utc};
use domain::notices::refuses_address;
use lettre::{
    Message,
    address::Envelope,
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Noop, Rcpt, Rset},
        extension::{ClientId, Extension, MailParameter},
    },
};
use tokio::sync::Mutex;

use super::{
    dkim::{Dkim, DkimSettings},
    mailer::Undelivered,
};
use crate::Fault;

/// Most mails on one line; many servers allow a hundred.
const MOST_ON_A_LINE: u32 = 50;

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// Whether what is said to the mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// From the first byte on; usually port 465.
    Implicit,
    /// From the command STARTTLS on, which must succeed; usually port 587.
    StartTls,
    /// Not at all: for a server on this machine or in the library's own network.
    Off,
}

/// How to reach the mail server.
#[derive(Clone)]
pub struct SmtpSettings {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whether it is encrypted.
    pub encryption: Encryption,
    /// Certificates in PEM that are trusted beside the public ones, for a server with a certificate of the town's own.
    pub trusted: Option<Vec<u8>>,
    /// User name and password, where the server wants them.
    pub credentials: Option<(String, String)>,
    /// By which name we introduce ourselves.
    pub hello: String,
    /// How long the server may take for an answer; for the whole mail it has four times as long.
    pub timeout: Duration,
    /// How mails are signed, if they are.
    pub dkim: Option<DkimSettings>,
}

impl std::fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without password and key, so that they can't reach a log.
        f.debug_struct("SmtpSettings").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

/// A mail server, and the line to it.
pub struct Smtp {
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
    dkim: Option<Dkim>,
    line: Mutex<Option<Line>>,
}

struct Line {
    connection: AsyncSmtpConnection,
    mails: u32,
}

/// Why a command was not answered as hoped.
enum Answer {
    /// By a refusal: its code and text.
    Refused(u16, String),
    /// By nothing that could be understood, or not in time.
    Silence(Fault),
}

impl Smtp {
    pub(super) fn new(settings: SmtpSettings) -> Result<Self, Fault> {
        let tls = match settings.encryption {
            Encryption::Off => None,
            Encryption::Implicit | Encryption::StartTls => {
                let mut builder = TlsParameters::builder(settings.host.clone());
                if let Some(pem) = &settings.trusted {
                    let certificate = Certificate::from_pem(pem).map_err(|_| {
                        Fault::Mail("the file of `mail.ca_file` holds no certificate in PEM".to_owned())
                    })?;
                    builder = builder.add_root_certificate(certificate);
                }
                Some(builder.build_rustls().map_err(|error| Fault::Mail(told(&error)))?)
            }
        };
        let dkim = settings.dkim.as_ref().map(Dkim::new).transpose()?;
        Ok(Self { settings, tls, dkim, line: Mutex::new(None) })
    }

    /// Sends a mail.
    pub(super) async fn send(&self, mail: &Message, at: DateTime<Utc>) -> Result<(), Undelivered> {
        let mut bytes = mail.formatted();
        if let Some(dkim) = &self.dkim {
            bytes = dkim.sign(bytes, at).map_err(Undelivered::Unreachable)?;
        }
        let mut kept = self.line.lock().await;
        let mut line = self.line(kept.take()).await.map_err(Undelivered::Unreachable)?;
        let sent = self.converse(&mut line.connection, mail.envelope(), &bytes).await;
        line.mails += 1;
        let go_on = match &sent {
            Ok(()) => true,
            Err(Undelivered::NotNow(_) | Undelivered::BadAddress(_)) => {
                self.ask(line.connection.command(Rset)).await.is_ok()
            }
            Err(Undelivered::Unreachable(_) | Undelivered::BrokenOff(_)) => false,
        };
        if !go_on {
            // Dropped without a word: who does not answer will not hear a goodbye either.
            return sent;
        }
        if line.mails < MOST_ON_A_LINE {
            *kept = Some(line);
        } else {
            goodbye(line).await;
        }
        sent
    }

    /// Ends the conversation; the next mail begins a new one.
    pub(super) async fn hang_up(&self) {
        if let Some(line) = self.line.lock().await.take() {
            goodbye(line).await;
        }
    }

    /// The line that is open, if it still is, or a new one.
    async fn line(&self, kept: Option<Line>) -> Result<Line, Fault> {
        if let Some(mut line) = kept
            && self.ask(line.connection.command(Noop)).await.is_ok()
        {
            return Ok(line);
        }
        match tokio::time::timeout(self.settings.timeout, self.connect()).await {
            Ok(connection) => Ok(Line { connection: connection?, mails: 0 }),
            Err(_) => Err(Fault::Mail(format!("{} does not answer in time", self.settings.host))),
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Fault> {
        let SmtpSettings { host, port, encryption, credentials, hello, timeout, .. } = &self.settings;
        let hello = ClientId::Domain(hello.clone());
        // Nothing is known of any patron yet, so what the server says can be told.
        let fault = |what: &'static str| {
            move |error: lettre::transport::smtp::Error| Fault::Mail(format!("{what} {host}: {}", told(&error)))
        };
        let implicit = self.tls.clone().filter(|_| *encryption == Encryption::Implicit);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1((host.as_str(), *port), Some(*timeout), &hello, implicit, None)
                .await
                .map_err(fault("connecting to"))?;
        if let (Encryption::StartTls, Some(tls)) = (encryption, self.tls.clone()) {
            connection.starttls(tls, &hello).await.map_err(fault("encrypting (STARTTLS) with"))?;
        }
        if let Some((user, password)) = credentials {
            let credentials = Credentials::new(user.clone(), password.clone());
            let known = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&known, &credentials).await.map_err(fault("signing in at"))?;
        }
        Ok(connection)
    }

    async fn converse(
        &self,
        connection: &mut AsyncSmtpConnection,
        envelope: &Envelope,
        mail: &[u8],
    ) -> Result<(), Undelivered> {
        let mut parameters = Vec::new();
        if envelope.to().iter().any(|to| !AsRef::<str>::as_ref(to).is_ascii()) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                let why = "the mail server takes no address with other than ASCII letters";
                return Err(Undelivered::NotNow(Fault::Mail(why.to_owned())));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let from = Mail::new(envelope.from().cloned(), parameters);
        self.ask(connection.command(from)).await.map_err(|answer| match answer {
            // The address mails come from is the library's own.
            Answer::Refused(code, text) => {
                Undelivered::Unreachable(Fault::Mail(format!("our address is refused: {code} {text}")))
            }
            Answer::Silence(fault) => Undelivered::Unreachable(fault),
        })?;
        for to in envelope.to() {
            let to = Rcpt::new(to.clone(), Vec::new());
            self.ask(connection.command(to)).await.map_err(|answer| about("recipient", answer))?;
        }
        self.ask(connection.command(Data)).await.map_err(|answer| about("data", answer))?;
        let whole = self.settings.timeout * 4;
        within(whole, connection.message(mail)).await.map_err(|answer| about("mail", answer))
    }

    async fn ask<T>(
        &self,
        command: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<(), Answer> {
        within(self.settings.timeout, command).await
    }
}

async fn goodbye(mut line: Line) {
    // Whether it is answered is all the same.
    let _ = tokio::time::timeout(GOODBYE, line.connection.quit()).await;
}

async fn within<T>(
    time: Duration,
    command: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Result<(), Answer> {
    match tokio::time::timeout(time, command).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(match error.status() {
            Some(code) => {
                let number = code.to_string().parse().unwrap_or_default();
                Answer::Refused(number, source(&error))
            }
            None => Answer::Silence(Fault::Mail("the conversation broke off".to_owned())),
        }),
        Err(_) => Err(Answer::Silence(Fault::Mail("no answer in time".to_owned()))),
    }
}

/// What a refusal of this mail means. What the server says is left out of the log: it quotes the address.
fn about(what: &'static str, answer: Answer) -> Undelivered {
    match answer {
        Answer::Silence(fault) => Undelivered::BrokenOff(fault),
        // It closes the line, whatever the mail.
        Answer::Refused(421, _) => Undelivered::BrokenOff(Fault::Mail("the mail server closes the line".to_owned())),
        Answer::Refused(code, text) => {
            let fault = Fault::Mail(format!("{what} refused, code {code}"));
            if what == "recipient" && refuses_address(code, &text) {
                Undelivered::BadAddress(fault)
            } else {
                Undelivered::NotNow(fault)
            }
        }
    }
}

/// An error with its causes, which lettre keeps apart.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text
}

/// What the server said.
fn source(error: &lettre::transport::smtp::Error) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}
