-- Who had lent the token with which somebody ordered the runbook.
alter table restoration add column lent_by text;
