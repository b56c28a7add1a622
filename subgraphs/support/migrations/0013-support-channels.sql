-- What mail is from, for which tickets, and whether the mail server takes it (D58).
create table support.support_channel (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  name text not null,
  from_address text not null,
  from_name text,
  queue_ids text[] not null,
  categories text[] not null,
  is_default boolean not null,
  is_active boolean not null,
  verification text not null check (verification in ('VERIFIED', 'FAILED', 'UNKNOWN')),
  verified_at timestamptz,
  verification_requested_at timestamptz,
  last_failure jsonb,
  constraint default_is_active check (is_active or not is_default),
  constraint verified_when check (verification <> 'VERIFIED' or verified_at is not null),
  constraint failed_why check (verification <> 'FAILED' or last_failure is not null)
);
create index support_channel_created on support.support_channel (created_at desc, id desc);
create unique index support_channel_default on support.support_channel (is_default) where is_default;
create unique index support_channel_name on support.support_channel (lower(name));

-- Which channel a mail was from, and where one goes that tells of an address which was given up.
alter table support.message_delivery
  add column support_channel_id text,
  add column fixed_address text,
  drop constraint message_delivery_occasion_check,
  add constraint message_delivery_occasion_check
    check (occasion in ('MESSAGE', 'CLOSED', 'REOPENED', 'CONTACT_CHANGED', 'CONTACT_GIVEN_UP', 'NEWS'));
create index message_delivery_channel on support.message_delivery (support_channel_id, created_at desc, id desc);

-- Where answers of one ticket go (D57), and which tokens of a stranger's open it.
alter table support.ticket
  add column requester_email text,
  add column access_round integer not null default 0 check (access_round >= 0);

grant select, insert, update on support.support_channel to opsgraph_app;
