-- What operations have learnt and somebody has to answer: once for what it is about, until it is done.
create table improvement_signal (
  id         uuid primary key,
  kind       text not null,
  service    text,
  cluster    text not null,
  team       text not null,
  status     text not null check (status in ('open', 'accepted', 'rejected', 'done')),
  raised_at  timestamptz(3) not null,
  due_at     timestamptz(3) not null,
  record     jsonb not null
);
create unique index improvement_signal_cluster on improvement_signal (kind, coalesce(service, ''), cluster) where status <> 'done';
create index improvement_signal_page on improvement_signal (raised_at desc, id desc);
create index improvement_signal_due on improvement_signal (due_at) where status in ('open', 'accepted');

-- Reports of a scope and a period, as they were written: the figures in them are performance records, named by their ids.
create table performance_report (
  id           uuid primary key,
  -- What asked for it, once for ever.
  order_key    text not null unique,
  scope        jsonb not null,
  period_from  timestamptz(3) not null,
  period_until timestamptz(3) not null,
  is_sent      boolean not null,
  ordered_by   jsonb not null,
  ordered_at   timestamptz(3) not null,
  -- Whose matter it is; of all that there is nobody's.
  team         text,
  document     jsonb,
  written_at   timestamptz(3)
);
create index performance_report_page on performance_report (ordered_at desc, id desc);
