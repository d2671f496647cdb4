-- Everything that happens to reservations and loans: more states, deadlines, ordered sets that pause, titles the library
-- does not own, copies other libraries lend, closures, the work of each day, and ties that can be cut.

create table closure (
    id uuid primary key,
    place text not null,
    from_on date not null,
    until_on date not null,
    reason text not null,
    made_at timestamptz not null,
    unique (place, from_on, until_on)
);
create index closure_until on closure (place, until_on);

-- One row per job and day: who does it, until when it is theirs, and when it was done.
create table job_run (
    job text not null,
    day date not null,
    owner uuid not null,
    lease_until timestamptz not null,
    done_at timestamptz,
    primary key (job, day)
);

-- Where the copy is, or where it is going.
alter table item add column place text;
update item set place = branch;
-- The library that lent it to us, and the day it wants it back.
alter table item add column lender text;
alter table item add column lender_due_on date;
create index item_place on item (place, state);

alter table loan add column return_said_at timestamptz;
-- The last day on which the patron was reminded.
alter table loan add column reminded_on date;
create index loan_part on loan (part_id) where returned_at is null;
create index loan_due on loan (due_on) where returned_at is null;
create index loan_tie on loan (returned_at) where patron_id is not null;

-- Since when the set waits for the patron's word.
alter table ordered_set add column paused_on date;
create index ordered_set_paused on ordered_set (paused_on) where paused_on is not null;
create index ordered_set_patron on ordered_set (patron_id);

-- A place in an ordered set whose title was lent and came back. The tie to the patron is cut; that the place counts as
-- lent is remembered without saying what it was.
create table set_gap (
    set_id uuid not null references ordered_set (id) on delete cascade,
    set_ordinal bigint not null,
    primary key (set_id, set_ordinal)
);

-- SQLite can't change a check, so the table is made anew; `claim` refers to it and steps aside meanwhile.
create table claim_aside as select patron_id, part_id, reservation_id, loan_id from claim;
drop table claim;
create table reservation_aside as
    select id, part_id, patron_id, placed_at, pickup_place, contact, state, item_id, set_id, set_ordinal, hold_until
    from reservation;
drop table reservation;

create table reservation (
    id uuid primary key,
    part_id uuid not null references part (id),
    -- Null once the tie is cut.
    patron_id uuid references patron (id),
    placed_at timestamptz not null,
    pickup_place text not null,
    contact text not null check (contact in ('mail', 'telephone', 'none')),
    state text not null check (state in ('waiting', 'assigned', 'in-transit', 'ready', 'not-owned', 'lent',
        'cancelled')),
    -- The moment it came into this state.
    since timestamptz not null,
    item_id uuid references item (id),
    set_id uuid references ordered_set (id),
    set_ordinal bigint,
    hold_until date,
    hold_extended boolean not null,
    request_step text check (request_step in ('received', 'searching', 'ordering')),
    -- The loan that fulfilled it.
    loan_id uuid references loan (id),
    cancelled_for text check (cancelled_for in ('patron', 'staff', 'expired', 'unanswered', 'declined', 'withdrawn',
        'merged')),
    note text,
    check ((item_id is not null) = (state in ('assigned', 'in-transit', 'ready'))),
    check ((set_id is null) = (set_ordinal is null)),
    check ((hold_until is not null) = (state = 'ready')),
    check ((request_step is not null) = (state = 'not-owned')),
    check ((cancelled_for is not null) = (state = 'cancelled')),
    check (patron_id is not null or state in ('lent', 'cancelled'))
);
insert into reservation (id, part_id, patron_id, placed_at, pickup_place, contact, state, since, item_id, set_id,
        set_ordinal, hold_until, hold_extended)
    select id, part_id, patron_id, placed_at, pickup_place, contact, state, placed_at, item_id, set_id, set_ordinal,
        hold_until, false
    from reservation_aside;
drop table reservation_aside;
create unique index reservation_one_per_item on reservation (item_id) where item_id is not null;
create unique index reservation_set_order on reservation (set_id, set_ordinal) where set_id is not null;
create index reservation_queue on reservation (part_id, placed_at, id) where state in ('waiting', 'assigned');
create index reservation_patron on reservation (patron_id, state);
create index reservation_part on reservation (part_id);
create index reservation_hold on reservation (hold_until) where state = 'ready';
create index reservation_transit on reservation (since) where state = 'in-transit';
create index reservation_cancelled on reservation (since) where state = 'cancelled' and patron_id is not null;
create index reservation_loan on reservation (loan_id) where loan_id is not null;

create table claim (
    patron_id uuid not null references patron (id),
    part_id uuid not null references part (id),
    reservation_id uuid references reservation (id),
    loan_id uuid references loan (id),
    primary key (patron_id, part_id),
    check ((reservation_id is null) <> (loan_id is null))
);
insert into claim (patron_id, part_id, reservation_id, loan_id)
    select patron_id, part_id, reservation_id, loan_id from claim_aside;
drop table claim_aside;
create index claim_loan on claim (loan_id);
create index claim_part on claim (part_id);
create index claim_reservation on claim (reservation_id);

create index outbox_sent on outbox (sent_at) where sent_at is not null;
