-- Channels beside mail: patrons' devices, and a library's own gateway.

-- A device its patron wants to be told on: where its push service is asked, and by what it is sealed for the device alone.
create table push_device (
    id uuid primary key,
    patron_id uuid not null references patron (id),
    endpoint text not null unique,
    -- A point of P-256, uncompressed.
    public_key bytea not null,
    auth bytea not null,
    -- In a few words, such as "Chrome · Android".
    browser text not null,
    -- Whether titles are shown.
    titles boolean not null,
    made_at timestamptz not null
);
create index push_device_patron on push_device (patron_id);

-- SQLite can't change a check, so the table is made anew. Each channel has a worker of its own, which looks for its own rows.
create table outbox_aside as
    select id, event_id, channel, recipient, subject, body, made_at, tries, next_try_at, sent_at, secret, patron_id, kind, about,
        sent_as, refused_at
    from outbox;
drop table outbox;
create table outbox (
    id uuid primary key,
    event_id uuid not null references event (id),
    channel text not null check (channel in ('mail', 'push', 'webhook')),
    recipient text not null,
    subject text not null,
    body text not null,
    made_at timestamptz not null,
    tries bigint not null,
    next_try_at timestamptz not null,
    sent_at timestamptz,
    secret boolean not null default false,
    patron_id uuid references patron (id),
    kind text,
    about text not null default '{}',
    sent_as uuid,
    refused_at timestamptz,
    unique (event_id, channel)
);
insert into outbox (id, event_id, channel, recipient, subject, body, made_at, tries, next_try_at, sent_at, secret, patron_id, kind,
        about, sent_as, refused_at)
    select id, event_id, channel, recipient, subject, body, made_at, tries, next_try_at, sent_at, secret, patron_id, kind, about,
        sent_as, refused_at
    from outbox_aside;
drop table outbox_aside;
create index outbox_due on outbox (channel, made_at, id) where sent_at is null and refused_at is null;
create index outbox_sent on outbox (sent_at) where sent_at is not null;
create index outbox_recipient on outbox (recipient);
create index outbox_sent_as on outbox (sent_as) where sent_as is not null;
create index outbox_patron on outbox (patron_id) where sent_at is null;
create index outbox_refused on outbox (refused_at) where refused_at is not null;
create index outbox_beside_mail on outbox (made_at) where channel <> 'mail';
