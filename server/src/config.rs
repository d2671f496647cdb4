//! Settings: one file, then the environment, then flags; a wrong one stops the program and shows its line.
//!
//! The file `hondana.toml` of the repository is compiled in and holds every default. A file named by `--config` or
//! `HONDANA_CONFIG` is laid over it, key by key, so it may say as little as it likes. Environment and flags are read
//! by [`crate::cli`] and arrive here as [`Overrides`].

mod mail;
mod operation;
mod outside;
mod templates;

use std::{
    fs, io,
    net::{IpAddr, SocketAddr},
    num::NonZeroUsize,
    ops::Range,
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use domain::{
    PlaceCode,
    calendar::{BUILT_IN_HOLIDAYS, ClosedDayRule, Holiday, HolidayError, parse_holidays},
    notices::Templates,
    policy::{
        AccountPolicy, CalendarPolicy, DailyPolicy, LibraryPolicy, LoanPolicy, NoticePolicy, Place, Policy,
        PolicyError, ReservationPolicy, ShelfRange,
    },
};
use encoding_rs::SHIFT_JIS;
use ipnet::IpNet;
use library::notices::SmtpSettings;
use serde::{Deserialize, Deserializer, de::Error as _};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

pub use mail::{DkimKey, MailSettings, Tls};
pub use operation::{LoadSettings, LogFormat, PaceSettings, TraceSettings};
pub use outside::{BounceSettings, GatewayFile, ImapFile, PushFile};

/// The defaults, with the comments people copy from.
const DEFAULTS: &str = include_str!("../../hondana.toml");

/// Everything the program is told before it starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The machine: where to listen, where data lies.
    pub server: ServerSettings,
    /// The mail server. Without one mails are written as files.
    pub mail: Option<MailSettings>,
    /// Where mails that came back are found. Without it only those piped to `hondana bounce` are taken.
    pub bounces: Option<BounceSettings>,
    /// Notices to patrons' devices; without it there are none.
    pub push: Option<PushFile>,
    /// The library's own gateway, if it has one.
    pub webhook: Option<GatewayFile>,
    /// The library.
    pub policy: Policy,
}

/// The machine.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    /// Address to listen on.
    pub addr: SocketAddr,
    /// `sqlite:PATH` or `postgres://…`; without one a SQLite file in the data folder.
    pub database_url: Option<String>,
    /// Folder of the search index, of mails written as files, and of the SQLite file.
    pub data_dir: PathBuf,
    /// Folder of the library's own texts of notices.
    pub templates_dir: Option<PathBuf>,
    /// The reverse proxies whose word on the browser is taken.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// Most pages that follow what happens at once; each keeps a connection open.
    pub streams: usize,
    /// Address at which the figures for Prometheus are read; without one nowhere.
    pub metrics_addr: Option<SocketAddr>,
    /// Seconds for which a server that was told to stop goes on answering, so that what sends it requests can notice.
    pub drain_seconds: u16,
    /// Most connections that are open at once.
    pub connections: NonZeroUsize,
    /// How the log is written.
    pub log: LogFormat,
    /// Where traces go; without it nowhere.
    pub traces: Option<TraceSettings>,
    /// How much is worked on at once.
    pub load: LoadSettings,
    /// How fast the catalogue may be asked.
    pub pace: PaceSettings,
}

/// Reads networks; a single address is the smallest of them.
fn networks<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(source)?;
    let read = |text: &String| text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    texts.iter().map(|text| read(text).map_err(|_| D::Error::custom(NoNetwork(text.clone())))).collect()
}

/// What stands for a network and is none.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no address and no network; write 127.0.0.1 or 10.0.0.0/8")]
struct NoNetwork(String);

impl ServerSettings {
    /// The address of the database.
    pub fn database_url(&self) -> String {
        match &self.database_url {
            Some(url) => url.clone(),
            None => format!("sqlite:{}", self.data_dir.join("hondana.db").display()),
        }
    }

    /// Folder of the search index.
    pub fn search_dir(&self) -> PathBuf {
        self.data_dir.join("search")
    }

    /// Folder of the mails that are written as files.
    pub fn mail_dir(&self) -> PathBuf {
        self.data_dir.join("mail")
    }
}

/// The section `[calendar]`: the policy, and where its holidays are read from.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarSettings {
    due_on_closed_day: ClosedDayRule,
    hold_on_closed_day: ClosedDayRule,
    holidays_file: Option<PathBuf>,
}

/// What environment and flags say; it wins over the file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Address to listen on.
    pub addr: Option<SocketAddr>,
    /// Address of the database.
    pub database_url: Option<String>,
    /// Data folder.
    pub data_dir: Option<PathBuf>,
    /// Password of the mail server.
    pub smtp_password: Option<String>,
    /// Secret of the library's own gateway.
    pub webhook_secret: Option<String>,
    /// Password of the mailbox of mails that came back.
    pub imap_password: Option<String>,
}

