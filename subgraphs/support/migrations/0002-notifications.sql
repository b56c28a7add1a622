create table support.notification (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  recipient_id text not null check (recipient_id ~ '^(usr|stf|org)_'),
  channel text not null check (channel in ('IN_APP')),
  template text not null,
  title text not null,
  body text not null,
  about_ids text[] not null,
  workflow_id text,
  reads jsonb not null
);
create index notification_recipient on support.notification (recipient_id, created_at desc, id desc);

grant select, insert, update on support.notification to opsgraph_app;
