-- What a customer counts of a ticket, its messages and its files: events that they may know of, and no others (C15).
alter table support.ticket add column customer_version integer not null default 0 check (customer_version >= 0);
alter table support.ticket_message add column customer_version integer not null default 0 check (customer_version >= 0);
alter table support.attachment add column customer_version integer not null default 0 check (customer_version >= 0);
-- Rows of before say it in the log.
insert into log.rebuild_wanted
  select 'tickets count for customers what customers may know of' where exists (select from support.ticket);
