-- Who asked to be allowed to give tickets to others (D59), and waits for an answer.
alter table support.operator add column assign_requested_at timestamptz;
create index operator_requested on support.operator (assign_requested_at) where assign_requested_at is not null;