/// Settings the program can't start with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("settings file {}: {error}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A line of the file is wrong.
    #[error("{file}, line {line}: {why}\n    {text}")]
    Line {
        /// The file's name.
        file: String,
        /// Number of the line, from 1.
        line: usize,
        /// The line as it stands there.
        text: String,
        /// What is wrong, in plain words.
        why: String,
    },
    /// Environment or flag is wrong.
    #[error("{name}: {why}")]
    Override {
        /// The names of the variable and the flag.
        name: &'static str,
        /// What is wrong.
        why: String,
    },
}

impl Settings {
    /// How the mail server is reached; `None` when mails are written as files.
    ///
    /// # Errors
    /// When a file the settings name can't be read any more.
    pub fn smtp(&self) -> Result<Option<SmtpSettings>, ConfigError> {
        let smtp = self.mail.as_ref().map(|mail| mail.smtp(&self.policy.library.mail_from));
        smtp.transpose().map_err(|(_, why)| ConfigError::Override { name: "[mail]", why })
    }

    /// Reads the file, if one is named, over the defaults, and `overrides` over both.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn load(file: Option<&Path>, overrides: Overrides) -> Result<Self, ConfigError> {
        let (name, text) = match file {
            Some(path) => {
                let text = fs::read_to_string(path)
                    .map_err(|error| ConfigError::Unreadable { path: path.to_path_buf(), error })?;
                (path.display().to_string(), text)
            }
            None => ("hondana.toml (built in)".to_owned(), String::new()),
        };
        let mut settings = Source { name: &name, text: &text }.settings()?;
        let Overrides { addr, database_url, data_dir, smtp_password, webhook_secret, imap_password } = overrides;
        if let Some(addr) = addr {
            settings.server.addr = addr;
        }
        if let Some(url) = database_url {
            check_database_url(&url)
                .map_err(|why| ConfigError::Override { name: "HONDANA_DATABASE_URL or --database-url", why })?;
            settings.server.database_url = Some(url);
        }
        if let Some(dir) = data_dir {
            settings.server.data_dir = dir;
        }
        if let Some(mail) = &mut settings.mail {
            mail.password = smtp_password;
        }
        if let Some(imap) = settings.bounces.as_mut().and_then(|bounces| bounces.imap.as_mut()) {
            imap.password = imap_password;
        }
        if let Some(webhook) = &mut settings.webhook {
            webhook.secret = webhook_secret;
            settings.policy.notices.gateway = true;
        }
        Ok(settings)
    }
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    server: ServerSettings,
    mail: Option<MailSettings>,
    bounces: Option<BounceSettings>,
    push: Option<PushFile>,
    webhook: Option<GatewayFile>,
    library: LibraryPolicy,
    #[serde(rename = "place")]
    places: Vec<Place>,
    #[serde(default)]
    shelves: Vec<ShelfRange>,
    calendar: CalendarSettings,
    loans: LoanPolicy,
    reservations: ReservationPolicy,
    daily: DailyPolicy,
    notices: NoticePolicy,
    accounts: AccountPolicy,
}

