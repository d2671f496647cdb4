//! The model and the library side by side.

use std::{collections::BTreeMap, fmt::Write, time::Instant};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    calendar::{BUILT_IN_HOLIDAYS, ClosedDayRule, Closing, DayOfWeek, HolidayRule, Span, parse_holidays},
    circulation::Refusal,
    policy::{Limits, Policy, ReservationLimits, SetWaitsFor},
};
use library::storage::Database;
use rand::{SeedableRng, rngs::StdRng};

use super::{
    commands::{Command, Dice, first_word},
    compare::{self, Divergence},
    drive::Drive,
    world::{Answer, World},
};
use crate::support::{Shelf, policy};

/// After how many commands everything is compared and not only what was touched.
const EVERYTHING: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(super) fn of(shelf: &Shelf) -> Self {
        match shelf.library.database() {
            Database::Sqlite { .. } => Self::Sqlite,
            Database::Postgres(_) => Self::Postgres,
        }
    }

    async fn shelf(self) -> Shelf {
        match self {
            Self::Sqlite => Shelf::on_sqlite().await,
            Self::Postgres => Shelf::on_postgres().await,
        }
    }
}

/// Which library it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Setting {
    /// Everything as the settings have it by default, open every day.
    Default,
    /// Places with closed days of many kinds.
    ClosedDays,
    /// Every number another one, and small.
    Strict,
}

impl Setting {
    pub(super) fn of(seed: u64) -> Self {
        [Self::Default, Self::ClosedDays, Self::Strict][usize::try_from(seed % 3).unwrap()]
    }

    pub(super) fn policy(self) -> Policy {
        let mut policy = policy();
        match self {
            Self::Default => {}
            Self::ClosedDays => {
                let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
                let stocktaking =
                    Span { from: day(6, 8), until: day(6, 19), reason: "蔵書点検".to_owned(), reason_en: None };
                let closings = [
                    Closing {
                        weekdays: vec![DayOfWeek::Mon],
                        on_holidays: HolidayRule::Open,
                        substitute: true,
                        dated: vec![stocktaking],
                        ..Closing::default()
                    },
                    Closing { weekdays: vec![DayOfWeek::Mon, DayOfWeek::Thu], month_end: true, ..Closing::default() },
                    Closing { on_holidays: HolidayRule::Closed, ..Closing::default() },
                    Closing::default(),
                    // Open on Wednesdays and Saturdays only.
                    Closing {
                        weekdays: [DayOfWeek::Sun, DayOfWeek::Mon, DayOfWeek::Tue, DayOfWeek::Thu, DayOfWeek::Fri]
                            .into(),
                        ..Closing::default()
                    },
                ];
                for (place, closing) in policy.places.iter_mut().zip(closings) {
                    place.closing = closing;
                }
                policy.calendar.holidays = parse_holidays(BUILT_IN_HOLIDAYS).unwrap();
            }
            Self::Strict => {
                policy.loans.days = 7;
                policy.loans.renewals = 2;
                policy.loans.renewal_days = 5;
                policy.loans.limits = Limits { books_and_magazines: 4, kamishibai: 1, cds: 1, videos: 1 };
                policy.reservations.hold_days = 4;
                policy.reservations.hold_extension_days = 3;
                policy.reservations.transit_days = 2;
                policy.reservations.pause_days = 5;
                policy.reservations.keep_cancelled_days = 9;
                policy.reservations.limits = ReservationLimits { books_and_magazines: 4, kamishibai: 1, cds: 1 };
                policy.reservations.contact_none = true;
                policy.reservations.set_waits_for = SetWaitsFor::Lent;
                policy.places[1].closing.weekdays = vec![DayOfWeek::Sat, DayOfWeek::Sun];
                policy.calendar.due_on_closed_day = ClosedDayRule::Keep;
                policy.calendar.hold_on_closed_day = ClosedDayRule::Keep;
            }
        }
        policy
    }
}

/// What happened, in numbers.
#[derive(Default)]
pub(super) struct Figures {
    commands: BTreeMap<String, u64>,
    refusals: BTreeMap<String, u64>,
    events: BTreeMap<String, u64>,
    /// How long the library, the model, and comparing them took.
    seconds: [f64; 3],
}

impl Figures {
    pub(super) fn add(&mut self, other: Self) {
        for (mine, theirs) in [
            (&mut self.commands, other.commands),
            (&mut self.refusals, other.refusals),
            (&mut self.events, other.events),
        ] {
            for (name, count) in theirs {
                *mine.entry(name).or_default() += count;
            }
        }
        for (mine, theirs) in self.seconds.iter_mut().zip(other.seconds) {
            *mine += theirs;
        }
    }

