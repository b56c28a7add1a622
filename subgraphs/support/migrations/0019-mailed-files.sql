-- Files that come with mail are attachments (C5); what is not taken is named with the reason.
alter table support.attachment add column inbound_mail_id text;
create index attachment_inbound_mail on support.attachment (inbound_mail_id, created_at desc, id desc);
alter table support.inbound_mail add column refused text[] not null default '{}';
update support.inbound_mail set refused = files;
