import { SURFACE } from '#subgraphs/support/reference.js'
import { CommandError } from '../output.js'

// biome-ignore lint/suspicious/noExplicitAny: as the query says
type Answer = any

interface Said {
  message: string
  extensions?: { code?: string }
}

const MOST_MS = 30_000

/** Nobody can be asked, or not with this token: nothing was done. */
export class Unreachable extends CommandError {
  override exitCode = 2
}

/** The gateway over HTTP, as any script would ask it. */
export class Api {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** @throws Unreachable when OPSGRAPH_URL or OPSGRAPH_TOKEN is missing, or is none */
  static fromEnvironment({ OPSGRAPH_URL: url, OPSGRAPH_TOKEN: token }: NodeJS.ProcessEnv = process.env): Api {
    if (!url || !/^https?:/.test(url) || !URL.canParse(url))
      throw new Unreachable('OPSGRAPH_URL has to say where Opsgraph is, e.g. http://localhost:4000')
    if (!token) throw new Unreachable('OPSGRAPH_TOKEN has to be a token: issueToken makes them')
    return new Api(`${url.replace(/\/+$/, '').replace(/\/graphql$/, '')}/graphql`, token)
  }

  /** Asks, and answers the data. @throws Unreachable, or CommandError with what was wrong */
  async ask(query: string, variables: object, site: string | null = null): Promise<Answer> {
    const response = await this.#send(JSON.stringify({ query, variables }), site)
    const answer = (await response.json().catch(() => null)) as { data?: Answer; errors?: Said[] } | null
    if (!answer || (!answer.data && !answer.errors))
      throw new Unreachable(`${this.url} answers ${response.status}, and not as Opsgraph does`)
    const [error] = answer.errors ?? []
    if (!error) return answer.data
    const denied = ['UNAUTHENTICATED', 'FORBIDDEN'].includes(error.extensions?.code ?? '')
    throw new (denied ? Unreachable : CommandError)(
      `${error.extensions?.code ?? response.status}: ${error.message}`,
    )
  }

  async #send(body: string, site: string | null): Promise<Response> {
    try {
      return await fetch(this.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${this.token}`,
          // What its events carry as where they came from (D62).
          'x-opsgraph-surface': SURFACE,
          ...(site ? { 'x-opsgraph-site': site } : {}),
        },
        body,
        signal: AbortSignal.timeout(MOST_MS),
      })
    } catch (error) {
      const { cause, message } = error as Error & { cause?: { code?: string } }
      throw new Unreachable(`${this.url} cannot be reached: ${cause?.code ?? message}`)
    }
  }

  /** Runs a mutation and answers its payload. @throws CommandError when it is refused, saying why */
  async act(mutation: string, input: object, selection: string, site: string | null = null): Promise<Answer> {
    const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`
    const data = await this.ask(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${selection} userErrors { code message field } } }`,
      { input },
      site,
    )
    const payload = data[mutation]
    const [refused] = payload?.userErrors ?? []
    if (refused)
      throw new CommandError(
        `${refused.code}${refused.field ? ` (${refused.field})` : ''}: ${refused.message}`,
      )
    return payload
  }
}
