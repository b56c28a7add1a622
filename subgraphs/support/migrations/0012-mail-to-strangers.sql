-- Who opened a ticket without signing in is told by mail as well: the recipient is the ticket itself, which has their address.
alter table support.message_delivery drop constraint message_delivery_recipient_id_check;
alter table support.message_delivery
  add constraint message_delivery_recipient_id_check check (recipient_id ~ '^(usr|stf|org|tkt)_');
