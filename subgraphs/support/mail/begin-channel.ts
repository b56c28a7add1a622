import { replay } from '#shared/aggregate.js'
import { atStart } from '#shared/begin.js'
import type { MailConfig } from '#shared/config.js'
import type { EventDraft, StoredEvent } from '#shared/event.js'
import type { SupportChannelShape } from '#shared/events/mail.js'
import type { Services } from '#shared/services.js'
import { fold } from '#shared/view.js'
import { supportChannels } from '../views/support-channel.js'
import { senderIn } from './channels.js'
import { DEFAULT_CHANNEL, supportChannel } from './support-channel.js'

const SHAPED = ['SupportChannelCreated', 'SupportChannelChanged']

/** What a start makes of the default channel: nothing, once somebody changed it themselves. */
function draftOf(history: readonly StoredEvent[], { from }: MailConfig): EventDraft | null {
  const { shape } = replay(supportChannel, history)
  const configured = senderIn(from)
  const rest = { queueIds: [], categories: [], isDefault: true, isActive: true }
  if (!shape) {
    const data: SupportChannelShape = { name: 'Support', ...configured, ...rest }
    return { type: 'SupportChannelCreated', data: { ...data } }
  }
  const byPeople = history.some(({ type, actor }) => SHAPED.includes(type) && actor.kind !== 'SYSTEM')
  const same = shape.fromAddress === configured.fromAddress && shape.fromName === configured.fromName
  if (byPeople || same) return null
  return {
    type: 'SupportChannelChanged',
    data: { ...shape, ...configured, previousFromAddress: shape.fromAddress },
  }
}

/** D58: the default channel begins with `MAIL_FROM`, and follows it until somebody changes the channel; from then on that counts. */
export async function beginChannel({ config, db, store, clock }: Services): Promise<void> {
  const stream = { type: supportChannel.type, id: DEFAULT_CHANNEL }
  await db.transaction(async tx => {
    await store.lock(tx, ['support-channels', DEFAULT_CHANNEL])
    const history = await store.load(tx, stream)
    const draft = draftOf(history, config.mail)
    if (!draft) return
    const events = await store.append(
      tx,
      [{ stream, expectedVersion: history.at(-1)?.version ?? 0, events: [draft] }],
      atStart('CONFIGURATION'),
      clock(),
    )
    await fold(tx, [supportChannels], events)
  })
  store.poke(db)
}
