-- Counts what was saved of an incident, and what of that was looked at for patterns.
alter table incident add column changes bigint not null default 1, add column profiled bigint not null default 0;
create index incident_unprofiled on incident (number) where profiled < changes;

-- What incidents are known by, for whoever looks for similar ones.
create table incident_profile (
  incident      bigint primary key references incident,
  at            timestamptz(3) not null,
  team          text not null,
  is_private    boolean not null,
  -- The cluster before anybody has said that something is not the same, and the one that it came to.
  base          text not null,
  cluster       text not null,
  profile       jsonb not null
);
create index incident_profile_cluster on incident_profile (cluster, at, incident);
create index incident_profile_parted on incident_profile (base, cluster) where base <> cluster;
create index incident_profile_at on incident_profile (at, incident);

-- Which incidents have a word, a template, an alert, an objective or a cause, and when they were.
create table incident_term (
  term      text not null,
  at        timestamptz(3) not null,
  incident  bigint not null,
  primary key (term, at, incident)
);
create index incident_term_incident on incident_term (incident);

-- How many incidents have a word, and how many words and incidents there are.
create table insight_word (
  word       text primary key,
  documents  bigint not null
);
create table insight_corpus (
  is_only    boolean primary key default true check (is_only),
  documents  bigint not null,
  words      bigint not null
);
insert into insight_corpus (documents, words) values (0, 0);

-- What titles of a team's incidents and alerts always say; those of a private incident are for itself.
create sequence insight_template_id;
create table insight_template (
  id       bigint primary key,
  scope    text not null,
  tokens   text[] not null,
  -- Counts on with each time that it was met.
  met      bigint not null
);
create index insight_template_scope on insight_template (scope, met desc);

-- That two incidents are not the same, whatever they look like.
create table incident_difference (
  incident  bigint not null references incident,
  other     bigint not null references incident,
  said_by   jsonb not null,
  reason    text not null,
  said_at   timestamptz(3) not null default now(),
  primary key (incident, other),
  check (incident < other)
);
create index incident_difference_other on incident_difference (other);

-- What a problem has opened for by itself: one that is open takes what comes of it.
alter table problem add column pattern text;
create index problem_pattern on problem (pattern, number) where pattern is not null;

-- What was looked for in a past, and the patterns that were found, as they were.
create table pattern_run (
  id           uuid primary key,
  -- What asked for it, once for ever.
  order_key    text not null unique,
  scope        jsonb not null,
  period_from  timestamptz(3) not null,
  period_until timestamptz(3) not null,
  opens        boolean not null,
  ordered_by   jsonb not null,
  ordered_at   timestamptz(3) not null,
  -- Whose matter it is; of all that there is nobody's.
  team         text,
  document     jsonb,
  found_at     timestamptz(3)
);
create index pattern_run_page on pattern_run (ordered_at desc, id desc);
create trigger pattern_run_immutable before update on pattern_run
  for each row when (old.document is not null) execute function refuse_rewriting();
create trigger pattern_run_kept before delete or truncate on pattern_run
  for each statement execute function refuse_rewriting();
