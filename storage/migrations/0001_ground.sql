-- The catalogue: every applied document by revision. A revision is one apply.
create table revision (
  number      bigint primary key,
  applied_at  timestamptz not null default now(),
  applied_by  jsonb not null,
  summary     text not null
);

create table document (
  kind      text not null,
  name      text not null,
  revision  bigint not null references revision,
  labels    jsonb not null,
  spec      jsonb not null,
  digest    text not null,
  -- From this revision on there is no such document.
  is_deleted boolean not null default false,
  primary key (kind, name, revision)
);

-- What came in, before Temporal hears of it.
create table inbox (
  id             uuid primary key,
  kind           text not null check (kind in ('fact', 'command', 'signal')),
  source         text not null,
  dedup_key      text not null,
  name           text not null,
  target         text,
  belongs_to     text,
  team           text,
  actor          jsonb not null,
  body           bytea not null,
  body_hash      text not null,
  content        jsonb not null,
  state          text not null check (state in ('accepted', 'delivered', 'applied', 'refused', 'gap', 'skipped', 'dead', 'parked')),
  verdict        jsonb,
  -- Pages are cut by instants that people see, in milliseconds: a finer column would lose rows between two pages.
  received_at    timestamptz(3) not null default now(),
  last_seen_at   timestamptz not null default now(),
  settled_at     timestamptz,
  due_at         timestamptz not null,
  fence          bigint not null default 0,
  attempts       integer not null default 0,
  unique (source, dedup_key)
);
create index inbox_due on inbox (due_at) where state = 'accepted';
create index inbox_state on inbox (state, received_at desc) where state in ('gap', 'skipped', 'dead', 'parked', 'refused');
create index inbox_target on inbox (target, received_at) where target is not null;

-- What leaves, by its business key.
create table outbox (
  key         text primary key,
  kind        text not null check (kind in ('email', 'webhook', 'http', 'command')),
  belongs_to  text not null,
  payload     jsonb not null,
  state       text not null check (state in ('pending', 'sent', 'failed')),
  created_at  timestamptz not null default now(),
  due_at      timestamptz not null default now(),
  settled_at  timestamptz,
  fence       bigint not null default 0,
  attempts    integer not null default 0,
  result      jsonb
);
create index outbox_due on outbox (due_at) where state = 'pending' and kind in ('email', 'webhook');
create index outbox_belongs_to on outbox (belongs_to, created_at);

-- The readable copy of every record (plans, later incidents and problems), as its workflow saved it last. Whatever hangs on a
-- record names it by its reference.
create table record (
  reference    text primary key,
  kind         text not null,
  workflow_id  text not null unique,
  team         text not null,
  status       text not null,
  rev          integer not null default 0,
  -- Null until its workflow has saved it.
  state        jsonb,
  opened_at    timestamptz(3) not null default now(),
  updated_at   timestamptz not null default now(),
  closed_at    timestamptz,
  -- The workflow's own clock when it saved last: what a lost worker had saved is older than what really happened.
  as_of        timestamptz,
  -- The run of its workflow that ended it.
  ended_by     text,
  -- When it was last held against Temporal.
  looked_at    timestamptz
);
create index record_page on record (kind, opened_at desc, reference desc);

-- What a plan was opened for: the guard of its trigger, and of its artifact while it is open.
create table operation_plan (
  id           text primary key,
  reference    text not null unique references record,
  trigger_key  text not null unique,
  service      text not null,
  environment  text not null,
  artifact     text not null,
  commission   jsonb not null,
  is_open      boolean not null default true
);
create index operation_plan_open on operation_plan (service, environment, artifact) where is_open;

-- Where a fact leads is decided elsewhere. What was decided before the fact was written down took for granted that this is the newest
-- revision of the catalogue and that no plan is open for these places: true while that is so. A fact that waits for its delivery
-- may open such a plan.
-- One row, so that PostgreSQL takes it into the statement that asks, and looks at revisions and waiting facts once for all rows.
create function is_as_foreseen(as_of bigint, places jsonb) returns setof boolean rows 1 language sql stable as $$
  select as_of is null or (as_of = (select coalesce(max(number), 0) from revision)
    and (places = '[]' or not exists (select from inbox where state = 'accepted' and kind = 'fact'))
    and not exists (
      select from jsonb_to_recordset(places) as place(service text, environment text)
        join operation_plan p using (service, environment)
      where p.is_open))
