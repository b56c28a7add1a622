/**
 * Every sum of the ledger once more, from the log alone and in another language than the product's: walks the events in their order
 * and answers what should lie on each account. Shares nothing with the product but what the guide of the ledger says.
 */
export const RECOUNT = `
create function pg_temp.spread(total numeric, weights numeric[]) returns numeric[] language plpgsql as $$
declare
  whole numeric := (select sum(w) from unnest(weights) w);
  parts numeric[];
  at int;
begin
  select array_agg(div(total * w, whole) order by n) into parts from unnest(weights) with ordinality u(w, n);
  for at in
    select n from unnest(weights) with ordinality u(w, n) order by mod(total * w, whole) desc, n
    limit (total - (select sum(p) from unnest(parts) p))::int
  loop
    parts[at] := parts[at] + 1;
  end loop;
  return parts;
end $$;

create temp table posted (account text, organization_id text, currency text, minor numeric);
create temp table orders_seen (id text primary key, seller text, weights numeric[], uncovered numeric default 0);
create temp table payments_seen (order_id text, id text, captured numeric, currency text, parts numeric[], primary key (order_id, id));
create temp table shares_seen (refund_id text, payment_id text, minor numeric, settled boolean, currency text, primary key (refund_id, payment_id));
create temp table chargebacks_seen (order_id text, id text, minor numeric, state text, primary key (order_id, id));
create temp table worth (id text, what text, account text, other text, seller text, currency text, minor numeric);
create temp table parcels_seen (id text primary key, order_id text);
create temp table said (id text, what text, value jsonb, primary key (id, what));

create function pg_temp.post(account text, organization text, currency text, minor numeric) returns void language sql as
  'insert into posted select account, organization, currency, minor where minor <> 0';

-- Whose an account is: only these are somebody's.
create function pg_temp.owner(account text, organization text) returns text language sql as $$
  select case when account in ('SELLER_PAYABLE', 'PLATFORM_FEES', 'TAX_PAYABLE', 'SHIPPING_CREDIT') then organization end
$$;

-- Adds to, or takes from, the parts of one payment of an order.
create function pg_temp.share(of_order text, of_payment text, change numeric) returns void language plpgsql as $$
declare
  o orders_seen; p payments_seen; moved numeric[];
  names text[] := array['SELLER_PAYABLE', 'PLATFORM_FEES', 'TAX_PAYABLE', 'SHIPPING_CREDIT'];
begin
  if change = 0 then return; end if;
  select * into o from orders_seen where id = of_order;
  select * into p from payments_seen where order_id = of_order and id = of_payment;
  moved := pg_temp.spread(abs(change), case when change > 0 then o.weights else p.parts end);
  for n in 1..4 loop
    p.parts[n] := p.parts[n] + sign(change) * moved[n];
    perform pg_temp.post(names[n], o.seller, p.currency, -sign(change) * moved[n]);
  end loop;
  update payments_seen set parts = p.parts where order_id = of_order and id = of_payment;
end $$;

-- What one thing is worth now, instead of what it was: a parcel's credit, a label, a payout.
create function pg_temp.revalue(of text, kind text, debit text, credit text, owner text, code text, value numeric) returns void
language plpgsql as $$
declare was worth;
begin
  for was in delete from worth where id = of and what = kind returning * loop
    perform pg_temp.post(was.account, was.seller, was.currency, -was.minor), pg_temp.post(was.other, was.seller, was.currency, was.minor);
  end loop;
  if value is not null then
    insert into worth values (of, kind, debit, credit, owner, code, value);
    perform pg_temp.post(debit, owner, code, value), pg_temp.post(credit, owner, code, -value);
  end if;
end $$;

do $$
declare
  e record; d jsonb; was worth; o orders_seen; p payments_seen; s shares_seen; c chargebacks_seen;
  total numeric; change numeric; take numeric; piece jsonb; owner text; fact text; code text;
begin
  for e in select * from log.event where type in ('OrderRecorded', 'PaymentAllocated', 'RefundIssued', 'RefundSubmitted', 'RefundSettled',
    'RefundFailed', 'RefundRetried', 'ChargebackRecorded', 'ShipmentRecorded', 'LabelPurchased', 'PayoutRecorded', 'LedgerAdjusted') order by id
  loop
    d := e.payload;
    if e.type = 'OrderRecorded' then
      select sum((l ->> 'quantity')::numeric * (l -> 'unitPrice' ->> 'amount')::numeric) into total from jsonb_array_elements(d -> 'lines') l;
      change := least((d -> 'fee' ->> 'amount')::numeric, total);
      select * into o from orders_seen where id = e.stream_id;
      if found and o.seller is distinct from d ->> 'sellerId' then
        for p in select * from payments_seen where order_id = e.stream_id loop
          for n in 1..4 loop
            fact := (array['SELLER_PAYABLE', 'PLATFORM_FEES', 'TAX_PAYABLE', 'SHIPPING_CREDIT'])[n];
            perform pg_temp.post(fact, o.seller, p.currency, p.parts[n]), pg_temp.post(fact, d ->> 'sellerId', p.currency, -p.parts[n]);
          end loop;
        end loop;
        for fact in select id from parcels_seen where order_id = e.stream_id loop
          for was in select * from worth where id = fact loop
            perform pg_temp.revalue(was.id, was.what, was.account, was.other, d ->> 'sellerId', was.currency, was.minor);
          end loop;
        end loop;
      end if;
      insert into orders_seen values (e.stream_id, d ->> 'sellerId',
        array[total - change, change, (d -> 'tax' ->> 'amount')::numeric, (d -> 'shipping' ->> 'amount')::numeric])
        on conflict (id) do update set seller = excluded.seller, weights = excluded.weights;
      update orders_seen set weights = array[1, 0, 0, 0] where id = e.stream_id and weights = array[0, 0, 0, 0]::numeric[];
    elsif e.type = 'PaymentAllocated' then
      code := d -> 'amount' ->> 'currency';
      insert into payments_seen values (e.stream_id, d ->> 'paymentId', 0, code, array[0, 0, 0, 0]) on conflict do nothing;
      total := case when (d ->> 'captured')::boolean then (d -> 'amount' ->> 'amount')::numeric else 0 end;
      select total - captured into change from payments_seen where order_id = e.stream_id and id = d ->> 'paymentId';
      perform pg_temp.post('PROVIDER_CLEARING', null, code, change);
      perform pg_temp.share(e.stream_id, d ->> 'paymentId', change);
      update payments_seen set captured = total where order_id = e.stream_id and id = d ->> 'paymentId';
    elsif e.type = 'RefundIssued' then
      for piece in select * from jsonb_array_elements(d -> 'shares') loop
        change := (piece -> 'amount' ->> 'amount')::numeric;
        code := piece -> 'amount' ->> 'currency';
        insert into shares_seen values (d ->> 'refundId', piece ->> 'paymentId', change, false, code);
        perform pg_temp.share(e.stream_id, piece ->> 'paymentId', -change), pg_temp.post('REFUNDS', null, code, -change);
      end loop;
    elsif e.type like 'Refund%' then
      select * into s from shares_seen where refund_id = d ->> 'refundId' and payment_id = d ->> 'paymentId';
      change := s.minor * ((e.type = 'RefundSettled')::int - s.settled::int);
      perform pg_temp.post('REFUNDS', null, s.currency, change), pg_temp.post('PROVIDER_CLEARING', null, s.currency, -change);
      update shares_seen set settled = e.type = 'RefundSettled' where refund_id = d ->> 'refundId' and payment_id = d ->> 'paymentId';
    elsif e.type = 'ChargebackRecorded' then
      code := d -> 'amount' ->> 'currency';
      total := (d -> 'amount' ->> 'amount')::numeric;
      select * into c from chargebacks_seen where order_id = e.stream_id and id = d ->> 'disputeId';
      change := case when c.state in ('NEEDS_RESPONSE', 'UNDER_REVIEW') then c.minor else 0 end;
      perform pg_temp.post('CHARGEBACKS', null, code, -change), pg_temp.post('PROVIDER_CLEARING', null, code, change);
      change := case when c.state = 'LOST' then c.minor else 0 end;
      perform pg_temp.post('PROVIDER_CLEARING', null, code, change);
      take := case when d ->> 'state' = 'LOST' then total else 0 end;
      if d ->> 'state' in ('NEEDS_RESPONSE', 'UNDER_REVIEW') then
        perform pg_temp.post('CHARGEBACKS', null, code, total), pg_temp.post('PROVIDER_CLEARING', null, code, -total);
      end if;
      perform pg_temp.post('PROVIDER_CLEARING', null, code, -take);
      -- What is lost comes out of the payments, first to last; what is not there is the platform's loss.
      take := take - change;
      select * into o from orders_seen where id = e.stream_id;
      if take > 0 then
        for p in select * from payments_seen where order_id = e.stream_id order by id collate "C" loop
          change := least(take, (select sum(part) from unnest(p.parts) part));
          perform pg_temp.share(e.stream_id, p.id, -change);
          take := take - change;
        end loop;
        perform pg_temp.post('ADJUSTMENTS', null, code, take);
        update orders_seen set uncovered = uncovered + take where id = e.stream_id;
      elsif take < 0 then
        change := least(o.uncovered, -take);
        perform pg_temp.post('ADJUSTMENTS', null, code, -change);
        update orders_seen set uncovered = uncovered - change where id = e.stream_id;
        perform pg_temp.share(e.stream_id, (select min(id collate "C") from payments_seen where order_id = e.stream_id), -take - change);
      end if;
      insert into chargebacks_seen values (e.stream_id, d ->> 'disputeId', total, d ->> 'state')
        on conflict (order_id, id) do update set minor = excluded.minor, state = excluded.state;
    elsif e.type = 'ShipmentRecorded' then
      select seller into owner from orders_seen where id = d ->> 'orderId';
      insert into parcels_seen values (e.stream_id, d ->> 'orderId') on conflict do nothing;
      -- The marketplace repeating itself says nothing new.
      foreach fact in array array['shippingCredit', 'labelCost'] loop
        if exists (select from said where id = e.stream_id and what = fact and value is not distinct from d -> fact) then
          continue;
        end if;
        insert into said values (e.stream_id, fact, d -> fact) on conflict (id, what) do update set value = excluded.value;
        change := (d -> fact ->> 'amount')::numeric;
        if fact = 'shippingCredit' then
          perform pg_temp.revalue(e.stream_id, fact, 'SHIPPING_CREDIT', 'SELLER_PAYABLE', owner, d -> fact ->> 'currency', change);
        else
          perform pg_temp.revalue(e.stream_id, fact, 'LABEL_COST', 'CARRIER_PAYABLE', owner, d -> fact ->> 'currency', change);
        end if;
      end loop;
    elsif e.type = 'PayoutRecorded' then
      perform pg_temp.revalue(e.stream_id, 'payout', 'SELLER_PAYABLE', 'PROVIDER_CLEARING', d ->> 'organizationId',
        d -> 'amount' ->> 'currency', case when d ->> 'status' in ('IN_TRANSIT', 'PAID') then (d -> 'amount' ->> 'amount')::numeric end);
    elsif e.type = 'LedgerAdjusted' then
      for piece in select * from jsonb_array_elements(d -> 'lines') loop
        perform pg_temp.post(piece ->> 'account', piece ->> 'organizationId', piece -> 'amount' ->> 'currency',
          (case piece ->> 'side' when 'DEBIT' then 1 else -1 end) * (piece -> 'amount' ->> 'amount')::numeric);
      end loop;
    end if;
  end loop;
end $$;
`

/** Accounts on which the ledger and the recount differ; none when every sum is what the log says. */
export const DIFFERENCES = `
  with ledger as (
    select account, pg_temp.owner(account, organization_id) as organization_id, currency, sum(minor) as minor
    from orders.ledger_entry group by 1, 2, 3 having sum(minor) <> 0
  ), recounted as (
    select account, pg_temp.owner(account, organization_id) as organization_id, currency, sum(minor) as minor
    from posted group by 1, 2, 3 having sum(minor) <> 0
  )
  select coalesce(l.account, r.account) as account, coalesce(l.organization_id, r.organization_id) as organization,
    coalesce(l.currency, r.currency) as currency, l.minor as ledger, r.minor as log
  from ledger l full join recounted r
    on l.account = r.account and l.currency = r.currency and l.organization_id is not distinct from r.organization_id
  where l.minor is distinct from r.minor order by 1, 2, 3`
