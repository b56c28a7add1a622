import { Field, ID, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import { canonicalJson } from '#shared/canonical.js'
import type { MailEvents, SupportChannelShape } from '#shared/events/mail.js'
import { given, several, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { TicketCategory } from '../enums.js'
import { type Known, lockedChannels, requireShape } from '../mail/channels.js'
import { supportChannel } from '../mail/support-channel.js'
import { LEADS } from '../staff.js'
import { SupportChannel } from '../views/support-channel.js'
import { CHANNEL_REASONS } from './create-support-channel.js'

@InputType('ChangeSupportChannelInput', { description: 'What a channel shall be; what is left out stays.' })
export class ChangeSupportChannelInput extends ActionInput {
  @given('SupportChannel', 'The channel.')
  supportChannelId!: string

  @text('What staff call it; no two channels alike.', { nullable: true, max: 60 })
  name?: string | null

  @text('The address that mail is from; with another one it has to be verified anew.', {
    nullable: true,
    max: 254,
  })
  fromAddress?: string | null

  @text('The name that mail is from.', { nullable: true, max: 100 })
  fromName?: string | null

  @several(ID, 'Tickets in these queues are answered from there.', { nullable: true, max: 50, links: true })
  queueIds?: string[] | null

  @several(TicketCategory, 'And tickets of these categories, where no channel has their queue.', {
    nullable: true,
    max: 20,
  })
  categories?: (keyof typeof TicketCategory)[] | null

  @Field(() => Boolean, { nullable: true, description: 'Mail is sent from there.' })
  isActive?: boolean | null
}

const changed = (shape: SupportChannelShape, input: ChangeSupportChannelInput): SupportChannelShape => ({
  name: input.name ?? shape.name,
  fromAddress: input.fromAddress ?? shape.fromAddress,
  fromName: input.fromName ?? shape.fromName,
  queueIds: input.queueIds ? [...new Set(input.queueIds)] : shape.queueIds,
  categories: input.categories ? [...new Set(input.categories)] : shape.categories,
  isDefault: shape.isDefault,
  isActive: input.isActive ?? shape.isActive,
})

/** D58: mail that leaves from now on comes from there, answers to older tickets included. */
export const changeSupportChannel = action({
  name: 'changeSupportChannel',
  description:
    'Changes what a channel sends from and for which tickets, or ends it: isActive false. Mail that waits leaves by what is so then.',
  input: ChangeSupportChannelInput,
  reasons: CHANNEL_REASONS,
  risk: 'SENSITIVE',

  on: supportChannel,
  target: input => input.supportChannelId,
  prepare: (_input, tx, { services }): Promise<Known> => lockedChannels(tx, services.store),

  allow: LEADS,

  decide({ shape }, input, { targetId, read }): Draft<MailEvents>[] {
    if (!shape) refuse('NOT_FOUND', 'There is no such channel.', 'supportChannelId')
    const next = changed(shape, input)
    if (canonicalJson(next) === canonicalJson(shape)) return []
    requireShape(next, targetId, read)
    return [{ type: 'SupportChannelChanged', data: { ...next, previousFromAddress: shape.fromAddress } }]
  },

  emits: ['SupportChannelChanged'],
  returns: { supportChannel: SupportChannel },
})
