-- Until when it flaps: it counts as firing meanwhile, whichever way it turns.
alter table alert add column flaps_until timestamptz;
create index alert_flaps on alert (flaps_until) where flaps_until is not null;
