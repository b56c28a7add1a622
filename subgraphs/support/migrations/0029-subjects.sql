-- Tickets are found by words of their subject; what they came by and when narrows lists.
create index ticket_subject_words on support.ticket using gin (to_tsvector('simple', subject));
create index ticket_channel on support.ticket (channel, created_at desc, id desc);
create index ticket_updated on support.ticket (updated_at desc);
