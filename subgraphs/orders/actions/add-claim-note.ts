import { InputType } from 'type-graphql'
import { action, namedBy } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { ClaimNoteVisibility as Visibility } from '#shared/events/claims.js'
import { given, oneOf, text } from '#shared/fields.js'
import { claim, requireClaim } from '../claim.js'
import { CLAIM_WORKERS, tell } from '../claim-parties.js'
import { Claim } from '../views/claim.js'
import { ClaimNote, ClaimNoteVisibility } from '../views/claim-note.js'

@InputType('AddClaimNoteInput', { description: 'What to write, on which claim, and for whom.' })
export class AddClaimNoteInput extends ActionInput {
  @given('Claim', 'The claim to write on.')
  claimId!: string

  @oneOf(ClaimNoteVisibility, 'For whom it is. Nothing is assumed: say it.')
  visibility!: Visibility

  @text('What to write: plain text.', { max: 20_000, multiline: true })
  body!: string
}

/** E51: a claim that is over takes notes too. What is for the parties answers them, and they are told. */
export const addClaimNote = action({
  name: 'addClaimNote',
  description: 'Writes on a claim, for staff alone or for buyer and seller too.',
  input: AddClaimNoteInput,

  on: claim,
  target: input => input.claimId,

  allow: CLAIM_WORKERS,

  decide(state, { claimId, visibility, body }, { newId }) {
    requireClaim(state)
    const noteId = newId('cln')
    const parties = visibility === 'PARTIES' ? (['BUYER', 'SELLER'] as const) : []
    return [
      {
        type: 'ClaimNoteAdded',
        data: { visibility, noteId },
        personal: { body },
        refs: [noteId, state.orderId!],
      },
      ...tell(state, parties, 'CLAIM_ANSWERED', { claimId, noteId }),
    ]
  },

  emits: ['ClaimNoteAdded', 'NotificationRequested'],
  returns: {
    claim: Claim,
    note: namedBy(ClaimNote, 'noteId'),
  },
})
