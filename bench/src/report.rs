//! What was measured, for people: tables, and what of it misses the aims.

use std::fmt::Write as _;

use crate::{
    client::Took,
    pages::{ListTook, PageTook},
    queries::Way,
    run::{Measured, Searched, Stormed},
    table::{Table, figure, thousands},
};

const MIB: f64 = 1024.0 * 1024.0;

/// CPU time in milliseconds that the leanest of other systems spends on a result list, on a record, on reserving.
const OTHERS: (f64, f64, f64) = (133.0, 9.0, 130.0);

/// The whole report in Markdown.
pub(crate) fn report(measured: &[Measured]) -> String {
    let mut text = format!("{}\n\n", machine());
    for one in measured {
        text.push_str(&section(one));
    }
    text.push_str(&growth(measured));
    text.push_str(&aims(measured));
    text
}

/// The machine, as far as it matters.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown processor");
    let memory = read("/proc/meminfo");
    let kib = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")).unwrap_or_default();
    let kib: f64 = kib.trim().trim_end_matches(" kB").parse().unwrap_or(0.0);
    let kernel = read("/proc/sys/kernel/osrelease");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "Machine: {}, {cores} cores for program, database and clients together, {:.0} GiB of memory, Linux {}.",
        model.trim_start_matches([' ', '\t', ':']),
        kib / 1024.0 / 1024.0,
        kernel.trim()
    )
}

fn section(one: &Measured) -> String {
    let mut text = format!("## {}\n\n", title(one));
    let _ = writeln!(
        text,
        "Pages, as a browser asks for them (compressed), beside a constant page of the same size by axum alone:\n"
    );
    let _ = writeln!(text, "{}", pages(&one.pages.pages));
    let _ = writeln!(
        text,
        "Result list for one client, p50 in ms. *Tantivy* is the same query by Tantivy's own score and the records read by their \
         keys; *library* is the search without the web; *ratio* is the page beside Tantivy and axum together:\n"
    );
    let _ = writeln!(text, "{}", lists(&one.pages.lists, &one.searches));
    if let Some(stormed) = &one.storm {
        let _ = writeln!(
            text,
            "The storm: 2,000 patrons press 予約する within a second, 32 search, one desk takes back. Twice: with 32 who search \
             without a pause, which fills the processors by itself, and with 32 of whom each looks at a list for a second:\n"
        );
        let _ = writeln!(text, "{}", storm(stormed));
    }
    if let Some(day) = &one.day {
        let _ = writeln!(
            text,
            "A town's day as fast as the program follows (99 of 100 requests answered within a second): {} requests a second, \
             {} times the speed of a day in which the open loans went out within two weeks ({} a second). p50 {} ms, p99 {} ms, \
             CPU {} ms each.\n",
            figure(day.took.rate()),
            thousands(day.times as u64),
            figure(day.real),
            figure(day.took.quantile(0.5)),
            figure(day.took.quantile(0.99)),
            figure(day.took.cpu_each())
        );
    }
    text
}

fn title(one: &Measured) -> String {
    format!("{} titles, {}", thousands(one.grown.size.bibs as u64), one.engine.name())
}

fn pages(pages: &[PageTook]) -> Table {
    let mut table = Table::new([
        "page",
        "clients",
        "requests/s",
        "p50 ms",
        "p99 ms",
        "CPU ms",
        "bytes",
        "axum/s",
        "axum p50",
        "of axum",
    ]);
    for PageTook { page, clients, took, plain } in pages {
        table.row([
            (*page).to_owned(),
            clients.to_string(),
            figure(took.rate()),
            figure(took.quantile(0.5)),
            figure(took.quantile(0.99)),
            figure(took.cpu_each()),
            thousands(took.bytes_each() as u64),
            figure(plain.rate()),
            figure(plain.quantile(0.5)),
            figure(took.rate() / plain.rate()),
        ]);
    }
    table
}

