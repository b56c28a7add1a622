import { subgraph } from '#shared/subgraph.js'
import { changePolicy } from './actions/change-policy.js'
import { createAuditSlice } from './actions/create-audit-slice.js'
import { expireApproval } from './actions/expire-approval.js'
import { rejectApproval } from './actions/reject-approval.js'
import { retryReaction } from './actions/retry-reaction.js'
import { withdrawApproval } from './actions/withdraw-approval.js'
import { ApprovalFields, ApprovalQueries } from './approvals.js'
import { DecisionQueries } from './decision.js'
import { ENTITY_FIELDS } from './entity-fields.js'
import { EVENT_PREFIX, Event } from './events/event.js'
import { EventQueries } from './events/queries.js'
import { eventById } from './events/read.js'
import { NodeQueries } from './nodes.js'
import { OmniboxHitFields, OmniboxQueries } from './omnibox/omnibox.js'
import { OperationQueries } from './operations.js'
import { POLICY_PREFIX, Policy, policyById } from './policies/policy.js'
import { policyVersions } from './policies/policy-version.js'
import { PolicyFields, PolicyQueries, PolicyVersionFields } from './policies/queries.js'
import { expireApprovals } from './reactions/expire-approvals.js'
import { reviveReactions } from './reactions/revive-reactions.js'
import { auditSlices } from './slices/audit-slice.js'
import { sliceQueries } from './slices/queries.js'
import { STUBS } from './stubs.js'
import { WorkItemQueries } from './work/queries.js'

/** The log and what is read off it: events, timelines, links, the omnibox, all work, approvals, decisions, policies. */
export default subgraph({
  name: 'audit',
  actions: [rejectApproval, withdrawApproval, expireApproval, retryReaction, changePolicy, createAuditSlice],
  views: [policyVersions, auditSlices],
  queries: [
    NodeQueries,
    EventQueries,
    OmniboxQueries,
    OmniboxHitFields,
    ApprovalQueries,
    ApprovalFields,
    DecisionQueries,
    PolicyQueries,
    PolicyFields,
    PolicyVersionFields,
    OperationQueries,
    WorkItemQueries,
    ...sliceQueries,
    ...ENTITY_FIELDS,
  ],
  extends: [...STUBS.values()],
  references: [
    { type: Event, name: 'Event', prefix: EVENT_PREFIX, open: eventById },
    {
      type: Policy,
      name: 'Policy',
      prefix: POLICY_PREFIX,
      open: (id, { db, services }) => policyById(id, db, services.clock()),
    },
  ],
  reactions: [expireApprovals, reviveReactions],
})
