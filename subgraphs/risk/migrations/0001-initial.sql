create schema risk;

create table risk.risk_flag (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  kind text not null check (kind in ('PAYMENT_FRAUD', 'ACCOUNT_TAKEOVER', 'IDENTITY', 'COUNTERFEIT', 'PROHIBITED_ITEM', 'COLLUSION', 'VELOCITY', 'CHARGEBACKS', 'NEGATIVE_BALANCE', 'ABUSE', 'OTHER')),
  severity text not null check (severity in ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
  state text not null check (state in ('RAISED', 'CLEARED')),
  subject_id text not null,
  organization_id text,
  user_id text,
  order_id text,
  listing_id text,
  trigger jsonb not null,
  reason_code text not null,
  raised_by_id text not null,
  cleared_reason_code text,
  cleared_by_id text,
  cleared_at timestamptz,
  constraint cleared_by_whom check ((state = 'CLEARED') = (cleared_by_id is not null and cleared_at is not null))
);
create index risk_flag_created on risk.risk_flag (created_at desc, id desc);
create index risk_flag_state on risk.risk_flag (state, created_at desc, id desc);
create index risk_flag_kind on risk.risk_flag (kind, created_at desc, id desc);
create index risk_flag_subject on risk.risk_flag (subject_id, created_at desc, id desc);

create table risk.payout_hold (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  organization_id text not null,
  payout_id text,
  amount jsonb check ((amount ->> 'amount')::bigint > 0),
  state text not null check (state in ('ACTIVE', 'RELEASED')),
  until timestamptz,
  reason_code text not null,
  held_by_id text not null,
  released_by_id text,
  released_at timestamptz,
  released_reason_code text,
  approval_id text,
  -- Another's hold takes a second person, whatever the code believes (E60).
  constraint released_by_owner_or_two check (state = 'ACTIVE' or released_by_id = held_by_id or approval_id is not null)
);
create index payout_hold_created on risk.payout_hold (created_at desc, id desc);
create index payout_hold_organization on risk.payout_hold (organization_id, created_at desc, id desc);
create index payout_hold_active on risk.payout_hold (created_at desc, id desc) where state = 'ACTIVE';

create table risk.org_freeze (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  organization_id text not null unique,
  state text not null check (state in ('FROZEN', 'ACTIVE')),
  since timestamptz not null,
  reason_code text not null,
  changed_by_id text not null,
  approval_id text,
  -- Nothing is unfrozen without a second person, whatever the code believes (E101).
  constraint unfrozen_by_two check (state = 'FROZEN' or approval_id is not null)
);
create index org_freeze_state on risk.org_freeze (state, created_at desc, id desc);

create table risk.listing_takedown (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  listing_id text not null unique,
  policy text not null check (policy in ('COUNTERFEIT', 'PROHIBITED_ITEM', 'INTELLECTUAL_PROPERTY', 'PRODUCT_SAFETY', 'FRAUD', 'MISLEADING', 'LEGAL_ORDER')),
  state text not null check (state in ('APPLIED', 'REINSTATED')),
  until timestamptz,
  applied_at timestamptz not null,
  applied_by_id text not null,
  reason_code text not null,
  reinstated_at timestamptz,
  reinstated_reason_code text,
  approval_id text,
  -- Nothing is reinstated without a second person, whatever the code believes (E101).
  constraint reinstated_by_two check (state = 'APPLIED' or approval_id is not null)
);
create index listing_takedown_state on risk.listing_takedown (state, created_at desc, id desc);

grant usage on schema risk to opsgraph_app;
grant select, insert, update on all tables in schema risk to opsgraph_app;
