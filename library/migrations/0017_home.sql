-- The home page: what the library tells everybody, and what came in lately.

create table bulletin (
    id uuid primary key,
    title text not null check (title <> ''),
    body text not null,
    from_on date not null,
    until_on date not null,
    check (from_on <= until_on)
);
create index bulletin_until on bulletin (until_on);

create index part_received on part (received_on, id) where received_on is not null;
