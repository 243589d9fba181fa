create sequence problem_number;

-- What a problem was opened for.
create table problem (
  number       bigint primary key,
  reference    text not null unique references record,
  -- What opened it, once for ever.
  trigger_key  text not null unique,
  service      text,
  environment  text,
  commission   jsonb not null
);

-- Which problems an incident is one of.
create index record_problem_incidents on record using gin ((state -> 'incidents') jsonb_path_ops) where kind = 'problem';

-- Known errors of open problems, which each page looks for.
create index record_known_errors on record (reference) where kind = 'problem' and state ? 'knownError';

-- Incidents that a known error was offered to.
create index record_offered on record using gin ((state -> 'knownErrors') jsonb_path_ops) where kind = 'incident';
