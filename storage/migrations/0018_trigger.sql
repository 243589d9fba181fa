-- A plan is not always about an artifact.
alter table operation_plan alter column artifact drop not null;
create index operation_plan_transition on operation_plan (service) where commission->'trigger'->>'type' = 'transition';