/// A settings file that is being read. The defaults are known to be sound (a test reads them), so every span in an
/// error is one of this file.
struct Source<'a> {
    name: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn settings(&self) -> Result<Settings, ConfigError> {
        let mut tree = DeTable::parse(DEFAULTS).map_err(|error| self.refused(&error))?;
        let own = DeTable::parse(self.text).map_err(|error| self.refused(&error))?;
        // The shelves that are built in stand in the places that are.
        if own.get_ref().contains_key("place") {
            tree.get_mut().remove("shelves");
        }
        lay_over(tree.get_mut(), own.get_ref().clone());
        let File {
            server,
            mail,
            bounces,
            push,
            webhook,
            library,
            places,
            shelves,
            calendar,
            loans,
            reservations,
            daily,
            notices,
            accounts,
        } = File::deserialize(toml::Deserializer::from(tree)).map_err(|error| self.refused(&error))?;
        let own = own.get_ref();
        let CalendarSettings { due_on_closed_day, hold_on_closed_day, holidays_file } = calendar;
        let holidays = self.holidays(holidays_file.as_deref(), own)?;
        let calendar = CalendarPolicy { due_on_closed_day, hold_on_closed_day, holidays };
        let notices = NoticePolicy { templates: self.templates(server.templates_dir.as_deref(), own)?, ..notices };
        let policy = Policy { library, places, shelves, loans, reservations, daily, notices, accounts, calendar };
        policy.check().map_err(|error| self.wrong(place_of(own, &error), error.to_string()))?;
        for (key, verdict) in [
            (["library", "zone"], check_zone(&policy.library.zone)),
            (["library", "web_address"], check_web_address(&policy.library.web_address)),
            (["library", "mail_from"], check_mail_address(&policy.library.mail_from)),
            (["server", "database_url"], server.database_url.as_deref().map_or(Ok(()), check_database_url)),
        ] {
            verdict.map_err(|why| self.wrong(span_of(own, &key), why))?;
        }
        if let Some(traces) = &server.traces {
            traces.check().map_err(|(key, why)| self.wrong(span_of(own, &["server", "traces", key]), why))?;
        }
        if let Some(mail) = &mail {
            mail.check(&policy.library.mail_from).map_err(|(key, why)| self.wrong(span_of(own, key), why))?;
        }
        if let Some(imap) = bounces.as_ref().and_then(|bounces| bounces.imap.as_ref()) {
            imap.check().map_err(|why| self.wrong(span_of(own, &["bounces", "imap", "tls"]), why))?;
        }
        if let Some(webhook) = &webhook {
            webhook.check().map_err(|why| self.wrong(span_of(own, &["webhook", "url"]), why))?;
        }
        Ok(Settings { server, mail, bounces, push, webhook, policy })
    }

    /// The library's own texts, of the folder the settings name.
    fn templates(&self, folder: Option<&Path>, own: &DeTable<'_>) -> Result<Templates, ConfigError> {
        let Some(folder) = folder else { return Ok(Templates::default()) };
        templates::read(folder).map_err(|wrong| match wrong {
            Ok(in_file) => in_file,
            Err(error) => {
                let why = format!("`{}` can't be used: {error}", folder.display());
                self.wrong(span_of(own, &["server", "templates_dir"]), why)
            }
        })
    }

    /// The national holidays, of the file the settings name or those built in.
    fn holidays(&self, file: Option<&Path>, own: &DeTable<'_>) -> Result<Vec<Holiday>, ConfigError> {
        let (name, text) = match file {
            None => ("jp.csv (built in)".to_owned(), BUILT_IN_HOLIDAYS.to_owned()),
            Some(path) => {
                let refused = |why: String| self.wrong(span_of(own, &["calendar", "holidays_file"]), why);
                let name = path.display().to_string();
                let bytes = fs::read(path).map_err(|error| refused(format!("`{name}` can't be read: {error}")))?;
                let text = decoded(bytes).ok_or_else(|| refused(format!("`{name}` is neither UTF-8 nor CP932")))?;
                (name, text)
            }
        };
        let at = |line: usize, why: String| {
            let text = text.lines().nth(line - 1).unwrap_or_default().trim().to_owned();
            ConfigError::Line { file: name.clone(), line, text, why }
        };
        let holidays = parse_holidays(&text).map_err(|HolidayError { line, why }| at(line, why.to_string()))?;
        if holidays.is_empty() { Err(at(1, "there is no holiday in this file".to_owned())) } else { Ok(holidays) }
    }

    fn refused(&self, error: &toml::de::Error) -> ConfigError {
        self.wrong(error.span(), in_plain_words(error.message()))
    }

    /// The error for what stands there; the last line when nobody knows where.
    fn wrong(&self, span: Option<Range<usize>>, why: String) -> ConfigError {
        let at = span.map_or(self.text.len(), |span| span.start.min(self.text.len()));
        let line = self.text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        let text = self.text.lines().nth(line).unwrap_or_default().trim();
        // The address of a database may hold a password, which must not reach a log.
        let text = if text.starts_with("database_url") { "database_url = …" } else { text }.to_owned();
        ConfigError::Line { file: self.name.to_owned(), line: line + 1, text, why }
    }
}

/// Lays a table over another: tables key by key, everything else as a whole.
fn lay_over<'i>(under: &mut DeTable<'i>, over: DeTable<'i>) {
    for (key, value) in over {
        match under.get_mut(&key).map(Spanned::get_mut) {
            Some(DeValue::Table(below)) if value.get_ref().is_table() => {
                if let DeValue::Table(above) = value.into_inner() {
                    lay_over(below, above);
                }
            }
            _ => {
                // `insert` keeps the key that is there, and with it the wrong span.
                under.remove(&key);
                under.insert(key, value);
            }
        }
    }
}

/// Where the value of a key stands.
fn span_of(table: &DeTable<'_>, path: &[&str]) -> Option<Range<usize>> {
    let (first, rest) = path.split_first()?;
    let value = table.get(*first)?;
    match value.get_ref() {
        DeValue::Table(inner) if !rest.is_empty() => span_of(inner, rest),
        _ => Some(value.span()),
    }
}

