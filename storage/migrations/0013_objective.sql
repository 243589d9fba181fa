-- What was measured of a question that objectives ask: one row for each slot, also where there was no data (total is 0).
create table objective_slot (
  series text not null,
  at     timestamptz(3) not null,
  good   double precision not null,
  total  double precision not null,
  primary key (series, at)
);

-- The slots of an hour together, so that a window of weeks is read at once.
create table objective_hour (
  series text not null,
  at     timestamptz(3) not null,
  good   double precision not null,
  total  double precision not null,
  slots  int not null,
  empty  int not null,
  primary key (series, at)
);

-- Which time a series has without a gap, and why it gets no further, if it does not.
create table objective_series (
  series         text primary key,
  measured_from  timestamptz(3) not null,
  measured_until timestamptz(3) not null,
  last_data_at   timestamptz(3)
);

create table objective (
  name         text primary key,
  -- How it stood when it was looked at last.
  state        jsonb not null,
  evaluated_at timestamptz(3) not null
);

-- Conditions of objectives that hold, since when, and since when they are told as alerts.
create table objective_alert (
  objective text not null,
  alert     text not null,
  since     timestamptz(3) not null,
  raised_at timestamptz(3),
  told      jsonb not null,
  primary key (objective, alert)
);

-- What a spent error budget holds up.
create table budget_hold (
  id        uuid primary key,
  policy    text not null,
  rule      int not null,
  objective text not null,
  service   text not null,
  team      text not null,
  opened_at timestamptz(3) not null,
  ended_at  timestamptz(3),
  record    jsonb not null
);
create unique index budget_hold_open on budget_hold (policy, objective) where ended_at is null;
create index budget_hold_service on budget_hold (service) where ended_at is null;
create index budget_hold_page on budget_hold (opened_at desc, id desc);
