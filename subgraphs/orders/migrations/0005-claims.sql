create table orders.claim (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  order_id text not null references orders."order",
  buyer_id text,
  seller_id text,
  kind text not null check (kind in ('NOT_RECEIVED', 'NOT_AS_DESCRIBED', 'DAMAGED', 'UNAUTHORIZED', 'CHARGEBACK', 'OTHER')),
  status text not null check (status in ('OPEN', 'AWAITING_BUYER', 'AWAITING_SELLER', 'UNDER_REVIEW', 'RESOLVED', 'CLOSED')),
  amount jsonb not null check ((amount ->> 'amount')::bigint > 0),
  summary text,
  opened_by_id text not null,
  workflow_id text,
  chargeback_id text,
  chargeback_ids text[] not null,
  checklist jsonb not null,
  sla jsonb not null,
  slas jsonb not null,
  due_at timestamptz,
  queued_at timestamptz not null,
  outcome text check (outcome in ('BUYER', 'SELLER', 'SPLIT', 'WITHDRAWN')),
  buyer_amount jsonb check ((buyer_amount ->> 'amount')::bigint > 0),
  statement text,
  resolved_reason_code text,
  resolved_by_id text,
  resolved_at timestamptz,
  closed_at timestamptz,
  state jsonb not null,
  constraint decided_when check ((outcome is null) = (resolved_at is null)),
  constraint decided_before_closed check (closed_at is null or outcome is not null),
  constraint stands_as_decided check (
    status = case when closed_at is not null then 'CLOSED' when outcome is not null then 'RESOLVED' else status end
    and (outcome is not null or status not in ('RESOLVED', 'CLOSED'))
  ),
  constraint owed_as_decided check ((outcome in ('BUYER', 'SPLIT')) = (buyer_amount is not null) or outcome is null)
);
-- The last guard: whatever the code believes, one claim at most is open about an order.
create unique index claim_open on orders.claim (order_id) where status not in ('RESOLVED', 'CLOSED');
create index claim_created on orders.claim (created_at desc, id desc);
create index claim_queue on orders.claim (queued_at, id);
create index claim_due on orders.claim (due_at) where due_at is not null;
create index claim_status on orders.claim (status, queued_at, id);
create index claim_kind on orders.claim (kind, queued_at, id);
create index claim_order on orders.claim (order_id, created_at desc, id desc);
create index claim_chargeback on orders.claim using gin (chargeback_ids);

create table orders.claim_note (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  claim_id text not null references orders.claim,
  visibility text not null check (visibility in ('INTERNAL', 'PARTIES')),
  body text,
  author_id text not null
);
create index claim_note_claim on orders.claim_note (claim_id, created_at desc, id desc);

grant select, insert, update on orders.claim, orders.claim_note to opsgraph_app;
