-- Permissions granted to a member of staff besides their roles, each with when it ends (D37): the gateway and approvals read them
-- where they read roles. Whether one has ended is for the product's clock to say.
alter table access.person add column permissions jsonb not null default '{}';

create or replace function accounts.tell_of_staff() returns trigger language plpgsql as $$
declare
  granted jsonb := (select coalesce(jsonb_object_agg(one.key, one.value -> 'expiresAt'), '{}')
                      from jsonb_each(coalesce(new.state -> 'permissions', '{}')) one);
begin
  insert into access.person as p (id, kind, name, email, subject, roles, permissions, disabled_at)
  values (new.id, 'STAFF', new.name, new.email, new.subject, new.roles, granted, case when not new.active then new.updated_at end)
  on conflict (id) do update set name = excluded.name, email = excluded.email,
    subject = coalesce(excluded.subject, p.subject), roles = excluded.roles, permissions = excluded.permissions,
    disabled_at = excluded.disabled_at, epoch = p.epoch + 1;
  return null;
end $$;

-- What somebody asked to be given: a permission, a role, or access of a user to a store (D59).
create table accounts.access_request (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  staff_id text not null,
  permission text check (permission in ('TICKETS_ASSIGN', 'TICKETS_HANDLE')),
  role text,
  site_id text,
  user_id text,
  workspace_role text check (workspace_role in ('OWNER', 'ADMIN', 'OPERATOR', 'MEMBER')),
  until timestamptz,
  note text,
  state text not null check (state in ('PENDING', 'GRANTED', 'DECLINED')),
  grantable_by text[] not null,
  approval_id text,
  decided_by_id text,
  decided_at timestamptz,
  decision_note text,
  constraint one_thing check (num_nonnulls(permission, role, site_id) = 1),
  constraint decided_by_somebody_else check (decided_by_id is null or decided_by_id <> staff_id)
);
create index access_request_created on accounts.access_request (created_at desc, id desc);
create index access_request_state on accounts.access_request (state, created_at desc, id desc);
create index access_request_staff on accounts.access_request (staff_id, state, created_at desc, id desc);
grant select, insert, update on accounts.access_request to opsgraph_app;
