-- Times in which somebody else is on call, as people asked and answered.
create table on_call_override (
  id          uuid primary key,
  schedule    text not null,
  person      text not null,
  asked_by    text not null,
  asked_at    timestamptz(3) not null,
  -- Null until it counts.
  accepted_at timestamptz(3),
  -- When it changed last.
  changed_at  timestamptz(3) not null,
  record      jsonb not null
);
create index on_call_override_schedule on on_call_override (schedule, asked_at desc);

-- Calendars that whoever has their address can read.
create table calendar_feed (
  id            uuid primary key,
  hash          text not null unique,
  schedule      text,
  person        text,
  owner         text not null,
  created_at    timestamptz(3) not null,
  created_by    jsonb not null,
  revoked_at    timestamptz,
  last_used_at  timestamptz(3),
  check ((schedule is null) <> (person is null))
);
create index calendar_feed_owner on calendar_feed (owner, created_at desc);
