import { aggregate } from '#shared/aggregate.js'
import type { DeskEvents, RunbookShape } from '#shared/events/desk.js'
import { externalId } from '#shared/id.js'
import { refuse } from '#shared/refusal.js'

/** What decisions about a runbook rest on. `shape` null: there is no history; those to begin with have their row alone. */
export interface RunbookState {
  shape: RunbookShape | null
}

export const runbook = aggregate<RunbookState, DeskEvents>({
  type: 'Runbook',
  prefix: 'rbk',
  initial: { shape: null },
  evolve: {
    RunbookSaved: (_, shape) => ({ shape }),
    RunbookReviewed: ({ shape }, { nextReviewAt }) => ({ shape: shape && { ...shape, nextReviewAt } }),
  },
})

/** One for each short name, so that two people who write the same one write one. */
export const runbookOf = (slug: string): string => externalId(runbook.prefix, 'support', slug)

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** @throws Refusal INVALID naming the one that is none */
export function requireSlugs(slugs: readonly string[], field: string): void {
  const bad = slugs.findIndex(slug => !SLUG.test(slug) || slug.length > 80)
  if (bad >= 0)
    refuse(
      'INVALID',
      'A short name has up to 80 small letters, digits and dashes.',
      `${field}${slugs.length > 1 ? `.${bad}` : ''}`,
    )
}

/** @throws Refusal INVALID for what is not ahead of us */
export function requireAhead(nextReviewAt: Date, now: Date): void {
  if (nextReviewAt <= now)
    refuse('INVALID', 'The next review has to be ahead of us.', 'nextReviewAt', { now: now.toISOString() })
}
