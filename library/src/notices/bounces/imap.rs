//! Reports in a mailbox of another mail server (IMAP, RFC 3501).

use std::{
    fmt,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use async_imap::{Client, Session};
use futures_util::TryStreamExt as _;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};

use super::read::LONGEST;
use crate::{Fault, Library};

/// How long a look into the mailbox may take. The next begins behind the mail at which it was cut off.
const PATIENCE: Duration = Duration::from_secs(60);

/// Most mails that are read at one look.
const MOST: usize = 200;

/// Where the mailbox is.
#[derive(Clone, PartialEq, Eq)]
pub struct ImapSettings {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whether the connection is encrypted, from its first byte on. Off only for a server on this machine.
    pub tls: bool,
    /// Who signs in.
    pub user: String,
    /// Their password.
    pub password: String,
    /// The mailbox.
    pub mailbox: String,
}

impl fmt::Debug for ImapSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the password, so that it can't reach a log.
        f.debug_struct("ImapSettings").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Library {
    /// Takes every report in the mailbox that was not seen yet, and marks it as seen. Any number of servers may look into it: a
    /// report that was taken twice has its effect once. Answers how many mails were taken.
    ///
    /// # Errors
    /// When the mailbox can't be read, or the database can't be written: the mail at hand stays unseen then, and comes last at
    /// the next look. One that comes too early stays unseen as well and holds no other up.
    pub async fn take_bounces_of_mailbox(&self, settings: &ImapSettings) -> Result<u64, Fault> {
        let look = async {
            let stream = TcpStream::connect((settings.host.as_str(), settings.port)).await;
            let stream = stream.map_err(|_| Fault::Channel("no connection to the mailbox of reports"))?;
            if settings.tls {
                self.look_into(settings, encrypted(settings, stream).await?).await
            } else {
                self.look_into(settings, stream).await
            }
        };
        tokio::time::timeout(PATIENCE, look).await.unwrap_or(Err(Fault::Channel("the mailbox of reports is too slow")))
    }

    async fn look_into<S>(&self, settings: &ImapSettings, stream: S) -> Result<u64, Fault>
    where
        S: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send,
    {
        let mut client = Client::new(stream);
        client.read_response().await.ok().flatten().ok_or(Fault::Channel("the mailbox of reports says nothing"))?;
        // What the server says of it may quote the name.
        let signed_in = client.login(&settings.user, &settings.password).await;
        let mut session = signed_in.map_err(|_| Fault::Channel("the mailbox of reports refuses user or password"))?;
        session.select(&settings.mailbox).await.map_err(broken)?;
        let mut unseen: Vec<u32> = session.uid_search("UNSEEN").await.map_err(broken)?.into_iter().collect();
        unseen.sort_unstable();
        // Where the last look was cut off a mail may lie that can't be dealt with; those behind it come before it now.
        let at = self.mailbox_at().load(Ordering::Relaxed);
        let behind = unseen.partition_point(|uid| *uid <= at);
        unseen.rotate_left(behind);
        let (mut taken, mut failed) = (0, false);
        for uid in unseen.into_iter().take(MOST) {
            self.mailbox_at().store(uid, Ordering::Relaxed);
            let raw = match fetch(&mut session, uid).await {
                Ok(Some(raw)) => raw,
                Ok(None) => {
                    // A conversation that broke off looks the same.
                    session.run_command_and_check_ok("NOOP").await.map_err(broken)?;
                    continue;
                }
                // One mail that can't be had holds no other up; the second in a row says that the line is down.
                Err(error) if failed => return Err(error),
                Err(error) => {
                    tracing::error!(%error, "a mail in the mailbox of reports can't be read");
                    failed = true;
                    continue;
                }
            };
            failed = false;
            if !self.take_or_leave(&raw).await? {
                continue;
            }
            let marked = session.uid_store(uid.to_string(), "+FLAGS.SILENT (\\Seen)").await.map_err(broken)?;
            let _: Vec<_> = marked.try_collect().await.map_err(broken)?;
            taken += 1;
        }
        self.mailbox_at().store(0, Ordering::Relaxed);
        // All is done; whether it says goodbye does not matter.
        let _ = session.logout().await;
        Ok(taken)
    }
}

/// The beginning of a mail, which is all that is read of it; `None` when somebody took it away meanwhile.
async fn fetch<S>(session: &mut Session<S>, uid: u32) -> Result<Option<Vec<u8>>, Fault>
where
    S: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send,
{
    let query = format!("BODY.PEEK[]<0.{LONGEST}>");
    let found: Vec<_> =
        session.uid_fetch(uid.to_string(), query).await.map_err(broken)?.try_collect().await.map_err(broken)?;
    Ok(found.iter().find_map(|mail| mail.body().map(<[u8]>::to_vec)))
}

async fn encrypted(
    settings: &ImapSettings,
    stream: TcpStream,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Fault> {
    let refused = || Fault::Channel("no secure connection to the mailbox of reports");
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| refused())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(settings.host.clone()).map_err(|_| refused())?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|_| refused())
}

fn broken(error: async_imap::error::Error) -> Fault {
    // Its text quotes what the server said, which may be of a mail.
    drop(error);
    Fault::Channel("the conversation with the mailbox of reports broke off")
}
