create table support.attachment (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  ticket_id text,
  message_id text,
  purpose text not null check (purpose in ('MESSAGE', 'SCREENSHOT', 'DOCUMENT', 'EVIDENCE')),
  retention text not null check (retention in ('MESSAGE', 'TRUST_SAFETY_EVIDENCE')),
  visibility text not null check (visibility in ('PUBLIC', 'PRIVATE')),
  state text not null check (state in ('UPLOADING', 'RECEIVED', 'READY', 'REMOVED', 'DISCARDED', 'PURGED')),
  scan text not null check (scan in ('NOT_SCANNED')),
  filename text not null,
  mime text not null,
  bytes integer not null check (bytes > 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  storage_key text,
  uploaded_by_id text not null,
  organization_id text,
  requester_id text,
  upload_until timestamptz not null,
  added_at timestamptz,
  legal_hold boolean not null,
  gone_at timestamptz,
  body_erased_at timestamptz,
  downloads integer not null,
  constraint evidence_is_kept check ((purpose = 'EVIDENCE') = (retention = 'TRUST_SAFETY_EVIDENCE')),
  constraint message_has_ticket check (message_id is null or ticket_id is not null),
  constraint held_is_there check (not legal_hold or state = 'READY')
);
create index attachment_created on support.attachment (created_at desc, id desc);
create index attachment_ticket on support.attachment (ticket_id, created_at desc, id desc);
create index attachment_message on support.attachment (message_id, created_at desc, id desc);
create index attachment_purpose on support.attachment (purpose, created_at desc, id desc);
create index attachment_mime on support.attachment (mime, created_at desc, id desc);
create index attachment_uploading on support.attachment (uploaded_by_id) where state in ('UPLOADING', 'RECEIVED');

grant select, insert, update on support.attachment to opsgraph_app;

alter table support.ticket_message add column attachment_ids text[] not null default '{}';
