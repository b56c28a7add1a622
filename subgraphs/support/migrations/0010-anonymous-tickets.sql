-- Tickets of people who did not sign in (C24): they belong to nobody that is known.
alter table support.ticket
  add column contact_email text,
  add column contact_name text,
  add column is_unverified boolean not null default false;
alter table support.ticket drop constraint belongs_somewhere;
-- A ticket belongs to an account, or is about something that staff named, or is a stranger's (X17).
alter table support.ticket add constraint belongs_somewhere check (
  organization_id is not null or is_unverified or (opened_by_kind <> 'REQUESTER' and cardinality(linked_entity_ids) > 0)
);
create index ticket_unverified on support.ticket (created_at desc, id desc) where is_unverified;

-- How often strangers did something, under names that nobody can read (HMAC); a day old, it is forgotten.
create table support.stranger_act (
  name text not null,
  at timestamptz not null
);
create index stranger_act_name on support.stranger_act (name, at);
create index stranger_act_at on support.stranger_act (at);
grant select, insert, delete on support.stranger_act to opsgraph_app;
