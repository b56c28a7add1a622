import { GraphQLJSONObject } from 'graphql-scalars'
import { Arg, Ctx, Extensions, Field, ID, InputType, Int, ObjectType, Query, Resolver } from 'type-graphql'
import type { CatalogAction } from '#shared/catalog.js'
import { badInput } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { LimitNode, limitNode } from '#shared/limit-node.js'
import type { Measured } from '#shared/limits.js'
import { type Opening, openingOf } from '#shared/may-perform.js'
import { MissingPermission } from '#shared/missing-permission.js'
import { isCurrency, none, type Sum } from '#shared/money.js'
import { Allow } from '#shared/permissions.js'
import { policiesInForce } from '#shared/policies.js'
import { approversFor, evaluate, type Policy, type Question, trusted, type Verdict } from '#shared/policy.js'
import { requires } from '#shared/refusal.js'
import { Role, SCOPES } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { states } from '#shared/states.js'

/** Most questions asked at once. */
const MAX_REQUESTS = 100
/** Anybody who signed in may ask what they may do. */
const ANYBODY = [...Object.values(Role), ...SCOPES]

const DecisionEffect = states('DecisionEffect', 'What would come of asking for an action.', {
  ALLOW: 'You may do it by yourself.',
  ALLOW_WITH_APPROVAL: 'You may ask for it; a second person decides.',
  STEP_UP: 'Sign in again first.',
  DENY: 'You may not.',
})
type Effect = keyof typeof DecisionEffect

const DecisionCode = states('DecisionCode', 'Why a decision is what it is.', {
  UNKNOWN_ACTION: 'There is no such action.',
  ROLE_MISSING: 'None of your roles may do it.',
  MISSING_PERMISSION:
    'None of your roles may do it; a permission would, and can be granted: `missing` says by whom.',
  HANDOFF_REQUIRED: 'None of your roles may do it, but you may ask those who may; handOff says how.',
  STEP_UP_REQUIRED: 'It wants a recent sign-in.',
  APPROVAL_REQUIRED: 'It takes a second person.',
  INPUT_MISSING: 'What it depends on was not given.',
  REASON_UNKNOWN: 'The action does not take this reason.',
})

@InputType('DecisionRequest', { description: 'May I do this to that?' })
export class DecisionRequest {
  @Field(() => String, { description: 'The mutation, e.g. issueRefund.' })
  action!: string

  @Field(() => ID, { nullable: true, description: 'What to do it to.' })
  target?: string | null

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: "The mutation's input, as far as it is known: amounts and reason count.",
  })
  input?: Record<string, unknown> | null
}

@ObjectType('DecisionReason', { description: 'Why a decision is what it is.' })
@Extensions({ value: true })
class DecisionReason {
  @Field(() => DecisionCode, { description: 'What kind of reason.' })
  code!: keyof typeof DecisionCode

  @Field(() => String, { description: 'For people.' })
  message!: string

  @Field(() => String, { nullable: true, description: 'The input field it is about.' })
  field!: string | null
}

@ObjectType('ReasonCode', { description: 'A reason that an action takes.' })
@Extensions({ value: true })
class ReasonCode {
  @Field(() => String, { description: 'What to give as `reason`.' })
  code!: string

  @Field(() => String, { description: 'What it means.' })
  meaning!: string
}

@ObjectType('Decision', { description: 'Whether you may do something, why not, and what it would take.' })
@Extensions({ value: true })
class Decision {
  @Field(() => String, { description: 'The mutation that was asked about.' })
  action!: string

  @Field(() => DecisionEffect, { description: 'What would come of it.' })
  effect!: Effect

  @Field(() => [DecisionReason], { description: 'Why; empty when nothing stands in the way.' })
  reasons!: DecisionReason[]

  @Field(() => [String], { description: 'Roles, permissions and scopes, any of which may do it.' })
  requiresOneOf!: readonly string[]

  @Field(() => [MissingPermission], {
    description: 'Permissions that you lack and any of which would do, with who can grant them (D59).',
  })
  missing!: readonly MissingPermission[]

  @Field(() => [Role], { description: 'Who may approve it, if it takes a second person.' })
  approvers!: readonly Role[]

  @Field(() => String, {
    nullable: true,
    description: 'The mutation by which you ask for it, where you may not do it yourself (X16).',
  })
  handOff!: string | null

