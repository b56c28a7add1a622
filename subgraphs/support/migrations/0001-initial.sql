create schema support;

-- Ticket numbers count from 1 each year (D64): a sequence for all years, and where it stood when each began (UTC).
create sequence support.ticket_count;
create table support.ticket_year (
  year integer primary key,
  before integer not null check (before >= 0)
);

create table support.ticket (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  number text not null unique check (number ~ '^TKT-[0-9]{4}-[0-9]{5,}$'),
  subject text not null,
  status text not null check (status in ('OPEN', 'WAITING_ON_BUYER', 'WAITING_ON_SELLER', 'RESOLVED', 'CLOSED')),
  priority text not null check (priority in ('LOW', 'NORMAL', 'HIGH', 'URGENT')),
  category text not null check (category in ('REPLY_NEEDED', 'ACCOUNT_HELP', 'BILLING', 'OPERATIONAL_FOLLOW_UP', 'PROBLEM_REPORT', 'CLAIM', 'ACCESSIBILITY', 'INCIDENT')),
  channel text not null check (channel in ('DASHBOARD', 'EMAIL', 'API', 'CHAT', 'INTERNAL', 'ANONYMOUS_FORM')),
  organization_id text,
  requester_id text,
  assignee_id text,
  assigned_at timestamptz,
  linked_entity_ids text[] not null,
  opened_by_id text not null,
  opened_by_kind text not null,
  closed_at timestamptz,
  -- A ticket belongs to an account, or is about something that staff named (X17).
  constraint belongs_somewhere check (
    organization_id is not null or (opened_by_kind <> 'REQUESTER' and cardinality(linked_entity_ids) > 0)
  ),
  constraint assigned_since check ((assignee_id is null) = (assigned_at is null)),
  constraint closed_when check ((status = 'CLOSED') = (closed_at is not null))
);
create index ticket_created on support.ticket (created_at desc, id desc);
create index ticket_status on support.ticket (status, created_at desc, id desc);
create index ticket_priority on support.ticket (priority, created_at desc, id desc);
create index ticket_organization on support.ticket (organization_id, created_at desc, id desc);
create index ticket_requester on support.ticket (requester_id, created_at desc, id desc);
create index ticket_assignee on support.ticket (assignee_id, created_at desc, id desc);
create index ticket_linked on support.ticket using gin (linked_entity_ids);

create table support.ticket_message (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  ticket_id text not null,
  kind text not null check (kind in ('STAFF_REPLY', 'USER_MESSAGE', 'INTERNAL_NOTE', 'SYSTEM')),
  visibility text not null check (visibility in ('PUBLIC', 'PRIVATE')),
  body text not null,
  author_id text not null,
  organization_id text,
  requester_id text,
  -- A note never becomes a reply by mistake (C15).
  constraint notes_are_private check (kind <> 'INTERNAL_NOTE' or visibility = 'PRIVATE')
);
create index ticket_message_ticket on support.ticket_message (ticket_id, created_at desc, id desc);

grant usage on schema support to opsgraph_app;
grant usage on sequence support.ticket_count to opsgraph_app;
grant select, insert, update on all tables in schema support to opsgraph_app;
