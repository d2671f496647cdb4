-- Members of staff see where they are signed in, and end it.
create index session_staff on session (staff_id) where staff_id is not null;
