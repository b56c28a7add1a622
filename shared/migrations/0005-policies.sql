-- Rules that are data (E78): one row for each decision of two people, folded from its event, never changed. What holds is the newest
-- that is in effect; without any, the default that the code knows.
create schema policy;
create table policy.version (
  id text primary key,
  version integer not null check (version > 0),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  policy_id text not null,
  key text not null,
  value jsonb not null,
  before jsonb not null,
  effective_from timestamptz not null,
  requested_by_id text not null,
  approved_by_id text not null,
  approval_id text,
  constraint one_of_each unique (key, version),
  constraint never_in_the_past check (effective_from >= created_at),
  constraint four_eyes check (approved_by_id <> requested_by_id)
);
create index version_policy on policy.version (policy_id, created_at desc, id desc);

-- One decision may give back on several orders at once: each counts by itself.
alter table approval.limit_use drop constraint limit_use_pkey;
alter table approval.limit_use add primary key (event_id, target_id, currency);

grant usage on schema policy to opsgraph_app;
grant select, insert, update on all tables in schema policy to opsgraph_app;
