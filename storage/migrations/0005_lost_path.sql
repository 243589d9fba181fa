-- The plan's own clock when its copy was saved last: what a lost worker had saved is older than what really happened.
alter table operation_plan add column as_of timestamptz;
alter table runbook_run add column as_of timestamptz;

-- Rollbacks that an open plan was told of: the same one again belongs to that plan, whatever is open then.
create table told_trigger (
  trigger_key  text primary key,
  plan         text not null,
  told_at      timestamptz not null default now()
);
