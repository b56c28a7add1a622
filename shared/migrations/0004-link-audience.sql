-- Who may follow a cross-link, where the field that makes it is narrower than its type; null: whoever may read both types.
alter table search.link add column allow text[];
