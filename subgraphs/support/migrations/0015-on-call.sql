-- Who is on call, who was paged because of an escalation, and who took it up (A20).
create table support.on_call_shift (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  staff_id text not null,
  workspace text check (workspace in ('TRIAGE', 'USERS', 'STORES', 'REVENUE', 'LEGAL', 'AUDIT', 'RISK', 'TRUST', 'CATALOG', 'SHIPPING')),
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  scheduled_by_id text not null,
  note text,
  canceled_at timestamptz,
  canceled_by_id text,
  state jsonb not null,
  constraint canceled_by check ((canceled_at is null) = (canceled_by_id is null))
);
create index on_call_shift_starts on support.on_call_shift (starts_at desc, id desc);
create index on_call_shift_staff on support.on_call_shift (staff_id, starts_at desc, id desc);
create index on_call_shift_workspace on support.on_call_shift (workspace, starts_at desc, id desc);
create index on_call_shift_ends on support.on_call_shift (ends_at);

alter table support.ticket_escalation
  add column pages jsonb not null default '[]',
  add column nobody_was_on_call boolean not null default false,
  add column paged_at timestamptz,
  add column page_again_at timestamptz,
  add column acknowledged_at timestamptz,
  add column acknowledged_by_id text,
  add constraint acknowledged_by check ((acknowledged_at is null) = (acknowledged_by_id is null)),
  add constraint acknowledged_once_for_all check (acknowledged_at is null or page_again_at is null);
create index ticket_escalation_created on support.ticket_escalation (created_at desc, id desc);
create index ticket_escalation_open on support.ticket_escalation (level, created_at desc, id desc) where acknowledged_at is null;
-- What became of the mail that a notification went out by.
create index message_delivery_notification on support.message_delivery (notification_id, created_at desc, id desc)
  where notification_id is not null;

-- Promises of a reply after an escalation that cannot wait, beside those of an opening.
alter table support.ticket add column sla_emergencies jsonb not null default '[]';
alter table support.sla_terms add column emergency_hours integer check (emergency_hours > 0);

-- A handover knows the ticket that goes along with it.
update support.handoff set state = state || jsonb_build_object('ticketId', ticket_id);

grant select, insert, update on support.on_call_shift to opsgraph_app;
