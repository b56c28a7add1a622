import { Extensions, ObjectType } from 'type-graphql'
import { Row } from '#shared/entity.js'
import { entity, instant, oneOf, parts, ref, stub, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { inWords, RANK } from '#shared/work.js'
import { investigation, type StepName } from '../investigation.js'
import { Order } from './order.js'
import { Shipment } from './shipment.js'

export const InvestigationState = states('ShipmentInvestigationState', 'Where an investigation stands.', {
  OPEN: 'Somebody looks into it.',
  CONCLUDED: 'It came to its end.',
})

export const InvestigationStepName = states('ShipmentInvestigationStepName', 'What is looked into.', {
  ASK_CARRIER: 'What the carrier says: confirmCarrierStatus.',
  CHECK_ADDRESS: 'Whether the address is right.',
  CHECK_DELIVERY_PROOF: 'Signature, photo, place and time of the delivery.',
  ASK_BUYER: 'What the buyer says: neighbours, household, reception.',
  ASK_SELLER: 'What the seller says: what was handed over, and when.',
})

export const InvestigationStepState = states('ShipmentInvestigationStepState', 'Where a step stands.', {
  OPEN: 'Nobody did it yet.',
  DONE: 'Somebody found something out.',
  SKIPPED: 'It was not needed.',
})

export const InvestigationOutcome = states('ShipmentInvestigationOutcome', 'What became of a parcel.', {
  FOUND: 'It turned up, and goes on.',
  DELIVERED: 'It was delivered to whom it was for.',
  LOST: 'It is gone.',
  RETURNED: 'It went back to the seller.',
  DAMAGED: 'It is broken.',
  REFUND_RECOMMENDED: 'Nobody can say; the buyer should get their money back.',
  INCONCLUSIVE: 'Nobody can say.',
})

@ObjectType('ShipmentInvestigationStep', { description: 'One thing to find out.' })
@Extensions({ value: true })
export class InvestigationStep {
  @oneOf(InvestigationStepName, 'What to find out.')
  name!: StepName

  @oneOf(InvestigationStepState, 'Whether somebody did.')
  state!: keyof typeof InvestigationStepState

  @text('What was found out.', { nullable: true })
  finding!: string | null

  @text('Who did it: open with node(id).', { nullable: true })
  doneById!: string | null

  @instant('When (UTC).', { nullable: true })
  doneAt!: Date | string | null
}

const StaffMember = stub('StaffMember')

@entity('ShipmentInvestigation', {
  description: 'Somebody looks into what became of a parcel.',
  allow: READERS,
  schema: 'orders',
  prefix: 'inv',
})
export class ShipmentInvestigation extends Row {
  @ref(() => Shipment, 'The parcel.')
  shipmentId!: string

  @ref(() => Order, 'Its order.')
  orderId!: string

  @oneOf(InvestigationState, 'Where it stands.')
  state!: keyof typeof InvestigationState

  @parts(() => InvestigationStep, 'What there is to find out, in order.')
  steps!: InvestigationStep[]

  @text('Why, as a reason code of startShipmentInvestigation.')
  reasonCode!: string

  @ref(() => StaffMember, 'Who began it.', { as: 'startedBy' })
  startedById!: string

  @instant('When it should come to its end (UTC).')
  dueAt!: Date

  @oneOf(InvestigationOutcome, 'What became of the parcel.', { nullable: true })
  outcome!: keyof typeof InvestigationOutcome | null

  @text('What was found out, in words.', { nullable: true })
  summary!: string | null

  @instant('When it came to its end (UTC).', { nullable: true })
  concludedAt!: Date | null

  @ref(() => StaffMember, 'Who concluded it.', { as: 'concludedBy', nullable: true })
  concludedById!: string | null
}

export const shipmentInvestigations = view(ShipmentInvestigation, {
  of: investigation,
  work: row => ({
    phase: row.state === 'OPEN' ? 'ACTIVE' : 'DONE',
    title: `Investigation: ${inWords(row.reasonCode).toLowerCase()}`,
    priority: RANK.IN_TURN,
    dueAt: row.dueAt,
    since: row.concludedAt,
    workspace: 'SHIPPING',
    becauseOf: row.reasonCode,
  }),
  on: {
    ShipmentInvestigationStarted: ({ data, reasonCode, actor }) => ({
      shipmentId: data.shipmentId,
      orderId: data.orderId,
      state: InvestigationState.OPEN,
      steps: data.steps.map(name => ({
        name: name as StepName,
        state: InvestigationStepState.OPEN,
        finding: null,
        doneById: null,
        doneAt: null,
      })),
      reasonCode,
      startedById: actor.id,
      dueAt: new Date(data.dueAt),
    }),
    ShipmentInvestigationStepDone: ({ data, actor, occurredAt }, row) => ({
      steps: row!.steps.map(step =>
        step.name === data.step
          ? {
              ...step,
              state: data.skipped ? InvestigationStepState.SKIPPED : InvestigationStepState.DONE,
              finding: data.finding ?? null,
              doneById: actor.id,
              doneAt: occurredAt,
            }
          : step,
      ),
    }),
    ShipmentInvestigationConcluded: ({ data, actor, occurredAt }) => ({
      state: InvestigationState.CONCLUDED,
      outcome: data.outcome as keyof typeof InvestigationOutcome,
      summary: data.summary ?? null,
      concludedAt: occurredAt,
      concludedById: actor.id,
    }),
  },
})
