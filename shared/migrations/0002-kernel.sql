-- Who may act: written by the accounts subgraph and by sign-in, read by the gateway and by approvals.
create schema access;
create table access.person (
  id text primary key,
  kind text not null check (kind in ('STAFF', 'REQUESTER', 'INTEGRATION')),
  name text not null,
  email text,
  subject text unique,
  roles text[] not null default '{}',
  scopes text[] not null default '{}',
  epoch integer not null default 1,
  disabled_at timestamptz
);
create unique index person_email on access.person (lower(email)) where email is not null;
create table access.token (
  id text primary key,
  kind text not null check (kind in ('pat', 'int', 'req', 'svc')),
  name text not null,
  prefix text not null,
  digest bytea not null unique check (octet_length(digest) = 32),
  person_id text not null references access.person,
  scopes text[] not null default '{}',
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create table access.membership (
  user_id text not null,
  org_id text not null,
  role text not null,
  support_access boolean not null default false,
  primary key (user_id, org_id)
);
create index membership_org on access.membership (org_id);

-- What the omnibox finds entities by, and what points at what. Deletion neighbourhoods make typos cheap (see docs/adr).
create schema search;
create extension if not exists pg_trgm;
create table search.identifier (
  entity_id text not null,
  entity_type text not null,
  kind text not null,
  norm text collate "C" not null,
  display text not null,
  near integer[],
  primary key (entity_id, kind, norm)
);
create index identifier_norm on search.identifier (norm);
create index identifier_reverse on search.identifier (reverse(norm) collate "C") where kind in ('TRACKING', 'EXTERNAL_ID', 'NUMBER', 'TICKET_NUMBER');
create index identifier_near on search.identifier using gin (near) where near is not null;
create index identifier_fragment on search.identifier using gin (norm gin_trgm_ops) where kind in ('EMAIL', 'NAME');
create table search.link (
  from_id text not null,
  relation text not null,
  to_id text not null,
  primary key (from_id, relation, to_id)
);
create index link_to on search.link (to_id);

-- The second pair of eyes: one row per request, folded from its events, never deleted.
create schema approval;
create table approval.approval (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  action text not null,
  subgraph text not null,
  target_id text not null,
  target_version integer not null,
  input jsonb not null,
  input_hash text not null,
  reason_code text not null,
  note text,
  requester_id text not null,
  requester_roles text[] not null,
  approver_roles text[] not null,
  why text not null,
  state text not null check (state in ('PENDING', 'EXECUTED', 'REJECTED', 'WITHDRAWN', 'EXPIRED')),
  expires_at timestamptz not null,
  decided_by_id text,
  decided_at timestamptz,
  decision_note text,
  constraint four_eyes check (state <> 'EXECUTED' or decided_by_id <> requester_id)
);
create index approval_inbox on approval.approval (state, created_at desc, id desc);
create index approval_target on approval.approval (target_id);

-- What each person already used of a limit, so that splitting a sum beats nothing (X14).
create table approval.limit_use (
  event_id bigint primary key,
  limit_name text not null,
  person_id text not null,
  target_id text not null,
  currency text not null,
  amount bigint not null check (amount > 0),
  used_at timestamptz not null
);
create index limit_use_target on approval.limit_use (limit_name, target_id, currency);
create index limit_use_person on approval.limit_use (limit_name, person_id, currency, used_at);

-- What a recorded entity last looked like at its source: an unchanged record is no event.
create schema record;
create table record.content (
  key text primary key,
  digest bytea not null check (octet_length(digest) = 32)
);

grant usage on schema access, search, approval, record to opsgraph_app;
grant select, insert, update on all tables in schema access to opsgraph_app;
grant delete on access.membership to opsgraph_app;
grant select, insert, update, delete on all tables in schema search to opsgraph_app;
grant select, insert, update on all tables in schema approval, record to opsgraph_app;
