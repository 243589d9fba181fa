-- What sources tell of alerts: many and small, so the row is the evidence, and whole days are dropped when their time is over.
create table alert_inbox (
  received_on   date not null,
  id            uuid not null,
  source        text not null,
  dedup_key     text not null,
  -- How the body is read: `alertmanager`, `github.workflow_run`.
  format        text not null,
  team          text not null,
  body          bytea not null,
  body_hash     text not null,
  -- How many alerts it tells of.
  alerts        integer not null,
  state         text not null check (state in ('accepted', 'delivered', 'parked')),
  reason        text,
  received_at   timestamptz(3) not null,
  last_seen_at  timestamptz(3) not null,
  primary key (received_on, source, dedup_key)
) partition by range (received_on);
-- Its bodies are packed by their senders, or small.
alter table alert_inbox alter column body set storage external;
create index alert_inbox_due on alert_inbox (id) where state = 'accepted';
create index alert_inbox_parked on alert_inbox (id) where state = 'parked';
-- For days that nobody has made a partition for.
create table alert_inbox_other partition of alert_inbox default;

-- Each condition that a source has ever told of, by its fingerprint, as all that was told of it comes to.
create table alert (
  fingerprint   text primary key,
  source        text not null,
  team          text not null,
  service       text,
  environment   text,
  title         text not null,
  severity      text not null,
  class         text not null check (class in ('informational', 'warning', 'exception')),
  is_firing     boolean not null,
  -- Why it belongs nowhere.
  gap           text,
  incident      bigint,
  -- What keeps it from opening one.
  held_by       text,
  correlation_key text,
  -- What is folded: starts, the latest end, and what was told last.
  state         jsonb not null,
  count         bigint not null,
  first_seen_at timestamptz(3) not null,
  last_seen_at  timestamptz(3) not null,
  changed_at    timestamptz(3) not null,
  -- When it ends for want of news, and when it is believed no longer.
  resolves_at   timestamptz,
  expires_at    timestamptz,
  quiet_ms      bigint,
  shelved_until timestamptz,
  shelving      jsonb
);
create index alert_page on alert (first_seen_at desc, fingerprint desc);
create index alert_incident on alert (incident) where incident is not null;
create index alert_resolves on alert (resolves_at) where is_firing and resolves_at is not null;
create index alert_held on alert (held_by) where is_firing and held_by is not null;
create index alert_correlation on alert (correlation_key) where is_firing;
create index alert_place on alert (service, environment) where is_firing;

create sequence incident_number;

-- What an incident was opened for, and the guard of its correlation key.
create table incident (
  number          bigint primary key,
  reference       text not null unique references record,
  -- What opened it, once for ever.
  trigger_key     text unique,
  correlation_key text,
  -- It takes the alerts of its key: not resolved, or open again.
  is_open         boolean not null default true,
  -- The one that it was the same as.
  merged_into     bigint,
  -- Until then an alert of its key opens it again instead of another one.
  reopens_until   timestamptz,
  service         text,
  environment     text,
  severity        text not null,
  kind            text not null check (kind in ('real', 'drill', 'backfilled')),
  commission      jsonb not null,
  -- Counts what has happened to its alerts, and what of that its workflow was told.
  news            bigint not null default 1,
  told            bigint not null default 0,
  due_at          timestamptz not null default now(),
  -- Its workflow has saved it.
  has_begun       boolean not null default false
);
create unique index incident_correlation on incident (correlation_key) where is_open;
create index incident_latest on incident (correlation_key, number desc);
create index incident_due on incident (due_at) where told < news;
create index incident_late on incident (due_at) where not has_begun;
create index incident_place on incident (service, environment, number desc);

-- Runbooks that were ordered to restore service: none is executed for an incident that is not here.
create table restoration (
  incident      bigint not null references incident,
  number        integer not null,
  runbook       text not null,
  revision      bigint not null,
  service       text not null,
  environment   text not null,
  digest        text not null,
  ordered_by    text not null,
  is_automatic  boolean not null,
  ordered_at    timestamptz(3) not null default now(),
  primary key (incident, number)
);
create index restoration_service on restoration (service, environment, ordered_at) where is_automatic;
