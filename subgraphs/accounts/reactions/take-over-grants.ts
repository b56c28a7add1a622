import type { Act } from '#shared/act.js'
import type { AccountEvents } from '#shared/events/accounts.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { Permission } from '#shared/roles.js'

/** Where grants were kept before they were kept with the person: only `tickets:assign`, among what they cover in support. */
const FORMER = 'Operator'

/** D37: a grant of earlier days that nobody took back since counts on, until it ends or is taken back as any other. */
export const takeOverGrants = reaction<Act>({
  name: 'take-over-grants',
  on: ['PermissionGranted'],
  when: ({ stream, occurredAt }) => (stream.type === FORMER ? occurredAt : null),
  run: async ({ event, tx, act, now }) => {
    const { staffId, expiresAt } = event.data as AccountEvents['PermissionGranted']
    if (expiresAt && new Date(expiresAt) <= now) return
    const [last] = await tx.query(
      `select id from log.event where stream_id = $1 and type in ('PermissionGranted', 'PermissionRevoked')
        order by version desc limit 1`,
      [event.stream.id],
    )
    const [person] = await tx.query(
      `select from accounts.staff_member where id = $1 and active and roles <> '{}' and roles <> '{AUDITOR}'`,
      [staffId],
    )
    if (Number(last?.id) !== event.id || !person) return
    const input = {
      staffId,
      permission: Permission.TICKETS_ASSIGN,
      expiresAt: expiresAt ? new Date(expiresAt) : null,
      reason: 'TEAM_CHANGE',
    }
    await act('grantPermission', input, { tx, event })
  },
}) as Reaction
