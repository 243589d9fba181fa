-- Runs are looked at in turn, so that open ones do not keep those that have closed from being archived.
alter table workflow_run add column looked_at timestamptz;
