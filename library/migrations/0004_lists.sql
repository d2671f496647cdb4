-- What the desk's working lists need beside the states there are: since when a copy is looked for, from where it was
-- sent, when the desk looked for what a patron says was returned, and what came of telling patrons by telephone.

alter table item add column missing_since date;
-- From which place the copy left, and when; they count while it travels.
alter table item add column sent_from text;
alter table item add column sent_at timestamptz;
create index item_sent on item (sent_from) where state in ('in-transit', 'going-home');

-- The last day on which the desk looked for it and did not find it.
alter table loan add column searched_on date;
create index loan_return_said on loan (return_said_at) where return_said_at is not null and returned_at is null;

-- The pull lists begin here.
create index reservation_assigned on reservation (item_id) where state = 'assigned';

-- What came of trying to tell a patron. A notice is an event and a channel, as in the outbox; this is one try of it.
-- Neither patron nor item stands here.
create table notice_try (
    event_id uuid not null references event (id),
    channel text not null check (channel in ('mail', 'telephone')),
    -- The request that noted it, so that the same request notes it once.
    op uuid not null,
    reservation_id uuid not null references reservation (id),
    at timestamptz not null,
    result text not null check (result in ('called', 'no-answer', 'left-word', 'given-up')),
    primary key (event_id, channel, op)
);
create index notice_try_reservation on notice_try (reservation_id, at);
