-- Which version of which document users accepted (A18, B36), as the marketplace says. version_order sorts versions as people do: 1.10 after 1.9.
create table accounts.legal_acceptance (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  source text not null,
  external_id text not null,
  user_id text not null,
  document_kind text not null check (document_kind in
    ('TERMS', 'PRIVACY_POLICY', 'COOKIE_CONSENT', 'SELLER_AGREEMENT', 'AUCTION_TERMS', 'DATA_PROCESSING', 'MARKETING')),
  document_version text not null,
  version_order text collate "C" not null,
  accepted_at timestamptz not null,
  surface text not null,
  choices text[] not null check (choices <@ '{ESSENTIAL,ANALYTICS}'),
  withdrawn_at timestamptz,
  constraint withdrawn_after check (withdrawn_at >= accepted_at)
);
create index legal_acceptance_created on accounts.legal_acceptance (created_at desc, id desc);
create index legal_acceptance_user on accounts.legal_acceptance (user_id, created_at desc, id desc);
create index legal_acceptance_document on accounts.legal_acceptance (document_kind, version_order, created_at desc, id desc);

-- Whom we asked to accept a document anew; open for each of them until an acceptance of that version or a newer one comes.
create table accounts.legal_acceptance_request (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  user_ids text[] not null check (cardinality(user_ids) between 1 and 500),
  organization_id text,
  document_kind text not null check (document_kind in
    ('TERMS', 'PRIVACY_POLICY', 'COOKIE_CONSENT', 'SELLER_AGREEMENT', 'AUCTION_TERMS', 'DATA_PROCESSING', 'MARKETING')),
  document_version text not null,
  version_order text collate "C" not null,
  reason_code text,
  requested_by_id text
);
create index legal_acceptance_request_created on accounts.legal_acceptance_request (created_at desc, id desc);
create index legal_acceptance_request_document on accounts.legal_acceptance_request (document_kind, version_order);
create index legal_acceptance_request_users on accounts.legal_acceptance_request using gin (user_ids);

grant select, insert, update on accounts.legal_acceptance, accounts.legal_acceptance_request to opsgraph_app;
