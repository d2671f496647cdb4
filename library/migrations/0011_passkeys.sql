-- Passkeys: a second way in, for patrons who want one.

create table passkey (
    id uuid primary key,
    patron_id uuid not null references patron (id),
    -- What the authenticator calls the key; by it the key is found when it answers.
    credential_id bytea not null unique,
    -- Of COSE: -7 is ECDSA on P-256 with SHA-256, whose key is a point; -257 RSA with SHA-256, whose key is a modulus (the
    -- exponent is 65537).
    algorithm bigint not null check (algorithm in (-7, -257)),
    public_key bytea not null,
    -- What the key's counter stood at when it was last used; 0 for those that don't count.
    sign_count bigint not null,
    -- What the patron calls it.
    name text not null,
    made_at timestamptz not null,
    used_at timestamptz
);
create index passkey_patron on passkey (patron_id);

-- A question an authenticator was asked and has not answered yet: 256 random bits, of which here is the hash. The row goes
-- with the answer.
create table passkey_challenge (
    challenge_hash bytea primary key,
    purpose text not null check (purpose in ('register', 'sign-in')),
    -- Who registers a key. Who signs in is not known before the answer.
    patron_id uuid references patron (id),
    expires_at timestamptz not null,
    check ((purpose = 'register') = (patron_id is not null))
);
create index passkey_challenge_patron on passkey_challenge (patron_id) where patron_id is not null;
create index passkey_challenge_expiry on passkey_challenge (expires_at);
