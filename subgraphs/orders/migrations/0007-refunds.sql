alter table orders."order" add column charged_back jsonb not null default '{"amount": 0, "currency": "XXX"}';
update orders."order" set
  charged_back = jsonb_build_object('amount', 0, 'currency', paid ->> 'currency'),
  lines = (
    select coalesce(jsonb_agg(line || jsonb_build_object('id', "order".id || '/' || n, 'canceled', 0, 'refunded', 0) order by n), '[]')
    from jsonb_array_elements(lines) with ordinality as l(line, n));
alter table orders."order" alter column charged_back drop default;

alter table orders.refund
  add column status text not null default 'SETTLED' check (status in ('PENDING', 'SETTLED', 'FAILED')),
  add column shares jsonb not null default '[]',
  add column lines jsonb not null default '[]',
  add column shipping jsonb,
  add column provider_refund_id text,
  add column claim_id text,
  add column workflow_id text;
alter table orders.refund
  alter column status drop default, alter column shares drop default, alter column lines drop default;
create index refund_status on orders.refund (status, issued_at desc, id desc);
create index refund_claim on orders.refund (claim_id, issued_at desc, id desc);
create index refund_workflow on orders.refund (workflow_id, issued_at desc, id desc);

-- What decisions rest on grew: orders that were there before are folded anew.
insert into log.rebuild_wanted
  select 'orders keep their lines, payments and refunds apart' where exists (select from orders."order")
  on conflict do nothing;
