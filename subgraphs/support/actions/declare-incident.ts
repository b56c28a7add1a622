import { ID, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { DeskEvents } from '#shared/events/desk.js'
import { oneOf, several, text } from '#shared/fields.js'
import { EscalationLevel, EscalationTrigger } from '../desk/desk-enums.js'
import { type EscalationRules, escalationRules, levelOf } from '../desk/escalation.js'
import { incident, MAX_STORES, requireStores, unknownStores } from '../desk/incident.js'
import { LEADS } from '../staff.js'
import { Incident } from '../views/incident.js'

@InputType('DeclareIncidentInput', { description: 'What affects many.' })
export class DeclareIncidentInput extends ActionInput {
  @text('What is the matter, in a line; for staff.', { max: 200 })
  title!: string

  @several(ID, 'Stores that are affected, as far as is known.', { max: MAX_STORES })
  affectedStoreIds!: string[]

  @oneOf(EscalationTrigger, 'Why.')
  trigger!: keyof typeof EscalationTrigger

  @oneOf(EscalationLevel, 'How soon it is to be taken up; some triggers are always IMMEDIATE.', {
    nullable: true,
  })
  level?: keyof typeof EscalationLevel | null
}

interface Ground {
  rules: EscalationRules
  unknown: string[]
}

/** A20, A22. */
export const declareIncident = action({
  name: 'declareIncident',
  description: 'Says that something affects several stores or customers, before or after tickets come.',
  input: DeclareIncidentInput,

  on: incident,
  prepare: async ({ affectedStoreIds }, tx, { services }): Promise<Ground> => ({
    rules: await escalationRules(tx, services.clock()),
    unknown: await unknownStores(tx, affectedStoreIds),
  }),

  allow: LEADS,

  decide(_nothing, input, { actorId, read: { rules, unknown } }): Draft<DeskEvents> {
    requireStores(unknown, 'affectedStoreIds')
    const affectedStoreIds = [...new Set(input.affectedStoreIds)]
    const { level } = levelOf(input.trigger, input.level, rules)
    return {
      type: 'IncidentDeclared',
      data: { trigger: input.trigger, level, affectedStoreIds, declaredById: actorId },
      personal: { title: input.title },
      refs: affectedStoreIds,
    }
  },

  emits: ['IncidentDeclared'],
  returns: { incident: Incident },
})
