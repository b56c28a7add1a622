-- Who may read a row, where that is fewer than who may read its type: for everything that knows of entities without asking their owner.
create table search.reader (
  entity_id text primary key,
  roles text[] not null,
  people text[] not null
);
grant select, insert, update, delete on search.reader to opsgraph_app;
