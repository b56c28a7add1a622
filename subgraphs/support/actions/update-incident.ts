import { ID, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { DeskEvents, LeftOut, EscalationLevel as Level } from '#shared/events/desk.js'
import { given, oneOf, several, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { EscalationLevel } from '../desk/desk-enums.js'
import { type EscalationRules, escalationRules, levelOf } from '../desk/escalation.js'
import {
  broadcast,
  type IncidentState,
  incident,
  MAX_STORES,
  notToTell,
  requireOngoing,
  requireStores,
  unknownStores,
  warnOfLeftOut,
} from '../desk/incident.js'
import { LEADS } from '../staff.js'
import { Incident } from '../views/incident.js'

@InputType('UpdateIncidentInput', { description: 'What is new about an incident; what is left out stays.' })
export class UpdateIncidentInput extends ActionInput {
  @given('Incident', 'The incident.')
  incidentId!: string

  @text('What to tell the customers of every linked ticket: plain text, posted on each once.', {
    nullable: true,
    max: 20_000,
    multiline: true,
  })
  publicText?: string | null

  @several(ID, 'All stores that are affected from now on.', { nullable: true, max: MAX_STORES })
  affectedStoreIds?: string[] | null

  @oneOf(EscalationLevel, 'How soon it is to be taken up.', { nullable: true })
  level?: keyof typeof EscalationLevel | null
}

interface Ground {
  rules: EscalationRules
  unknown: string[]
  leftOut: LeftOut[]
}

const sameStores = (before: readonly string[], after: readonly string[]): boolean =>
  before.length === after.length && after.every(id => before.includes(id))

function withStores(state: IncidentState, ids: readonly string[], unknown: readonly string[]) {
  requireStores(unknown, 'affectedStoreIds')
  const affectedStoreIds = [...new Set(ids)]
  if (sameStores(state.affectedStoreIds, affectedStoreIds)) return []
  const refs = [...new Set([...state.affectedStoreIds, ...affectedStoreIds])]
  return [{ type: 'IncidentUpdated', data: { change: 'STORES', affectedStoreIds }, refs }] as const
}

function withLevel(state: IncidentState, asked: Level, rules: EscalationRules) {
  const { level, forced } = levelOf(state.trigger!, asked, rules)
  if (forced && asked !== 'IMMEDIATE')
    refuse('INVALID', `${state.trigger} is always IMMEDIATE.`, 'level', { level: 'IMMEDIATE' })
  if (level === state.level) return []
  return [{ type: 'IncidentUpdated', data: { change: 'LEVEL', level, previousLevel: state.level } }] as const
}

/** A22: the text goes to the tickets that are linked now, on each exactly once. */
export const updateIncident = action({
  name: 'updateIncident',
  description:
    'Changes an incident, and tells the customers of all linked tickets at once: the text becomes a public message on each of them. Tickets that their customers do not know of, and closed ones, are left out; broadcasts.leftOut says which.',
  input: UpdateIncidentInput,

  on: incident,
  target: input => input.incidentId,
  prepare: async ({ incidentId, affectedStoreIds, publicText }, tx, { services }): Promise<Ground> => ({
    rules: await escalationRules(tx, services.clock()),
    unknown: await unknownStores(tx, affectedStoreIds ?? []),
    leftOut: publicText ? await notToTell(tx, incidentId, services.clock()) : [],
  }),

  allow: LEADS,

  decide(state, { publicText, affectedStoreIds, level }, { newId, read }): Draft<DeskEvents>[] {
    requireOngoing(state)
    if (!publicText && !affectedStoreIds && !level)
      refuse('INVALID', 'Say publicText, affectedStoreIds or level.', 'publicText')
    return [
      ...(affectedStoreIds ? withStores(state, affectedStoreIds, read.unknown) : []),
      ...(level ? withLevel(state, level, read.rules) : []),
      ...(publicText
        ? [broadcast(state, { updateId: newId('inu'), publicText, leftOut: read.leftOut })]
        : []),
    ]
  },

  warns: (_state, _input, { read }) => warnOfLeftOut(read.leftOut),
  emits: ['IncidentUpdated'],
  returns: { incident: Incident },
})
