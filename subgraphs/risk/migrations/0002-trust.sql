create table risk.trust_case (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  state text not null check (state in ('OPEN', 'IN_REVIEW', 'DECIDED')),
  from_id text not null,
  subject_ids text[] not null,
  summary text,
  evidence_ids text[] not null,
  reason_code text not null,
  opened_by_id text not null,
  assignee_id text,
  assigned_at timestamptz,
  outcome text check (outcome in ('NO_ACTION', 'ACTION_TAKEN', 'REFERRED')),
  statement text,
  decided_at timestamptz,
  constraint concerns_its_origin check (from_id = any (subject_ids)),
  constraint assigned_since check ((assignee_id is null) = (assigned_at is null)),
  -- A case that is worked on or decided has somebody who answers for it.
  constraint somebody_answers check ((state = 'OPEN') = (assignee_id is null)),
  constraint decided_how check ((state = 'DECIDED') = (outcome is not null and decided_at is not null))
);
create index trust_case_created on risk.trust_case (created_at desc, id desc);
create index trust_case_state on risk.trust_case (state, created_at desc, id desc);
create index trust_case_assignee on risk.trust_case (assignee_id, created_at desc, id desc);
create index trust_case_from on risk.trust_case (from_id, created_at desc, id desc);
create index trust_case_subjects on risk.trust_case using gin (subject_ids);

create table risk.strike (
  id text primary key,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  organization_id text not null,
  severity text not null check (severity in ('MINOR', 'MAJOR', 'SEVERE')),
  state text not null check (state in ('ACTIVE', 'REVOKED')),
  order_id text,
  workflow_id text,
  statement text,
  reason_code text not null,
  issued_by_id text not null,
  expires_at timestamptz not null,
  revoked_by_id text,
  revoked_at timestamptz,
  revoked_reason_code text,
  constraint ends_after_it_began check (expires_at > created_at),
  constraint revoked_by_whom check ((state = 'REVOKED') = (revoked_by_id is not null and revoked_at is not null)),
  -- Nobody takes back what they issued themselves, whatever the code believes (E63).
  constraint revoked_by_another check (revoked_by_id <> issued_by_id),
  -- A workflow strikes once for an order, however often it is told to (E75).
  unique (workflow_id, order_id)
);
create index strike_created on risk.strike (created_at desc, id desc);
create index strike_state on risk.strike (state, created_at desc, id desc);
create index strike_severity on risk.strike (severity, created_at desc, id desc);
create index strike_organization on risk.strike (organization_id, created_at desc, id desc);
create index strike_order on risk.strike (order_id, created_at desc, id desc);

grant select, insert, update on risk.trust_case, risk.strike to opsgraph_app;