  @Field(() => [ReasonCode], { description: 'One of these is wanted as `reason`; empty: none.' })
  reasonCodes!: ReasonCode[]

  @Field(() => Boolean, { description: 'It wants an idempotencyKey.' })
  idempotencyKeyRequired!: boolean

  @Field(() => Int, { nullable: true, description: 'It wants a sign-in at most this many seconds old.' })
  signedInWithin!: number | null

  @Field(() => [LimitNode], { description: 'Limits that count here.' })
  limits!: LimitNode[]

  @Field(() => DateTime, {
    description: 'When this was worked out (UTC); it may be otherwise a moment later.',
  })
  evaluatedAt!: Date
}

const isSum = (value: unknown): boolean => {
  const { amount, currency } = (value ?? {}) as { amount?: unknown; currency?: unknown }
  return Number.isSafeInteger(amount) && typeof currency === 'string' && isCurrency(currency)
}

const REASONS: Record<Verdict['effect'], DecisionReason['code'] | null> = {
  ALLOW: null,
  ALLOW_WITH_APPROVAL: 'APPROVAL_REQUIRED',
  STEP_UP: 'STEP_UP_REQUIRED',
}

/** Whose it is, where the policy asks: who brought the target into being. Its whole state is its subgraph's to know. */
async function ownership(
  policy: Policy,
  targetId: string,
  { db }: Context,
): Promise<Record<string, unknown>> {
  if (policy.kind !== 'DUAL_CONTROL' || !policy.owner) return {}
  const [first] = await db.query('select actor from log.event where stream_id = $1 and version = 1', [
    targetId,
  ])
  return { [policy.owner]: first?.actor ?? null }
}

async function decide(
  { action: name, target, input: given }: DecisionRequest,
  context: Context,
): Promise<Decision> {
  const { services, identity } = context
  const now = services.clock()
  const opening = openingOf(name, identity)
  if (opening.code !== 'OPEN') return notAllowed(blank(name, now), opening)
  const { action } = opening
  const base = { ...blank(name, now), ...requirements(action) }

  const input = given ?? {}
  const targetId = target ?? stringIn(input, action.targetField) ?? ''
  const missing = missingInput(action.policy, input)
  const policy = missing ? { ...trusted, signedInWithin: action.policy.signedInWithin } : action.policy
  const state = await ownership(policy, targetId, context)
  const measured = await measuredBy(action.policy, targetId, input, context)
  const question: Question = { identity, targetId, input, state, measured, now, wall: services.wall?.() }
  const verdict = await evaluate(policy, context.db, question)
  const { limits } = missing ? await evaluate(unaged(action.policy), context.db, question) : verdict
  const code = REASONS[verdict.effect]
  return {
    ...base,
    effect: verdict.effect,
    approvers: await approversFor(action.policy, context.db, question),
    limits: limits.map(limitNode),
    reasons: [
      ...(code ? [{ code, message: verdict.why ?? '', field: null }] : []),
      ...(missing ? [missing] : []),
      ...unknownReason(action, input),
    ],
  }
}

/** The policy without the sign-in that it wants. */
const unaged = (policy: Policy): Policy => ({ ...policy, signedInWithin: undefined })

const blank = (action: string, evaluatedAt: Date): Decision => ({
  action,
  effect: 'DENY',
  reasons: [],
  requiresOneOf: [],
  missing: [],
  approvers: [],
  handOff: null,
  reasonCodes: [],
  idempotencyKeyRequired: false,
  signedInWithin: null,
  limits: [],
  evaluatedAt,
})

const requirements = (action: CatalogAction): Partial<Decision> => ({
  requiresOneOf: action.allow,
  approvers: action.approvers,
  reasonCodes: Object.entries(action.reasons).map(([code, meaning]) => ({ code, meaning })),
  idempotencyKeyRequired: action.idempotency === 'REQUIRED',
  signedInWithin: action.policy.signedInWithin ?? null,
})

const denied = (base: Decision, code: DecisionReason['code'], message: string): Decision => ({
  ...base,
  effect: 'DENY',
  reasons: [{ code, message, field: null }],
})

