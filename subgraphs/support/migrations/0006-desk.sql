-- Reports of barriers, incidents, escalations, handovers, runbooks, macros, legal communication.

create table support.accessibility_report (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  page_or_feature text not null,
  route text check (route like '/%'),
  description text not null,
  assistive_technology text not null,
  browser text not null,
  device text not null,
  blocks text[] not null check (blocks <@ array['CHECKOUT', 'AUTHENTICATION', 'LEGAL_PRIVACY_CHOICE', 'STORE_MANAGEMENT']),
  severity text not null check (severity in ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
  status text not null check (status in ('NEW', 'TRIAGED', 'IN_PROGRESS', 'RESOLVED', 'DISMISSED')),
  status_since timestamptz not null,
  status_reason text,
  status_note text,
  missing text[] not null,
  ticket_id text,
  organization_id text,
  requester_id text,
  created_by_id text not null,
  -- Whatever keeps people from something they need is at least HIGH (A30).
  constraint blocking_is_grave check (cardinality(blocks) = 0 or severity in ('HIGH', 'CRITICAL'))
);
create index accessibility_report_created on support.accessibility_report (created_at desc, id desc);
create index accessibility_report_status on support.accessibility_report (status, created_at desc, id desc);
create index accessibility_report_ticket on support.accessibility_report (ticket_id, created_at desc, id desc);
create index accessibility_report_organization on support.accessibility_report (organization_id, created_at desc, id desc);
create index accessibility_report_requester on support.accessibility_report (requester_id, created_at desc, id desc);

create table support.incident (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  title text not null,
  status text not null check (status in ('OPEN', 'RESOLVED')),
  trigger text not null check (trigger in ('PLATFORM_WIDE_ACCESS', 'PAYMENTS', 'LEGAL_COMPLIANCE', 'WIDESPREAD_CUSTOMER_IMPACT', 'MODERATION_EDGE_CASE', 'CONFLICTING_LEGAL_EVIDENCE', 'PRODUCTION_RELEASE_REGRESSION', 'MULTI_STORE_ORDER_FAILURE', 'MULTI_STORE_NOTIFICATION_FAILURE')),
  level text not null check (level in ('IMMEDIATE', 'PROMPT')),
  affected_store_ids text[] not null,
  ticket_ids text[] not null,
  ticket_count integer not null check (ticket_count = cardinality(ticket_ids)),
  broadcasts jsonb not null,
  declared_by_id text not null,
  resolved_at timestamptz,
  state jsonb not null,
  constraint over_when check ((status = 'RESOLVED') = (resolved_at is not null))
);
create index incident_created on support.incident (created_at desc, id desc);
create index incident_status on support.incident (status, created_at desc, id desc);
create index incident_stores on support.incident using gin (affected_store_ids);
create index incident_tickets on support.incident using gin (ticket_ids);

create table support.ticket_escalation (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  ticket_id text not null,
  trigger text not null check (trigger in ('PLATFORM_WIDE_ACCESS', 'PAYMENTS', 'LEGAL_COMPLIANCE', 'WIDESPREAD_CUSTOMER_IMPACT', 'MODERATION_EDGE_CASE', 'CONFLICTING_LEGAL_EVIDENCE', 'PRODUCTION_RELEASE_REGRESSION', 'MULTI_STORE_ORDER_FAILURE', 'MULTI_STORE_NOTIFICATION_FAILURE')),
  level text not null check (level in ('IMMEDIATE', 'PROMPT')),
  is_forced boolean not null,
  due_at timestamptz not null,
  incident_id text,
  escalated_by_id text not null,
  note text,
  policy_version integer not null check (policy_version >= 0),
  constraint forced_is_immediate check (not is_forced or level = 'IMMEDIATE')
);
create index ticket_escalation_ticket on support.ticket_escalation (ticket_id, created_at desc, id desc);
create index ticket_escalation_incident on support.ticket_escalation (incident_id, created_at desc, id desc);

create table support.handoff (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  status text not null check (status in ('OPEN', 'ACCEPTED', 'RETURNED')),
  workspace text not null check (workspace in ('TRIAGE', 'USERS', 'STORES', 'REVENUE', 'LEGAL', 'AUDIT', 'RISK', 'TRUST', 'CATALOG', 'SHIPPING')),
  queue_id text,
  ticket_id text,
  route text not null check (route like '/%'),
  store_slug text,
  platform_wide boolean not null,
  entity_ids text[] not null check (cardinality(entity_ids) > 0),
  observed jsonb not null,
  audit_slice_ids text[] not null,
  evidence_ids text[] not null,
  next_action text not null,
  next_action_name text,
  sender_id text not null,
  decided_by_id text,
  decided_at timestamptz,
  missing text[] not null check (missing <@ array['route', 'storeSlug', 'entityIds', 'timeline', 'evidence', 'nextAction']),
  decision_note text,
  state jsonb not null,
  constraint of_a_store_or_all check (platform_wide or store_slug is not null),
  constraint with_evidence check (cardinality(audit_slice_ids) + cardinality(evidence_ids) > 0),
  constraint decided_when check ((status = 'OPEN') = (decided_at is null) and (decided_at is null) = (decided_by_id is null)),
  constraint never_to_oneself check (decided_by_id <> sender_id)
);
create index handoff_created on support.handoff (created_at desc, id desc);
create index handoff_workspace on support.handoff (workspace, status, created_at desc, id desc);
create index handoff_queue on support.handoff (queue_id, created_at desc, id desc);
create index handoff_ticket on support.handoff (ticket_id, created_at desc, id desc);
create index handoff_sender on support.handoff (sender_id, created_at desc, id desc);

create table support.runbook (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  slug text not null unique,
  title text not null,
  owner text not null,
  body text not null,
  review_cadence text not null,
  next_review_at timestamptz not null,
  written_at timestamptz not null,
  reviewed_at timestamptz,
  reviewed_by_id text,
  review_note text,
  related_slugs text[] not null
);
create index runbook_created on support.runbook (created_at desc, id desc);
create index runbook_review on support.runbook (next_review_at);

create table support.macro (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  name text not null,
  category text check (category in ('REPLY_NEEDED', 'ACCOUNT_HELP', 'BILLING', 'OPERATIONAL_FOLLOW_UP', 'PROBLEM_REPORT', 'CLAIM', 'ACCESSIBILITY', 'INCIDENT')),
  visibility text not null check (visibility in ('PUBLIC', 'PRIVATE')),
  body text,
  set_status text check (set_status in ('OPEN', 'WAITING_ON_BUYER', 'WAITING_ON_SELLER', 'RESOLVED')),
  set_status_reason text,
  set_priority text check (set_priority in ('LOW', 'NORMAL', 'HIGH', 'URGENT')),
  add_tags text[] not null,
  remove_tags text[] not null,
  is_active boolean not null,
  saved_by_id text not null
);
create index macro_created on support.macro (created_at desc, id desc);
create index macro_category on support.macro (category, created_at desc, id desc);

create table support.legal_communication (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  kind text not null check (kind in ('NOTICE', 'REQUEST', 'TAKEDOWN_NOTICE', 'SUBPOENA')),
  parties text[] not null,
  summary text,
  received_at timestamptz not null,
  due_at timestamptz check (due_at >= received_at),
  document_ids text[] not null,
  ticket_id text,
  recorded_by_id text not null
);
create index legal_communication_created on support.legal_communication (created_at desc, id desc);
create index legal_communication_ticket on support.legal_communication (ticket_id, created_at desc, id desc);

grant select, insert, update on support.accessibility_report, support.incident, support.ticket_escalation, support.handoff,
  support.runbook, support.macro, support.legal_communication to opsgraph_app;
