-- Everything that waits for a person, of whatever type (A7): one row for each entity that is work, written with the entity's own row.
create schema work;

-- In whose workspace what lies in a queue is.
create table work.queue (
  id text primary key,
  workspace text not null check (workspace in ('TRIAGE', 'USERS', 'STORES', 'REVENUE', 'LEGAL', 'AUDIT', 'RISK', 'TRUST', 'CATALOG', 'SHIPPING'))
);

-- The ranks are made by the database, so that a page, its cursor and its index can never disagree. `place` is the workspace where the
-- item says one, else the queue that it lies in, which may move to another workspace.
create table work.item (
  entity_id text primary key,
  kind text not null,
  phase text not null check (phase in ('NEW', 'ACTIVE', 'WAITING', 'DONE')),
  title text not null,
  priority smallint not null check (priority between 1 and 4),
  safety_sensitive boolean not null,
  due_at timestamptz,
  since timestamptz not null,
  created_at timestamptz not null,
  assignee_id text,
  queue_id text,
  workspace text check (workspace in ('TRIAGE', 'USERS', 'STORES', 'REVENUE', 'LEGAL', 'AUDIT', 'RISK', 'TRUST', 'CATALOG', 'SHIPPING')),
  because_of text not null,
  place text generated always as (coalesce(workspace, queue_id)) stored,
  attention_rank smallint not null generated always as ((case when safety_sensitive then 0 else 4 end) + priority - 1) stored,
  due_rank timestamptz not null generated always as (coalesce(due_at, timestamptz 'infinity')) stored
);
-- Each begins with kind and phase: a caller sees some kinds, and a page is merged from the beginning of each.
create index item_attention on work.item (kind, phase, attention_rank, due_rank, created_at, entity_id);
create index item_due on work.item (kind, phase, due_rank, created_at, entity_id);
create index item_age on work.item (kind, phase, created_at, entity_id);
create index item_place on work.item (place, kind, phase, attention_rank, due_rank, created_at, entity_id);
create index item_assignee on work.item (assignee_id, kind, phase, attention_rank, due_rank, created_at, entity_id)
  where assignee_id is not null;

grant usage on schema work to opsgraph_app;
grant select, insert, update, delete on all tables in schema work to opsgraph_app;

-- What came before says it in the log.
insert into log.rebuild_wanted
  select 'one inbox holds all work' where exists (select from log.event);