/// Where the policy's error stands.
fn place_of(own: &DeTable<'_>, error: &PolicyError) -> Option<Range<usize>> {
    let places = || own.get("place").and_then(|value| value.get_ref().as_array());
    let code = |place: &Spanned<DeValue<'_>>, code: &str| {
        let stands = place.get_ref().as_table()?.get("code")?;
        (stands.get_ref().as_str() == Some(code)).then(|| stands.span())
    };
    match error {
        // The second of the two is the one too many.
        PolicyError::DoublePlace(double) => places()?.iter().rev().find_map(|place| code(place, &double.0)),
        PolicyError::BadPlaceCode(bad) => places()?.iter().find_map(|place| code(place, &bad.0)),
        PolicyError::NoPickupPlace | PolicyError::NoBranch => places()?.iter().next().map(Spanned::span),
        PolicyError::NeverOpen(place)
        | PolicyError::SpanBackwards { place, .. }
        | PolicyError::SubstituteForNothing(place) => closing_of(own, place, error),
        PolicyError::ShelvesElsewhere { n, .. } | PolicyError::ShelvesBackwards { n } => {
            let shelves = own.get("shelves")?.get_ref().as_array()?;
            shelves.get(*n).map(Spanned::span)
        }
        PolicyError::NoSuchHour(key) => span_of(own, &key.split('.').collect::<Vec<_>>()),
        PolicyError::PasswordLengths => {
            span_of(own, &["accounts", "password_max"]).or_else(|| span_of(own, &["accounts", "password_min"]))
        }
        PolicyError::HashMemory => span_of(own, &["accounts", "hash_memory_kib"]),
        PolicyError::Zero(key) => span_of(own, &key.split('.').collect::<Vec<_>>()),
    }
}

/// Where a closing that makes no sense stands: the wrong value, else the place.
fn closing_of(own: &DeTable<'_>, place: &PlaceCode, error: &PolicyError) -> Option<Range<usize>> {
    let places = own.get("place")?.get_ref().as_array()?;
    let place = places.iter().find(|known| {
        let code = known.get_ref().as_table().and_then(|table| table.get("code"));
        code.is_some_and(|code| code.get_ref().as_str() == Some(&place.0))
    })?;
    let closing = place.get_ref().as_table().and_then(|table| table.get("closing")?.get_ref().as_table());
    let value = |key: &str| closing?.get(key);
    let wrong = match error {
        PolicyError::SpanBackwards { .. } => {
            let backwards = |span: &DeTable<'_>| {
                let day = |key: &str| span.get(key)?.get_ref().as_str()?.parse::<NaiveDate>().ok();
                day("until") < day("from")
            };
            let spans = value("dated").and_then(|dated| dated.get_ref().as_array());
            spans.into_iter().flatten().find(|span| span.get_ref().as_table().is_some_and(backwards))
        }
        PolicyError::SubstituteForNothing(_) => value("substitute"),
        _ => value("weekdays").or_else(|| value("yearly")),
    };
    Some(wrong.unwrap_or(place).span())
}

/// A text in UTF-8 or, as the Cabinet Office and most spreadsheets in Japan write it, in CP932.
fn decoded(bytes: Vec<u8>) -> Option<String> {
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => SHIFT_JIS.decode_without_bom_handling_and_without_replacement(error.as_bytes()).map(Into::into),
    }
}

fn check_zone(zone: &str) -> Result<(), String> {
    match zone.parse::<chrono_tz::Tz>() {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("`{zone}` is no zone of time; write one like Asia/Tokyo")),
    }
}

fn check_web_address(address: &str) -> Result<(), String> {
    let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => Ok(()),
        _ => Err(format!("`{address}` must be http:// or https:// and a name, without a slash at the end")),
    }
}

fn check_mail_address(address: &str) -> Result<(), String> {
    match address.split_once('@') {
        Some((name, host)) if !name.is_empty() && !host.is_empty() && !address.contains(char::is_whitespace) => Ok(()),
        _ => Err(format!("`{address}` is no mail address")),
    }
}

fn check_database_url(url: &str) -> Result<(), String> {
    let known = ["sqlite:", "postgres://", "postgresql://"];
    if known.iter().any(|engine| url.strip_prefix(engine).is_some_and(|rest| !rest.is_empty())) {
        Ok(())
    } else {
        // Not repeated: it may hold a password.
        Err("a database address begins with sqlite: or postgres://".to_owned())
    }
}

/// Says in plain words what the TOML reader says in those of Rust.
fn in_plain_words(message: &str) -> String {
    // What chrono says of a text that should be a day, and serde of a day without quotes.
    const NO_DAY: [&str; 5] = [
        "input is out of range",
        "input contains invalid characters",
        "premature end of input",
        "trailing input",
        "invalid type: map, expected a formatted date string",
    ];
    const WORDS: [(&str, &str); 14] = [
        ("unknown field ", "there is no setting "),
        (", expected one of ", " here, only "),
        (", expected `", " here, only `"),
        ("missing field ", "this needs a setting "),
        ("invalid type: ", "wrong kind of value: "),
        ("invalid value: ", "wrong value: "),
        ("expected u16", "expected a whole number from 0 to 65535"),
        ("expected u32", "expected a whole number from 0 to 4294967295"),
        ("expected a nonzero u32", "expected a whole number from 1"),
        ("expected a nonzero usize", "expected a whole number from 1"),
        ("expected a boolean", "expected true or false"),
        ("expected a string", "expected a text in quotes"),
        ("invalid socket address syntax", "not an address like 127.0.0.1:3000 or [::1]:3000"),
        ("unknown variant ", "there is no choice "),
    ];
    if NO_DAY.contains(&message) {
        return "no such day; write it in quotes, like \"2026-06-08\"".to_owned();
    }
    WORDS.iter().fold(message.replace('\n', "; "), |text, (rust, plain)| text.replace(rust, plain))
}

