-- The patron's door: links in mails, one-time passwords, guesses slowed down.

-- Rises with every new password, which ends the sessions begun with the old one.
alter table patron add column generation bigint not null default 0;

-- A link of a mail. What stands in the mail is 128 random bits; here is only their hash.
create table link (
    token_hash bytea primary key,
    purpose text not null check (purpose in ('password', 'address')),
    patron_id uuid not null references patron (id),
    -- Where the mail went: the address that opening the link proves to be the patron's.
    address text not null,
    -- Which of the two addresses it becomes; null where it is the one on record.
    slot bigint check (slot in (1, 2)),
    made_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    check (purpose = 'password' or slot is not null)
);
create index link_patron on link (patron_id, purpose);
create index link_expiry on link (expires_at);

-- A password of one use, from the desk.
create table one_time_password (
    patron_id uuid primary key references patron (id),
    hash text not null,
    expires_at timestamptz not null
);
create index one_time_password_expiry on one_time_password (expires_at);

-- Tries at something secret. What is tried at and where from are keyed hashes, the key lies in meta; empty bytes stand
-- for everything and everywhere. A card that nobody has is tallied like any other.
create table guess (
    subject bytea not null,
    origin bytea not null,
    since timestamptz not null,
    tries bigint not null,
    last_at timestamptz not null,
    -- Until when this is an origin from which the right password came before.
    known_until timestamptz,
    primary key (subject, origin)
);
create index guess_last on guess (last_at);

-- The body of a mail with a link is forgotten as soon as the mail has gone.
alter table outbox add column secret boolean not null default false;
