-- Kiosks: devices in the library that staff have registered. The device keeps the token in a cookie, its hash lies here.
create table kiosk (
    id uuid primary key,
    name text not null,
    place text not null,
    token_hash bytea not null unique,
    registered_at timestamptz not null
);
