create schema accounts;

create table accounts."user" (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  source text not null,
  external_id text not null,
  name text,
  email text,
  phone text,
  status text not null check (status in ('ACTIVE', 'SUSPENDED', 'CLOSED')),
  contact_preference text not null check (contact_preference in ('EMAIL', 'IN_APP', 'BOTH')),
  stripe_customer_id text
);
create index user_created on accounts."user" (created_at desc, id desc);
create index user_status on accounts."user" (status, created_at desc, id desc);
create index user_email on accounts."user" (lower(email));

create table accounts.organization (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  source text not null,
  external_id text not null,
  name text not null,
  slug text,
  plan text,
  billing_state text not null check (billing_state in ('TRIAL', 'CURRENT', 'PAST_DUE', 'SUSPENDED', 'CANCELED')),
  billing_as_of timestamptz,
  stripe_account_id text
);
create index organization_created on accounts.organization (created_at desc, id desc);
create index organization_billing on accounts.organization (billing_state, created_at desc, id desc);
create index organization_slug on accounts.organization (lower(slug));

create table accounts.site (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  source text not null,
  external_id text not null,
  organization_id text not null,
  slug text not null,
  name text not null,
  url text,
  status text not null check (status in ('PENDING_APPROVAL', 'APPROVED', 'REJECTED')),
  state jsonb not null
);
create index site_created on accounts.site (created_at desc, id desc);
create index site_status on accounts.site (status, created_at desc, id desc);
create index site_organization on accounts.site (organization_id, created_at desc, id desc);
create index site_slug on accounts.site (lower(slug));

create table accounts.membership (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  source text not null,
  external_id text not null,
  user_id text not null,
  organization_id text not null,
  role text not null check (role in ('OWNER', 'ADMIN', 'OPERATOR', 'MEMBER')),
  support_access boolean not null,
  ended boolean not null
);
create index membership_user on accounts.membership (user_id, created_at desc, id desc);
create index membership_organization on accounts.membership (organization_id, created_at desc, id desc);

create table accounts.staff_member (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  public_name text not null,
  name text not null,
  email text not null,
  subject text,
  roles text[] not null,
  active boolean not null,
  state jsonb not null,
  constraint gone_without_roles check (active or roles = '{}')
);
create index staff_member_created on accounts.staff_member (created_at desc, id desc);

create table accounts.integration (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  name text not null,
  scopes text[] not null
);
create index integration_created on accounts.integration (created_at desc, id desc);

create table accounts.api_token (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  kind text not null check (kind in ('PERSONAL', 'INTEGRATION')),
  name text not null,
  prefix text not null,
  person_id text not null,
  scopes text[] not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  digest text,
  constraint at_most_a_year check (expires_at <= created_at + interval '366 days')
);
create index api_token_created on accounts.api_token (created_at desc, id desc);
create index api_token_person on accounts.api_token (person_id, created_at desc, id desc);

-- What the gateway has to know of people lies in schema `access`: a few columns, told by these triggers in the transaction that
-- changes a row, whoever changes it. The epoch grows with every change, so that what was read before is refused.

create function accounts.tell_of_staff() returns trigger language plpgsql as $$
begin
  insert into access.person as p (id, kind, name, email, subject, roles, disabled_at)
  values (new.id, 'STAFF', new.name, new.email, new.subject, new.roles, case when not new.active then new.updated_at end)
  on conflict (id) do update set name = excluded.name, email = excluded.email,
    subject = coalesce(excluded.subject, p.subject), roles = excluded.roles, disabled_at = excluded.disabled_at, epoch = p.epoch + 1;
  return null;
end $$;
create trigger tell_access after insert or update on accounts.staff_member
  for each row execute function accounts.tell_of_staff();

create function accounts.tell_of_integration() returns trigger language plpgsql as $$
begin
  insert into access.person as p (id, kind, name, scopes) values (new.id, 'INTEGRATION', new.name, new.scopes)
  on conflict (id) do update set name = excluded.name, scopes = excluded.scopes, epoch = p.epoch + 1;
  return null;
end $$;
create trigger tell_access after insert or update on accounts.integration
  for each row execute function accounts.tell_of_integration();

-- A customer may sign in from their first membership on, until the marketplace shuts them out. Their address stays here: two
-- customers may share one, and it must not clash with a member of staff's.
create function accounts.tell_of_customer(customer text) returns void language sql as $$
  insert into access.person as p (id, kind, name, disabled_at)
  select wanted.id, 'REQUESTER', coalesce(u.name, wanted.id), case when u.status <> 'ACTIVE' then u.updated_at end
    from (select customer as id) wanted left join accounts."user" u on u.id = wanted.id
  on conflict (id) do update set name = excluded.name, disabled_at = excluded.disabled_at, epoch = p.epoch + 1;
$$;

create function accounts.tell_of_user() returns trigger language plpgsql as $$
begin
  if exists (select from access.person where id = new.id
    and (name <> coalesce(new.name, new.id) or (disabled_at is null) <> (new.status = 'ACTIVE'))) then
    perform accounts.tell_of_customer(new.id);
  end if;
  return null;
end $$;
create trigger tell_access after insert or update on accounts."user"
  for each row execute function accounts.tell_of_user();

create function accounts.tell_of_membership() returns trigger language plpgsql as $$
begin
  if new.ended then
    delete from access.membership where user_id = new.user_id and org_id = new.organization_id;
  else
    insert into access.membership (user_id, org_id, role, support_access)
    values (new.user_id, new.organization_id, new.role, new.support_access)
    on conflict (user_id, org_id) do update set role = excluded.role, support_access = excluded.support_access;
  end if;
  perform accounts.tell_of_customer(new.user_id);
  return null;
end $$;
create trigger tell_access after insert or update on accounts.membership
  for each row execute function accounts.tell_of_membership();

-- A token whose digest was erased is one that nobody can show any more.
create function accounts.tell_of_token() returns trigger language plpgsql as $$
begin
  insert into access.token as t (id, kind, name, prefix, digest, person_id, scopes, created_at, expires_at, revoked_at)
  select new.id, case new.kind when 'PERSONAL' then 'pat' else 'int' end, new.name, new.prefix, decode(new.digest, 'hex'),
         new.person_id, new.scopes, new.created_at, new.expires_at, new.revoked_at
   where new.digest is not null
  on conflict (id) do update set revoked_at = excluded.revoked_at;
  if new.revoked_at is not null then
    update access.person set epoch = epoch + 1 where id = new.person_id;
  end if;
  return null;
end $$;
create trigger tell_access after insert or update on accounts.api_token
  for each row execute function accounts.tell_of_token();

grant usage on schema accounts to opsgraph_app;
grant select, insert, update on all tables in schema accounts to opsgraph_app;
