/** What whoever checks said. */
export type Verdict = { passed: true } | { passed: false; because: string }

/** Tells people from machines, for those who did not sign in. */
export interface Challenge {
  /**
   * @param token what the caller's browser was given for solving it; good for one call
   * @param address where the call comes from, if that is known
   * @throws ChallengeUnavailable when nobody could say
   */
  verify(token: string, address: string | null): Promise<Verdict>
}

/** Whoever checks did not answer, or not in a way that says anything. */
export class ChallengeUnavailable extends Error {
  override name = 'ChallengeUnavailable'
}
