-- Who is told what, by which way, and what became of it.
create table support.message_delivery (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  occasion text not null check (occasion in ('MESSAGE', 'CLOSED', 'REOPENED', 'NEWS')),
  channel text not null check (channel in ('IN_APP', 'EMAIL')),
  state text not null check (state in ('HELD', 'QUEUED', 'SENT', 'FAILED', 'RECALLED')),
  ticket_id text,
  message_id text,
  notification_id text,
  recipient_id text not null check (recipient_id ~ '^(usr|stf|org)_'),
  held_until timestamptz not null,
  attempts integer not null check (attempts >= 0),
  round integer not null check (round >= 0),
  last_code text,
  last_error text,
  again_at timestamptz,
  address text,
  mail_id text,
  provider_message_id text,
  queued_at timestamptz,
  sent_at timestamptz,
  failed_at timestamptz,
  recalled_at timestamptz,
  constraint about_something check (num_nonnulls(ticket_id, notification_id) = 1),
  constraint sent_when check (state <> 'SENT' or sent_at is not null),
  constraint failed_when check (state <> 'FAILED' or (failed_at is not null and last_code is not null))
);
create index message_delivery_created on support.message_delivery (created_at desc, id desc);
create index message_delivery_ticket on support.message_delivery (ticket_id, created_at desc, id desc);
create index message_delivery_message on support.message_delivery (message_id, created_at desc, id desc);
create index message_delivery_recipient on support.message_delivery (recipient_id, created_at desc, id desc);
create index message_delivery_state on support.message_delivery (state, created_at desc, id desc);
-- What somebody has to look at.
create index message_delivery_problem on support.message_delivery (created_at desc, id desc)
  where state = 'FAILED' or (state = 'QUEUED' and attempts > 0);

-- How each person wants to be told what; what is not said is on.
create table support.notification_preferences (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  person_id text not null unique check (person_id ~ '^(usr|stf)_'),
  choices jsonb not null
);
create index notification_preferences_created on support.notification_preferences (created_at desc, id desc);

-- Mail that came in, and what became of it.
create table support.inbound_mail (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  disposition text not null check (disposition in ('FOLLOW_UP', 'NOTE', 'NEW_TICKET', 'FILTERED', 'AUTOMATIC', 'BOUNCE')),
  because text not null,
  signed boolean not null,
  ticket_id text,
  person_id text,
  mail_id text,
  sender text,
  delivery_id text,
  subject text not null,
  body text not null,
  files text[] not null,
  constraint unsigned_is_no_answer check (signed or disposition not in ('FOLLOW_UP', 'NOTE', 'BOUNCE'))
);
create index inbound_mail_created on support.inbound_mail (created_at desc, id desc);
create index inbound_mail_disposition on support.inbound_mail (disposition, created_at desc, id desc);
create index inbound_mail_ticket on support.inbound_mail (ticket_id, created_at desc, id desc);

-- What MAIL=mailbox would have sent, for the page of a development machine; no entity, and nothing that is ever in production.
create table support.mailbox (
  number bigint generated always as identity primary key,
  mail_id text not null unique,
  at timestamptz not null,
  mail jsonb not null
);

grant select, insert, update on support.message_delivery, support.notification_preferences, support.inbound_mail to opsgraph_app;
grant select, insert on support.mailbox to opsgraph_app;
