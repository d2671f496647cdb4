//! Scripts on which the library and its model once differed, shortened, so that they never do again. What `make model`
//! prints can be pasted here as it is.

use domain::{catalog::MaterialType::*, circulation::WriteOff::*};

use super::{
    commands::{
        Command::{self, *},
        Of,
        Tell::*,
        Who::*,
        list,
    },
    game::{
        Engine,
        Setting::{self, *},
    },
    shrink::replay,
};
use crate::support::{Shelf, on_both_engines};

on_both_engines!(what_was_found_stays_repaired);

fn scripts() -> Vec<(&'static str, Setting, Vec<Command>)> {
    vec![
        (
            "overruling that it is the newest issue does not make up for a missing copy",
            ClosedDays,
            vec![
                WriteOff { item: 31, fate: Missing },
                Reserve { by: Overrule, patron: 7, parts: list([20, 1]), in_set: 0, at: 0, tell: Mail, op: 341 },
            ],
        ),
        (
            "what was lent meanwhile can't be put into an order, but it is not unknown",
            Strict,
            vec![
                Reserve { by: Overrule, patron: 7, parts: list([0, 2, 1]), in_set: 0, at: 0, tell: Telephone, op: 54 },
                Lend { by: Staff, item: 0, patron: 7, at: 0 },
                Arrange { by: Patron, patron: 7, set: None, order: list([Of(7, 0)]), op: 130 },
            ],
        ),
        (
            "a copy another library lent waits for the one it came for, whose card is barred meanwhile",
            Default,
            vec![
                Request { by: Staff, patron: 6, title: 1257, material: Book, at: 3, tell: Mail },
                AddCopy { item: 1309, part: 1257, at: 0, rule: domain::catalog::LoanRule::Lendable },
                Receive { of: Of(6, 1257), item: 1335, at: 2, due_in: 5 },
                Card { patron: 6, state: domain::patrons::CardState::Expired },
                Pulls,
            ],
        ),
        (
            "another library's copy passes those who wait, after its title was found to be an old one",
            Strict,
            vec![
                Reserve { by: Staff, patron: 7, parts: list([5]), in_set: 1, at: 4, tell: Telephone, op: 244 },
                Request { by: Staff, patron: 8, title: 1282, material: Book, at: 0, tell: Telephone },
                Receive { of: Of(8, 1282), item: 1321, at: 0, due_in: 37 },
                Merge { from: 5, into: 2 },
                Merge { from: 1282, into: 2 },
                Scan { item: 1321, at: 4 },
            ],
        ),
    ]
}

async fn what_was_found_stays_repaired(shelf: Shelf) {
    let engine = Engine::of(&shelf);
    for (what, setting, script) in scripts() {
        let played = replay(engine, setting, &script).await;
        assert!(played.is_ok(), "{what}: {:?} at command {}", script, played.unwrap_err().0);
    }
}
