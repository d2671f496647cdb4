-- What tells a moment is made coarse when a tie between patron and title is cut, so that the two can't be laid side by side by it.

-- Whether the row still has its moment, its actor and its note, because a reservation or a loan of somebody needs them.
alter table event add column exact boolean not null default true;
create index event_exact on event (at) where exact;

-- Whose mail it was, so that it can be erased with them, whatever their address is now; null of those sent before this.
alter table sent_mail add column patron_id uuid references patron (id);
create index sent_mail_patron on sent_mail (patron_id) where patron_id is not null;
