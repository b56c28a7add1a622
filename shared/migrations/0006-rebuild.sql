-- A migration after which rows have to be folded anew from the log says so here; `opsgraph rebuild --replace` does it and empties this.
create table log.rebuild_wanted (because text primary key);
grant select on log.rebuild_wanted to opsgraph_app;