$$;

create table plan_revision (
  plan      text not null references operation_plan,
  revision  integer not null,
  digest    text not null,
  content   jsonb not null,
  made_at   timestamptz not null default now(),
  primary key (plan, revision)
);

-- A run is written down before it begins: from then on its workflow acts for the record.
create table runbook_run (
  id           text primary key,
  workflow_id  text not null unique,
  belongs_to   text not null,
  activity     text not null,
  kind         text not null check (kind in ('run', 'undo')),
  number       integer not null,
  status       text not null,
  rev          integer not null,
  record       jsonb,
  started_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),
  as_of        timestamptz,
  ended_by     text
);
create index runbook_run_belongs_to on runbook_run (belongs_to, started_at);

create table task (
  id          text primary key,
  belongs_to  text not null,
  team        text not null,
  status      text not null,
  due_at      timestamptz not null,
  opened_at   timestamptz not null,
  record      jsonb not null
);
create index task_page on task (opened_at desc, id desc);
create index task_belongs_to on task (belongs_to);

create table emergency_freeze (
  id           uuid primary key,
  service      text,
  environment  text,
  started_at   timestamptz not null,
  until        timestamptz not null,
  record       jsonb not null
);
create index emergency_freeze_until on emergency_freeze (until);

-- What is tried again and again: a workflow whose task fails, an activity that meets something unexpected.
create table stall (
  workflow_id  text not null,
  what         text not null,
  belongs_to   text,
  reason       text not null,
  attempts     integer not null,
  since        timestamptz not null default now(),
  primary key (workflow_id, what)
);

-- The work of a plan begins once. No step runs of a plan that has not begun, whatever its workflow says.
create table plan_start (
  plan        text primary key references operation_plan,
  revision    integer not null,
  digest      text not null,
  started_at  timestamptz not null default now()
);

create table readiness_review (
  id       text primary key,
  plan     text not null references operation_plan,
  -- The newest of a plan is the one that counts.
  number   bigint generated always as identity,
  made_at  timestamptz not null default now(),
  record   jsonb not null
);
create index readiness_review_plan on readiness_review (plan, number desc);

create table attestation (
  id           uuid primary key,
  service      text not null,
  environment  text not null,
  check_id     text not null,
  statement    text not null,
  link         text,
  stated_by    text not null,
  stated_at    timestamptz not null default now(),
  expires_at   timestamptz not null
);
create index attestation_check on attestation (service, environment, check_id, stated_at desc);

create table waiver (
  id            uuid primary key,
  service       text not null,
  environment   text not null,
  check_id      text not null,
  reason        text not null,
  requested_by  text not null,
  requested_at  timestamptz not null default now(),
  approved_by   text,
  approved_at   timestamptz,
  expires_at    timestamptz not null,
  -- Who had made the token with which it was asked for: they grant it as little.
  asked_through text,
  withdrawn_by  text,
  withdrawn_at  timestamptz,
  check (approved_by is null or (approved_by <> requested_by and approved_by is distinct from asked_through))
);
create index waiver_check on waiver (service, environment, check_id);

create table approval (
  id           text primary key,
  belongs_to   text not null,
  team         text not null,
  workflow_id  text not null,
  status       text not null,
  digest       text not null,
  record       jsonb not null,
  opened_at    timestamptz not null,
  deadline_at  timestamptz not null,
  consumed_by  text
);
create index approval_page on approval (opened_at desc, id desc);
create index approval_belongs_to on approval (belongs_to);

-- One seat decides once in a stage, whatever the application believes.
create table approval_vote (
  approval  text not null references approval,
  stage     integer not null,
  seat      text not null,
  voter     text not null,
  decision  text not null,
  reason    text not null,
  digest    text not null,
  channel   text not null,
  at        timestamptz not null,
  primary key (approval, stage, seat)
);

