create table orders.workflow (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  kind text not null check (kind in ('REFUND_BEFORE_SHIPPING', 'NOT_RECEIVED', 'NON_FULFILMENT')),
  status text not null check (status in ('RUNNING', 'WAITING', 'FAILED', 'DONE', 'COMPENSATED', 'ABANDONED')),
  order_ids text[] not null check (cardinality(order_ids) between 1 and 20),
  seller_id text,
  steps jsonb not null,
  step text,
  waits_for text,
  due_at timestamptz,
  error jsonb,
  evidence jsonb not null,
  facts jsonb not null,
  grace_extended boolean not null,
  started_by_id text,
  approval_id text,
  ended_at timestamptz,
  because text,
  state jsonb not null,
  constraint over_or_not check ((status in ('DONE', 'COMPENSATED', 'ABANDONED')) = (ended_at is not null)),
  constraint failed_with_reason check ((status = 'FAILED') = (error is not null))
);
create index workflow_created on orders.workflow (created_at desc, id desc);
create index workflow_status on orders.workflow (status, created_at desc, id desc);
create index workflow_kind on orders.workflow (kind, created_at desc, id desc);
create index workflow_orders on orders.workflow using gin (order_ids);
create index workflow_open_of_seller on orders.workflow (seller_id) where ended_at is null;

grant select, insert, update on orders.workflow to opsgraph_app;
