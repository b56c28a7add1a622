import type { EntityManager } from 'typeorm'
import { aggregate } from '#shared/aggregate.js'
import type { DeskEvents, MacroShape } from '#shared/events/desk.js'
import { externalId } from '#shared/id.js'
import { refuse } from '#shared/refusal.js'
import type { Change } from '../change.js'

/** What decisions about a macro rest on; null: there is none. */
export interface MacroState {
  shape: MacroShape | null
}

export const macro = aggregate<MacroState, DeskEvents>({
  type: 'Macro',
  prefix: 'mac',
  initial: { shape: null },
  evolve: { MacroSaved: (_, shape) => ({ shape }) },
})

/** One for each name, so that two people who save the same one save one. */
export const macroOf = (name: string): string =>
  externalId(macro.prefix, 'support', name.normalize('NFKC').trim().toLowerCase())

/** What a body can say that differs from ticket to ticket. */
export const PLACEHOLDERS = {
  'ticket.number': 'The number of the ticket.',
  'ticket.subject': 'What it is about.',
  'requester.name': 'The name of the customer who asks.',
  'account.name': 'The name of the account, as it was when the ticket was opened.',
  'agent.name': 'The first name of who applies it.',
} as const
export type Placeholder = keyof typeof PLACEHOLDERS

const MARK = /\{\{\s*([^{}]*?)\s*\}\}/g

/** The placeholders of a body, each once. */
const placeholdersIn = (body: string | null): string[] => [
  ...new Set([...(body ?? '').matchAll(MARK)].map(([, name]) => name!)),
]

/** @throws Refusal INVALID naming those that nothing stands behind */
export function requirePlaceholders(body: string | null): void {
  const unknown = placeholdersIn(body).filter(name => !Object.hasOwn(PLACEHOLDERS, name))
  if (unknown.length)
    refuse('INVALID', `There is nothing behind {{${unknown[0]}}}.`, 'body', {
      unknown,
      placeholders: Object.keys(PLACEHOLDERS),
    })
}

export type Values = Readonly<Record<Placeholder, string | null>>

/** The body with its placeholders filled; those that nothing is known for stay. */
export const filled = (body: string, values: Values): string =>
  body.replace(MARK, (mark, name: string) => values[name as Placeholder] ?? mark)

/** Placeholders of a body that nothing is known for. */
const unfilledIn = (body: string | null, values: Values): string[] =>
  placeholdersIn(body).filter(name => !values[name as Placeholder])

/** What stands behind the placeholders on one ticket, applied by one person. */
export async function valuesFor(
  tx: Pick<EntityManager, 'query'>,
  ticketId: string,
  agentId: string,
): Promise<Values> {
  const [row] = await tx.query(
    `select t.number, t.subject, coalesce(p.name, t.open_context->'requester'->>'name') as requester,
       t.open_context->'account'->>'name' as account, (select split_part(name, ' ', 1) from access.person where id = $2) as agent
     from support.ticket t left join access.person p on p.id = t.requester_id where t.id = $1`,
    [ticketId, agentId],
  )
  return {
    'ticket.number': row?.number ?? null,
    'ticket.subject': row?.subject ?? null,
    'requester.name': row?.requester ?? null,
    'account.name': row?.account ?? null,
    'agent.name': row?.agent ?? null,
  }
}

/** A macro as it is now; null when there is none. */
export async function readMacro(
  tx: Pick<EntityManager, 'query'>,
  macroId: string,
): Promise<MacroShape | null> {
  const [row] = await tx.query(
    `select name, category, visibility, body, set_status as "setStatus", set_status_reason as "setStatusReason",
       set_priority as "setPriority", add_tags as "addTags", remove_tags as "removeTags", is_active as "isActive"
     from support.macro where id = $1`,
    [macroId],
  )
  return row ?? null
}

/** What a macro does to a ticket. */
export const changeOf = (shape: MacroShape, values: Values): Change => ({
  message: shape.body === null ? null : { visibility: shape.visibility, body: filled(shape.body, values) },
  status: shape.setStatus,
  statusReason: shape.setStatusReason,
  priority: shape.setPriority,
  addTags: shape.addTags,
  removeTags: shape.removeTags,
})

/** @throws Refusal NOT_FOUND, INVALID_STATE for one out of use, or INVALID for what it would say with holes in it */
export function requireUsable(shape: MacroShape | null, values: Values): asserts shape is MacroShape {
  if (!shape) refuse('NOT_FOUND', 'There is no such macro.', 'macroId')
  if (!shape.isActive) refuse('INVALID_STATE', 'This macro is out of use.', 'macroId')
  const unfilled = unfilledIn(shape.body, values)
  if (unfilled.length)
    refuse('INVALID', `Nothing is known for {{${unfilled[0]}}} here.`, 'macroId', { placeholders: unfilled })
}
