-- Mails that come back: addresses that refuse mail (R13), and what of a mail has to be known for as long as it may come back.

-- Since when mail to the address is refused; null again once it is confirmed anew, or another.
alter table patron add column mail1_refused_at timestamptz;
alter table patron add column mail2_refused_at timestamptz;
create index patron_mail1 on patron (mail1) where mail1 is not null;
create index patron_mail2 on patron (mail2) where mail2 is not null;

-- A notice that went out by mail: neither what it said nor to whom but by its address.
create table sent_mail (
    notice_id uuid primary key,
    -- The notice the mail's Message-ID is made of; several notices may go in one mail.
    mail_id uuid not null,
    -- While the reservation it tells of is tied to its patron, and no longer.
    event_id uuid references event (id),
    -- Null once the address was confirmed anew: what was sent before says nothing of it any more.
    address text,
    sent_at timestamptz not null,
    came_back_at timestamptz
);
create index sent_mail_mail on sent_mail (mail_id);
create index sent_mail_address on sent_mail (address) where address is not null;
create index sent_mail_sent on sent_mail (sent_at);
create index sent_mail_event on sent_mail (event_id) where event_id is not null;