/** Who may not do it may be able to ask for it (X16). */
function notAllowed(blank: Decision, opening: Exclude<Opening, { code: 'OPEN' }>): Decision {
  if (opening.code === 'UNKNOWN_ACTION')
    return denied(blank, 'UNKNOWN_ACTION', `There is no action "${blank.action}".`)
  const { name, allow } = opening.action
  const base = { ...blank, ...requirements(opening.action) }
  if (opening.code === 'MISSING_PERMISSION')
    return { ...denied(base, opening.code, requires(name, allow, opening.missing)), missing: opening.missing }
  if (opening.code === 'ROLE_MISSING') return denied(base, opening.code, requires(name, allow))
  const { asking } = opening
  const message = `${name} is for ${allow.join(', ')}: ask them with ${asking.name}.`
  return { ...denied(base, 'HANDOFF_REQUIRED', message), handOff: asking.name, approvers: asking.approvers }
}

const stringIn = (input: Record<string, unknown>, field: string | null): string | null => {
  const value = field && input[field]
  return typeof value === 'string' ? value : null
}

/** What the policy looks at and that was not given. */
function missingInput(policy: Policy, input: Record<string, unknown>): DecisionReason | null {
  const code = 'INPUT_MISSING'
  if (policy.kind === 'LIMIT' && !policy.amount)
    return {
      code,
      field: null,
      message: 'The sum is worked out by the mutation itself: ask it with dryRun: true.',
    }
  const field =
    policy.kind === 'LIMIT'
      ? !isSum(input[policy.amount!]) && policy.amount
      : policy.kind === 'DUAL_CONTROL' && input[policy.when?.field ?? ''] === undefined && policy.when?.field
  return field
    ? { code, field, message: `Give ${field}: it decides whether a second person is needed.` }
    : null
}

/** The sum that was given; before one is known, nothing of each currency that a limit of the caller knows. */
async function measuredBy(
  policy: Policy,
  targetId: string,
  input: Record<string, unknown>,
  { db, identity, services }: Context,
): Promise<Measured[]> {
  if (policy.kind !== 'LIMIT') return []
  const given = policy.amount && input[policy.amount]
  if (isSum(given)) return [{ targetId, amount: given as Sum }]
  const { alone } = policy.limit
  const keys = identity.roles.flatMap(role => alone[role] ?? [])
  const values = await policiesInForce(db, keys, services.clock())
  const currencies = [...values.values()].flatMap(({ value }) =>
    typeof value === 'object' ? Object.keys(value) : [],
  )
  return [...new Set(currencies)].map(currency => ({ targetId, amount: none(currency) }))
}

function unknownReason(
  { reasons, name }: CatalogAction,
  { reason }: Record<string, unknown>,
): DecisionReason[] {
  if (reason === undefined || (typeof reason === 'string' && Object.hasOwn(reasons, reason))) return []
  return [{ code: 'REASON_UNKNOWN', message: `${name} does not take this reason.`, field: 'reason' }]
}

const NOTE = `Judged by role, policy and limits. Whether the target's present state allows it is answered by the mutation with dryRun: true.`

@Resolver()
export class DecisionQueries {
  @Query(() => Decision, { description: `May I do this, why not, and what would it take? ${NOTE}` })
  @Allow(...ANYBODY)
  async decision(
    @Arg('action', () => String, { description: 'The mutation, e.g. issueRefund.' }) action: string,
    @Arg('target', () => ID, { nullable: true, description: 'What to do it to.' }) target: string | null,
    @Arg('input', () => GraphQLJSONObject, {
      nullable: true,
      description: "The mutation's input, as far as it is known: amounts and reason count.",
    })
    input: Record<string, unknown> | null,
    @Ctx() context: Context,
  ): Promise<Decision> {
    return decide({ action, target, input }, context)
  }

  @Query(() => [Decision], {
    description: `The same for up to ${MAX_REQUESTS} questions, answered in order. ${NOTE}`,
  })
  @Allow(...ANYBODY)
  async decisions(
    @Arg('requests', () => [DecisionRequest], { description: `At most ${MAX_REQUESTS}.` })
    requests: DecisionRequest[],
    @Ctx() context: Context,
  ): Promise<Decision[]> {
    if (requests.length > MAX_REQUESTS)
      throw badInput(`${requests.length} questions; one call takes at most ${MAX_REQUESTS}.`)
    return Promise.all(requests.map(request => decide(request, context)))
  }
}