#[cfg(test)]
mod tests {
    use domain::calendar::Closing;

    use super::*;

    fn read(text: &str) -> Result<Settings, ConfigError> {
        Source { name: "own.toml", text }.settings()
    }

    /// The number and the text of the faulty line, and what is said about it.
    fn fault(text: &str) -> (usize, String, String) {
        match read(text) {
            Err(ConfigError::Line { file, line, text, why }) => {
                assert_eq!(file, "own.toml");
                (line, text, why)
            }
            other => panic!("should be refused for a line: {other:?}"),
        }
    }

    #[test]
    fn the_defaults_are_sound() {
        let settings = read("").expect("hondana.toml as shipped");
        assert_eq!(settings.server.addr.to_string(), "127.0.0.1:3000");
        assert_eq!(settings.server.database_url(), "sqlite:data/hondana.db");
        assert_eq!(settings.mail, None);
        assert_eq!(settings.policy.places.len(), 5);
    }

    #[test]
    fn a_file_may_say_little() {
        let settings = read("[loans]\ndays = 21\n[library]\nname = \"別の図書館\"\n").expect("sound");
        assert_eq!(settings.policy.loans.days, 21);
        assert_eq!(settings.policy.loans.limits.books_and_magazines, 10, "the rest is as it was");
        assert_eq!(settings.policy.library.name, "別の図書館");
        assert_eq!(settings.policy.library.zone, "Asia/Tokyo");
    }

    #[test]
    fn places_are_replaced_as_a_whole() {
        let settings = read("[[place]]\ncode = \"main\"\nname = \"本館\"\nname_en = \"Main\"\n").expect("sound");
        assert_eq!(settings.policy.places.len(), 1);
    }

    #[test]
    fn shelves_go_with_the_places_they_are_in() {
        let place = "[[place]]\ncode = \"main\"\nname = \"本館\"\nname_en = \"Main\"\n";
        let shelf = "[[shelves]]\nbranch = \"main\"\nfrom = \"E\"\nfloor = \"1階\"\nshelf = \"絵本\"\n";
        let built_in = read("").expect("sound").policy;
        let spot = built_in.shelf_spot(&PlaceCode("central".to_owned()), "913.6 ナ").expect("the demo's novels stand");
        assert_eq!((spot.floor.as_str(), spot.shelf.as_str()), ("2階", "12番"));
        assert!(read(place).expect("those built in stand elsewhere").policy.shelves.is_empty());
        assert_eq!(read(&format!("{place}{shelf}")).expect("sound").policy.shelves.len(), 1);
        let (line, _, why) = fault(&format!("{place}{shelf}{}", shelf.replace("main", "moon")));
        assert_eq!(line, 10);
        assert!(why.contains("moon"), "{why}");
        assert_eq!(fault(&format!("{place}{shelf}until = \"B\"\n")).0, 5);
    }

    #[test]
    fn broken_toml_is_shown() {
        let (line, text, _) = fault("[server]\naddr = \n");
        assert_eq!((line, text.as_str()), (2, "addr ="));
    }

    #[test]
    fn an_unknown_setting_is_shown_with_the_known_ones() {
        let (line, text, why) = fault("# mine\n[server]\nadr = \"127.0.0.1:3000\"\n");
        assert_eq!((line, text.as_str()), (3, "adr = \"127.0.0.1:3000\""));
        assert_eq!(
            why,
            "there is no setting `adr` here, only `addr`, `database_url`, `data_dir`, `templates_dir`, `trusted_proxies`, \
             `streams`, `metrics_addr`, `drain_seconds`, `connections`, `log`, `traces`, `load`, `pace`"
        );
        let (line, text, _) = fault("[loans]\ndays = 3\n\n[lones]\n");
        assert_eq!((line, text.as_str()), (4, "[lones]"));
    }

    #[test]
    fn a_wrong_kind_of_value_is_shown() {
        let (line, _, why) = fault("[loans]\n\ndays = \"fourteen\"\n");
        assert_eq!(line, 3);
        assert!(why.contains("whole number"), "{why}");
        let (line, _, why) = fault("[reservations]\ncontact_none = 1\n");
        assert_eq!(line, 2);
        assert!(why.contains("true or false"), "{why}");
        let (line, _, why) = fault("[reservations]\nset_waits_for = \"borrowed\"\n");
        assert_eq!(line, 2);
        assert!(why.contains("`ready`") && why.contains("`lent`"), "{why}");
        assert_eq!(fault("[loans]\ndays = -1\n").0, 2);
    }

