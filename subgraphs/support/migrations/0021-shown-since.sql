-- Since when customers know of a ticket: what staff opened for themselves is theirs alone until the first public word.
alter table support.ticket add column shown_since timestamptz;
-- What a message had been rewritten before customers could read it is none of their business.
alter table support.ticket_message add column shown_revision integer check (shown_revision > 0);
-- Who asked may take a ticket back.
alter table support.ticket drop constraint ticket_status_reason_check;
alter table support.ticket add constraint ticket_status_reason_check check (status_reason in (
  'NEW', 'CUSTOMER_REPLIED', 'REOPENED', 'WORK_RESUMED', 'INFORMATION_REQUESTED', 'EVIDENCE_REQUESTED', 'CONFIRMATION_REQUESTED',
  'RETURN_EXPECTED', 'SHIPMENT_EXPECTED', 'ANSWERED', 'FIXED', 'REFUNDED', 'WORKAROUND', 'DECLINED', 'NOT_REPRODUCIBLE',
  'REQUESTER_CONFIRMED', 'SILENCE', 'CLOSED_EARLY', 'MERGED', 'WITHDRAWN'));
-- Rows of before say it in the log.
insert into log.rebuild_wanted
  select 'tickets know since when customers know of them' where exists (select from support.ticket);
