-- When somebody asked to merge it into another one: nothing is merged into it meanwhile.
alter table incident add column merging_at timestamptz;
