import type { Caller } from '#shared/context.js'
import { refuse } from '#shared/refusal.js'
import { madeOnce } from '#shared/services.js'
import { type Challenge, ChallengeUnavailable } from './challenges/challenge.js'
import { Siteverify } from './challenges/siteverify.js'
import { networkOf, ticketTokensOf } from './strangers.js'

/** Who tells people from machines, as this process was configured; null: nobody. */
const configuredChallenge = madeOnce(({ config }): Challenge | null =>
  config.strangers.challenge ? new Siteverify(config.strangers.challenge) : null,
)

/** @throws Refusal NOT_OFFERED where nobody opens tickets without signing in (C24) */
export function requireOpenDoor({ services }: Pick<Caller, 'services'>): void {
  if (!services.config.strangers.open)
    refuse('NOT_OFFERED', 'Tickets are not taken here without signing in: sign in, and use openTicket.')
}

/**
 * Outside of any transaction, since whoever checks may be slow.
 * @throws Refusal CHALLENGE_FAILED, or CHALLENGE_UNAVAILABLE: nobody comes in because nobody could say
 */
export async function requirePerson(
  token: string | null | undefined,
  { identity, services }: Caller,
): Promise<void> {
  const challenge = configuredChallenge(services)
  if (!challenge) return
  if (!token)
    refuse(
      'CHALLENGE_FAILED',
      'Solve the challenge of this page first, and send what it gives.',
      'challengeToken',
      {
        because: 'missing',
      },
    )
  try {
    const verdict = await challenge.verify(token, identity.address ?? null)
    if (verdict.passed) return
    const { because } = verdict
    refuse(
      'CHALLENGE_FAILED',
      'That does not show that a person asks; solve the challenge again.',
      'challengeToken',
      {
        because,
      },
    )
  } catch (error) {
    if (!(error instanceof ChallengeUnavailable)) throw error
    services.log.warn({ err: error }, 'whoever checks challenges of strangers did not answer')
    refuse('CHALLENGE_UNAVAILABLE', 'Whether a person asks could not be checked; try again in a while.')
  }
}

/** Strangers have no name: their keys are those of their network and of what they write about, and nobody else's. */
export const strangersKeys = (caller: Caller, about: string): string => {
  const whose = `keys of ${networkOf(caller.identity.address)} ${about}`
  return `anonymous/${ticketTokensOf(caller).nameOf(whose)}`
}
