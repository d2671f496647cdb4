-- One text for both engines. Enums are text with a check; every instant is UTC; ids are made by the program.
-- What may never be is forbidden here by keys and unique indexes, whatever the program believes.

create table meta (
    key text primary key,
    value text not null
);

create table bib (
    id uuid primary key,
    source text not null,
    source_key text not null,
    -- domain::catalog::BibRecord as JSON: read and written as a whole, searched in the index.
    record text not null,
    title text not null,
    material text not null check (material in ('book', 'magazine', 'kamishibai', 'cd', 'dvd', 'ld')),
    merged_into uuid references bib (id),
    -- Raised first by every write that touches the queue, so that writers on one title wait for each other.
    revision bigint not null,
    -- Moves whenever something the search index shows has changed.
    changed_at timestamptz not null,
    unique (source, source_key)
);
create index bib_changed on bib (changed_at);

create table part (
    id uuid primary key,
    bib_id uuid not null references bib (id),
    label text not null,
    ordinal bigint not null,
    received_on date,
    unique (bib_id, label)
);

create table item (
    id uuid primary key,
    part_id uuid not null references part (id),
    barcode text not null unique,
    branch text not null,
    shelf_mark text not null,
    loan_rule text not null check (loan_rule in ('lendable', 'in-library-only')),
    state text not null check (state in ('on-shelf', 'on-loan', 'in-transit', 'on-hold-shelf', 'going-home',
        'on-order', 'missing', 'lost', 'withdrawn'))
);
create index item_part on item (part_id);

create table patron (
    id uuid primary key,
    card_number text not null unique,
    name text not null,
    name_kana text not null,
    birth_date date not null,
    telephone text not null,
    mail1 text,
    mail1_confirmed boolean not null,
    mail2 text,
    mail2_confirmed boolean not null,
    -- Which of the two addresses gets the ready notice.
    ready_mail bigint not null check (ready_mail in (1, 2)),
    password_hash text,
    card_state text not null check (card_state in ('active', 'suspended', 'expired')),
    revision bigint not null
);

create table staff (
    id uuid primary key,
    login text not null unique,
    password_hash text not null
);

create table cart (
    id uuid primary key,
    patron_id uuid unique references patron (id),
    -- How many titles, from the first, have a place in the reading order.
    ordered bigint not null,
    touched_at timestamptz not null
);
create index cart_touched on cart (touched_at);

create table cart_line (
    cart_id uuid not null references cart (id) on delete cascade,
    part_id uuid not null references part (id),
    place bigint not null,
    primary key (cart_id, part_id)
);

create table ordered_set (
    id uuid primary key,
    patron_id uuid not null references patron (id),
    made_at timestamptz not null
);

create table reservation (
    id uuid primary key,
    part_id uuid not null references part (id),
    patron_id uuid not null references patron (id),
    placed_at timestamptz not null,
    pickup_place text not null,
    contact text not null check (contact in ('mail', 'telephone', 'none')),
    state text not null check (state in ('waiting', 'in-transit', 'ready', 'lent', 'cancelled')),
    item_id uuid references item (id),
    set_id uuid references ordered_set (id),
    set_ordinal bigint,
    ready_on date,
    hold_until date,
    check ((item_id is not null) = (state in ('in-transit', 'ready'))),
    check ((set_id is null) = (set_ordinal is null)),
    check (state <> 'ready' or hold_until is not null)
);
create unique index reservation_one_per_item on reservation (item_id) where state in ('in-transit', 'ready');
create unique index reservation_set_order on reservation (set_id, set_ordinal) where set_id is not null;
create index reservation_queue on reservation (part_id, placed_at, id) where state = 'waiting';
create index reservation_patron on reservation (patron_id, state);

create table loan (
    id uuid primary key,
    item_id uuid not null references item (id),
    part_id uuid not null references part (id),
    patron_id uuid references patron (id),
    place text not null,
    lent_at timestamptz not null,
    due_on date not null,
    renewals bigint not null,
    returned_at timestamptz
);
create unique index loan_one_per_item on loan (item_id) where returned_at is null;
create index loan_patron on loan (patron_id) where returned_at is null;

-- A patron's one tie to a title: an active reservation or a loan, never both, never two.
create table claim (
    patron_id uuid not null references patron (id),
    part_id uuid not null references part (id),
    reservation_id uuid references reservation (id),
    loan_id uuid references loan (id),
    primary key (patron_id, part_id),
    check ((reservation_id is null) <> (loan_id is null))
);
create index claim_loan on claim (loan_id);

-- Neither patron nor item stands here: the tie lives in reservation and loan, where it can be cut.
create table event (
    id uuid primary key,
    at timestamptz not null,
    kind text not null,
    reservation_id uuid,
    loan_id uuid,
    bib_id uuid,
    actor_role text not null check (actor_role in ('patron', 'staff', 'system')),
    data text not null
);
create index event_at on event (at);

create table outbox (
    id uuid primary key,
    event_id uuid not null references event (id),
    channel text not null check (channel in ('mail')),
    recipient text not null,
    subject text not null,
    body text not null,
    made_at timestamptz not null,
    tries bigint not null,
    next_try_at timestamptz not null,
    sent_at timestamptz,
    unique (event_id, channel)
);
create index outbox_due on outbox (next_try_at) where sent_at is null;

-- The answer a request got, so that the same request gets it again.
create table op (
    actor text not null,
    id uuid not null,
    answer text not null,
    at timestamptz not null,
    primary key (actor, id)
);
create index op_at on op (at);

create table session (
    id_hash bytea primary key,
    data text not null,
    expires_at timestamptz not null
);
create index session_expiry on session (expires_at);
