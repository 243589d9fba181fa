-- What people say of a supplier: where it is in its life. Plans move it as well, and are asked where they stand.
create table supplier_move (
  id       uuid primary key,
  supplier text not null,
  stage    text not null,
  actor    jsonb not null,
  reason   text not null,
  at       timestamptz not null
);
create index supplier_move_of on supplier_move (supplier, at);
create index operation_plan_supplier on operation_plan ((commission->'trigger'->>'supplier'))
  where commission->'trigger'->>'type' = 'supplier';
