//! The skew of real use: a few titles are wanted by hundreds, most by nobody.

use rand::{Rng, RngExt as _, SeedableRng as _, rngs::Xoshiro256PlusPlus, seq::SliceRandom as _};

/// How popular each of so many titles is: a place in the order of popularity for each, 0 the most popular.
pub(super) fn popularity(seed: u64, titles: usize) -> Vec<u32> {
    let mut ranks: Vec<u32> = (0..u32::try_from(titles).unwrap_or(u32::MAX)).collect();
    // Of another stream than the titles themselves, so that the two can be drawn apart.
    ranks.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(seed ^ 0x5eed));
    ranks
}

/// A place in a list of so many, drawn by Zipf's law: the first twice as often as the second.
pub(super) fn zipf(random: &mut impl Rng, of: usize) -> usize {
    place((of as f64).powf(random.random::<f64>()) - 1.0, of)
}

/// A place in a list of so many, more likely an early one.
pub(super) fn early(random: &mut impl Rng, of: usize) -> usize {
    place(random.random::<f64>().powi(2) * of as f64, of)
}

/// How many wait for the title of a place in the order of popularity, where so many wait for the first.
pub(super) fn waiting(rank: usize, first: usize) -> usize {
    place(first as f64 / (rank as f64 + 1.0).powf(0.6), first + 1)
}

/// How likely a copy of a title of that place among so many titles is on loan.
pub(super) fn lent(rank: usize, titles: usize) -> f64 {
    0.75 * (1.0 - rank as f64 / titles.max(1) as f64).powi(3)
}

fn place(drawn: f64, of: usize) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list, held within it")]
    let drawn = drawn.max(0.0) as usize;
    drawn.min(of.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_wanted_by_many() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let drawn: Vec<usize> = (0..10_000).map(|_| zipf(&mut random, 10_000)).collect();
        let below = |place| drawn.iter().filter(|drawn| **drawn < place).count();
        assert!((2_000..3_000).contains(&below(10)), "a quarter is for the first ten: {}", below(10));
        assert!(drawn.iter().all(|place| *place < 10_000));
        assert_eq!((waiting(0, 300), waiting(999, 300), waiting(100_000, 300)), (300, 4, 0));
    }
}
