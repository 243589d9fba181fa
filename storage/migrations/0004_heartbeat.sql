-- When each heartbeat was heard last; since when it is silent, and what was told of that.
create table heartbeat (
  name          text primary key,
  beaten_at     timestamptz,
  silent_since  timestamptz,
  told          jsonb
);
