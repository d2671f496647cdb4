-- Lending and taking back at the desk: the last scan of a copy can be undone, and what was scanned while the server could
-- not be reached is played in. Whatever here ties a patron to a copy is cut by the work of each day.

-- The last scan of a copy, until the day ends.
create table last_scan (
    item_id uuid primary key references item (id),
    -- When it was last seen at a desk.
    seen_at timestamptz not null,
    -- What its last scan that changed something changed, as JSON; null when there is nothing to undo.
    change text
);
create index last_scan_seen on last_scan (seen_at);

-- A scan that waited in a browser and is not as it should be: it waits for staff, or they have to know of it.
create table late_scan (
    id uuid primary key,
    place text not null,
    -- Null for a copy that was taken back, when the loan is recorded, and once the tie is cut.
    card text,
    barcode text not null,
    lent boolean not null,
    scanned_at timestamptz not null,
    played_at timestamptz not null,
    -- The refusal, as JSON.
    why text not null,
    -- The loan, when it is recorded.
    loan_id uuid
);
create index late_scan_loan on late_scan (loan_id) where loan_id is not null;
create index late_scan_card on late_scan (played_at) where card is not null;
