-- Pages are cut by instants that people see, in milliseconds: a finer column would lose rows between two pages.
alter table inbox alter column received_at type timestamptz(3);
alter table operation_plan alter column opened_at type timestamptz(3);
