-- Grants and requests for them lie with the person (accounts); here lies what they cover.
drop index support.operator_requested;
alter table support.operator drop column may_assign, drop column may_assign_until, drop column assign_requested_at;
