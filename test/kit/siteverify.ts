import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How the next answer turns out; what is not planned passes a token once, as the real ones do. */
export type Answering =
  | { say: object }
  | { status: number; text: string }
  | { hang: true }
  | { drop: true }
  | { endless: true }

/** A stand-in on this machine for hCaptcha, Turnstile and reCAPTCHA: they share one protocol. */
export class TestSiteverify {
  readonly asked: Record<string, string>[] = []
  answers: Answering[] = []
  readonly #used = new Set<string>()
  #server!: Server
  url = ''

  static async start(secret = 'the-secret'): Promise<TestSiteverify> {
    const stand = new TestSiteverify()
    stand.#server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const form = Object.fromEntries(new URLSearchParams(body))
      stand.asked.push(form)
      const answer = stand.answers.shift() ?? { say: stand.#judged(form, secret) }
      if ('hang' in answer) return
      if ('drop' in answer) return void request.socket.destroy()
      if ('endless' in answer) {
        response.write(' '.repeat(20_000))
        return
      }
      if ('status' in answer) return void response.writeHead(answer.status).end(answer.text)
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer.say))
    })
    await new Promise<void>(resolve => stand.#server.listen(0, '127.0.0.1', resolve))
    stand.url = `http://127.0.0.1:${(stand.#server.address() as AddressInfo).port}/siteverify`
    return stand
  }

  #judged({ secret, response = '' }: Record<string, string>, right: string): object {
    if (secret !== right) return { success: false, 'error-codes': ['invalid-input-secret'] }
    const again = this.#used.has(response)
    this.#used.add(response)
    if (again) return { success: false, 'error-codes': ['timeout-or-duplicate'] }
    if (!response.startsWith('solved')) return { success: false, 'error-codes': ['invalid-input-response'] }
    return { success: true, hostname: 'help.shop.example', 'error-codes': [] }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>(resolve => this.#server.close(() => resolve()))
  }
}
