import { createHash } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { AttachmentEvents } from '#shared/events/attachments.js'
import { configuredFileStore } from '#shared/file-store.js'
import { prefixOf } from '#shared/id.js'
import { type Calling, type Reaction, reaction } from '#shared/reaction.js'
import { configuredScanner } from '../attachments/scanners/configured.js'
import type { Verdict } from '../attachments/scanners/scanner.js'

interface Waiting {
  storage_key: string
  sha256: string
}

async function waiting(db: EntityManager, attachmentId: string): Promise<Waiting | null> {
  const [row] = await db.query(
    `select storage_key, sha256 from support.attachment where id = $1 and state = 'READY' and scan = 'PENDING'`,
    [attachmentId],
  )
  return row ?? null
}

/** What is looked at has to be what is given out later. */
async function* hashed(body: AsyncIterable<Buffer>, sha256: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  for await (const chunk of body) {
    hash.update(chunk)
    yield chunk
  }
  if (hash.digest('hex') !== sha256) throw new Error('what lies in the store is not what was put there')
}

/** Null: nobody looks. @throws Error when it could not be looked at now */
async function look(
  { storage_key, sha256 }: Waiting,
  { services, signal }: Calling,
): Promise<Verdict | null> {
  const scanner = configuredScanner(services)
  if (!scanner) return null
  const found = await (await configuredFileStore(services)).get(storage_key)
  if (!found) throw new Error('the file is not in the store')
  try {
    return await scanner.scan(hashed(found.body, sha256), signal)
  } finally {
    found.body.destroy()
  }
}

type Answer = { verdict: 'CLEAN' | 'INFECTED' | 'NOT_SCANNED'; signature: string | null } | null

/**
 * C5: each file is looked at before it is given out. While nobody can look it waits, and is tried again; what was given up on is a dead
 * letter, and `retryReaction` begins anew.
 */
export const scanAttachments = reaction<Act, Answer>({
  name: 'scan-attachments',
  on: ['AttachmentAdded'],
  when: ({ data, occurredAt }) =>
    (data as AttachmentEvents['AttachmentAdded']).scan === 'PENDING' ? occurredAt : null,
  call: async calling => {
    const file = await waiting(calling.db, calling.event.stream.id)
    if (!file) return null
    const verdict = await look(file, calling)
    if (!verdict) return { verdict: 'NOT_SCANNED', signature: null }
    return { verdict: verdict.infected ? 'INFECTED' : 'CLEAN', signature: verdict.signature }
  },
  run: async ({ event, tx, act, answer }) => {
    if (answer) await act('noteAttachmentScan', { attachmentId: event.stream.id, ...answer }, { tx, event })
  },
}) as Reaction

interface Infected {
  filename: string
  uploaded_by_id: string
  ticket_id: string | null
  number: string | null
  assignee_id: string | null
}

const INFECTED = `select a.filename, a.uploaded_by_id, t.id as ticket_id, t.number, p.id as assignee_id
  from support.attachment a left join support.ticket t on t.id = a.ticket_id
    left join access.person p on p.id = t.assignee_id and p.disabled_at is null
  where a.id = $1`

const canBeTold = (id: string): boolean => ['usr', 'stf'].includes(prefixOf(id))

const toSender = ({ filename, number }: Infected) => ({
  template: 'ATTACHMENT_REFUSED',
  title: `A file of yours was not taken: ${filename}`.slice(0, 200),
  body: `Something harmful was found in ${filename}${number ? `, which you sent with ${number}` : ''}. Nobody can open it. Please have the device looked at that it came from, and send the file again when it is clean.`,
})

const toAssignee = ({ filename, number }: Infected, signature: string | null) => ({
  template: 'ATTACHMENT_INFECTED',
  title: `Malware in a file of ${number}`,
  body: `${filename} is ${signature ?? 'harmful'}. It cannot be taken any more. Whoever sent it was told if they have an account.`,
})

/** C5: who sent it learns why nobody gets it, and so does whoever works on its ticket. */
export const tellOfInfected = reaction<Act>({
  name: 'tell-of-infected',
  on: ['AttachmentScanned'],
  when: ({ data, occurredAt }) => (data.verdict === 'INFECTED' ? occurredAt : null),
  run: async ({ event, tx, act }) => {
    const [file]: Infected[] = await tx.query(INFECTED, [event.stream.id])
    if (!file) return
    const { signature } = event.data as AttachmentEvents['AttachmentScanned']
    const { uploaded_by_id: sender, assignee_id: assignee, ticket_id } = file
    const about = ticket_id ? [event.stream.id, ticket_id] : [event.stream.id]
    if (canBeTold(sender))
      await act('sendNotification', { recipientId: sender, ...toSender(file), about }, { tx, event })
    if (assignee && assignee !== sender)
      await act(
        'sendNotification',
        { recipientId: assignee, ...toAssignee(file, signature), about },
        { tx, event },
      )
  },
}) as Reaction
