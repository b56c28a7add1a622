-- Who asked may take a request back.
alter table accounts.access_request drop constraint access_request_state_check;
alter table accounts.access_request add constraint access_request_state_check
  check (state in ('PENDING', 'GRANTED', 'DECLINED', 'WITHDRAWN'));
-- Requests are read by who can give what is asked for, by who asked, and by auditors.
insert into search.reader (entity_id, roles, people)
  select id, grantable_by || 'AUDITOR'::text, array[staff_id] from accounts.access_request;
