-- What a customer may know of the timer, where that is not the timer itself, and since when the last one runs: reports go by it.
alter table support.ticket
  add column sla_shown jsonb,
  add column sla_began_at timestamptz;
create index ticket_sla_began on support.ticket (sla_began_at) where sla_began_at is not null;
-- Timers of before say in the log how much of their time was used up.
insert into log.rebuild_wanted
  select 'timers of tickets keep what was used up of them' where exists (select from support.ticket where sla_cycles <> '[]');
