import type { EntityManager } from 'typeorm'
import { canonicalJson, sha256 } from '#shared/canonical.js'
import { type Asked, type Outcome, outcomeOf, plain } from '#shared/outcome.js'
import { refuse } from '#shared/refusal.js'

/** Who did not sign in has no id; their keys are still their own. */
const whose = ({ caller, input, performer: { action } }: Asked): string =>
  caller.identity.personId || (action.keysOf?.(input, caller) ?? '')

/**
 * Does something once for each (person, idempotencyKey). First in the transaction: a second caller with the same key waits here
 * for the first and gets its answer, `replayed`. The same key with another input is refused.
 */
export async function once(
  tx: EntityManager,
  asked: Asked,
  body: (tx: EntityManager, asked: Asked) => Promise<Outcome>,
): Promise<Outcome> {
  const { input, performer } = asked
  const { idempotencyKey, ...rest } = input
  if (!idempotencyKey || input.dryRun) return body(tx, asked)
  const digest = sha256(canonicalJson({ action: performer.action.name, input: plain(rest) }))
  const actor = whose(asked)
  const [claimed] = await tx.query(
    'insert into log.idempotency (actor, key, request_hash) values ($1, $2, $3) on conflict do nothing returning key',
    [actor, idempotencyKey, digest],
  )
  if (!claimed) return firstAnswer(tx, asked, idempotencyKey, digest)
  const outcome = await body(tx, asked)
  await tx.query('update log.idempotency set event_ids = $3, response = $4 where actor = $1 and key = $2', [
    actor,
    idempotencyKey,
    outcome.events.map(event => event.id!.slice('evt_'.length)),
    JSON.stringify({ targetId: outcome.targetId, approvalId: outcome.approval?.id ?? null }),
  ])
  return outcome
}

async function firstAnswer(tx: EntityManager, asked: Asked, key: string, digest: Buffer): Promise<Outcome> {
  const [first] = await tx.query(
    'select request_hash, event_ids, response from log.idempotency where actor = $1 and key = $2',
    [whose(asked), key],
  )
  if (!digest.equals(first.request_hash))
    refuse(
      'IDEMPOTENCY_MISMATCH',
      'This idempotencyKey was used with another input; take a new one for a new intention.',
      'idempotencyKey',
    )
  const { targetId, approvalId } = first.response
  const events = await asked.caller.services.store.byIds(tx, first.event_ids.map(Number))
  return outcomeOf(tx, asked, targetId, events, {
    replayed: true,
    approval: approvalId ? { id: approvalId } : null,
  })
}
