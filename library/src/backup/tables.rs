//! Every table of the schema with its columns, in an order in which rows can be put in: what is referred to comes first.
//! A test holds this list against the schema of both engines, so that a new table or column can't be forgotten.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Bool,
    Bytes,
    Day,
    Id,
    Moment,
    Number,
    Text,
}

/// A table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Holds)],
    /// How its rows are ordered, where a row may refer to another of the same table.
    pub(super) order: &'static str,
}

const fn table(name: &'static str, columns: &'static [(&'static str, Holds)]) -> Table {
    Table { name, columns, order: "" }
}

use Holds::{Bool, Bytes, Day, Id, Moment, Number, Text};

/// All of them.
pub(super) const TABLES: &[Table] = &[
    table("meta", &[("key", Text), ("value", Text)]),
    Table {
        order: " order by case when merged_into is null then 0 else 1 end",
        ..table(
            "bib",
            &[
                ("id", Id),
                ("source", Text),
                ("source_key", Text),
                ("record", Text),
                ("title", Text),
                ("material", Text),
                ("merged_into", Id),
                ("revision", Number),
                ("changed_at", Moment),
            ],
        )
    },
    table("part", &[("id", Id), ("bib_id", Id), ("label", Text), ("ordinal", Number), ("received_on", Day)]),
    table(
        "item",
        &[
            ("id", Id),
            ("part_id", Id),
            ("barcode", Text),
            ("branch", Text),
            ("shelf_mark", Text),
            ("loan_rule", Text),
            ("state", Text),
            ("place", Text),
            ("lender", Text),
            ("lender_due_on", Day),
            ("missing_since", Day),
            ("sent_from", Text),
            ("sent_at", Moment),
        ],
    ),
    table(
        "patron",
        &[
            ("id", Id),
            ("card_number", Text),
            ("name", Text),
            ("name_kana", Text),
            ("birth_date", Day),
            ("telephone", Text),
            ("mail1", Text),
            ("mail1_confirmed", Bool),
            ("mail2", Text),
            ("mail2_confirmed", Bool),
            ("ready_mail", Number),
            ("password_hash", Text),
            ("card_state", Text),
            ("revision", Number),
            ("keyed", Bool),
            ("generation", Number),
        ],
    ),
    table(
        "link",
        &[
            ("token_hash", Bytes),
            ("purpose", Text),
            ("patron_id", Id),
            ("address", Text),
            ("slot", Number),
            ("made_at", Moment),
            ("expires_at", Moment),
            ("used_at", Moment),
        ],
    ),
    table(
        "passkey",
        &[
            ("id", Id),
            ("patron_id", Id),
            ("credential_id", Bytes),
            ("algorithm", Number),
            ("public_key", Bytes),
            ("sign_count", Number),
            ("name", Text),
            ("made_at", Moment),
            ("used_at", Moment),
        ],
    ),
    table(
        "passkey_challenge",
        &[("challenge_hash", Bytes), ("purpose", Text), ("patron_id", Id), ("expires_at", Moment)],
    ),
    table("one_time_password", &[("patron_id", Id), ("hash", Text), ("expires_at", Moment)]),
    table(
        "guess",
        &[
            ("subject", Bytes),
            ("origin", Bytes),
            ("since", Moment),
            ("tries", Number),
            ("last_at", Moment),
            ("known_until", Moment),
        ],
    ),
    table("item_damage", &[("item_id", Id), ("noted_at", Moment), ("note", Text)]),
    table("last_scan", &[("item_id", Id), ("seen_at", Moment), ("change", Text)]),
    table("replaced_card", &[("card_number", Text), ("patron_id", Id), ("replaced_at", Moment)]),
    table("patron_key", &[("key", Bytes), ("patron_id", Id)]),
    table(
        "staff",
        &[
            ("id", Id),
            ("login", Text),
            ("password_hash", Text),
            ("role", Text),
            ("disabled_at", Moment),
            ("generation", Number),
        ],
    ),
    table("cart", &[("id", Id), ("patron_id", Id), ("ordered", Number), ("touched_at", Moment)]),
    table("cart_line", &[("cart_id", Id), ("part_id", Id), ("place", Number)]),
    table("ordered_set", &[("id", Id), ("patron_id", Id), ("made_at", Moment), ("paused_on", Day)]),
    table("set_gap", &[("set_id", Id), ("set_ordinal", Number)]),
    table(
        "loan",
        &[
            ("id", Id),
            ("item_id", Id),
            ("part_id", Id),
            ("patron_id", Id),
            ("place", Text),
            ("lent_at", Moment),
            ("due_on", Day),
            ("renewals", Number),
            ("returned_at", Moment),
            ("return_said_at", Moment),
            ("reminded_on", Day),
            ("searched_on", Day),
        ],
    ),
    table(
        "reservation",
        &[
            ("id", Id),
            ("part_id", Id),
            ("patron_id", Id),
            ("placed_at", Moment),
            ("pickup_place", Text),
            ("contact", Text),
            ("state", Text),
            ("since", Moment),
            ("item_id", Id),
            ("set_id", Id),
            ("set_ordinal", Number),
            ("hold_until", Day),
            ("hold_extended", Bool),
            ("request_step", Text),
            ("loan_id", Id),
            ("cancelled_for", Text),
            ("note", Text),
        ],
    ),
    table("claim", &[("patron_id", Id), ("part_id", Id), ("reservation_id", Id), ("loan_id", Id)]),
    table(
        "event",
        &[
            ("id", Id),
            ("at", Moment),
            ("kind", Text),
            ("reservation_id", Id),
            ("loan_id", Id),
            ("bib_id", Id),
            ("actor_role", Text),
            ("data", Text),
        ],
    ),
    table(
        "notice_try",
        &[("event_id", Id), ("channel", Text), ("op", Id), ("reservation_id", Id), ("at", Moment), ("result", Text)],
    ),
    table(
        "late_scan",
        &[
            ("id", Id),
            ("place", Text),
            ("card", Text),
            ("barcode", Text),
            ("lent", Bool),
            ("scanned_at", Moment),
            ("played_at", Moment),
            ("why", Text),
            ("loan_id", Id),
        ],
    ),
    table(
        "outbox",
        &[
            ("id", Id),
            ("event_id", Id),
            ("channel", Text),
            ("recipient", Text),
            ("subject", Text),
            ("body", Text),
            ("made_at", Moment),
            ("tries", Number),
            ("next_try_at", Moment),
            ("sent_at", Moment),
            ("secret", Bool),
        ],
    ),
    table("op", &[("actor", Text), ("id", Id), ("answer", Text), ("at", Moment)]),
    table(
        "closure",
        &[("id", Id), ("place", Text), ("from_on", Day), ("until_on", Day), ("reason", Text), ("made_at", Moment)],
    ),
    table("job_run", &[("job", Text), ("day", Day), ("owner", Id), ("lease_until", Moment), ("done_at", Moment)]),
    table(
        "session",
        &[
            ("id_hash", Bytes),
            ("data", Text),
            ("expires_at", Moment),
            ("patron_id", Id),
            ("staff_id", Id),
            ("browser", Text),
            ("begun_at", Moment),
            ("seen_at", Moment),
        ],
    ),
    table(
        "staff_factor",
        &[
            ("staff_id", Id),
            ("secret", Bytes),
            ("confirmed_at", Moment),
            ("last_step", Number),
            ("wrong", Number),
            ("wrong_at", Moment),
        ],
    ),
    table("staff_recovery", &[("staff_id", Id), ("code_hash", Bytes)]),
    table("audit", &[("id", Id), ("at", Moment), ("staff_id", Id), ("deed", Text), ("patron_id", Id), ("note", Text)]),
];
