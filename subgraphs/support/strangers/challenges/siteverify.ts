import type { ChallengeConfig } from '#shared/config.js'
import { type Challenge, ChallengeUnavailable, type Verdict } from './challenge.js'

const PATIENCE = 5_000
const MOST = 16_384
/** Where who checks says how sure it is (reCAPTCHA v3), from 0 to 1: what it calls likely. */
const LIKELY = 0.5
/** What is wrong with our own settings, or with who checks, and not with who asks. */
const OURS = [
  'missing-input-secret',
  'invalid-input-secret',
  'bad-request',
  'internal-error',
  'sitekey-secret-mismatch',
]

interface Answer {
  success: boolean
  hostname?: unknown
  score?: unknown
  'error-codes'?: unknown
}

/** The protocol that hCaptcha, Turnstile and reCAPTCHA share: a form with secret and token, and `success` in the answer. */
export class Siteverify implements Challenge {
  constructor(readonly config: ChallengeConfig) {}

  async verify(token: string, address: string | null): Promise<Verdict> {
    const answer = await this.#ask(token, address)
    const codes = Array.isArray(answer['error-codes']) ? answer['error-codes'].map(String) : []
    const ours = codes.find(code => OURS.includes(code))
    if (!answer.success && ours) throw new ChallengeUnavailable(`it answered ${ours}`)
    return this.#verdictOn(answer, codes)
  }

  #verdictOn({ success, hostname, score }: Answer, codes: readonly string[]): Verdict {
    if (!success) return { passed: false, because: codes[0]?.slice(0, 60) ?? 'refused' }
    const { hostname: ours } = this.config
    if (ours && String(hostname).toLowerCase() !== ours) return { passed: false, because: 'solved-elsewhere' }
    if (typeof score === 'number' && score < LIKELY) return { passed: false, because: 'unlikely' }
    return { passed: true }
  }

  async #ask(token: string, address: string | null): Promise<Answer> {
    const { url, secret } = this.config
    const body = new URLSearchParams({ secret, response: token, ...(address && { remoteip: address }) })
    try {
      const signal = AbortSignal.timeout(PATIENCE)
      const response = await fetch(url, { method: 'POST', body, signal, redirect: 'error' })
      return answerIn(await limited(response), response.status)
    } catch (error) {
      throw error instanceof ChallengeUnavailable ? error : new ChallengeUnavailable(String(error))
    }
  }
}

/** A text that is as long as any answer, at most. */
async function limited({ body }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true })
    if (text.length > MOST) throw new ChallengeUnavailable('its answer has no end')
  }
  return text
}

function answerIn(text: string, status: number): Answer {
  const answer: unknown = JSON.parse(text)
  const says = typeof answer === 'object' && answer !== null && 'success' in answer
  if (!says || typeof answer.success !== 'boolean')
    throw new ChallengeUnavailable(`it answered ${status}, and nothing that was asked for`)
  return answer as Answer
}
