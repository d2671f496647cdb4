-- Whose pages of the desk follow by themselves: found by the member of staff, as those of patrons are by the patron.
create index session_staff on session (staff_id) where staff_id is not null;
