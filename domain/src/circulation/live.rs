//! What a page that follows says when something has changed (R34).

use super::{ReservationView, Standing, Status};

/// What changed for a reservation while its page was open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It stands somewhere else.
    Now {
        /// Title as shown.
        title: String,
        /// Where it stands.
        standing: Standing,
    },
    /// It moved in its queue.
    Moved {
        /// Title as shown.
        title: String,
        /// From 1.
        position: u32,
    },
    /// It was made elsewhere.
    New {
        /// Title as shown.
        title: String,
    },
    /// It is over.
    Gone {
        /// Title as shown.
        title: String,
    },
    /// Something else about it: a date, a place, its set.
    Other,
}

/// What changed from one list of a patron's reservations to the next, in the order in which it matters: what one can come
/// for first.
pub fn changes(before: &[ReservationView], after: &[ReservationView]) -> Vec<Change> {
    let find = |all: &[ReservationView], one: &ReservationView| all.iter().find(|other| other.id == one.id).cloned();
    let mut changes: Vec<Change> = after
        .iter()
        .filter_map(|now| {
            let title = now.title.clone();
            let Some(then) = find(before, now) else { return Some(Change::New { title }) };
            let standing = now.status.standing();
            if standing != then.status.standing() {
                return Some(Change::Now { title, standing });
            }
            let position = now.status.position();
            match position.filter(|_| position != then.status.position()) {
                Some(position) => Some(Change::Moved { title, position }),
                None => (then != *now).then_some(Change::Other),
            }
        })
        .collect();
    let gone = before.iter().filter(|then| find(after, then).is_none());
    changes.extend(gone.map(|then| Change::Gone { title: then.title.clone() }));
    changes.sort_by_key(|change| match change {
        Change::Now { standing: Standing::Ready, .. } => 0,
        Change::Now { .. } => 1,
        Change::Gone { .. } | Change::New { .. } => 2,
        Change::Moved { .. } => 3,
        Change::Other => 4,
    });
    changes
}

/// Whether two lists are drawn alike but for what a state says in numbers and dates: then a page need not be drawn anew, and
/// whoever reads it is not disturbed.
pub fn alike(one: &[ReservationView], other: &[ReservationView]) -> bool {
    let bare = |view: &ReservationView| {
        let mut view = view.clone();
        view.wait = None;
        let standing = view.status.standing();
        view.status = Status::Assigned;
        (view, standing)
    };
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| bare(one) == bare(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        BibId, PartId, PlaceCode, ReservationId, catalog::MaterialType, circulation::WaitEstimate, patrons::Contact,
    };
    use chrono::NaiveDate;
    use uuid::Uuid;

    fn view(n: u128, status: Status) -> ReservationView {
        ReservationView {
            id: ReservationId(Uuid::from_u128(n)),
            bib: BibId(Uuid::from_u128(n)),
            part: PartId(Uuid::from_u128(n)),
            title: format!("題名{n}"),
            creators: String::new(),
            material: MaterialType::Book,
            placed_on: NaiveDate::default(),
            pickup_place: PlaceCode("central".into()),
            contact: Contact::Mail,
            status,
            in_set: None,
            wait: None,
        }
    }

    #[test]
    fn what_one_can_come_for_is_said_first() {
        let waiting = |position| Status::Waiting { position };
        let before = [view(1, waiting(3)), view(2, waiting(1)), view(3, Status::InTransit), view(5, waiting(1))];
        let ready = Status::Ready { until: NaiveDate::default() };
        let after = [view(1, waiting(2)), view(2, Status::Assigned), view(3, ready), view(4, waiting(9))];
        let title = |n: u32| format!("題名{n}");
        let expected = [
            Change::Now { title: title(3), standing: Standing::Ready },
            Change::Now { title: title(2), standing: Standing::Assigned },
            Change::New { title: title(4) },
            Change::Gone { title: title(5) },
            Change::Moved { title: title(1), position: 2 },
        ];
        assert_eq!(changes(&before, &after), expected);
        assert_eq!(changes(&after, &after), []);
    }

    #[test]
    fn a_new_number_is_no_reason_to_draw_anew_and_a_new_state_is() {
        let waiting = |position| view(1, Status::Waiting { position });
        let mut estimated = waiting(2);
        estimated.wait = Some(WaitEstimate { from_weeks: 1, to_weeks: 2 });
        assert!(alike(&[waiting(1)], &[estimated.clone()]));
        assert_eq!(changes(&[waiting(2)], &[estimated]), [Change::Other]);
        assert!(!alike(&[waiting(1)], &[view(1, Status::Assigned)]));
        assert!(!alike(&[waiting(1)], &[]));
        let mut elsewhere = waiting(1);
        elsewhere.pickup_place = PlaceCode("north".into());
        assert!(!alike(&[waiting(1)], &[elsewhere]));
    }
}