fn lists(lists: &[ListTook], searches: &[Searched]) -> Table {
    let mut table = Table::new([
        "searched for",
        "page",
        "p99",
        "CPU",
        "not compressed",
        "CPU of that",
        "library",
        "Tantivy",
        "axum",
        "ratio",
    ]);
    for list in lists {
        let Some(searched) = searches.iter().find(|searched| searched.way == list.way) else { continue };
        table.row([
            list.way.map_or("all in turn", Way::name).to_owned(),
            figure(list.took.quantile(0.5)),
            figure(list.took.quantile(0.99)),
            figure(list.took.cpu_each()),
            figure(list.uncompressed.quantile(0.5)),
            figure(list.uncompressed.cpu_each()),
            figure(searched.ours.quantile(0.5)),
            figure(searched.bare.quantile(0.5)),
            figure(list.plain.quantile(0.5)),
            figure(list_ratio(list, searched)),
        ]);
    }
    table
}

/// The result list beside what can't be beaten.
fn list_ratio(list: &ListTook, searched: &Searched) -> f64 {
    list.took.quantile(0.5) / (searched.bare.quantile(0.5) + list.plain.quantile(0.5))
}

fn storm(stormed: &Stormed) -> Table {
    let Stormed { alone, hurried, at_ease, one, many } = stormed;
    let mut table = Table::new(["", "number", "seconds", "each/s", "p50 ms", "p99 ms"]);
    let mut row = |what: &str, took: &Took| {
        table.row([
            what.to_owned(),
            thousands(took.count() as u64),
            figure(took.all.as_secs_f64()),
            figure(took.rate()),
            figure(took.quantile(0.5)),
            figure(took.quantile(0.99)),
        ]);
    };
    row("before it, one after the other", alone);
    let storms = [("without a pause", hurried), ("one a second each", at_ease)];
    for (pace, storm) in storms {
        row(&format!("reservations, to the last answer ({pace})"), &storm.reservations);
        row("searches meanwhile", &storm.searches);
        row("check-ins meanwhile", &storm.scans);
    }
    row("bare commits, one client", one);
    row("bare commits, 32 clients", many);
    let mut line = |what: &str, value: String| table.row([what.to_owned(), value]);
    for (pace, storm) in storms {
        line(&format!("errors ({pace})"), storm.errors.to_string());
        line("reservations kept", thousands(storm.kept as u64));
        line("out of order", storm.out_of_order.to_string());
        line("CPU seconds of the program", figure(storm.cpu.as_secs_f64()));
    }
    line("CPU ms of a reservation before it", figure(alone.cpu_each()));
    table
}

/// How each figure grows with the library.
fn growth(measured: &[Measured]) -> String {
    let mut text = "## Growth\n\n".to_owned();
    let mut table = Table::new(std::iter::once(String::new()).chain(measured.iter().map(title)));
    let mut row = |what: &str, value: &dyn Fn(&Measured) -> String| {
        table.row(std::iter::once(what.to_owned()).chain(measured.iter().map(value)));
    };
    row("copies", &|one| thousands(one.grown.items));
    row("patrons", &|one| thousands(one.grown.size.patrons as u64));
    row("open loans", &|one| thousands(one.grown.circulation.loans as u64));
    row("past loans", &|one| thousands(one.grown.circulation.past_loans as u64));
    row("active reservations", &|one| thousands(one.grown.circulation.reservations as u64));
    row("events", &|one| thousands(one.grown.circulation.events as u64));
    row("database, MiB", &|one| figure(one.grown.database_bytes as f64 / MIB));
    row("index, MiB", &|one| figure(one.grown.index_bytes as f64 / MIB));
    row("import of titles, s", &|one| figure(one.grown.import.as_secs_f64()));
    row("filling the rest, s", &|one| figure(one.grown.fill.as_secs_f64()));
    row("building the index, s", &|one| figure(one.grown.index.as_secs_f64()));
    row("work of the first day, s", &|one| figure(one.grown.day.as_secs_f64()));
    row("tidying the index once, s", &|one| figure(one.grown.tidying.as_secs_f64()));
    row("start, s", &|one| figure(one.start.as_secs_f64()));
    row("anonymous memory, MiB", &|one| figure(one.memory as f64 / MIB));
    for page in ["home", "result list", "record", "予約状況"] {
        for (clients, share, what) in [(1, 0.5, "p50"), (32, 0.99, "p99")] {
            row(&format!("{page}, {clients} clients, {what} ms"), &|one| figure(wait(one, page, clients, share)));
        }
    }
    row("storm, reservations/s", &|one| {
        one.storm.as_ref().map_or(String::new(), |of| figure(of.hurried.reservations.rate()))
    });
    row("a day, times its speed", &|one| one.day.as_ref().map_or(String::new(), |day| thousands(day.times as u64)));
    let _ = writeln!(text, "{table}");
    text
}

