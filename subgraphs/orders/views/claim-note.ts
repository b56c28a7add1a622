import { Row } from '#shared/entity.js'
import type { StoredEvent } from '#shared/event.js'
import type { ClaimNoteVisibility as Visibility } from '#shared/events/claims.js'
import { entity, oneOf, ref, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { claim } from '../claim.js'
import { Claim } from './claim.js'

export const ClaimNoteVisibility = states('ClaimNoteVisibility', 'For whom a note of a claim is.', {
  INTERNAL: 'Staff alone.',
  PARTIES: 'Buyer and seller as well.',
})

@entity('ClaimNote', {
  description: 'Something that was written on a claim.',
  allow: READERS,
  schema: 'orders',
  prefix: 'cln',
})
export class ClaimNote extends Row {
  @ref(() => Claim, 'The claim it was written on.')
  claimId!: string

  @oneOf(ClaimNoteVisibility, 'For whom it is.')
  visibility!: Visibility

  @text('What was written: plain text; null when it was erased.', { nullable: true, multiline: true })
  body!: string | null

  @text('Who wrote it: open with node(id).')
  authorId!: string
}

export const claimNotes = view(ClaimNote, {
  of: claim,
  key: (event: StoredEvent) => event.data.noteId,
  on: {
    ClaimNoteAdded: ({ data: { visibility, body }, stream, actor }) => ({
      claimId: stream.id,
      visibility,
      body: body ?? null,
      authorId: actor.id,
    }),
  },
})
