-- Frozen selections of the log (A19): which events, and what their hashes were when they were chosen.
create schema audit;
create table audit.slice (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  filter jsonb not null,
  attached_to_id text,
  event_ids text[] not null check (cardinality(event_ids) > 0),
  hashes text[] not null check (cardinality(hashes) = cardinality(event_ids)),
  count integer not null check (count = cardinality(event_ids)),
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  created_by_id text not null
);
create index slice_created on audit.slice (created_at desc, id desc);
create index slice_attached on audit.slice (attached_to_id, created_at desc, id desc);

grant usage on schema audit to opsgraph_app;
grant select, insert, update on audit.slice to opsgraph_app;
