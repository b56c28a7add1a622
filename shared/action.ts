import type { EntityManager } from 'typeorm'
import type { ActionInput } from '#shared/action-input.js'
import type { Aggregate, Draft } from '#shared/aggregate.js'
import type { Caller } from '#shared/context.js'
import type { EventDraft } from '#shared/event.js'
import type { Class } from '#shared/fields.js'
import type { Measured } from '#shared/limits.js'
import type { Access } from '#shared/permissions.js'
import { approversOf, type Policy, trusted } from '#shared/policy.js'
import type { Role } from '#shared/roles.js'
import { states } from '#shared/states.js'
import type { WarningCode } from '#shared/warning.js'

/**
 * Another aggregate of the same subgraph that changes with the target, in the same transaction: both, or neither. It is asked when
 * something happens to the target, and decides as purely.
 */
export interface Companion<S, I, F> {
  // biome-ignore lint/suspicious/noExplicitAny: its state and events are its own
  on: Aggregate<any, any>
  /** Which one; null: none this time. */
  target: (state: S, input: I, facts: Facts<F>) => string | null
  // biome-ignore lint/suspicious/noExplicitAny: as above
  decide: (other: any, state: S, input: I, facts: Facts<F>) => readonly EventDraft[]
  /** Event types that it can leave. */
  emits: readonly string[]
}

/** How much harm it can do (E10). Refused attempts leave an event from SENSITIVE up, and a reason is mandatory. */
export type Risk = 'ROUTINE' | 'SENSITIVE' | 'DANGEROUS' | 'EMERGENCY'

/** What `decide` may know besides state and input: all of it fixed before it runs, so that it stays pure. */
export interface Facts<F = unknown> {
  targetId: string
  now: Date
  /** Who acts: the caller, or who asked when an approval is carried out. */
  actorId: string
  actorRoles: readonly Role[]
  /** Whether who acts has one of these: roles, and permissions granted to them (D37). */
  may: (allow: readonly Access[]) => boolean
  /** The approval that is being carried out, if one is. */
  approvalId: string | null
  /** A fresh id for something that is born here, e.g. a refund. */
  newId: (prefix: string) => string
  /** What `prepare` read. */
  read: F
}

/**
 * A field of the payload: the target's own row, another row named by what happened, a reference into another subgraph, a form of it that
 * is read for whoever may not read the row itself, a text that `prepare` made and that is shown `once`: in the first answer only, never in a
 * dry run or a replay, never stored; or what became of `each` of many that one decision is about, told of the state before it, in dry runs
 * too but not in a replay.
 */
export type Returned =
  | Class
  | { type: Class; id: (happened: readonly EventDraft[], targetId: string) => string | null }
  | {
      type: Class
      read: (tx: EntityManager, targetId: string, happened: readonly EventDraft[]) => Promise<unknown>
    }
  // biome-ignore lint/suspicious/noExplicitAny: what `prepare` reads differs from action to action
  | { once: (read: any) => string; description: string }
  // biome-ignore lint/suspicious/noExplicitAny: states, inputs and facts differ from action to action
  | { each: Class; of: (state: any, input: any, facts: Facts<any>) => readonly object[]; description: string }

/** The row that the first event names in this field of its data, e.g. the refund that was issued. */
export const namedBy = (type: Class, field: string): Returned => ({
  type,
  id: ([first]) => (first?.data as Readonly<Record<string, string | undefined>> | undefined)?.[field] ?? null,
})

export interface ActionSpec<S, E, I extends ActionInput, F> {
  /** The mutation's name: verb first. */
  name: string
  description: string
  input: Class<I>
  /** Reason codes and what each means. Without any, the action is ROUTINE and asks for none (X7). */
  reasons?: Record<string, string>
  risk?: Risk
  on: Aggregate<S, E>
  /** Id of the aggregate; left out where the action brings one into being. */
  target?: (input: I, read: F) => string
  /**
   * Asks somebody outside whether this call may go on: before any transaction, once for a call, also for one that is repeated. It takes
   * out of the input what proves that and is no part of the intention. Throws a Refusal.
   */
  guard?: (input: I, caller: Caller) => Promise<void>
  /** Whose idempotency keys these are where nobody signed in; PUBLIC actions need it, or else a stranger's key would be everybody's. */
  keysOf?: (input: I, caller: Caller) => string
  /** Reads what the decision needs from the subgraph's own tables, inside the transaction. */
  prepare?: (input: I, tx: EntityManager, caller: Caller) => Promise<F>
  allow: readonly Access[]
  /** The action by which those ask for this one who may not do it (X16), e.g. `requestPayoutHold`. */
  handOff?: string
  policy?: Policy
  /**
   * What it does in money, and to what, where its policy is a limit: the `amount` of its first event on its target, unless this says otherwise.
   */
  measure?: (happening: readonly Draft<E>[]) => Measured[]
  /** Doing it twice does harm (money, labels, enforcement): then a key is demanded. */
  idempotent?: 'REQUIRED' | 'OPTIONAL'
  /** What happens, or why not: `refuse(…)`. Pure, so that it can be repeated. */
  decide: (state: S, input: I, facts: Facts<F>) => Draft<E> | Draft<E>[]
  /** What changes with it. */
  with?: Companion<S, I, F>
  /** What whoever acts should know although it was done, e.g. that somebody read it already. Of the state before; pure as `decide`. */
  warns?: (state: S, input: I, facts: Facts<F>) => Warning[]
  /** Event types it can leave, for docs and `decision`. */
  emits: readonly (keyof E & string)[]
  returns: Record<string, Returned>
}

