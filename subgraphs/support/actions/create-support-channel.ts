import { ID, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { MailEvents } from '#shared/events/mail.js'
import { several, text } from '#shared/fields.js'
import { TicketCategory } from '../enums.js'
import { type Known, lockedChannels, requireShape } from '../mail/channels.js'
import { supportChannel } from '../mail/support-channel.js'
import { LEADS } from '../staff.js'
import { SupportChannel } from '../views/support-channel.js'

/** Why settings of mail change. */
export const CHANNEL_REASONS = {
  NEW_TEAM: 'A team, a brand or a region answers from an address of its own.',
  REORGANISATION: 'Who answers what was changed.',
  WRONG_ADDRESS: 'What it was before does not work, or was wrong.',
  RETIRED: 'It is not needed any more.',
  OTHER: 'Something else; the note says what.',
}

@InputType('CreateSupportChannelInput', { description: 'An address that some tickets are answered from.' })
export class CreateSupportChannelInput extends ActionInput {
  @text('What staff call it; no two channels alike.', { max: 60 })
  name!: string

  @text('The address that mail is from; the mail server has to take it.', { max: 254 })
  fromAddress!: string

  @text('The name that mail is from.', { nullable: true, max: 100 })
  fromName?: string | null

  @several(ID, 'Tickets in these queues are answered from there.', { max: 50, links: true })
  queueIds!: string[]

  @several(TicketCategory, 'And tickets of these categories, where no channel has their queue.', { max: 20 })
  categories!: (keyof typeof TicketCategory)[]
}

/** D58: where mail comes from is data, and it is known whether the mail server takes it. */
export const createSupportChannel = action({
  name: 'createSupportChannel',
  description:
    'Has mail about some tickets come from an address of its own. Then verifySupportChannel: nobody knows yet whether the mail server takes it.',
  input: CreateSupportChannelInput,
  reasons: CHANNEL_REASONS,
  risk: 'SENSITIVE',

  on: supportChannel,
  prepare: (_input, tx, { services }): Promise<Known> => lockedChannels(tx, services.store),

  allow: LEADS,

  decide(_nothing, input, { targetId, read }): Draft<MailEvents> {
    const { name, fromAddress, fromName = null, queueIds, categories } = input
    const shape = {
      name,
      fromAddress,
      fromName,
      queueIds: [...new Set(queueIds)],
      categories: [...new Set(categories)],
      isDefault: false,
      isActive: true,
    }
    requireShape(shape, targetId, read)
    return { type: 'SupportChannelCreated', data: shape }
  },

  emits: ['SupportChannelCreated'],
  returns: { supportChannel: SupportChannel },
})
