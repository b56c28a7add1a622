-- Promises of a first reply (E102): how they ran, when the last one is due, and from when on it is at risk.
alter table support.ticket
  add column sla_cycles jsonb not null default '[]',
  add column sla_at_risk_at timestamptz;
create index ticket_at_risk on support.ticket (sla_at_risk_at) where sla_at_risk_at is not null;

-- What is agreed with an account goes before the policies (D10).
create table support.sla_terms (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  organization_id text not null unique,
  first_response_hours integer check (first_response_hours > 0),
  urgent_hours integer check (urgent_hours > 0),
  clock text check (clock in ('CALENDAR', 'BUSINESS_DAYS', 'BUSINESS_HOURS')),
  reason_code text,
  set_by_id text not null
);
create index sla_terms_created on support.sla_terms (created_at desc, id desc);

grant select, insert, update on support.sla_terms to opsgraph_app;
