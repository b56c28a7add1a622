-- Shares by the provider's own id.
create index refund_shares on orders.refund using gin (shares jsonb_path_ops);
create index refund_issued on orders.refund (issued_at desc, id desc);
