import { Extensions, ID, ObjectType } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type {
  MailEvents,
  SupportChannelShape,
  ChannelVerification as Verification,
} from '#shared/events/mail.js'
import type { TicketCategory as Category } from '#shared/events/support.js'
import { entity, flag, instant, oneOf, part, several, text } from '#shared/fields.js'
import { READERS, STAFF } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { type Happened, type Patch, view } from '#shared/view.js'
import { TicketCategory } from '../enums.js'
import { supportChannel } from '../mail/support-channel.js'

export const ChannelVerification = states(
  'ChannelVerification',
  'Whether the mail server takes mail from a channel.',
  {
    VERIFIED: 'It took one when it was last asked.',
    FAILED: 'It refused one, and refuses until the address or its settings change.',
    UNKNOWN: 'Nobody asked since the address was set, or it could not be asked.',
  },
)

@ObjectType('ChannelFailure', { description: 'How mail from a channel failed last (D58).' })
@Extensions({ value: true })
export class ChannelFailure {
  @instant('When (UTC).')
  at!: Date

  @text('A code of SMTP such as 553, or of the network.')
  code!: string

  @text('What the mail server said; null once it was erased.', { nullable: true })
  message!: string | null

  @text('The mail by which it was noticed: open with node(id). Null: somebody had the channel verified.', {
    nullable: true,
  })
  deliveryId!: string | null
}

@entity('SupportChannel', {
  description: 'Whom mail about tickets is from, and about which: the settings of mail as data (D58).',
  allow: READERS,
  schema: 'support',
  prefix: 'sch',
})
export class SupportChannel extends Row {
  @text('What staff call it.')
  name!: string

  @text('The address that mail is from.')
  fromAddress!: string

  @text('The name that mail is from.', { nullable: true })
  fromName!: string | null

  @several(ID, 'Tickets in these queues are answered from here: open them with nodes(ids).', { links: true })
  queueIds!: string[]

  @several(TicketCategory, 'And tickets of these categories, where no channel has their queue.')
  categories!: Category[]

  @flag('What no other channel has is answered from here, and what is about no ticket is sent from here.')
  isDefault!: boolean

  @flag('Mail is sent from here.')
  isActive!: boolean

  @oneOf(ChannelVerification, 'Whether the mail server takes mail from here.')
  verification!: Verification

  @instant('When it last did (UTC).', { nullable: true })
  verifiedAt!: Date | null

  @instant('When somebody asked that it be verified, while the answer is not there (UTC).', {
    nullable: true,
  })
  verificationRequestedAt!: Date | null

  @part(
    () => ChannelFailure,
    'How it failed last; null once it was verified since, or has another address.',
    {
      only: STAFF,
    },
  )
  lastFailure!: ChannelFailure | null
}

const UNASKED = {
  verification: ChannelVerification.UNKNOWN,
  verifiedAt: null,
  verificationRequestedAt: null,
  lastFailure: null,
}

const failed = (event: Happened<MailEvents['ChannelVerificationFailed']>): Patch<SupportChannel> => {
  const { code, error, deliveryId, refused } = event.data
  return {
    verification: refused ? ChannelVerification.FAILED : ChannelVerification.UNKNOWN,
    // What a mail in between met is no answer to who asked.
    ...(deliveryId ? {} : { verificationRequestedAt: null }),
    lastFailure: { at: event.occurredAt, code, message: error ?? null, deliveryId },
  }
}

export const supportChannels = view(SupportChannel, {
  of: supportChannel,
  on: {
    SupportChannelCreated: ({ data }): SupportChannelShape & typeof UNASKED => ({ ...data, ...UNASKED }),
    SupportChannelChanged: ({ data: { previousFromAddress, ...shape } }) => ({
      ...shape,
      ...(shape.fromAddress === previousFromAddress ? {} : UNASKED),
    }),
    ChannelVerificationRequested: event => ({ verificationRequestedAt: event.occurredAt }),
    ChannelVerified: event => ({
      verification: ChannelVerification.VERIFIED,
      verifiedAt: event.occurredAt,
      verificationRequestedAt: null,
      lastFailure: null,
    }),
    ChannelVerificationFailed: failed,
  },
})
