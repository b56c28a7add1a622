import type { AddressInfo, Socket } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { until } from './world.js'

/**
 * How the next mail fares; what is not planned is accepted.
 * - `refuse`: this code to RCPT TO
 * - `sender`: this code to MAIL FROM
 * - `data`: this code after the mail was read
 * - `hang`: reads the mail and never says a word
 * - `drop`: reads the mail, keeps it, and cuts the connection instead of an answer
 */
export type Fate =
  | { refuse: number; say?: string }
  | { sender: number }
  | { data: number }
  | { hang: true }
  | { drop: true }

/** A mail as the server got it. */
export interface Got {
  from: string
  to: string[]
  mail: Email
  raw: string
  at: Date
}

const failure = (code: number, say: string): Error => Object.assign(new Error(say), { responseCode: code })

/** A real mail server on this machine, which does as it is told. */
export class TestMailServer {
  readonly got: Got[] = []
  fates: Fate[] = []
  /** Connections so far. */
  connections = 0
  readonly #sockets = new Set<Socket>()
  #fate: Fate | undefined
  #server: SMTPServer
  url = ''

  private constructor() {
    this.#server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      logger: false,
      onConnect: (_session, done) => {
        this.connections++
        done()
      },
      onMailFrom: (_address, _session, done) => {
        this.#fate = this.fates.shift()
        const fate = this.#fate
        done(
          fate && 'sender' in fate ? failure(fate.sender, 'Sender address rejected: not owned') : undefined,
        )
      },
      onRcptTo: ({ address }, _session, done) => {
        const fate = this.#fate
        const refused = fate && 'refuse' in fate
        done(refused ? failure(fate.refuse, fate.say ?? `<${address}>: no such mailbox`) : undefined)
      },
      onData: (stream, session, done) => void this.#take(stream, session, done),
    })
    this.#server.on('error', () => {})
    this.#server.server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  static async start(port = 0): Promise<TestMailServer> {
    const server = new TestMailServer()
    await new Promise<void>(resolve => server.#server.listen(port, '127.0.0.1', resolve))
    server.url = `smtp://127.0.0.1:${(server.#server.server.address() as AddressInfo).port}`
    return server
  }

  async #take(
    stream: SMTPServerDataStream,
    { envelope }: SMTPServerSession,
    done: (error?: Error | null, message?: string) => void,
  ): Promise<void> {
    const fate = this.#fate
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    if (fate && 'hang' in fate) return
    if (fate && 'data' in fate) return done(failure(fate.data, 'Try again later'))
    const raw = Buffer.concat(chunks).toString()
    this.got.push({
      from: envelope.mailFrom ? envelope.mailFrom.address : '',
      to: envelope.rcptTo.map(({ address }) => address),
      mail: await PostalMime.parse(raw),
      raw,
      at: new Date(),
    })
    if (fate && 'drop' in fate) {
      for (const socket of this.#sockets) socket.destroy()
      return
    }
    done(null, `2.0.0 Ok: queued as TEST${this.got.length}`)
  }

  /** The next mail to an address whose text has these words. */
  async mailTo(address: string, words: string, ms = 15_000): Promise<Got> {
    return (await until(
      () => this.got.find(({ to, mail }) => to.includes(address) && (mail.text ?? '').includes(words)),
      ms,
    )) as Got
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>(resolve => this.#server.close(() => resolve()))
  }
}
