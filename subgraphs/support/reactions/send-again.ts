import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import { type Reaction, reaction } from '#shared/reaction.js'

/** So many in one transaction; so many, and so old ones, by one verification. What is beyond that, people send again. */
const BATCH = 50
const MOST = 1_000
const DAYS = 7

/** What failed before the verification because the channel's address was refused, and is for customers still: the oldest first. */
async function refused(tx: EntityManager, { id, stream, occurredAt }: StoredEvent): Promise<string[]> {
  const rows: { id: string }[] = await tx.query(
    `select d.id from support.message_delivery d left join support.ticket_message m on m.id = d.message_id
      where d.support_channel_id = $1 and d.state = 'FAILED' and d.sender_refused
        and d.failed_at <= $2 and d.failed_at > $3 and (d.message_id is null or m.visibility = 'PUBLIC')
      order by d.created_at, d.id
      limit least($4, $5 - (select count(*) from support.message_delivery where verification_id = $6))`,
    [stream.id, occurredAt, new Date(occurredAt.getTime() - DAYS * 86_400_000), BATCH, MOST, `evt_${id}`],
  )
  return rows.map(row => row.id)
}

/** D57, D58: a sender that was put right and verified brings along what it had failed, once. */
export const sendAgain = reaction<Act>({
  name: 'send-again',
  on: ['ChannelVerified'],
  since: 'NOW',

  async run({ event, tx, act, now }) {
    const left = await refused(tx, event)
    for (const deliveryId of left)
      await act('requeueDelivery', { deliveryId, verificationId: `evt_${event.id}` }, { tx, event })
    if (left.length === BATCH) return { again: now }
  },
}) as Reaction
