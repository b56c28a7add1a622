-- What failed because its sender was refused is sent again once its channel is verified; and why a mail was sent again stands on it.
alter table support.message_delivery
  add column sender_refused boolean not null default false,
  add column sent_again_because text check (sent_again_because in ('REQUESTED', 'CHANNEL_VERIFIED')),
  add column verification_id text;
update support.message_delivery set sent_again_because = 'REQUESTED' where round > 1;
create index message_delivery_sender_refused on support.message_delivery (support_channel_id, created_at, id)
  where state = 'FAILED' and sender_refused;
create index message_delivery_verification on support.message_delivery (verification_id) where verification_id is not null;
