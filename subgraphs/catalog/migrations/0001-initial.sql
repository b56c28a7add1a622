create schema catalog;

create table catalog.catalog_item (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  source text not null,
  external_id text not null,
  title text not null,
  brand text,
  category text,
  status text not null check (status in ('ACTIVE', 'DEPRECATED')),
  replacement_id text check (replacement_id <> id),
  state jsonb not null
);
create index catalog_item_created on catalog.catalog_item (created_at desc, id desc);
create index catalog_item_status on catalog.catalog_item (status, created_at desc, id desc);

create table catalog.listing (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  source text not null,
  external_id text not null,
  title text not null,
  organization_id text not null,
  catalog_item_id text,
  price jsonb not null,
  status text not null check (status in ('DRAFT', 'LIVE', 'SOLD', 'ENDED')),
  quantity integer not null check (quantity >= 0),
  listed_at timestamptz not null
);
create index listing_listed on catalog.listing (listed_at desc, id desc);
create index listing_status on catalog.listing (status, listed_at desc, id desc);
create index listing_organization on catalog.listing (organization_id, listed_at desc, id desc);
create index listing_catalog_item on catalog.listing (catalog_item_id, listed_at desc, id desc);

create table catalog.bid (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  source text not null,
  external_id text not null,
  listing_id text not null,
  bidder_id text not null,
  amount jsonb not null,
  status text not null check (status in ('ACTIVE', 'OUTBID', 'WON', 'LOST', 'RETRACTED')),
  placed_at timestamptz not null
);
create index bid_placed on catalog.bid (placed_at desc, id desc);
create index bid_listing on catalog.bid (listing_id, placed_at desc, id desc);
create index bid_bidder on catalog.bid (bidder_id, placed_at desc, id desc);

grant usage on schema catalog to opsgraph_app;
grant select, insert, update on all tables in schema catalog to opsgraph_app;
