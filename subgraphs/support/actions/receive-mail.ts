import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { MailEvents } from '#shared/events/mail.js'
import { flag, parts, several, text } from '#shared/fields.js'
import { MOST_FILES } from '#shared/file-kinds.js'
import { externalId } from '#shared/id.js'
import { Role } from '#shared/roles.js'
import { MailedFileInput } from '../attachments/mailed-files.js'
import { decided, type Incoming, inboundMail, type KnownMail, knownOf } from '../mail/inbound-mail.js'
import { InboundMail } from '../views/inbound-mail.js'

@InputType('ReceiveMailInput', { description: 'A mail, read by the gateway.' })
export class ReceiveMailInput extends ActionInput {
  @text('Its Message-ID, or what stands for one.', { max: 1000 })
  mailId!: string

  @text('The address that its sender gave.', { max: 320 })
  from!: string

  @several(String, 'Every address that it was sent to.', { max: 100 })
  recipients!: string[]

  @text('Its subject.', { nullable: true, max: 300 })
  subject?: string | null

  @text('What it says: plain text.', { nullable: true, max: 200_000, multiline: true })
  body?: string | null

  @text('What its sender added, without what they quoted.', { nullable: true, max: 19_000, multiline: true })
  said?: string | null

  @several(String, 'What came with it, by name and size.', { max: 100 })
  files!: string[]

  @several(String, 'What of that is not taken, and why.', { max: 100, nullable: true })
  refused?: string[] | null

  @parts(() => MailedFileInput, 'What of that is taken.', { max: MOST_FILES, nullable: true })
  taken?: MailedFileInput[] | null

  @flag('A machine wrote it.')
  automatic!: boolean

  @text('The Message-ID that it gives back.', { nullable: true, max: 1000 })
  bounceOf?: string | null

  @text('Why it gives it back.', { nullable: true, max: 60 })
  bounceCode?: string | null
}

/** The first delivery of a mail counts; all others are answered alike and leave nothing. */
export const receiveMail = action({
  name: 'receiveMail',
  description: 'Takes in a mail that was brought to the gateway; by Opsgraph itself.',
  input: ReceiveMailInput,

  on: inboundMail,
  target: ({ mailId }) => externalId('inm', 'mail', mailId),
  prepare: async ({ bounceOf = null, ...mail }, tx, { services }): Promise<KnownMail> =>
    knownOf(tx, { ...mail, bounceOf }, services),

  allow: [Role.SYSTEM],

  decide({ isKnown }, input, { read }): Draft<MailEvents>[] {
    if (isKnown) return []
    const { mailId, from, subject, body, said, files, bounceOf = null, bounceCode = null } = input
    const taken = input.taken ?? []
    const mail: Incoming = { ...input, bounceOf }
    const { signed, ticketId, bounced } = read
    const { disposition, because, personId } = decided(mail, read)
    const back = disposition === 'BOUNCE' ? bounced : null
    return [
      {
        type: 'MailReceived',
        data: {
          disposition,
          because,
          ticketId,
          personId,
          signed: signed === 'RIGHT',
          deliveryId: back?.deliveryId ?? null,
          round: back?.round ?? null,
          bounceCode: back ? bounceCode : null,
          attachments: files.length,
          taken: taken.map(({ filename, ...facts }) => facts),
        },
        personal: {
          mailId,
          from,
          subject: subject ?? '(no subject)',
          body: body ?? '',
          said: said ?? '',
          files,
          refused: input.refused ?? [],
          takenNames: taken.map(({ filename }) => filename),
        },
        refs: [ticketId, personId].filter(id => id !== null),
      },
    ]
  },

  emits: ['MailReceived'],
  returns: { mail: InboundMail },
})
