//! The shortest script that still shows a difference.

use super::{
    commands::Command,
    compare::Divergence,
    game::{Engine, Game, Setting},
};

/// How many scripts are tried at most; each begins with an empty database.
const TRIES: u32 = 600;

/// Runs a script from an empty database; answers the first difference and how far it came.
pub(super) async fn replay(engine: Engine, setting: Setting, script: &[Command]) -> Result<(), (usize, Divergence)> {
    let mut game = Game::begin(engine, setting).await;
    for (n, command) in script.iter().enumerate() {
        game.turn(command).await.map_err(|divergence| (n, divergence))?;
    }
    game.everything().await.map_err(|divergence| (script.len().saturating_sub(1), divergence))
}

/// Takes out of a script what the difference does not need: first large pieces, then smaller ones, then single
/// commands.
pub(super) async fn shrink(
    engine: Engine,
    setting: Setting,
    script: Vec<Command>,
    found: Divergence,
) -> (Vec<Command>, Divergence) {
    let (mut script, mut found) = (script, found);
    let mut tries = 0;
    let mut piece = script.len().div_ceil(2);
    while piece > 0 {
        let mut began = 0;
        let mut shorter = false;
        while began < script.len() && tries < TRIES {
            let mut candidate = script.clone();
            candidate.drain(began..(began + piece).min(script.len()));
            tries += 1;
            match replay(engine, setting, &candidate).await {
                Err((n, divergence)) if divergence.kind == found.kind => {
                    candidate.truncate(n + 1);
                    (script, found, shorter) = (candidate, divergence, true);
                }
                _ => began += piece,
            }
        }
        if tries >= TRIES {
            break;
        }
        piece = if piece == 1 && shorter { 1 } else { piece / 2 };
    }
    (script, found)
}
