-- A customer without an account is enough for staff to open a ticket (E66, X17).
alter table support.ticket drop constraint belongs_somewhere;
alter table support.ticket add constraint belongs_somewhere check (
  organization_id is not null or is_unverified
  or (opened_by_kind <> 'REQUESTER' and (requester_id is not null or cardinality(linked_entity_ids) > 0))
);