    #[test]
    fn a_missing_setting_is_shown_where_it_should_be() {
        let (line, text, why) =
            fault("[[place]]\ncode = \"a\"\nname = \"甲\"\nname_en = \"A\"\n\n[[place]]\ncode = \"b\"\n");
        assert_eq!((line, text.as_str()), (6, "[[place]]"));
        assert!(why.contains("`name`"), "{why}");
        assert_eq!(fault("[mail]\nport = 25\n").2, "this needs a setting `host`");
    }

    #[test]
    fn a_bad_address_is_shown() {
        let (line, _, why) = fault("[server]\naddr = \"localhost\"\n");
        assert_eq!(line, 2);
        assert!(why.contains("127.0.0.1:3000"), "{why}");
        assert_eq!(fault("[server]\ndatabase_url = \"mysql://h/d\"\n").0, 2);
        assert_eq!(fault("[library]\nweb_address = \"https://example.jp/\"\n").0, 2);
        assert_eq!(fault("[library]\nmail_from = \"example.jp\"\n").0, 2);
    }

    #[test]
    fn a_bad_zone_is_shown() {
        let (line, text, why) = fault("[library]\nzone = \"Asia/Edo\"\n");
        assert_eq!((line, text.as_str()), (2, "zone = \"Asia/Edo\""));
        assert!(why.contains("Asia/Edo"), "{why}");
    }

    #[test]
    fn what_the_policy_refuses_is_shown() {
        let place = |code: &str| format!("[[place]]\nname = \"甲\"\nname_en = \"A\"\ncode = \"{code}\"\n");
        assert_eq!(fault(&format!("{}{}", place("a"), place("a"))).0, 8);
        assert_eq!(fault(&format!("{}{}", place("a"), place("B b"))).0, 8);
        assert_eq!(fault(&format!("{}pickup = false\n", place("a"))).0, 1);
        assert_eq!(fault(&format!("{}holds_stock = false\n", place("a"))).0, 1);
        let (line, text, _) = fault("[accounts]\nstaff_idle_minutes = 5\nhash_passes = 0\n");
        assert_eq!((line, text.as_str()), (3, "hash_passes = 0"));
        assert_eq!(fault("[daily]\n\nhour = 24\n").0, 3);
    }

    #[test]
    fn mail_settings_that_would_not_do_are_shown() {
        assert_eq!(fault("[mail]\nhost = \"m\"\ntls = true\n").0, 3);
        let (line, _, why) = fault("[mail]\nhost = \"m.example.jp\"\nuser = \"u\"\ntls = \"off\"\n");
        assert_eq!(line, 4);
        assert!(why.contains("password"), "{why}");
        assert!(read("[mail]\nhost = \"127.0.0.1\"\nuser = \"u\"\ntls = \"off\"\n").is_ok(), "on this machine");
        assert_eq!(fault("[mail]\nhost = \"m\"\n\ntimeout_seconds = 31\n").0, 4);
        assert_eq!(fault("[mail]\nhost = \"m\"\nca_file = \"/nowhere/ca.pem\"\n").0, 3);
        let dkim = |rest: &str| format!("[mail]\nhost = \"m\"\n[mail.dkim]\nselector = \"a\"\n{rest}\n");
        assert_eq!(fault(&dkim("key_file = \"/nowhere/key.pem\"")).0, 5);
        let (line, _, why) = fault(&dkim("key_file = \"k\"\ndomain = \"other.jp\""));
        assert_eq!(line, 6);
        assert!(why.contains("hondana.example.jp") && why.contains("other.jp"), "{why}");
        assert_eq!(fault("[notices]\nlanguage = \"fr\"\n").0, 2);
        assert_eq!(fault("[notices]\n\nquiet_until = 24\n").0, 3);
    }

    #[test]
    fn own_texts_are_read_and_a_slip_names_file_and_line() {
        use domain::{messages::Language, notices::NoticeKind};
        let folder = tempfile::tempdir().expect("a folder");
        let settings = format!("[server]\ntemplates_dir = '{}'\n", folder.path().display());
        let (line, _, why) = fault(&settings);
        assert_eq!(line, 2);
        assert!(why.contains("ja/ready.txt"), "nothing in it: {why}");
        fs::create_dir(folder.path().join("ja")).expect("made");
        let path = folder.path().join("ja/paused.txt");
        fs::write(&path, "件名：お知らせ\n\n{name} 様\n{date}まで\n").expect("written");
        let own = read(&settings).expect("sound").policy.notices.templates;
        assert!(own.own(NoticeKind::Paused, Language::Ja).is_some());
        assert!(own.own(NoticeKind::Paused, Language::En).is_none(), "the one that is built in");

        fs::write(&path, "件名：お知らせ\n\n{name} 様\n{day}まで\n").expect("written");
        let shown = |settings: &str| match read(settings) {
            Err(ConfigError::Line { file, line, text, why }) => (file, line, text, why),
            other => panic!("should be refused: {other:?}"),
        };
        let (file, line, text, why) = shown(&settings);
        assert_eq!((file, line, text.as_str()), (path.display().to_string(), 4, "{day}まで"));
        assert!(why.contains("`{day}`") && why.contains("`{date}`"), "{why}");
        fs::rename(&path, folder.path().join("ja/pausd.txt")).expect("renamed");
        let (file, _, _, why) = shown(&settings);
        assert!(file.ends_with("pausd.txt") && why.contains("`paused.txt`"), "{file}: {why}");
        let (line, _, why) = fault("[server]\ntemplates_dir = \"/nowhere\"\n");
        assert_eq!(line, 2);
        assert!(why.contains("/nowhere"), "{why}");
    }

