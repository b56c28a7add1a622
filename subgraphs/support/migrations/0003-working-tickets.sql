-- Where tickets lie, why they stand where they stand, and who covers what.

create table support.queue (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  name text not null,
  public_name text not null,
  workspace text not null check (workspace in ('TRIAGE', 'USERS', 'STORES', 'REVENUE', 'LEGAL', 'AUDIT', 'RISK', 'TRUST', 'CATALOG', 'SHIPPING')),
  categories text[] not null check (categories <@ array['REPLY_NEEDED', 'ACCOUNT_HELP', 'BILLING', 'OPERATIONAL_FOLLOW_UP', 'PROBLEM_REPORT', 'CLAIM', 'ACCESSIBILITY', 'INCIDENT']),
  is_active boolean not null,
  is_spam boolean not null
);
create unique index queue_name on support.queue (lower(name));
create index queue_created on support.queue (created_at desc, id desc);

-- One row: the rules as they are; earlier ones are in the log. Queues and rules to begin with come by events, at the start.
create table support.routing_rule_set (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  rules jsonb not null,
  changed_by_id text
);

-- What a member of staff covers (D38), and whether they may give work to others (D59).
create table support.operator (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  staff_id text not null unique,
  queue_ids text[] not null,
  categories text[] not null,
  tags text[] not null,
  may_assign boolean not null,
  may_assign_until timestamptz
);
create index operator_created on support.operator (created_at desc, id desc);

alter table support.ticket
  add column status_reason text not null default 'NEW' check (status_reason in (
    'NEW', 'CUSTOMER_REPLIED', 'REOPENED', 'WORK_RESUMED', 'INFORMATION_REQUESTED', 'EVIDENCE_REQUESTED', 'CONFIRMATION_REQUESTED',
    'RETURN_EXPECTED', 'SHIPMENT_EXPECTED', 'ANSWERED', 'FIXED', 'REFUNDED', 'WORKAROUND', 'DECLINED', 'NOT_REPRODUCIBLE',
    'REQUESTER_CONFIRMED', 'SILENCE', 'CLOSED_EARLY', 'MERGED')),
  add column status_since timestamptz,
  add column previous_status text check (previous_status in ('OPEN', 'WAITING_ON_BUYER', 'WAITING_ON_SELLER', 'RESOLVED', 'CLOSED')),
  add column queue_id text,
  add column tags text[] not null default '{}',
  add column safety_sensitive boolean not null default false,
  add column filter_state text not null default 'INBOX' check (filter_state in ('INBOX', 'FILTERED', 'SPAM')),
  add column filtered_by text,
  add column snoozed_until timestamptz,
  add column resolved_at timestamptz,
  add column closes_at timestamptz,
  add column first_closed_at timestamptz,
  add column reopen_count integer not null default 0 check (reopen_count >= 0),
  add column first_replied_at timestamptz,
  add column last_staff_reply_at timestamptz,
  add column last_customer_message_at timestamptz,
  add column awaits_reply boolean not null default false,
  add column follow_up_needed boolean not null default false,
  add column merged_into_id text,
  add column reported_id text,
  add column site text,
  add column sla_due_at timestamptz,
  add column open_context jsonb,
  add column routing jsonb,
  add column touched_at timestamptz;
-- Tickets of before say all of this in the log.
update support.ticket set status_since = created_at, touched_at = created_at;
insert into log.rebuild_wanted
  select 'tickets keep why they stand where they stand' where exists (select from support.ticket);
alter table support.ticket
  alter column status_since set not null,
  alter column touched_at set not null,
  add constraint closes_when_resolved check (closes_at is null or status = 'RESOLVED');

-- What should be handled first (C10): safety, then priority, then what is due, then age. Made by the database, so that a page, its cursor
-- and its index can never disagree.
alter table support.ticket
  add column attention_rank smallint generated always as (
    (case when safety_sensitive then 0 else 4 end) + (case priority when 'URGENT' then 0 when 'HIGH' then 1 when 'NORMAL' then 2 else 3 end)
  ) stored,
  add column due_rank timestamptz generated always as (coalesce(sla_due_at, timestamptz 'infinity')) stored;
create index ticket_attention on support.ticket (attention_rank, due_rank, created_at, id);
create index ticket_age on support.ticket (created_at, id);
create index ticket_queue on support.ticket (queue_id, status, created_at desc, id desc);
create index ticket_tags on support.ticket using gin (tags);
create index ticket_category on support.ticket (category, created_at desc, id desc);
create index ticket_merged on support.ticket (merged_into_id, created_at desc, id desc);
create index ticket_at_work on support.ticket (attention_rank, due_rank, created_at, id)
  where filter_state = 'INBOX' and snoozed_until is null and status <> 'CLOSED';

alter table support.ticket_message
  add column revision integer not null default 1 check (revision > 0),
  add column edited_at timestamptz,
  add column public_since timestamptz,
  add column correction_of_id text,
  add column is_resolution boolean not null default false;
update support.ticket_message set public_since = created_at where visibility = 'PUBLIC';
create index ticket_message_created on support.ticket_message (created_at desc, id desc);
create index ticket_message_kind on support.ticket_message (kind, created_at desc, id desc);

grant select, insert, update on support.queue, support.routing_rule_set, support.operator to opsgraph_app;
