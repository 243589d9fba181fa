-- The incident that this one is a part of.
alter table incident add column parent bigint;
create index incident_parent on incident (parent) where parent is not null;
