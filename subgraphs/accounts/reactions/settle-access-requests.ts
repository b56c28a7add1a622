import type { Act } from '#shared/act.js'
import { type Reaction, reaction } from '#shared/reaction.js'

/** What was given, as an event says it: to a member of staff, or to a user of a store. */
const MATCHING = `
  select id from accounts.access_request
   where state = 'PENDING' and staff_id <> $5
     and ((staff_id = $1 and (permission = $2 or role = $3)) or (site_id = $1 and user_id = $4))
   order by id`

/** D59: nobody waits for what they have: requests come true also when it is given without them, or by a second person. */
export const settleAccessRequests = reaction<Act>({
  name: 'settle-access-requests',
  on: ['PermissionGranted', 'RoleGranted', 'WorkspaceAccessGranted'],
  run: async ({ event, tx, act }) => {
    const { permission = null, role = null, userId = null } = event.data as Record<string, string | null>
    const asked: { id: string }[] = await tx.query(MATCHING, [
      event.stream.id,
      permission,
      role,
      userId,
      event.actor.id,
    ])
    for (const { id } of asked)
      await act('settleAccessRequest', { accessRequestId: id, decidedById: event.actor.id }, { tx, event })
  },
}) as Reaction
