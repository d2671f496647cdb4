-- My本棚: lists of titles, and a history of loans that only its patron can open.

create table book_list (
    id uuid primary key,
    patron_id uuid not null references patron (id),
    kind text not null check (kind in ('wanted', 'favourite', 'named')),
    -- Empty for the two that everybody has.
    name text not null,
    -- What stands in the link by which it is shared. Not hashed: whoever has this table has the list itself, and the
    -- patron looks the link up again. Null when it is not shared.
    share_key text unique,
    share_notes boolean not null,
    check ((name = '') = (kind <> 'named'))
);
create index book_list_patron on book_list (patron_id);
create unique index book_list_fixed on book_list (patron_id, kind) where kind <> 'named';
create unique index book_list_named on book_list (patron_id, name) where kind = 'named';

create table book_entry (
    id uuid primary key,
    list_id uuid not null references book_list (id) on delete cascade,
    -- Null for what the library never had. Title and names are kept as they were, so that nothing vanishes from a list.
    bib_id uuid references bib (id),
    label text not null,
    title text not null,
    reading text not null,
    creators text not null,
    creator_reading text not null,
    isbn text not null,
    note text not null,
    day date not null,
    place bigint not null
);
create index book_entry_list on book_entry (list_id, place);
create index book_entry_bib on book_entry (bib_id) where bib_id is not null;
-- A title stands once in a list.
create unique index book_entry_once on book_entry (list_id, bib_id, label) where bib_id is not null;

-- Who keeps a history. Entries are sealed with the public half; the private half lies here twice, sealed to a key that is
-- derived from the password and to one that is derived from the recovery code, neither of which is kept.
create table history_key (
    patron_id uuid primary key references patron (id),
    -- Whether loans go on being kept.
    keeping boolean not null,
    public_key bytea not null,
    -- How the key is derived from the password (argon2id).
    salt bytea not null,
    memory_kib bigint not null,
    passes bigint not null,
    by_password bytea not null,
    by_code bytea not null
);

-- Entries of loans that can still be undone, found by the loan. When the day is over they go into `history_entry`, in an
-- order drawn at random, and the tie to the loan is gone.
create table history_today (
    loan_id uuid primary key references loan (id),
    id uuid not null unique,
    patron_id uuid not null references patron (id),
    day date not null,
    sealed bytea not null
);
create index history_today_patron on history_today (patron_id);
create index history_today_day on history_today (day);

-- No time, no order, no title, no item: an id at random, whose it is, and a box of the same length for all.
create table history_entry (
    id uuid primary key,
    patron_id uuid not null references patron (id),
    sealed bytea not null
);
create index history_entry_patron on history_entry (patron_id);
