-- A marathon may count what its patron's loan history says. The history stays sealed: what comes of it stands nowhere here but
-- as one word, and that only where the library counts how many reached the goal of its season.

alter table marathon add column from_history boolean not null default false;
-- Whether the patron, when the history was open, had reached the goal with it.
alter table marathon add column reached boolean not null default false check (from_history or not reached);