create table reservation (
  environment  text not null,
  belongs_to   text not null,
  activity     text not null,
  mode         text not null check (mode in ('exclusive', 'shared')),
  made_at      timestamptz not null default now(),
  -- An attempt of an activity may come in late. The record's clock says which of its wishes is the newer one, so what was
  -- released stays in the table for a while.
  as_of        timestamptz not null,
  is_held      boolean not null default true,
  primary key (environment, belongs_to, activity)
);

create table report (
  belongs_to  text not null,
  kind        text not null check (kind in ('completion', 'status')),
  number      integer not null,
  made_at     timestamptz not null default now(),
  markdown    text not null,
  record      jsonb not null,
  primary key (belongs_to, kind, number)
);

create table token (
  id            uuid primary key,
  hash          text not null unique,
  prefix        text not null,
  kind          text not null check (kind in ('personal', 'service', 'bootstrap')),
  holder        text not null,
  team          text,
  scope         text not null,
  created_at    timestamptz(3) not null default now(),
  created_by    jsonb not null,
  expires_at    timestamptz not null,
  revoked_at    timestamptz,
  last_used_at  timestamptz
);

-- What happened. Rows are appended in the transaction that makes them true, and linked into the chain soon after.
create table ledger_entry (
  id          bigint generated always as identity primary key,
  key         text not null unique,
  belongs_to  text,
  subject     text not null,
  action      text not null,
  body        text not null
);
create index ledger_entry_belongs_to on ledger_entry (belongs_to, id);
create index ledger_entry_subject on ledger_entry (subject, id);

create table ledger_unsealed (entry bigint primary key);

create table ledger_seal (
  sequence  bigint primary key,
  entry     bigint not null unique references ledger_entry,
  previous  text not null,
  hash      text not null
);

create table ledger_checkpoint (
  -- Counted from one, and signed: none can be taken out unseen.
  number     bigint not null unique,
  sequence   bigint primary key,
  hash       text not null,
  -- As it is signed: nothing finer could be changed unseen.
  at         timestamptz(3) not null,
  key_id     text not null,
  signature  text not null
);

-- How many checkpoints there have been, so that also the last one is missed.
create table ledger_head (
  is_head      boolean primary key default true check (is_head),
  checkpoints  bigint not null
);
insert into ledger_head (checkpoints) values (0);

create function note_unsealed() returns trigger language plpgsql as $$
begin
  insert into ledger_unsealed (entry) values (new.id);
  return null;
end $$;
create trigger ledger_entry_unsealed after insert on ledger_entry for each row execute function note_unsealed();

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only';
end $$;
create trigger ledger_entry_append_only before update or delete or truncate on ledger_entry
  for each statement execute function refuse_change();
create trigger ledger_seal_append_only before update or delete or truncate on ledger_seal
  for each statement execute function refuse_change();
create trigger ledger_checkpoint_append_only before update or delete or truncate on ledger_checkpoint
  for each statement execute function refuse_change();

-- Every run of a workflow that ever saved something, and the history that is kept of it.
create table workflow_run (
  workflow_id  text not null,
  run_id       text not null,
  belongs_to   text not null,
  seen_at      timestamptz not null default now(),
  -- Runs are looked at in turn, so that open ones do not keep those that have closed from being archived.
  looked_at    timestamptz,
  primary key (workflow_id, run_id)
);
create index workflow_run_belongs_to on workflow_run (belongs_to);

create table history (
  workflow_id  text not null,
  run_id       text not null,
  belongs_to   text not null,
  events       integer not null,
  sha256       text not null,
  archived_at  timestamptz not null default now(),
  gzip         bytea not null,
  primary key (workflow_id, run_id)
);
create index history_belongs_to on history (belongs_to);

-- Triggers that an open plan was told of: a rollback once more belongs to that plan, whatever is open then. Whoever triggered the same
-- again has as much asked for it as the first.
create table told_trigger (
  trigger_key   text primary key,
  plan          text not null,
  triggered_by  jsonb not null,
  told_at       timestamptz not null default now()
);
create index told_trigger_plan on told_trigger (plan);
