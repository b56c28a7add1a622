-- Who may find an entity by an identifier, where that is narrower than its type; null: whoever may read the type.
alter table search.identifier add column allow text[];

-- With the kind: ten thousand addresses share a domain, none of them is called so.
drop index search.identifier_norm;
create index identifier_norm on search.identifier (norm, kind);

-- Endings: the last digits of a number, or an own id without its prefix.
drop index search.identifier_reverse;
create index identifier_reverse on search.identifier (reverse(norm) collate "C")
  where kind in ('ID', 'EXTERNAL_ID', 'NUMBER', 'TICKET_NUMBER', 'TRACKING', 'STRIPE');

-- Every search reads the whole list of what was not merged into a GIN index yet: at the default of 4 MB that is 12 ms of 13.
alter index search.identifier_near set (gin_pending_list_limit = 64);
alter index search.identifier_fragment set (gin_pending_list_limit = 64);

-- The audit explorer: events of a type, newest first, and of a span of time. BRIN costs an append nothing, since time grows with the id.
set local role opsgraph_owner;
create index event_type on log.event (type, id);
create index event_at on log.event using brin (at);
reset role;
