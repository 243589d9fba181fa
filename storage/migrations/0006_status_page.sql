-- What people published about incidents: written once, by the command that brought it, and never changed.
create table public_update (
  command   uuid primary key,
  incident  bigint not null references incident,
  -- What the public knows it by; the first of an incident names the incident.
  id        uuid not null unique default gen_random_uuid(),
  -- Their order.
  number    bigint not null generated always as identity,
  at        timestamptz(3) not null,
  status    text not null check (status in ('investigating', 'identified', 'monitoring', 'resolved')),
  title     text,
  text      text not null
);
create index public_update_incident on public_update (incident, number);
