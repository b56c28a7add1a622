-- What customers of an incident were told says whom it left out; before, it left out nobody.
update support.incident set broadcasts =
  (select coalesce(jsonb_agg(b || '{"leftOut": []}' order by at), '[]') from jsonb_array_elements(broadcasts) with ordinality one(b, at));
