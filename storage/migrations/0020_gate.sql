-- Gates of GitHub are answered.
alter table outbox drop constraint outbox_kind_check;
alter table outbox add constraint outbox_kind_check check
  (kind in ('email', 'webhook', 'slack', 'teams', 'pagerduty', 'gateway', 'github', 'gate', 'statuspage', 'http', 'command'));
