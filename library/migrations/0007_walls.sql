-- Whose sessions are, a second factor for staff, and what staff did to which card.

-- Null while nobody is signed in. They let a patron see their own sessions and end them, also from elsewhere.
alter table session add column patron_id uuid references patron (id);
alter table session add column staff_id uuid references staff (id);
-- In a few words, such as "Chrome · Android".
alter table session add column browser text;
alter table session add column begun_at timestamptz;
-- To the day.
alter table session add column seen_at timestamptz;
create index session_patron on session (patron_id) where patron_id is not null;

-- The secret an authenticator app shares with us. It counts from the moment its first code was given back.
create table staff_factor (
    staff_id uuid primary key references staff (id),
    secret bytea not null,
    confirmed_at timestamptz,
    -- The step of time of the last code that was accepted: none is accepted twice.
    last_step bigint not null,
    -- Wrong codes since the last right one, and when the last of them was given.
    wrong bigint not null,
    wrong_at timestamptz
);

-- Codes for the day on which the app is not at hand; the row goes when the code is used.
create table staff_recovery (
    staff_id uuid not null references staff (id),
    code_hash bytea not null,
    primary key (staff_id, code_hash)
);

-- What staff did to which card. No title and no copy stands here, and what concerns a title has no time of day: by that
-- it could be found again in the event log.
create table audit (
    -- At random: an id that grows with time would tell it.
    id uuid primary key,
    at timestamptz not null,
    -- Null for the command line.
    staff_id uuid references staff (id),
    deed text not null,
    patron_id uuid references patron (id),
    note text
);
create index audit_at on audit (at);
create index audit_patron on audit (patron_id, at) where patron_id is not null;
create index audit_staff on audit (staff_id, at) where staff_id is not null;

-- A patron may have what was mailed to them shown or erased.
create index outbox_recipient on outbox (recipient);
