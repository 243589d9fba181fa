-- What is published goes to Statuspage as well.
alter table outbox drop constraint outbox_kind_check;
alter table outbox add constraint outbox_kind_check
  check (kind in ('email', 'webhook', 'slack', 'teams', 'pagerduty', 'gateway', 'statuspage', 'http', 'command'));
