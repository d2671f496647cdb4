-- Notices that are written when their turn comes: what they are about is kept, and looked at again before they go.

-- Whose notice it is, so that what is for one patron goes together and is looked at as it is theirs. Like the address,
-- this is forgotten with the row, some days after it went.
alter table outbox add column patron_id uuid references patron (id);
-- What it tells of; null of those written before there were kinds, whose subject and body are sent as they are.
alter table outbox add column kind text;
-- What it is about, as JSON, of which the text is made. Of a secret one it is forgotten when it has gone.
alter table outbox add column about text not null default '{}';
-- The mail it goes in: the id of the first notice in that mail, of which the Message-ID is made. Set at the first try and
-- never changed, so that whatever was sent twice has the same Message-ID and says the same.
alter table outbox add column sent_as uuid;
-- When the other side said that it will never take it. It is not tried again by itself, and staff telephone.
alter table outbox add column refused_at timestamptz;

drop index outbox_due;
create index outbox_due on outbox (made_at, id) where sent_at is null and refused_at is null;
create index outbox_sent_as on outbox (sent_as) where sent_as is not null;
create index outbox_patron on outbox (patron_id) where sent_at is null;

-- The last day a ready copy is kept of which its patron was reminded.
alter table reservation add column reminded_of date;

-- The language the patron chose last; null when they never did.
alter table patron add column language text check (language in ('ja', 'en'));
