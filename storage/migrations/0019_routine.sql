-- What is known of a routine beside its document.
create table routine (
  name          text primary key,
  -- Each time until then has its runs.
  settled_until timestamptz(3) not null,
  -- Who has paused it, when and why.
  paused        jsonb,
  -- What its schedule in Temporal was made of, and what that looks like there.
  schedule      jsonb,
  -- What was found last that somebody had done to it there.
  drift         jsonb
);

-- What became of each time at which a routine was due, for each service and environment, for ever.
create table routine_run (
  id          uuid primary key,
  routine     text not null,
  team        text not null,
  kind        text not null,
  due_at      timestamptz(3) not null,
  opens_at    timestamptz(3) not null,
  service     text,
  environment text,
  status      text not null check (status in ('due', 'opened', 'completed', 'failed', 'skipped', 'missed')),
  why         text,
  plan        text,
  ordered_by  jsonb,
  -- What somebody has ordered, as it was accepted.
  ordered     uuid,
  ended_at    timestamptz(3),
  -- It is on its way to its plan.
  is_handed   boolean not null default false,
  -- Its team knows that it is no success.
  is_told     boolean not null default false
);
create index routine_run_page on routine_run (routine, due_at desc, id desc);
create index routine_run_going_on on routine_run (opens_at) where status in ('due', 'opened');
create index routine_run_plan on routine_run (plan) where status = 'opened';
create index routine_run_untold on routine_run (due_at) where not is_told and status in ('due', 'failed', 'skipped', 'missed');
create index routine_run_success on routine_run (service, kind, ended_at) where status = 'completed';
create index routine_run_ordered on routine_run (ordered) where ordered is not null;

create trigger routine_run_lasting before delete or truncate on routine_run
  for each statement execute function refuse_rewriting();
create function refuse_other_outcome() returns trigger language plpgsql as $$
begin
  if (new.id, new.routine, new.due_at, new.service, new.environment) is distinct from (old.id, old.routine, old.due_at, old.service, old.environment)
    or (old.status in ('completed', 'failed', 'skipped', 'missed') and (new.status, new.why, new.plan, new.ended_at) is distinct from (old.status, old.why, old.plan, old.ended_at)) then
    raise exception 'what was recorded is not changed';
  end if;
  return new;
end $$;
create trigger routine_run_outcome before update on routine_run
  for each row execute function refuse_other_outcome();
