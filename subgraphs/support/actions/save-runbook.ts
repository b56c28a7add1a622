import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { DeskEvents } from '#shared/events/desk.js'
import { instant, several, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { requireAhead, requireSlugs, runbook, runbookOf } from '../desk/runbook.js'
import { LEADS } from '../staff.js'
import { Runbook } from '../views/runbook.js'

@InputType('SaveRunbookInput', { description: 'A guide, all of it.' })
export class SaveRunbookInput extends ActionInput {
  @text('Its short name: small letters, digits, dashes. One that is there already is written anew.', {
    max: 80,
  })
  slug!: string

  @text('Its title.', { max: 200 })
  title!: string

  @text('Who looks after it.', { max: 200 })
  owner!: string

  @text('The guide: Markdown.', { max: 100_000, multiline: true })
  body!: string

  @text('How often it is reviewed, e.g. Monthly.', { max: 60 })
  reviewCadence!: string

  @instant('When it has to have been read again (UTC); ahead of us.')
  nextReviewAt!: Date

  @several(String, 'Short names of guides that belong to it.', { max: 50 })
  relatedSlugs!: string[]
}

/** A5, A34. */
export const saveRunbook = action({
  name: 'saveRunbook',
  description: 'Writes a guide for staff, or writes it anew.',
  input: SaveRunbookInput,

  on: runbook,
  target: input => runbookOf(input.slug),

  allow: LEADS,

  decide(_state, input, { now }): Draft<DeskEvents> {
    const { slug, title, owner, body, reviewCadence, nextReviewAt } = input
    requireSlugs([slug], 'slug')
    const relatedSlugs = [...new Set(input.relatedSlugs)]
    requireSlugs(relatedSlugs, 'relatedSlugs')
    if (relatedSlugs.includes(slug)) refuse('INVALID', 'A guide does not belong to itself.', 'relatedSlugs')
    requireAhead(nextReviewAt, now)
    return {
      type: 'RunbookSaved',
      data: {
        slug,
        title,
        owner,
        body,
        reviewCadence,
        nextReviewAt: nextReviewAt.toISOString(),
        relatedSlugs,
      },
    }
  },

  emits: ['RunbookSaved'],
  returns: { runbook: Runbook },
})