    pub(super) fn lines(&self) -> String {
        let mut lines = String::new();
        for (what, counts) in [("commands", &self.commands), ("refusals", &self.refusals), ("events", &self.events)] {
            let each: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
            let _ = writeln!(lines, "  {what} {}: {}", counts.values().sum::<u64>(), each.join(", "));
        }
        let captures = ["in-transit", "ready"].map(|kind| self.events.get(kind).copied().unwrap_or_default());
        let [library, model, comparing] = self.seconds;
        let _ = writeln!(lines, "  seconds: library {library:.1}, model {model:.1}, comparing {comparing:.1}");
        let _ = writeln!(lines, "  copies made ready or sent on: {}", captures.iter().sum::<u64>());
        lines
    }
}

/// A library, its model, and what was played so far.
pub(super) struct Game {
    world: World,
    drive: Drive,
    pub(super) figures: Figures,
    turns: usize,
    written: i64,
}

impl Game {
    pub(super) async fn begin(engine: Engine, setting: Setting) -> Self {
        let (drive, world) = Drive::begin(engine.shelf().await, setting.policy()).await;
        Self { world, drive, figures: Figures::default(), turns: 0, written: 0 }
    }

    /// Runs a command on both and compares.
    pub(super) async fn turn(&mut self, command: &Command) -> Result<(), Divergence> {
        self.world.now += chrono::TimeDelta::seconds(1);
        let (asked, began) = (self.world.now, Instant::now());
        let answer = match self.drive.run(command, &self.world).await {
            Ok(answer) => answer,
            Err(fault) => return Err(Divergence::new(format!("fault in {}", command.kind()), fault.to_string())),
        };
        let known = self.world.reservations.len();
        self.figures.seconds[0] += began.elapsed().as_secs_f64();
        let began = Instant::now();
        let expected = self.world.run(command);
        self.figures.seconds[1] += began.elapsed().as_secs_f64();
        let began = Instant::now();
        let compared = self.compare(command, asked, known, &expected, &answer).await;
        self.figures.seconds[2] += began.elapsed().as_secs_f64();
        compared
    }

    async fn compare(
        &mut self,
        command: &Command,
        asked: DateTime<Utc>,
        known: usize,
        expected: &Result<Answer, Refusal>,
        answer: &Result<Answer, Refusal>,
    ) -> Result<(), Divergence> {
        if let Some(complaint) = self.world.complaints.pop() {
            return Err(Divergence::new("the model contradicts itself", complaint));
        }
        compare::answers(&command.kind(), expected, answer)?;
        for r in known..self.world.reservations.len() {
            self.world.reservations[r].tie = self.drive.reservation_id(r);
        }
        *self.figures.commands.entry(command.kind()).or_default() += 1;
        self.count_refusals(expected);
        if self.world.now != asked {
            self.drive.set_clock(self.world.now);
            return Ok(());
        }
        let written = compare::events(&self.world, &self.drive).await?;
        self.written += i64::try_from(written.len()).unwrap();
        for event in written {
            *self.figures.events.entry(event.kind).or_default() += 1;
        }
        compare::touched(&self.world, &self.drive).await?;
        self.turns += 1;
        if self.turns.is_multiple_of(EVERYTHING) { self.everything().await } else { Ok(()) }
    }

    fn count_refusals(&mut self, answer: &Result<Answer, Refusal>) {
        let mut refusals = Vec::new();
        match answer {
            Err(refusal) => refusals.push(refusal),
            Ok(Answer::Reserved(titles)) => refusals.extend(titles.iter().filter_map(|t| t.as_ref().err())),
            Ok(_) => {}
        }
        for refusal in refusals {
            *self.figures.refusals.entry(first_word(&format!("{refusal:?}"))).or_default() += 1;
        }
    }

    pub(super) async fn everything(&self) -> Result<(), Divergence> {
        compare::everything(&self.world, &self.drive).await?;
        let written = self.drive.shelf.count("select count(*) from event where kind <> 'reminded'").await;
        if written == self.written {
            Ok(())
        } else {
            Err(Divergence::new("events nobody foretold", format!("{written} and not {}", self.written)))
        }
    }
}

/// Plays so many drawn commands in an empty library. What it answers on a difference is the script that led there.
pub(super) async fn play(engine: Engine, seed: u64, commands: usize) -> Result<Figures, (Vec<Command>, Divergence)> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut game = Game::begin(engine, Setting::of(seed)).await;
    let mut script = Vec::new();
    for serial in 0..u32::try_from(commands).unwrap() {
        let command = Dice { rng: &mut rng, world: &game.world, serial }.command();
        script.push(command);
        if let Err(divergence) = game.turn(&script[script.len() - 1]).await {
            return Err((script, divergence));
        }
    }
    match game.everything().await {
        Ok(()) => Ok(game.figures),
        Err(divergence) => Err((script, divergence)),
    }
}
