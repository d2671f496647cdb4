-- What is kept of mails to a patron is found by the patron, not by an address that may be another's as well.
create index outbox_of_patron on outbox (patron_id) where patron_id is not null;

-- A browser may be signed in for a patron and for a member of staff, each for as long as their own limits say.
alter table session add column staff_begun_at timestamptz;
alter table session add column staff_seen_at timestamptz;
update session set staff_begun_at = begun_at, staff_seen_at = seen_at where staff_id is not null and patron_id is null;
update session set begun_at = null, seen_at = null where patron_id is null;

-- Where a question to sign in was asked from, hashed with a secret: anybody may ask, so there are only so many from one place.
alter table passkey_challenge add column origin bytea;
create index passkey_challenge_origin on passkey_challenge (origin, expires_at) where origin is not null;

-- What was only offered for a second factor lies in the session that asked.
delete from staff_factor where confirmed_at is null;
