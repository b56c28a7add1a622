-- How far each file was imported: kept beside what was imported, so that a restored backup never skips what it lost.
create schema import;
create table import.progress (
  file text primary key,
  line bigint not null,
  created bigint not null,
  updated bigint not null,
  unchanged bigint not null,
  rejected bigint not null,
  finished boolean not null,
  changed_at timestamptz not null default now()
);
grant usage on schema import to opsgraph_app;
grant select, insert, update, delete on import.progress to opsgraph_app;
