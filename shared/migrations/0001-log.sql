-- The event log: what happened, in order, for ever. Nothing here knows any subgraph.
--
-- Three roles, none of which can log in. The login that runs the migrations becomes a member, so that connections may
-- SET ROLE. Roles belong to the whole cluster, databases are cloned and migrated at the same time: hence the exceptions.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['opsgraph_owner', 'opsgraph_app', 'opsgraph_sealer'] loop
    begin
      execute format('create role %I nologin', wanted);
    exception
      when duplicate_object or unique_violation then null;
    end;
    -- Since 16 who makes a role may give it away, and still not speak as it.
    if not pg_has_role(current_user, wanted, case when current_setting('server_version_num')::int < 160000 then 'member' else 'set' end) then
      execute format('grant %I to current_user', wanted);
    end if;
  end loop;
end $$;

create schema log authorization opsgraph_owner;
grant usage on schema log to opsgraph_app, opsgraph_sealer;

set local role opsgraph_owner;

-- Ids are drawn while the streams are locked, one at a time and never in advance. So within a stream ids grow with the
-- version, and whoever commits before another begins has the smaller id: what the sealer's order rests on.
create sequence log.event_id as bigint cache 1;

create table log.event (
  id              bigint primary key,
  stream_type     text not null,
  stream_id       text not null,
  version         int not null check (version > 0),
  type            text not null,
  schema_v        smallint not null,
  at              timestamptz not null,
  actor_kind      text not null,
  actor           text not null,
  actor_roles     text[] not null,
  token_id        text,
  reason          text not null,
  request_id      text not null,
  correlation_id  text not null,
  causation_id    bigint,
  idempotency_key text,
  surface         text not null,
  site            text,
  refs            text[] not null check (cardinality(refs) > 0),
  payload         jsonb not null,
  -- sha-256 of salt and body of event_private; null when the event has nothing personal
  private_digest  bytea check (octet_length(private_digest) = 32),
  -- makes every leaf unlike any other, so that a copied event is found out
  nonce           bytea not null check (octet_length(nonce) = 12),
  leaf            bytea not null check (octet_length(leaf) = 32),
  mac             bytea not null check (octet_length(mac) = 32),
  hash            bytea not null check (octet_length(hash) = 32),
  unique (stream_type, stream_id, version)
);
comment on table log.event is 'Append-only. Written by log.append alone.';

create index event_actor on log.event (actor, id) where actor_kind in ('STAFF', 'REQUESTER');

-- What an entity's timeline reads: a range of one index, however many events mention the entity. A GIN index on refs
-- would have to fetch and sort all of them for the newest 25.
create table log.event_ref (
  ref      text collate "C" not null,
  event_id bigint not null,
  primary key (ref, event_id)
);

-- Personal data and free words. Erasure empties the row and names the event that ordered it; the digest in the event stays (X19).
create table log.event_private (
  event_id  bigint primary key,
  salt      bytea,
  body      jsonb,
  erased_by bigint,
  check ((erased_by is null) = (salt is not null) and (salt is null) = (body is null))
);

-- The head of every stream. Updated by each append: room on the page keeps those updates off the index.
create table log.stream (
  stream_type text not null,
  stream_id   text not null,
  version     int not null,
  hash        bytea not null,
  primary key (stream_type, stream_id)
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);

