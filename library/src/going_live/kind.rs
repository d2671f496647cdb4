//! The kinds of files there are, and the fields of each.

use std::fmt;

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Titles and their parts, as [`Library::export`](crate::Library::export) writes them. Catalogues of other systems
    /// come by [`catalog::import`](crate::catalog::import).
    Titles,
    /// Copies, known by barcode.
    Items,
    /// Card holders, known by card number.
    Patrons,
    /// Open loans, known by barcode and card.
    Loans,
    /// Active reservations, known by title and card.
    Reservations,
}

/// A field a row of this kind may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) required: bool,
}

const fn must(name: &'static str) -> Field {
    Field { name, required: true }
}

const fn may(name: &'static str) -> Field {
    Field { name, required: false }
}

const TITLES: &[Field] = &[
    must("source"),
    must("key"),
    may("part"),
    may("ordinal"),
    may("received_on"),
    may("record"),
    may("merged_into_source"),
    may("merged_into_key"),
];

const ITEMS: &[Field] = &[
    must("source"),
    must("key"),
    may("part"),
    must("barcode"),
    must("branch"),
    may("shelf_mark"),
    may("loan_rule"),
    may("state"),
    may("place"),
    may("lender"),
    may("lender_due_on"),
];

const PATRONS: &[Field] = &[
    must("card"),
    must("name"),
    must("name_kana"),
    must("birth_date"),
    may("telephone"),
    may("card_state"),
    may("mail1"),
    may("mail1_confirmed"),
    may("mail2"),
    may("mail2_confirmed"),
    may("ready_mail"),
    may("password_hash"),
];

const LOANS: &[Field] = &[
    must("barcode"),
    must("card"),
    must("due_on"),
    may("lent_at"),
    may("renewals"),
    may("place"),
    may("return_said_at"),
    may("reminded_on"),
];

const RESERVATIONS: &[Field] = &[
    must("source"),
    must("key"),
    may("part"),
    must("card"),
    must("placed_at"),
    must("pickup_place"),
    may("contact"),
    may("state"),
    may("since"),
    may("barcode"),
    may("hold_until"),
    may("hold_extended"),
    may("request_step"),
    may("set"),
    may("set_ordinal"),
    may("set_made_at"),
    may("set_paused_on"),
    may("set_gaps"),
];

impl Kind {
    /// Every kind, in the order in which files have to be taken in: each refers to those before it.
    pub const ALL: [Self; 5] = [Self::Titles, Self::Items, Self::Patrons, Self::Loans, Self::Reservations];

    /// Its word on the command line and in the names of files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Titles => "titles",
            Self::Items => "items",
            Self::Patrons => "patrons",
            Self::Loans => "loans",
            Self::Reservations => "reservations",
        }
    }

    /// Its fields, in the order in which they are exported.
    pub(super) const fn fields(self) -> &'static [Field] {
        match self {
            Self::Titles => TITLES,
            Self::Items => ITEMS,
            Self::Patrons => PATRONS,
            Self::Loans => LOANS,
            Self::Reservations => RESERVATIONS,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
