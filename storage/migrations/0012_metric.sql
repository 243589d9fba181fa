-- What metrics know of an incident and of a plan: small, so that years of them are read at once.
alter table incident add column observation jsonb, add column detected_at timestamptz;
create index incident_detected on incident (detected_at, number) where observation is not null;
alter table operation_plan add column observation jsonb, add column observed_at timestamptz;
create index operation_plan_observed on operation_plan (observed_at, id) where observation is not null;

-- When a page was asked for, by the clock of its workflow.
create index outbox_paged on outbox ((payload #>> '{page,at}')) where page_turn is not null;

-- Figures as they were computed. Data that comes later makes another revision; none is ever changed.
create table performance_record (
  id           uuid primary key,
  metric       text not null,
  scope        text not null,
  period_from  timestamptz(3) not null,
  period_until timestamptz(3) not null,
  version      integer not null,
  revision     integer not null,
  hash         text not null,
  computed_at  timestamptz(3) not null,
  record       jsonb not null,
  unique (metric, scope, period_from, period_until, version, revision)
);
create index performance_record_newest on performance_record (scope, period_until desc, metric);

create function refuse_rewriting() returns trigger language plpgsql as $$
begin
  raise exception 'what was recorded is not changed';
end $$;
create trigger performance_record_immutable before update or delete or truncate on performance_record
  for each statement execute function refuse_rewriting();
