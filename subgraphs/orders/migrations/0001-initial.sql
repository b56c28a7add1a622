create schema orders;

create table orders.checkout (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  source text not null,
  external_id text not null,
  buyer_id text,
  total jsonb not null,
  placed_at timestamptz not null
);
create index checkout_placed on orders.checkout (placed_at desc, id desc);
create index checkout_buyer on orders.checkout (buyer_id, placed_at desc, id desc);

create table orders."order" (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  source text not null,
  external_id text not null,
  number text,
  status text not null check (status in ('PLACED', 'PAID', 'SHIPPED', 'DELIVERED', 'CANCELED', 'REFUNDED')),
  checkout_id text not null,
  buyer_id text,
  seller_id text,
  lines jsonb not null,
  shipping jsonb not null,
  tax jsonb not null,
  fee jsonb not null,
  total jsonb not null,
  paid jsonb not null,
  refunded jsonb not null,
  refundable jsonb not null,
  placed_at timestamptz not null,
  state jsonb not null,
  -- The last guard of the money: whatever the code believes, more than was paid is never given back (F22).
  constraint refunds_within_payment check ((refunded ->> 'amount')::bigint between 0 and (paid ->> 'amount')::bigint),
  constraint one_currency check (refunded ->> 'currency' = paid ->> 'currency')
);
create index order_placed on orders."order" (placed_at desc, id desc);
create index order_status on orders."order" (status, placed_at desc, id desc);
create index order_checkout on orders."order" (checkout_id, placed_at desc, id desc);
create index order_buyer on orders."order" (buyer_id, placed_at desc, id desc);
create index order_seller on orders."order" (seller_id, placed_at desc, id desc);

create table orders.refund (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  order_id text not null references orders."order",
  amount jsonb not null check ((amount ->> 'amount')::bigint > 0),
  reason_code text not null,
  issued_by_id text not null,
  approval_id text,
  issued_at timestamptz not null
);
create index refund_order on orders.refund (order_id, issued_at desc, id desc);

create table orders.payment (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  source text not null,
  external_id text not null,
  checkout_id text,
  provider text not null,
  method text,
  status text not null check (status in ('PENDING', 'CAPTURED', 'FAILED', 'REFUNDED', 'DISPUTED')),
  amount jsonb not null,
  payment_intent_id text,
  charge_id text,
  customer_id text,
  allocations jsonb not null,
  paid_at timestamptz
);
create index payment_created on orders.payment (created_at desc, id desc);
create index payment_checkout on orders.payment (checkout_id, created_at desc, id desc);

create table orders.shipment (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  source text not null,
  external_id text not null,
  order_id text not null,
  carrier text,
  service text,
  tracking_number text,
  status text not null check (status in ('PENDING', 'LABEL_CREATED', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'DELIVERED', 'RETURNED', 'LOST')),
  carrier_status text,
  origin text,
  label_cost jsonb,
  shipping_credit jsonb,
  shipped_at timestamptz,
  delivered_at timestamptz
);
create index shipment_created on orders.shipment (created_at desc, id desc);
create index shipment_status on orders.shipment (status, created_at desc, id desc);
create index shipment_order on orders.shipment (order_id, created_at desc, id desc);

create table orders.dispute (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  source text not null,
  external_id text not null,
  order_id text not null,
  amount jsonb not null,
  reason text not null,
  state text not null check (state in ('NEEDS_RESPONSE', 'UNDER_REVIEW', 'WON', 'LOST', 'CLOSED')),
  dispute_id text,
  evidence_due_at timestamptz,
  opened_at timestamptz not null
);
create index dispute_opened on orders.dispute (opened_at desc, id desc);
create index dispute_state on orders.dispute (state, opened_at desc, id desc);
create index dispute_order on orders.dispute (order_id, opened_at desc, id desc);

create table orders.payout (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  source text not null,
  external_id text not null,
  organization_id text not null,
  amount jsonb not null,
  status text not null check (status in ('PENDING', 'IN_TRANSIT', 'PAID', 'FAILED', 'CANCELED')),
  payout_id text,
  arrival_at timestamptz
);
create index payout_created on orders.payout (created_at desc, id desc);
create index payout_organization on orders.payout (organization_id, created_at desc, id desc);

grant usage on schema orders to opsgraph_app;
grant select, insert, update on all tables in schema orders to opsgraph_app;
