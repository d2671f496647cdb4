//! A mail server on this machine that takes mails, or behaves as badly as it is told to.

use std::{
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use library::notices::{Encryption, Mailer, SmtpSettings};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

/// How it behaves.
#[derive(Clone, Default)]
pub(crate) struct Manners {
    /// What it says in place of a greeting.
    pub(crate) greeting: Option<&'static str>,
    /// What it says to `MAIL`.
    pub(crate) mail: Option<&'static str>,
    /// What it says to recipients that begin so.
    pub(crate) recipients: Vec<(String, &'static str)>,
    /// What it says to a mail it got.
    pub(crate) taken: Option<&'static str>,
    pub(crate) trouble: Trouble,
}

/// What it does in the middle.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Trouble {
    #[default]
    None,
    /// Says nothing to a recipient, and goes on saying nothing.
    StallsAtRecipient,
    /// Hangs up when half of the mail has come.
    HangsUpInMail,
    /// Takes the mail and hangs up without having said so.
    HangsUpAfterMail,
}

/// A mail it took.
#[derive(Clone)]
pub(crate) struct Taken {
    pub(crate) to: String,
    pub(crate) raw: String,
}

impl Taken {
    pub(crate) fn message_id(&self) -> String {
        self.parsed().message_id().unwrap().to_owned()
    }

    pub(crate) fn subject(&self) -> String {
        self.parsed().subject().unwrap().to_owned()
    }

    pub(crate) fn text(&self) -> String {
        self.parsed().body_text(0).unwrap().into_owned()
    }

    pub(crate) fn html(&self) -> String {
        self.parsed().body_html(0).unwrap().into_owned()
    }

    pub(crate) fn parsed(&self) -> mail_parser::Message<'_> {
        mail_parser::MessageParser::default().parse(self.raw.as_bytes()).unwrap()
    }
}

/// Its certificate, and whether one speaks TLS with it from the first byte on.
#[derive(Clone)]
pub(crate) struct Secure {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) implicit: bool,
}

#[derive(Default)]
struct Inner {
    taken: Mutex<Vec<Taken>>,
    manners: Mutex<Manners>,
    connections: AtomicUsize,
    recipients: AtomicUsize,
    secure: Option<Secure>,
    /// Who has to sign in, base64 of what AUTH PLAIN says.
    wanted: Option<String>,
}

/// A mail server.
pub(crate) struct SmtpServer {
    inner: Arc<Inner>,
    pub(crate) port: u16,
    listening: Option<JoinHandle<()>>,
}

impl SmtpServer {
    pub(crate) async fn start() -> Self {
        Self::with(None, None).await
    }

    pub(crate) async fn with(secure: Option<Secure>, wanted: Option<String>) -> Self {
        let inner = Arc::new(Inner { secure, wanted, ..Inner::default() });
        let mut server = Self { inner, port: 0, listening: None };
        server.up().await;
        server
    }

    /// Listens again, at the port it had.
    pub(crate) async fn up(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        self.port = listener.local_addr().unwrap().port();
        let inner = Arc::clone(&self.inner);
        self.listening = Some(tokio::spawn(async move {
            let mut talks = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                inner.connections.fetch_add(1, Ordering::Relaxed);
                stream.set_nodelay(true).unwrap();
                let inner = Arc::clone(&inner);
                talks.spawn(async move {
                    match &inner.secure {
                        Some(Secure { acceptor, implicit: true }) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                inner.talk(BufReader::new(stream), true).await;
                            }
                        }
                        Some(Secure { acceptor, implicit: false }) => {
                            if let Some(stream) = inner.talk(BufReader::new(stream), false).await
                                && let Ok(stream) = acceptor.accept(stream.into_inner()).await
                            {
                                inner.talk(BufReader::new(stream), true).await;
                            }
                        }
                        None => {
                            inner.talk(BufReader::new(stream), true).await;
                        }
                    }
                });
            }
        }));
    }

    /// Does not listen any more, and ends every conversation.
    pub(crate) async fn down(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
            let _ = listening.await;
        }
    }

    pub(crate) fn behave(&self, manners: Manners) {
        *self.inner.manners.lock().unwrap() = manners;
    }

    pub(crate) fn taken(&self) -> MutexGuard<'_, Vec<Taken>> {
        self.inner.taken.lock().unwrap()
    }

    pub(crate) fn connections(&self) -> usize {
        self.inner.connections.load(Ordering::Relaxed)
    }

    /// How many recipients it was asked to take.
    pub(crate) fn recipients(&self) -> usize {
        self.inner.recipients.load(Ordering::Relaxed)
    }

    pub(crate) fn settings(&self) -> SmtpSettings {
        settings(self.port)
    }

    pub(crate) fn mailer(&self) -> Mailer {
        Mailer::smtp(self.settings()).unwrap()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}