/** It was done, and there is something to know about it. */
export interface Warning {
  code: WarningCode
  message: string
  facts: Record<string, unknown> | null
}

/** An action with its types forgotten, as the kernel runs it. */
export interface Action {
  name: string
  description: string
  input: Class<ActionInput>
  reasons: Record<string, string>
  /** The enum of the reasons; null when the action asks for none. */
  reasonType: object | null
  risk: Risk
  // biome-ignore lint/suspicious/noExplicitAny: states differ from action to action
  on: Aggregate<any, any>
  // biome-ignore lint/suspicious/noExplicitAny: inputs differ from action to action
  target: ((input: any, read: any) => string) | null
  // biome-ignore lint/suspicious/noExplicitAny: as above
  prepare: ((input: any, tx: EntityManager, caller: Caller) => Promise<unknown>) | null
  // biome-ignore lint/suspicious/noExplicitAny: as above
  guard: ((input: any, caller: Caller) => Promise<void>) | null
  // biome-ignore lint/suspicious/noExplicitAny: as above
  keysOf: ((input: any, caller: Caller) => string) | null
  allow: readonly Access[]
  handOff: string | null
  policy: Policy
  // biome-ignore lint/suspicious/noExplicitAny: events differ from action to action
  measure: ((happening: readonly any[]) => Measured[]) | null
  approvers: readonly Role[]
  idempotent: 'REQUIRED' | 'OPTIONAL'
  // biome-ignore lint/suspicious/noExplicitAny: as above
  decide: (state: any, input: any, facts: Facts<any>) => EventDraft | EventDraft[]
  // biome-ignore lint/suspicious/noExplicitAny: as above
  with: Companion<any, any, any> | null
  // biome-ignore lint/suspicious/noExplicitAny: as above
  warns: ((state: any, input: any, facts: Facts<any>) => Warning[]) | null
  emits: readonly string[]
  returns: Record<string, Returned>
}

const capitalised = (name: string) => name[0]!.toUpperCase() + name.slice(1)

/**
 * One mutation: who may do it, when a second person is needed, which reasons count, what happens. From this the kernel makes the
 * reason enum, the payload, the mutation, its approval twin, the permission row, the docs, the dry run and `decision`.
 */
export function action<S, E, I extends ActionInput, F = undefined>(spec: ActionSpec<S, E, I, F>): Action {
  const reasons = spec.reasons ?? {}
  const asks = Object.keys(reasons).length > 0
  const risk = spec.risk ?? 'ROUTINE'
  if (risk !== 'ROUTINE' && !asks) throw new Error(`${spec.name} is ${risk}, so it needs reasons (E10)`)
  if (spec.allow.includes('PUBLIC') && !spec.keysOf)
    throw new Error(`${spec.name} is PUBLIC, so it needs keysOf`)
  return {
    ...spec,
    input: spec.input as Class<ActionInput>,
    reasons,
    reasonType: asks
      ? states(`${capitalised(spec.name)}Reason`, `Why: reasons that ${spec.name} takes.`, reasons)
      : null,
    risk,
    target: spec.target ?? null,
    prepare: spec.prepare ?? null,
    guard: spec.guard ?? null,
    keysOf: spec.keysOf ?? null,
    handOff: spec.handOff ?? null,
    policy: spec.policy ?? trusted,
    measure: spec.measure ?? null,
    approvers: approversOf(spec.policy ?? trusted),
    idempotent: spec.idempotent ?? 'OPTIONAL',
    decide: spec.decide as Action['decide'],
    with: spec.with ?? null,
    emits: [...spec.emits, ...(spec.with?.emits ?? [])],
    warns: spec.warns ?? null,
  }
}

/** Name of the twin that carries an approved action out: `approveIssueRefund`. */
export const approvalName = (action: Action): string => `approve${capitalised(action.name)}`
export const typeName = (action: Action, suffix: string): string => capitalised(action.name) + suffix
