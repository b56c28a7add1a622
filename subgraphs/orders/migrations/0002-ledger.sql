-- Double entry: what happened to money, in transactions that balance, written once and never changed.

create table orders.ledger_adjustment (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  lines jsonb not null,
  order_id text,
  reason_code text not null,
  adjusted_by_id text not null,
  approval_id text,
  adjusted_at timestamptz not null
);
create index ledger_adjustment_adjusted on orders.ledger_adjustment (adjusted_at desc, id desc);
create index ledger_adjustment_order on orders.ledger_adjustment (order_id, adjusted_at desc, id desc) where order_id is not null;

create table orders.ledger_transaction (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  kind text not null check (kind in ('CAPTURE', 'ALLOCATION', 'TRANSFER', 'UNWIND', 'REFUND', 'SETTLEMENT', 'CHARGEBACK',
    'SHIPPING_CREDIT', 'LABEL', 'PAYOUT', 'ADJUSTMENT')),
  event_id text not null,
  order_id text,
  adjustment_id text,
  -- How many entries it has. They come with it or not at all, so that nothing balanced can be slipped in later either.
  entry_count integer not null check (entry_count >= 2),
  occurred_at timestamptz not null
);
create index ledger_transaction_occurred on orders.ledger_transaction (occurred_at desc, id desc);
create index ledger_transaction_event on orders.ledger_transaction (event_id);
create index ledger_transaction_order on orders.ledger_transaction (order_id, occurred_at desc, id desc) where order_id is not null;
create index ledger_transaction_adjustment on orders.ledger_transaction (adjustment_id) where adjustment_id is not null;

create table orders.ledger_entry (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  transaction_id text not null references orders.ledger_transaction,
  position integer not null check (position >= 1),
  account text not null check (account in ('PROVIDER_CLEARING', 'BUYER_FUNDS', 'SELLER_PAYABLE', 'PLATFORM_FEES', 'TAX_PAYABLE',
    'SHIPPING_CREDIT', 'LABEL_COST', 'CARRIER_PAYABLE', 'REFUNDS', 'CHARGEBACKS', 'ADJUSTMENTS')),
  organization_id text,
  side text not null check (side in ('DEBIT', 'CREDIT')),
  amount jsonb not null,
  minor bigint generated always as
    (case side when 'DEBIT' then (amount ->> 'amount')::bigint else -(amount ->> 'amount')::bigint end) stored,
  currency text generated always as (amount ->> 'currency') stored,
  order_id text,
  refund_id text,
  dispute_id text,
  claim_id text,
  payment_id text,
  payout_id text,
  shipment_id text,
  occurred_at timestamptz not null,
  unique (transaction_id, position),
  constraint more_than_nothing check (((amount ->> 'amount')::bigint > 0) is true),
  constraint has_currency check ((currency ~ '^[A-Z]{3}$') is true),
  -- Nobody's payable is the payable of an order whose seller is not known.
  constraint payable_to_somebody check (account <> 'SELLER_PAYABLE' or organization_id is not null or order_id is not null)
);
create index ledger_entry_occurred on orders.ledger_entry (occurred_at desc, id desc);
create index ledger_entry_account on orders.ledger_entry (account, occurred_at desc, id desc) include (currency, minor);
create index ledger_entry_organization on orders.ledger_entry (organization_id, occurred_at desc, id desc)
  include (account, currency, minor, order_id) where organization_id is not null;
create index ledger_entry_order on orders.ledger_entry (order_id, occurred_at desc, id desc) where order_id is not null;
create index ledger_entry_refund on orders.ledger_entry (refund_id, occurred_at desc, id desc) where refund_id is not null;
create index ledger_entry_dispute on orders.ledger_entry (dispute_id, occurred_at desc, id desc) where dispute_id is not null;
create index ledger_entry_claim on orders.ledger_entry (claim_id, occurred_at desc, id desc) where claim_id is not null;
create index ledger_entry_payment on orders.ledger_entry (payment_id, occurred_at desc, id desc) where payment_id is not null;
create index ledger_entry_payout on orders.ledger_entry (payout_id) where payout_id is not null;
create index ledger_entry_shipment on orders.ledger_entry (shipment_id) where shipment_id is not null;

-- All entries of a transaction come in one statement, numbered from 1, and balance in each currency. Their numbers are taken then, so
-- no later statement can add any.
create function orders.require_balance() returns trigger language plpgsql set enable_seqscan = off as $$
declare
  wrong record;
begin
  select f.transaction_id, f.entries, t.entry_count into wrong
    from (select transaction_id, count(*) as entries, min(position) as first, max(position) as last
          from fresh group by transaction_id) f
    left join orders.ledger_transaction t on t.id = f.transaction_id
    where t.entry_count is distinct from f.entries or f.first <> 1 or f.last <> f.entries
    limit 1;
  if found then
    raise exception 'ledger transaction % has % entries, not the % that come here', wrong.transaction_id, wrong.entry_count,
      wrong.entries using errcode = '23514', constraint = 'ledger_transaction_whole';
  end if;
  select transaction_id, currency, sum(minor) as difference into wrong
    from fresh group by transaction_id, currency having sum(minor) <> 0 limit 1;
  if found then
    raise exception 'ledger transaction % does not balance: % minor units of % too much in debit', wrong.transaction_id,
      wrong.difference, wrong.currency using errcode = '23514', constraint = 'ledger_transaction_balanced';
  end if;
  return null;
end $$;
create trigger balanced after insert on orders.ledger_entry referencing new table as fresh
  for each statement execute function orders.require_balance();

-- A transaction without entries says nothing.
create function orders.require_entries() returns trigger language plpgsql set enable_seqscan = off as $$
begin
  if not exists (select from orders.ledger_entry where transaction_id = new.id and position = new.entry_count) then
    raise exception 'ledger transaction % has no entries', new.id using errcode = '23514', constraint = 'ledger_transaction_whole';
  end if;
  return null;
end $$;
create constraint trigger whole after insert on orders.ledger_transaction deferrable initially deferred
  for each row execute function orders.require_entries();

create function orders.forbid() returns trigger language plpgsql as $$
begin
  raise exception '% on orders.% is forbidden: the ledger is append-only', tg_op, tg_table_name using errcode = '42501';
end $$;

-- ALWAYS: also for a superuser, and also under session_replication_role = replica.
do $$
declare
  guarded text;
begin
  foreach guarded in array array['ledger_transaction', 'ledger_entry'] loop
    execute format('create trigger no_update before update on orders.%I for each row execute function orders.forbid()', guarded);
    execute format('create trigger no_delete before delete on orders.%I for each row execute function orders.forbid()', guarded);
    execute format('create trigger no_truncate before truncate on orders.%I for each statement execute function orders.forbid()', guarded);
    execute format('alter table orders.%I enable always trigger no_update, enable always trigger no_delete,
      enable always trigger no_truncate', guarded);
  end loop;
end $$;
alter table orders.ledger_entry enable always trigger balanced;
alter table orders.ledger_transaction enable always trigger whole;

revoke all on function orders.require_balance(), orders.require_entries(), orders.forbid() from public;
grant select, insert on orders.ledger_transaction, orders.ledger_entry to opsgraph_app;
grant select, insert, update on orders.ledger_adjustment to opsgraph_app;

-- What happened before is posted by folding it anew.
insert into log.rebuild_wanted
  select 'what happened to money is posted to a ledger' where exists (select from orders."order")
  on conflict do nothing;
