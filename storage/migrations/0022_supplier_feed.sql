-- What suppliers say of themselves: when each feed is asked next, why it cannot be read, and what it has told of.
create table supplier_feed (
  supplier      text primary key,
  watched_since timestamptz not null default now(),
  due_at        timestamptz not null default '-infinity',
  failing_since timestamptz,
  fault         text
);
create table supplier_outage (
  supplier   text not null,
  key        text not null,
  title      text not null,
  impact     text not null,
  link       text,
  started_at timestamptz not null,
  ended_at   timestamptz,
  primary key (supplier, key)
);
create index supplier_outage_of on supplier_outage (supplier, started_at);
