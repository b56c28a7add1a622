alter table orders.shipment
  drop constraint shipment_status_check,
  add constraint shipment_status_check check (status in ('PENDING', 'LABEL_CREATED', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'DELIVERED',
    'RETURNING', 'RETURNED', 'EXCEPTION', 'LOST')),
  add origin_location jsonb,
  add destination jsonb,
  add sender jsonb,
  add parcel jsonb,
  add contents jsonb,
  add shipping_charged jsonb,
  add credit_formula text,
  add credit_inputs jsonb,
  add variance jsonb,
  add label jsonb,
  add label_state text not null default 'NONE' check (label_state in ('NONE', 'TO_DO', 'PENDING', 'PURCHASED', 'FAILED')),
  add label_purchase jsonb,
  add has_address_problem boolean not null default false,
  add address_problem text,
  add last_scan_at timestamptz,
  add carrier_status_history jsonb,
  add reports text[],
  add seen_version integer,
  add state jsonb;

-- Rows from before follow from their last record: what the fold would make of it.
with told as (
  select id, order_id, updated_at, shipped_at, jsonb_build_object(
    'status', status, 'carrier', carrier, 'service', service, 'trackingNumber', tracking_number, 'carrierStatus', carrier_status,
    'origin', origin, 'originLocation', null, 'labelStatus', null, 'labelError', null, 'labelCost', label_cost,
    'shippingCredit', shipping_credit, 'hasAddressProblem', false, 'lastScanAt', null,
    'shippedAt', to_char(shipped_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'deliveredAt', to_char(delivered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) as facts
  from orders.shipment
)
update orders.shipment s set
  label_state = case when s.status <> 'PENDING' or s.tracking_number is not null or s.label_cost is not null then 'PURCHASED' else 'NONE' end,
  label = case when s.status <> 'PENDING' or s.tracking_number is not null or s.label_cost is not null then jsonb_build_object(
    'cost', s.label_cost, 'carrier', s.carrier, 'service', s.service, 'trackingNumber', s.tracking_number, 'purchasedAt', null, 'url', null) end,
  label_purchase = jsonb_build_object(
    'state', case when s.status <> 'PENDING' or s.tracking_number is not null or s.label_cost is not null then 'PURCHASED' else 'NONE' end,
    'attempts', 0, 'by', null, 'service', null, 'code', null, 'message', null, 'carrierShipmentId', null),
  variance = case when s.label_cost ->> 'currency' = s.shipping_credit ->> 'currency' then jsonb_build_object(
    'amount', (s.shipping_credit ->> 'amount')::bigint - (s.label_cost ->> 'amount')::bigint, 'currency', s.label_cost ->> 'currency') end,
  carrier_status_history = '[]',
  reports = '{}',
  seen_version = s.version,
  state = jsonb_build_object(
    'orderId', told.order_id, 'facts', told.facts, 'recorded', told.facts,
    'seenAt', to_char(coalesce(told.shipped_at, told.updated_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'purchase', '{"state": "NONE", "attempt": 0, "by": null, "service": null, "prepared": null, "code": null}'::jsonb,
    'carrierShipments', '[]'::jsonb, 'issues', '{}'::jsonb, 'reports', '[]'::jsonb)
from told where told.id = s.id;

alter table orders.shipment alter state set not null;
create index shipment_label on orders.shipment (label_state, created_at desc, id desc);
create index shipment_carrier on orders.shipment (carrier, created_at desc, id desc);
create index shipment_reports on orders.shipment using gin (reports) where reports <> '{}';

create table orders.shipment_issue (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  shipment_id text not null,
  order_id text,
  kind text not null check (kind in ('LABEL_PURCHASE_FAILED', 'ADDRESS_INVALID', 'TRACKING_STALE', 'DELIVERED_NOT_RECEIVED')),
  state text not null check (state in ('OPEN', 'CLEARED')),
  detected_at timestamptz not null,
  occurrences integer not null,
  evidence jsonb not null,
  cleared_at timestamptz,
  cleared_because text,
  unique (shipment_id, kind)
);
create index shipment_issue_detected on orders.shipment_issue (detected_at desc, id desc);
create index shipment_issue_state on orders.shipment_issue (state, kind, detected_at desc, id desc);
create index shipment_issue_shipment on orders.shipment_issue (shipment_id, detected_at desc, id desc);
create index shipment_issue_order on orders.shipment_issue (order_id, detected_at desc, id desc);

create table orders.shipment_investigation (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  shipment_id text not null,
  order_id text not null,
  state text not null check (state in ('OPEN', 'CONCLUDED')),
  steps jsonb not null,
  reason_code text not null,
  started_by_id text not null,
  due_at timestamptz not null,
  outcome text check (outcome in ('FOUND', 'DELIVERED', 'LOST', 'RETURNED', 'DAMAGED', 'REFUND_RECOMMENDED', 'INCONCLUSIVE')),
  summary text,
  concluded_at timestamptz,
  concluded_by_id text,
  check ((state = 'CONCLUDED') = (outcome is not null))
);
create index shipment_investigation_created on orders.shipment_investigation (created_at desc, id desc);
create index shipment_investigation_state on orders.shipment_investigation (state, due_at);
create index shipment_investigation_shipment on orders.shipment_investigation (shipment_id, created_at desc, id desc);
create index shipment_investigation_order on orders.shipment_investigation (order_id, created_at desc, id desc);
-- One parcel is looked into by one investigation at a time.
create unique index shipment_investigation_open on orders.shipment_investigation (shipment_id) where state = 'OPEN';

grant select, insert, update on orders.shipment_issue, orders.shipment_investigation to opsgraph_app;
