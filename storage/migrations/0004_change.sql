-- What was changed, by whoever: evidence for what an incident may come from.
create table change (
  id           uuid primary key,
  key          text not null,
  source       text not null,
  team         text not null,
  service      text,
  environment  text,
  summary      text not null,
  at           timestamptz not null,
  link         text,
  received_at  timestamptz not null default now(),
  unique (source, key)
);
create index change_newest on change (at desc, id desc);
create index change_of_team on change (team, at desc, id desc);