fn took<'a>(one: &'a Measured, page: &str, clients: usize) -> Option<&'a PageTook> {
    one.pages.pages.iter().find(|took| took.page == page && took.clients == clients)
}

fn wait(one: &Measured, page: &str, clients: usize, share: f64) -> f64 {
    took(one, page, clients).map_or(f64::NAN, |page| page.took.quantile(share))
}

/// What is aimed at, and how it came out.
fn aims(measured: &[Measured]) -> String {
    let mut text = "## Aims\n\n".to_owned();
    let mut table = Table::new(["aim", "library", "figure", "limit", ""]);
    let mut aim = |what: &str, one: &Measured, figure_of: f64, limit: f64| {
        let met = if figure_of <= limit { "met" } else { "missed" };
        table.row([what.to_owned(), title(one), figure(figure_of), figure(limit), met.to_owned()]);
    };
    for one in measured {
        let mixed = (
            one.pages.lists.iter().find(|list| list.way.is_none()),
            one.searches.iter().find(|searched| searched.way.is_none()),
        );
        if let (Some(list), Some(searched)) = mixed {
            aim("result list p50, beside Tantivy and axum", one, list_ratio(list, searched), 2.0);
        }
        let cpu = |page| took(one, page, 1).map_or(f64::NAN, |page| page.took.cpu_each());
        aim("result list, CPU ms", one, cpu("result list"), OTHERS.0 / 100.0);
        aim("record, CPU ms", one, cpu("record"), OTHERS.1 / 10.0);
        aim("anonymous memory, MiB", one, one.memory as f64 / MIB, 300.0);
        aim("start, s", one, one.start.as_secs_f64(), 2.0);
        if let Some(Stormed { alone, hurried, at_ease, one: commits, .. }) = &one.storm {
            for (pace, storm) in [("no pause", hurried), ("one a second", at_ease)] {
                let (searches, reservations) = (&storm.searches, &storm.reservations);
                aim(&format!("searches in the storm, {pace}, p99 ms"), one, searches.quantile(0.99), 50.0);
                let bare = 4_000.0 / commits.rate();
                aim(&format!("storm, {pace}, s, 4,000 bare commits"), one, reservations.all.as_secs_f64(), bare);
                let wrong = storm.errors + storm.out_of_order;
                aim(&format!("storm, {pace}, errors and out of order"), one, wrong as f64, 0.0);
            }
            aim("reserve, CPU ms", one, alone.cpu_each(), OTHERS.2 / 50.0);
        }
        let smallest = measured
            .iter()
            .find(|other| other.engine == one.engine)
            .filter(|other| other.grown.size.bibs < one.grown.size.bibs);
        for page in ["home", "result list", "record", "予約状況"] {
            if let Some(smallest) = smallest {
                aim(
                    &format!("{page} p50 ms, beside the smallest"),
                    one,
                    wait(one, page, 1, 0.5),
                    2.0 * wait(smallest, page, 1, 0.5),
                );
            }
        }
    }
    let _ = writeln!(text, "{table}");
    text
}
