import { isDeepStrictEqual } from 'node:util'
import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { instant, json, text } from '#shared/fields.js'
import {
  decidedAt,
  isPolicyKey,
  POLICIES,
  POLICY_KEYS,
  type PolicyKey,
  readPolicyValue,
} from '#shared/policies.js'
import { dualControl } from '#shared/policy.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { policy, policyId } from '../policies/policy.js'
import { PolicyVersion, versionId } from '../policies/policy-version.js'

/** Further ahead nobody decides. */
const FURTHEST_MS = 10 * 365 * 86_400_000

@InputType('ChangePolicyInput', { description: 'Which rule to change, to what, and from when on.' })
export class ChangePolicyInput extends ActionInput {
  @text('The policy, e.g. refund.limit.SUPPORT_AGENT.')
  key!: string

  @json('What it is to be; Policy.form says what is taken.')
  value!: unknown

  @instant('From when on (UTC), at most ten years ahead; from the moment of its approval when left out.', {
    nullable: true,
  })
  effectiveFrom?: Date | null
}

/** E78, X8: a rule that is data changes by two Super Admins, in versions, never in the past. */
export const changePolicy = action({
  name: 'changePolicy',
  description: 'Changes a rule that is data, from a day on. A later decision replaces an earlier one.',
  input: ChangePolicyInput,
  risk: 'DANGEROUS',
  reasons: {
    RULES_CHANGED: 'The company decided on another rule.',
    INCIDENT: 'Something happened that wants another rule for now.',
    SEASON: 'The time of year wants it: peak season, holidays.',
    CALENDAR: 'Dates that were announced.',
    CORRECTION: 'It was set wrongly.',
    OTHER: 'Something else: the note says what.',
  },

  on: policy,
  target: ({ key }) => policyId(key),

  allow: [Role.SUPER_ADMIN],
  policy: dualControl([Role.SUPER_ADMIN]),

  decide({ decided }, { key, value: given, effectiveFrom }, { now, actorId, approvalId }) {
    if (!isPolicyKey(key)) refuse('NOT_FOUND', `There is no policy "${key}".`, 'key', { keys: POLICY_KEYS })
    const value = rightValue(key, given)
    const from = effectiveFrom ?? now
    if (from < now)
      refuse('INVALID', 'A policy never changes in the past: leave it out for now.', 'effectiveFrom', { now })
    if (from.getTime() > now.getTime() + FURTHEST_MS)
      refuse('INVALID', 'At most ten years ahead.', 'effectiveFrom', { now })
    const before = decidedAt(key, decided, from)
    if (!before.changesLater && isDeepStrictEqual(before.value, value))
      refuse('UNCHANGED', `${key} is so then already.`, 'value', { value })
    const version = decided.length + 1
    return {
      type: 'PolicyChanged',
      data: {
        key,
        version,
        value,
        before: before.value,
        effectiveFrom: from.toISOString(),
        requestedById: actorId,
        approvalId,
      },
      refs: [versionId(key, version)],
    }
  },

  emits: ['PolicyChanged'],
  returns: {
    policyVersion: {
      type: PolicyVersion,
      id: ([happened]) => {
        const { key, version } = (happened?.data ?? {}) as { key?: string; version?: number }
        return key && version ? versionId(key, version) : null
      },
    },
  },
})

function rightValue(key: PolicyKey, given: unknown): unknown {
  const read = readPolicyValue(key, given)
  if ('message' in read) refuse('INVALID', read.message, read.path, { form: POLICIES[key].right })
  return read.value
}
