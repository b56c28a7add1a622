import { GraphQLJSON } from 'graphql-scalars'
import { Directive, Extensions, Field, ID, Int, ObjectType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { aggregate } from '#shared/aggregate.js'
import type { PolicyEvents } from '#shared/events/policies.js'
import { Node } from '#shared/node.js'
import {
  type InForce,
  isPolicyKey,
  POLICIES,
  POLICY_UNITS,
  type PolicyKey,
  policiesInForce,
} from '#shared/policies.js'
import { READERS } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { states } from '#shared/states.js'

export const POLICY_PREFIX = 'pol'
export const policyId = (key: string): string => `${POLICY_PREFIX}_${key}`

interface Decided {
  value: unknown
  effectiveFrom: string
}

/** Every decision about one rule, in the order in which they were made. */
export const policy = aggregate<{ decided: readonly Decided[] }, PolicyEvents>({
  type: 'Policy',
  prefix: POLICY_PREFIX,
  initial: { decided: [] },
  evolve: {
    PolicyChanged: ({ decided }, { value, effectiveFrom }) => ({
      decided: [...decided, { value, effectiveFrom }],
    }),
  },
})

const PolicyUnit = states('PolicyUnit', 'What the numbers of a policy count.', POLICY_UNITS)

@ObjectType('Policy', {
  description: 'A rule that is data: two people change it, from a day on, and every version is kept (E78).',
  implements: Node,
})
@Directive('@key(fields: "id")')
@Extensions({ allow: READERS })
export class Policy {
  constructor(
    readonly ofKey: PolicyKey,
    private readonly inForce: InForce<unknown>,
  ) {}

  @Field(() => ID, { description: 'Global id.' })
  get id(): string {
    return policyId(this.ofKey)
  }

  @Field(() => String, { description: 'Its name, e.g. refund.limit.SUPPORT_AGENT; changePolicy takes it.' })
  get key(): string {
    return this.ofKey
  }

  @Field(() => String, { description: 'What it rules.' })
  get description(): string {
    return POLICIES[this.ofKey].description
  }

  @Field(() => PolicyUnit, { description: 'What its numbers count.' })
  get unit(): string {
    return POLICIES[this.ofKey].unit
  }

  @Field(() => String, { description: 'What a value has to be.' })
  get form(): string {
    return POLICIES[this.ofKey].right
  }

  @Field(() => GraphQLJSON, { description: 'What holds now.' })
  get value(): unknown {
    return this.inForce.value
  }

  @Field(() => Int, { description: 'Which version holds now: counts the changes, 0 is the default.' })
  get version(): number {
    return this.inForce.version
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'Since when this value holds (UTC); null while it is the default.',
  })
  get effectiveFrom(): Date | null {
    return this.inForce.effectiveFrom
  }

  @Field(() => GraphQLJSON, { description: 'What holds until somebody changes it.' })
  get default(): unknown {
    return POLICIES[this.ofKey].default
  }
}

/** Policies as they stand at a moment, in the order asked for. */
export async function policiesAt(
  db: EntityManager,
  keys: readonly PolicyKey[],
  now: Date,
): Promise<Policy[]> {
  const inForce = await policiesInForce(db, keys, now)
  return keys.map(key => new Policy(key, inForce.get(key)!))
}

/** `pol_refund.limit.SUPPORT_AGENT` → the policy; null where the code knows none. */
export async function policyById(id: string, db: EntityManager, now: Date): Promise<Policy | null> {
  const key = id.slice(POLICY_PREFIX.length + 1)
  if (policyId(key) !== id || !isPolicyKey(key)) return null
  return (await policiesAt(db, [key], now))[0]!
}