    #[test]
    fn closed_days_are_read() {
        let settings = read("[calendar]\nhold_on_closed_day = \"keep\"\n").expect("sound");
        let calendar = &settings.policy.calendar;
        assert_eq!(calendar.due_on_closed_day, ClosedDayRule::NextOpenDay, "the rest is as it was");
        assert_eq!(calendar.hold_on_closed_day, ClosedDayRule::Keep);
        assert!(calendar.holidays.iter().any(|holiday| holiday.name == "国民の休日"), "the built-in list");
        let own = "[[place]]\ncode = \"a\"\nname = \"甲\"\nname_en = \"A\"\n";
        let settings = read(own).expect("sound");
        assert_eq!(settings.policy.places[0].closing, Closing::default(), "without a closing it is open every day");
    }

    #[test]
    fn closed_days_that_make_no_sense_are_shown() {
        let closing = |lines: &str| {
            let place = |code: &str| format!("[[place]]\nname = \"甲\"\nname_en = \"A\"\ncode = \"{code}\"\n");
            fault(&format!("{}{}[place.closing]\n{lines}", place("a"), place("b")))
        };
        let all = r#"weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]"#;
        let (line, text, why) = closing(&format!("month_end = true\n{all}\n"));
        assert_eq!((line, text.as_str()), (11, all));
        assert!(why.contains("`b`"), "{why}");
        let year = r#"yearly = [{ from = "01-01", until = "12-31", reason = "閉館" }]"#;
        assert_eq!(closing(&format!("{year}\n")).0, 10);
        let dated = concat!(
            "dated = [\n",
            "{ from = \"2026-06-08\", until = \"2026-06-12\", reason = \"蔵書点検\" },\n",
            "{ from = \"2026-7-8\", until = \"2026-07-02\", reason = \"改修\" },\n]\n",
        );
        let (line, _, why) = closing(dated);
        assert_eq!(line, 12);
        assert!(why.contains("2026-07-08") && why.contains("2026-07-02"), "{why}");
        let (line, _, why) = closing("on_holidays = \"closed\"\nsubstitute = true\n");
        assert_eq!(line, 11);
        assert!(why.contains("on_holidays"), "{why}");
        // What the reader of TOML finds stands in the same words.
        let (line, _, why) = closing("month_end = false\nweekdays = [\"mon\", \"monday\"]\n");
        assert_eq!(line, 11);
        assert!(why.starts_with("there is no choice `monday` here, only `sun`, `mon`"), "{why}");
        let (line, _, why) = closing("yearly = [{ from = \"12-29\", until = \"1-3\", reason = \"年末年始\" }]\n");
        assert_eq!((line, why.as_str()), (10, "`1-3` is no day of the year; write month and day like 12-29"));
        let (line, _, why) = closing("openings = [\"2026-11-02\", \"2026-11-31\"]\n");
        assert_eq!((line, why.as_str()), (10, "no such day; write it in quotes, like \"2026-06-08\""));
        for other in ["2026-11-02", "\"6/8\"", "\"2026-11\"", "\"2026-11-02x\""] {
            assert_eq!(closing(&format!("openings = [{other}]\n")).2, why, "{other}");
        }
    }

    #[test]
    fn a_list_of_holidays_may_be_of_the_cabinet_office() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("list.csv");
        let settings = format!("[calendar]\nholidays_file = '{}'\n", path.display());
        let list = "国民の祝日・休日月日,国民の祝日・休日名称\r\n2028/1/1,元日\r\n";
        for bytes in
            [list.as_bytes().to_vec(), format!("\u{feff}{list}").into_bytes(), SHIFT_JIS.encode(list).0.to_vec()]
        {
            fs::write(&path, bytes).expect("written");
            let holidays = read(&settings).expect("sound").policy.calendar.holidays;
            let holidays: Vec<_> = holidays.iter().map(|day| (day.day.to_string(), day.name.as_str())).collect();
            assert_eq!(holidays, [("2028-01-01".to_owned(), "元日")], "instead of those built in");
        }

