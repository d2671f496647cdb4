//! Where the books stand in the house: floor and shelf by ranges of the shelf mark (請求記号), as the library sets them (R32).

use serde::{Deserialize, Serialize};

use super::{Policy, PolicyError};
use crate::{
    PlaceCode,
    catalog::{ShelfOrder, ShelfSpot},
};

/// A stretch of shelves: from one shelf mark until another, both of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShelfRange {
    /// The branch it is in.
    pub branch: PlaceCode,
    /// The first shelf mark.
    pub from: String,
    /// The last one, with all that begins like it; the first one where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The floor.
    pub floor: String,
    /// The shelf.
    pub shelf: String,
    /// The floor in English; as in Japanese where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor_en: Option<String>,
    /// The shelf in English; as in Japanese where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shelf_en: Option<String>,
}

impl ShelfRange {
    fn ends(&self) -> [ShelfOrder; 2] {
        let until = self.until.as_ref().unwrap_or(&self.from);
        [&self.from, until].map(|mark| ShelfOrder::of(mark, ""))
    }

    fn spot(&self) -> ShelfSpot {
        let or = |english: &Option<String>, japanese: &str| english.clone().unwrap_or_else(|| japanese.to_owned());
        ShelfSpot {
            floor: self.floor.clone(),
            shelf: self.shelf.clone(),
            floor_en: or(&self.floor_en, &self.floor),
            shelf_en: or(&self.shelf_en, &self.shelf),
        }
    }
}

impl Policy {
    /// Where copies with this shelf mark stand in a branch; `None` where the library does not say. The first range that
    /// holds the mark counts, so a narrow one is written above a wide one.
    pub fn shelf_spot(&self, branch: &PlaceCode, shelf_mark: &str) -> Option<ShelfSpot> {
        let mark = ShelfOrder::of(shelf_mark, "");
        let holds = |range: &&ShelfRange| {
            let [from, until] = range.ends();
            range.branch == *branch && mark.lies_within(&from, &until)
        };
        self.shelves.iter().find(holds).map(ShelfRange::spot)
    }

    /// Checks that every range is in a branch and holds something.
    pub(super) fn check_shelves(&self) -> Result<(), PolicyError> {
        for (n, range) in self.shelves.iter().enumerate() {
            if !self.places.iter().any(|place| place.code == range.branch && place.holds_stock) {
                return Err(PolicyError::ShelvesElsewhere { n, branch: range.branch.clone() });
            }
            let [from, until] = range.ends();
            if !from.lies_within(&from, &until) {
                return Err(PolicyError::ShelvesBackwards { n });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::tests::sound;

    fn range(from: &str, until: Option<&str>, shelf: &str) -> ShelfRange {
        ShelfRange {
            branch: PlaceCode("central".into()),
            from: from.into(),
            until: until.map(Into::into),
            floor: "2階".into(),
            shelf: shelf.into(),
            floor_en: Some("2F".into()),
            shelf_en: None,
        }
    }

    #[test]
    fn r32_the_first_range_that_holds_the_mark_says_where_it_stands() {
        let mut policy = sound();
        policy.shelves =
            vec![range("913.6", None, "12番"), range("910", Some("919"), "11番"), range("E", None, "絵本")];
        let shelf = |branch: &str, mark: &str| {
            policy.shelf_spot(&PlaceCode(branch.into()), mark).map(|spot| (spot.shelf, spot.floor_en, spot.shelf_en))
        };
        let at = |shelf: &str| Some((shelf.to_owned(), "2F".to_owned(), shelf.to_owned()));
        assert_eq!(shelf("central", "913.6 ナ"), at("12番"));
        assert_eq!(shelf("central", "913 ナ"), at("11番"));
        assert_eq!(shelf("central", "E カ"), at("絵本"));
        assert_eq!(shelf("central", "210 ア"), None);
        assert_eq!(shelf("south-hall", "913.6 ナ"), None, "the ranges are those of another branch");
    }

    #[test]
    fn ranges_that_make_no_sense_are_refused() {
        let check = |shelves: Vec<ShelfRange>| Policy { shelves, ..sound() }.check();
        assert_eq!(check(vec![range("910", Some("919"), "1"), range("E", None, "2")]), Ok(()));
        let backwards = vec![range("E", None, "2"), range("919", Some("910"), "1")];
        assert_eq!(check(backwards), Err(PolicyError::ShelvesBackwards { n: 1 }));
        let elsewhere = ShelfRange { branch: PlaceCode("moon".into()), ..range("E", None, "2") };
        let refused = PolicyError::ShelvesElsewhere { n: 0, branch: PlaceCode("moon".into()) };
        assert_eq!(check(vec![elsewhere]), Err(refused));
    }
}