-- Committed and waiting for a position. No index: the sealer takes everything, in order of id.
create table log.event_unsealed (
  event_id bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

-- Places in the sealed log: dense, in an order that never changes once seen. A sequence is not an order of commits.
create table log.event_pos (
  pos      bigint primary key,
  event_id bigint not null unique,
  hash     bytea not null
);

-- One a batch: the Merkle root over the hashes of its positions, chained to the one before, signed outside the database (F23).
create table log.checkpoint (
  n         bigint primary key,
  first_pos bigint not null unique,
  last_pos  bigint not null unique check (last_pos >= first_pos),
  root      bytea not null check (octet_length(root) = 32),
  prev      bytea not null check (octet_length(prev) = 32),
  hash      bytea not null check (octet_length(hash) = 32),
  sealed_at timestamptz not null,
  key_id    text not null,
  signature bytea not null
);

-- The first answer to an idempotency key; inserted first in the transaction, so that a second caller waits for the first.
create table log.idempotency (
  actor        text not null,
  key          text not null,
  request_hash bytea not null,
  event_ids    bigint[],
  response     jsonb,
  created_at   timestamptz not null default now(),
  primary key (actor, key)
);

-- How far each reader of the sealed log has come, moved in the same transaction as what the reader wrote.
create table log.consumer (
  name       text primary key,
  position   bigint not null,
  updated_at timestamptz not null default now()
);

-- Events a projection could not take in: left out, so that the others are not held up, and kept here to be looked at (R15).
create table log.consumer_parked (
  consumer  text not null,
  event_id  bigint not null,
  error     text not null,
  parked_at timestamptz not null default now(),
  primary key (consumer, event_id)
);

-- What is still to be done because something happened. One row for each reaction and event, for ever: that is what makes
-- an effect happen once, whatever is replayed.
create table log.reaction_job (
  id         bigint generated always as identity primary key,
  reaction   text not null,
  event_id   bigint not null,
  due_at     timestamptz not null,
  state      text not null default 'PENDING' check (state in ('PENDING', 'DONE', 'DEAD')),
  attempts   int not null default 0,
  last_error text,
  created_at timestamptz not null default now(),
  ended_at   timestamptz,
  unique (reaction, event_id)
);
create index reaction_job_due on log.reaction_job (due_at) where state = 'PENDING';
create index reaction_job_dead on log.reaction_job (id) where state = 'DEAD';

-- Appends many events to many streams in one call.
--   in   array of {stream_type, stream_id, expected, type, …, leaf, mac}; `at` in microseconds since 1970, bytes in hex.
--        expected: the version the stream must have before this very event; 0 = must not exist; null = whatever it is.
--   out  id and version of each, in the order given.
--   40001 when a stream is not where the caller thought. The caller's leaf and MAC are stored as they come: the key of the
--        MAC is not in the database, and the verifier rebuilds both from the columns.
-- Streams are locked in one order whatever the caller's, so that two callers cannot deadlock here. Only the short loop runs
-- once an event; the rows go in by one statement.
create function log.append(p_events jsonb) returns table (id bigint, version int)
language plpgsql security definer set search_path = log, pg_temp as $$
#variable_conflict use_column
declare
  e          record;
  v_ids      bigint[];
  v_versions int[] := array_fill(0, array[jsonb_array_length(p_events)]);
  v_hashes   bytea[] := array_fill(''::bytea, array[jsonb_array_length(p_events)]);
  v_version  int;
  v_hash     bytea;
  nothing    constant bytea := decode(repeat('00', 32), 'hex');
begin
  for e in
    select r.ord, r.stream_type, r.stream_id, r.expected, decode(r.leaf, 'hex') as leaf
    from rows from (
      jsonb_to_recordset(p_events) as (stream_type text, stream_id text, expected int, leaf text)
    ) with ordinality as r(stream_type, stream_id, expected, leaf, ord)
    order by r.stream_type, r.stream_id, r.ord
  loop
    v_version := null;
    if e.expected is distinct from 0 then
      update log.stream s
         set version = s.version + 1, hash = sha256('\x01'::bytea || s.hash || int4send(s.version + 1) || e.leaf)
       where s.stream_type = e.stream_type and s.stream_id = e.stream_id and (e.expected is null or s.version = e.expected)
      returning s.version, s.hash into v_version, v_hash;
    end if;
    if v_version is null and coalesce(e.expected, 0) = 0 then
      insert into log.stream as s (stream_type, stream_id, version, hash)
      values (e.stream_type, e.stream_id, 1, sha256('\x01'::bytea || nothing || int4send(1) || e.leaf))
      on conflict (stream_type, stream_id) do update
         set version = s.version + 1, hash = sha256('\x01'::bytea || s.hash || int4send(s.version + 1) || e.leaf)
       where e.expected is null
      returning s.version, s.hash into v_version, v_hash;
    end if;
    if v_version is null then
      raise exception 'version conflict on %/%: expected %', e.stream_type, e.stream_id, e.expected using errcode = '40001';
    end if;
    v_versions[e.ord] := v_version;
    v_hashes[e.ord] := v_hash;
  end loop;

  v_ids := array(select nextval('log.event_id') from generate_series(1, cardinality(v_versions)));

  return query
  with input as materialized (
    select r.*
    from rows from (
      unnest(v_ids), unnest(v_versions), unnest(v_hashes),
      jsonb_to_recordset(p_events) as (
        stream_type text, stream_id text, type text, schema_v smallint, at bigint, actor_kind text, actor text,
        actor_roles text[], token_id text, reason text, request_id text, correlation_id text, causation_id bigint,
        idempotency_key text, surface text, site text, refs text[], payload jsonb, private_digest text,
        private_salt text, private_body jsonb, nonce text, leaf text, mac text)
    ) as r(id, version, hash, stream_type, stream_id, type, schema_v, at, actor_kind, actor, actor_roles, token_id, reason,
      request_id, correlation_id, causation_id, idempotency_key, surface, site, refs, payload, private_digest,
      private_salt, private_body, nonce, leaf, mac)
  ),
  stored as (
    insert into log.event (id, stream_type, stream_id, version, type, schema_v, at, actor_kind, actor, actor_roles, token_id,
      reason, request_id, correlation_id, causation_id, idempotency_key, surface, site, refs, payload, private_digest, nonce,
      leaf, mac, hash)
    select id, stream_type, stream_id, version, type, schema_v, timestamptz 'epoch' + at * interval '1 microsecond',
      actor_kind, actor, actor_roles, token_id, reason, request_id, correlation_id, causation_id, idempotency_key, surface,
      site, refs, payload, decode(private_digest, 'hex'), decode(nonce, 'hex'), decode(leaf, 'hex'), decode(mac, 'hex'), hash
    from input
  ),
  kept_apart as (
    insert into log.event_private (event_id, salt, body)
    select id, decode(private_salt, 'hex'), private_body from input where private_digest is not null
  ),
  referred as (
    -- sorted: one walk through the index instead of thousands
    insert into log.event_ref (ref, event_id) select unnest(refs), id from input order by 1, 2
  ),
  queued as (
    insert into log.event_unsealed (event_id) select id from input
  )
  select id, version from input;
end $$;

-- Empties what is personal in some events, because of the event `p_by`, which has to be in the log already. Answers how many.
create function log.erase(p_events bigint[], p_by bigint) returns int
language plpgsql security definer set search_path = log, pg_temp as $$
declare
  erased int;
begin
  if not exists (select from log.event where id = p_by) then
    raise exception 'event % is not in the log and can order no erasure', p_by using errcode = '23503';
  end if;
  update log.event_private set salt = null, body = null, erased_by = p_by
   where event_id = any(p_events) and erased_by is null;
  get diagnostics erased = row_count;
  return erased;
end $$;

create function log.forbid() returns trigger language plpgsql as $$
begin
  raise exception '% on log.% is forbidden: the log is append-only', tg_op, tg_table_name using errcode = '42501';
end $$;

create function log.only_erase() returns trigger language plpgsql as $$
begin
  if new.event_id = old.event_id and old.erased_by is null and new.erased_by is not null and new.body is null then
    return new;
  end if;
  raise exception 'UPDATE on log.event_private is forbidden, except to erase' using errcode = '42501';
end $$;

-- ALWAYS: also for a superuser, and also under session_replication_role = replica.
do $$
declare
  guarded text;
begin
  foreach guarded in array array['event', 'event_ref', 'event_pos', 'checkpoint', 'event_private', 'stream'] loop
    execute format('create trigger no_delete before delete on log.%I for each row execute function log.forbid()', guarded);
    execute format('create trigger no_truncate before truncate on log.%I for each statement execute function log.forbid()', guarded);
    execute format('alter table log.%I enable always trigger no_delete, enable always trigger no_truncate', guarded);
  end loop;
  foreach guarded in array array['event', 'event_ref', 'event_pos', 'checkpoint'] loop
    execute format('create trigger no_update before update on log.%I for each row execute function log.forbid()', guarded);
    execute format('alter table log.%I enable always trigger no_update', guarded);
  end loop;
  create trigger only_erase before update on log.event_private for each row execute function log.only_erase();
  alter table log.event_private enable always trigger only_erase;
end $$;

revoke all on all functions in schema log from public;
grant execute on function log.append(jsonb), log.erase(bigint[], bigint) to opsgraph_app;

grant select on log.event, log.event_ref, log.event_private, log.stream, log.event_pos, log.checkpoint, log.event_unsealed
  to opsgraph_app;
grant select, insert, delete, update (event_ids, response) on log.idempotency to opsgraph_app;
grant select, insert, update on log.consumer, log.reaction_job to opsgraph_app;
grant select, insert, update, delete on log.consumer_parked to opsgraph_app;

grant select (id, hash) on log.event to opsgraph_sealer;
grant select, delete on log.event_unsealed to opsgraph_sealer;
grant select, insert on log.event_pos, log.checkpoint to opsgraph_sealer;

reset role;