        fs::write(&path, SHIFT_JIS.encode("日,名\n2028/1/1,元日\n2028/1/32,謎\n").0).expect("written");
        match read(&settings) {
            Err(ConfigError::Line { file, line, text, why }) => {
                assert_eq!((file, line, text.as_str()), (path.display().to_string(), 3, "2028/1/32,謎"));
                assert!(why.contains("2028/1/32"), "{why}");
            }
            other => panic!("should be refused for a line of the list: {other:?}"),
        }
        fs::write(&path, "日,名\n").expect("written");
        assert!(read(&settings).is_err(), "a list of nothing is no list");

        fs::write(&path, [0x32, 0x30, 0xFF, 0xFF]).expect("written");
        let (line, _, why) = fault(&settings);
        assert_eq!(line, 2);
        assert!(why.contains("list.csv` is neither UTF-8 nor CP932"), "{why}");
        fs::remove_file(&path).expect("removed");
        let (line, _, why) = fault(&settings);
        assert_eq!(line, 2);
        assert!(why.contains("list.csv` can't be read"), "{why}");
    }

    #[test]
    fn what_is_said_later_wins() {
        let overrides = Overrides {
            addr: Some(SocketAddr::from(([0, 0, 0, 0], 80))),
            database_url: Some("postgres://h/d".to_owned()),
            data_dir: Some("/srv".into()),
            smtp_password: Some("unused without [mail]".to_owned()),
            webhook_secret: Some("unused without [webhook]".to_owned()),
            imap_password: Some("unused without [bounces]".to_owned()),
        };
        let settings = Settings::load(None, overrides).expect("sound");
        assert_eq!(settings.server.addr.port(), 80);
        assert_eq!(settings.server.database_url(), "postgres://h/d");
        assert_eq!(settings.server.search_dir(), Path::new("/srv/search"));
        let wrong = Overrides { database_url: Some("secret".to_owned()), ..Overrides::default() };
        let error = Settings::load(None, wrong).expect_err("no engine").to_string();
        assert!(error.contains("HONDANA_DATABASE_URL") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn what_leads_outside_is_checked() {
        let (line, _, why) = fault("[webhook]\nurl = \"http://gateway.example.jp/x\"\n");
        assert_eq!(line, 2);
        assert!(why.contains("https://"), "{why}");
        assert_eq!(fault("[webhook]\nurl = \"https://user:secret@gateway.example.jp\"\n").0, 2);
        let (line, _, why) = fault("[bounces.imap]\nhost = \"imap.example.jp\"\nuser = \"x\"\ntls = false\n");
        assert_eq!(line, 4);
        assert!(why.contains("in the clear"), "{why}");
        let good = "[webhook]\nurl = \"http://127.0.0.1:8080/x\"\n[bounces.imap]\nhost = \"localhost\"\nuser = \"x\"\ntls = false\n\
            [push]\nkey_file = \"key.pem\"\n";
        let settings = read(good).expect("sound");
        assert!(settings.policy.notices.gateway || settings.webhook.is_some());
        assert!(settings.webhook.expect("a gateway").settings().is_err(), "without a secret nobody is asked");
        assert_eq!(settings.push.expect("push").services.len(), 4);
    }

    #[test]
    fn how_a_server_is_run_is_checked() {
        for (wrong, line, words) in [
            ("[server.load]\nat_once = 0\n", 2, "a whole number from 1"),
            ("[server.load]\nchanging_at_once = 0\n", 2, "a whole number from 1"),
            ("[server]\nconnections = 0\n", 2, "a whole number from 1"),
            ("[server.pace]\nbot_per_minute = 0\n", 2, "a whole number from 1"),
            ("[server]\nlog = \"xml\"\n", 2, "`json`"),
            ("[server]\nmetrics_addr = \"9464\"\n", 2, "127.0.0.1:3000"),
            ("[server.traces]\nendpoint = \"localhost:4318\"\n", 2, "http://"),
            ("[server.traces]\nendpoint = \"http://localhost:4318\"\nshare = 10.0\n", 3, "from 0 to 1"),
        ] {
            let (found, _, why) = fault(wrong);
            assert_eq!(found, line, "{wrong}");
            assert!(why.contains(words), "{why}");
        }
        let settings =
            read("[server.load]\nat_once = 8\n[server.traces]\nendpoint = \"http://localhost:4318/v1/traces\"\n");
        let server = settings.expect("sound").server;
        assert_eq!((server.load.at_once.get(), server.load.reading_queue), (8, 128), "the rest is as it was");
        assert!(server.traces.is_some_and(|traces| (traces.share - 1.0).abs() < f64::EPSILON));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = Settings::load(Some(Path::new("/nowhere/own.toml")), Overrides::default()).expect_err("not there");
        assert!(error.to_string().contains("/nowhere/own.toml"), "{error}");
    }
}
