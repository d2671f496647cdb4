//! `hondana notice-example`: what a notice looks like, on the screen or as a mail.

use domain::{
    messages::Language,
    notices::{NoticeKind, built_in, example},
};
use library::Clock;

use super::{Stop, mailer, open_library_beside_a_server};
use crate::{config::Settings, terminal};

/// What is to be shown.
#[derive(Debug)]
pub struct ExampleJob {
    /// Of which kind; `None` lists the kinds.
    pub kind: Option<NoticeKind>,
    /// In which language; `None` is that of the settings.
    pub language: Option<Language>,
    /// The HTML part in place of the plain text.
    pub html: bool,
    /// The text that is built in, unfilled, as the file a library's own begins with.
    pub template: bool,
    /// An address to which it is sent at once, to see whether mails arrive.
    pub to: Option<String>,
}

/// Shows a notice with made-up values, or sends it.
///
/// # Errors
/// When the text can't be filled, or the mail does not go out.
pub async fn notice_example(settings: &Settings, job: ExampleJob) -> Result<(), Stop> {
    let Some(kind) = job.kind else {
        for kind in NoticeKind::ALL {
            terminal::say(kind);
        }
        return Ok(());
    };
    let language = job.language.unwrap_or(settings.policy.notices.language);
    if job.template {
        terminal::say(built_in(kind, language).trim_end());
        return Ok(());
    }
    let zone: chrono_tz::Tz = settings.policy.library.zone.parse().unwrap_or_default();
    let today = Clock::System.now().with_timezone(&zone).date_naive();
    let letter = example(&settings.policy, kind, language, today)
        .map_err(|error| Stop::Example(format!("line {}: {error}", error.line)))?;
    let Some(to) = job.to else {
        if job.html {
            terminal::say(letter.html.trim_end());
        } else {
            terminal::say(format_args!("Subject: {}\n\n{}", letter.subject, letter.text.trim_end()));
        }
        return Ok(());
    };
    let mailer = mailer(settings)?;
    let library = open_library_beside_a_server(settings, Clock::System).await?;
    let sent = library.try_mail(&mailer, &to, &letter).await;
    library.database().close().await;
    sent?;
    terminal::say(match &settings.mail {
        Some(mail) => format!("{} took the mail for {to}. Look whether it arrived, and not among the spam.", mail.host),
        None => format!("Written into the folder {}: no mail server is set.", settings.server.mail_dir().display()),
    });
    Ok(())
}
