-- An attempt of an activity may come in late. The plan's clock says which of its wishes is the newer one, so what was
-- released stays in the table for a while.
alter table reservation add column as_of timestamptz not null default '-infinity';
alter table reservation add column is_held boolean not null default true;
