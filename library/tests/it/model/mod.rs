//! The library against a plain model of it: the same random commands to both, and any difference is an error of one of
//! them. `make model COMMANDS=n SEED=s` plays longer.

mod commands;
mod compare;
mod concurrent;
mod drive;
mod found;
mod game;
mod shrink;
mod world;

use std::time::Instant;

use self::{
    game::{Engine, Figures, Setting},
    shrink::shrink,
};
use crate::support::{Shelf, number_from};

/// On one thread: nothing happens at once here, and waking another thread for each statement takes longer than the
/// statement.
mod thousands_of_commands_leave_both_alike {
    #[tokio::test]
    async fn on_sqlite() {
        super::leave_both_alike(crate::support::Shelf::on_sqlite().await).await;
    }
    #[tokio::test]
    async fn on_postgres() {
        super::leave_both_alike(crate::support::Shelf::on_postgres().await).await;
    }
}

/// How long a library lives before the next begins with an empty database.
const LIFE: usize = 5_000;

#[expect(clippy::print_stdout, reason = "the figures, and the script of a difference, are what it is run for")]
async fn leave_both_alike(shelf: Shelf) {
    let engine = Engine::of(&shelf);
    let seed = number_from("SEED").unwrap_or(20_260_401);
    // Without a wish each of the three settings has its turn.
    let asked = number_from("COMMANDS").map(|commands| usize::try_from(commands).unwrap());
    let (mut left, life) = asked.map_or((2_000, 667), |commands| (commands, LIFE));
    let (began, mut figures) = (Instant::now(), Figures::default());
    let total = left;
    for seed in seed.. {
        let commands = left.min(life);
        match game::play(engine, seed, commands).await {
            Ok(more) => figures.add(more),
            Err((script, divergence)) => {
                let again = script.len();
                println!("{engine:?}, seed {seed}, command {again}: {}\n{}", divergence.kind, divergence.detail);
                let (script, divergence) = shrink(engine, Setting::of(seed), script, divergence).await;
                println!("\nThe shortest script, in {:?}:", Setting::of(seed));
                for command in &script {
                    println!("    {command:?},");
                }
                println!("{}\n{}\n\nmake model COMMANDS={again} SEED={seed}", divergence.kind, divergence.detail);
                panic!("{engine:?}: {}", divergence.kind);
            }
        }
        left -= commands;
        if left == 0 {
            break;
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{engine:?}, seed {seed}: {total} commands in {seconds:.1} s\n{}", figures.lines());
}
