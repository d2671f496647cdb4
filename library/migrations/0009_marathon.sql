-- Reading marathons: the library's seasons, the patrons' goals, and what they noted towards them. No moment is kept
-- anywhere here, so that nothing can be laid beside the event log.

create table season (
    id uuid primary key,
    name text not null,
    from_on date not null,
    until_on date not null,
    -- What the library suggests.
    books bigint not null check (books > 0),
    check (from_on <= until_on)
);
create index season_until on season (until_on);

create table marathon (
    id uuid primary key,
    patron_id uuid not null references patron (id),
    -- Name and days were taken over from it; it may be withdrawn.
    season_id uuid references season (id) on delete set null,
    name text not null,
    from_on date not null,
    until_on date not null,
    joined_on date not null,
    books bigint not null check (books > 0),
    pages bigint check (pages > 0),
    drawn text not null check (drawn in ('line', 'stations')),
    check (from_on <= until_on),
    -- Several nulls are meant: a patron may have many marathons of their own.
    unique (patron_id, season_id)
);
create index marathon_season on marathon (season_id) where season_id is not null;

create table marathon_read (
    -- At random: an id that grows with time would tell when it was noted.
    id uuid primary key,
    marathon_id uuid not null references marathon (id) on delete cascade,
    read_on date not null,
    -- As the patron wrote it, or empty. It refers to nothing in the catalogue.
    title text not null,
    -- 0 where they were not said.
    pages bigint not null check (pages >= 0)
);
create index marathon_read_of on marathon_read (marathon_id, read_on);
