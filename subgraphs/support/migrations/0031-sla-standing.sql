-- How a promise stands, as far as no clock is needed for it: what is RUNNING is overdue once its "dueAt" has passed.
create function support.sla_standing(timer jsonb) returns text language sql immutable parallel safe as $$
  select case
    when timer is null then null
    when timer ->> 'breachedAt' is not null then 'BREACHED'
    when timer ->> 'answeredAt' is not null then 'MET'
    when timer ->> 'canceledAt' is not null then 'CANCELED'
    when timer -> 'spans' -> -1 ->> 'kind' = 'PAUSED' then 'PAUSED'
    else 'RUNNING'
  end
$$;
-- Lists of tickets go by the last promise of each kind. Its instants are ISO 8601 of one length, so that they sort as texts.
create index ticket_sla_standing on support.ticket
  (support.sla_standing(sla_cycles -> -1), (sla_cycles -> -1 ->> 'dueAt') collate "C") where sla_cycles <> '[]';
create index ticket_emergency_standing on support.ticket
  (support.sla_standing(sla_emergencies -> -1), (sla_emergencies -> -1 ->> 'dueAt') collate "C") where sla_emergencies <> '[]';
-- Reports begin with when the last one began.
create index ticket_emergency_began on support.ticket ((sla_emergencies -> -1 ->> 'startedAt') collate "C")
  where sla_emergencies <> '[]';
