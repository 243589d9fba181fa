-- What people think of how an incident was handled: the last that each of them said. The ledger has every one.
create table incident_rating (
  incident  bigint not null references incident,
  person    text not null,
  score     smallint not null check (score between 1 and 5),
  comment   text,
  at        timestamptz(3) not null,
  primary key (incident, person)
);
