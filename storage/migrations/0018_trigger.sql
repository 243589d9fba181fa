-- A plan is not always about an artifact.
alter table operation_plan alter column artifact drop not null;
