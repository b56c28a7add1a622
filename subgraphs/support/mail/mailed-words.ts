import type { MailEvents } from '#shared/events/mail.js'
import { notTaken } from '../attachments/mailed-files.js'
import { REMOVED } from '../removed.js'

type Received = MailEvents['MailReceived']

const NOTHING_SAID = '(no text)'

/** Of more than these the mail itself tells. */
const MOST_NAMED = 5

/** What did not come along is said, where it is missing. */
function without(files: readonly string[]): string {
  if (files.length === 0) return ''
  const list = [...files.slice(0, MOST_NAMED), ...(files.length > MOST_NAMED ? ['and more'] : [])].join('; ')
  return `\n\n[${files.length === 1 ? 'An attachment was' : 'Attachments were'} not taken in: ${list}]`
}

/** What a mail says, for a message. */
export const bodyOf = (mail: Received): string => {
  const { said, body } = mail
  const words = said?.trim() || body?.trim().slice(0, 18_000)
  return (words || (body === undefined ? REMOVED : NOTHING_SAID)) + without(notTaken(mail))
}

/** `Re: AW: Fwd: [TKT-2026-00001] Where is it?` → `Where is it?` */
export const subjectOf = ({ subject }: Received): string =>
  [...(subject ?? '').replace(/^(\s*((re|aw|fwd?|wg|sv|antw)\s*(\[\d+\])?:|\[TKT-[\d-]+\]))+/i, '').trim()]
    .slice(0, 200)
    .join('')
    .trim() || '(no subject)'

/** What nobody can vouch for, for a note. */
export const unverified = (received: Received, how = `wrote to the reply address of this ticket`): string =>
  `Unverified sender: ${received.from ?? REMOVED} ${how}.\n\n${bodyOf(received)}`