/// How a mail server at this port is reached.
pub(crate) fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        encryption: Encryption::Off,
        trusted: None,
        credentials: None,
        hello: "hondana.example.jp".to_owned(),
        timeout: Duration::from_secs(5),
        dkim: None,
    }
}

impl Inner {
    /// Talks until one of both hangs up. Answers the line when it is to be encrypted.
    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut line: BufReader<S>,
        encrypted: bool,
    ) -> Option<BufReader<S>> {
        let manners = self.manners.lock().unwrap().clone();
        let greeting = manners.greeting.unwrap_or("220 test");
        say(&mut line, greeting).await?;
        let mut to = String::new();
        let mut signed_in = self.wanted.is_none();
        loop {
            let command = hear(&mut line).await?;
            let word = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match word.as_str() {
                "EHLO" if !encrypted => say(&mut line, "250-test\r\n250 STARTTLS").await?,
                "EHLO" => say(&mut line, "250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN").await?,
                "STARTTLS" => {
                    say(&mut line, "220 go on").await?;
                    return Some(line);
                }
                "AUTH" => {
                    signed_in = self.wanted.as_deref() == command.rsplit(' ').next();
                    say(&mut line, if signed_in { "235 welcome" } else { "535 5.7.8 who are you" }).await?;
                }
                "MAIL" if !signed_in => say(&mut line, "530 5.7.0 sign in first").await?,
                "MAIL" => say(&mut line, manners.mail.unwrap_or("250 go on")).await?,
                "RCPT" => {
                    self.recipients.fetch_add(1, Ordering::Relaxed);
                    if manners.trouble == Trouble::StallsAtRecipient {
                        std::future::pending::<()>().await;
                    }
                    to = command.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    let refused = manners.recipients.iter().find(|(begins, _)| to.starts_with(begins.as_str()));
                    say(&mut line, refused.map_or("250 go on", |(_, answer)| *answer)).await?;
                }
                "DATA" => {
                    say(&mut line, "354 go on").await?;
                    let mut raw = String::new();
                    loop {
                        let text = hear(&mut line).await?;
                        if manners.trouble == Trouble::HangsUpInMail && raw.len() > 200 {
                            return None;
                        }
                        if text == "." {
                            break;
                        }
                        raw.push_str(text.strip_prefix('.').unwrap_or(&text));
                        raw.push_str("\r\n");
                    }
                    if let Some(refused) = manners.taken {
                        say(&mut line, refused).await?;
                        continue;
                    }
                    self.taken.lock().unwrap().push(Taken { to: to.clone(), raw });
                    if manners.trouble == Trouble::HangsUpAfterMail {
                        return None;
                    }
                    say(&mut line, "250 taken").await?;
                }
                "QUIT" => {
                    say(&mut line, "221 bye").await?;
                    return None;
                }
                _ => say(&mut line, "250 yes").await?,
            }
        }
    }
}

/// Says a line; `None` when nobody listens any more.
async fn say<S: AsyncRead + AsyncWrite + Unpin>(line: &mut BufReader<S>, text: &str) -> Option<()> {
    line.write_all(format!("{text}\r\n").as_bytes()).await.ok()?;
    line.flush().await.ok()
}

/// The next line; `None` when the other side has hung up.
async fn hear<S: AsyncRead + Unpin>(line: &mut BufReader<S>) -> Option<String> {
    let mut text = String::new();
    match line.read_line(&mut text).await {
        Ok(read) if read > 0 => Some(text.trim_end_matches(['\r', '\n']).to_owned()),
        _ => None,
    }
}
