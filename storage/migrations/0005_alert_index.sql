-- What is looked for again and again is found without looking at every alert.
create index alert_shelved on alert (shelved_until) where is_firing and shelved_until is not null;
-- Most alerts belong to no incident and have no key.
drop index alert_correlation;
create index alert_correlation on alert (correlation_key) where is_firing and correlation_key is not null;
