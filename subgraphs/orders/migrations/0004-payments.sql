-- How webhooks name the payment or the dispute that they speak of.
create index payment_intent on orders.payment (payment_intent_id) where payment_intent_id is not null;
create index payment_charge on orders.payment (charge_id) where charge_id is not null;
create index dispute_provider on orders.dispute (dispute_id) where dispute_id is not null;
