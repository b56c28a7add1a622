-- What staff made of mail that was kept apart (D56).
alter table support.inbound_mail
  add column review text not null default 'NONE' check (review in ('NONE', 'WAITING', 'ACCEPTED', 'DISMISSED')),
  add column accepted_as text check (accepted_as in ('NEW_TICKET', 'FOLLOW_UP')),
  add column reviewed_by_id text,
  add column reviewed_at timestamptz,
  add constraint accepted_as_what check ((review = 'ACCEPTED') = (accepted_as is not null and ticket_id is not null));
update support.inbound_mail set review = 'WAITING' where disposition = 'FILTERED';
create index inbound_mail_review on support.inbound_mail (review, created_at desc, id desc);
