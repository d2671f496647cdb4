-- What the desk keeps: cards that were replaced, what cards are found by, damaged copies, roles of staff.

-- Numbers of cards that were lost; they open nothing and are given to nobody again.
create table replaced_card (
    card_number text primary key,
    patron_id uuid not null references patron (id),
    replaced_at timestamptz not null
);
create index replaced_card_patron on replaced_card (patron_id);

-- What a card is found by, derived from the patron's row (domain::patrons::card_keys). `keyed` is null where that has
-- still to be done: whoever writes a name, a reading, a number or a telephone sets it to null, the next search does it.
create table patron_key (
    key bytea not null,
    patron_id uuid not null references patron (id),
    primary key (key, patron_id)
);
create index patron_key_patron on patron_key (patron_id);
alter table patron add column keyed boolean;
create index patron_unkeyed on patron (id) where keyed is null;

-- A copy that is set aside because it is damaged counts as missing until it is scanned again; this row says why.
create table item_damage (
    item_id uuid primary key references item (id),
    noted_at timestamptz not null,
    note text not null
);

create index reservation_requested on reservation (placed_at) where state = 'not-owned';
create index item_borrowed on item (lender_due_on) where lender is not null;

alter table staff add column role text not null default 'desk' check (role in ('desk', 'manager'));
-- Whoever had an account before there were roles could do everything.
update staff set role = 'manager';
alter table staff add column disabled_at timestamptz;
-- Rises with every new password, which ends the sessions begun with the old one.
alter table staff add column generation bigint not null default 0;
