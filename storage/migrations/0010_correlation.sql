-- The newest incident that alerts of a key belong to, whichever key it has itself.
create index alert_kin on alert (correlation_key, incident desc) where correlation_key is not null and incident is not null;
