import { connect, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { Scanner, Verdict } from './scanner.js'

const DEFAULT_PORT = 3310
/** No answer of clamd is longer, characters. */
const LONGEST_ANSWER = 4096

/** `clamd://host:3310` or `clamd:///run/clamav/clamd.ctl`. */
function addressOf(url: string): { host: string; port: number } | { path: string } {
  const { hostname, port, pathname } = new URL(url)
  if (hostname === '') return { path: decodeURIComponent(pathname) }
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || DEFAULT_PORT }
}

/** The content in pieces, each behind its length; one of no length ends it. */
async function* framed(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield Buffer.from('zINSTREAM\0')
  for await (const chunk of body) {
    if (chunk.length === 0) continue
    const length = Buffer.alloc(4)
    length.writeUInt32BE(chunk.length)
    yield length
    yield chunk
  }
  yield Buffer.alloc(4)
}

/** What is said up to the closing NUL. */
function answerOn(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      said += text
      const end = said.indexOf('\0')
      if (end >= 0) resolve(said.slice(0, end).trim())
      else if (said.length > LONGEST_ANSWER) reject(new Error('clamd does not come to an end'))
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('clamd went away without an answer')))
  })
}

/** Anything but a plain yes or no is neither: a limit, an error, somebody else who listens there. */
function verdictIn(answer: string): Verdict {
  if (answer === 'stream: OK') return { infected: false, signature: null }
  const [, signature] = /^stream: (.{1,200}) FOUND$/.exec(answer) ?? []
  if (signature) return { infected: true, signature }
  throw new Error(`clamd says: ${answer.slice(0, 200)}`)
}

/** ClamAV's daemon, asked by its INSTREAM command; a connection for each file. */
export class Clamd implements Scanner {
  readonly #address: ReturnType<typeof addressOf>

  constructor(url: string) {
    this.#address = addressOf(url)
  }

  async scan(body: AsyncIterable<Buffer>, signal: AbortSignal): Promise<Verdict> {
    signal.throwIfAborted()
    const socket = connect(this.#address)
    const giveUp = () => socket.destroy(new Error('clamd took too long'))
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      // It may answer before it has read everything, e.g. that it is too much.
      const [verdict] = await Promise.all([
        answerOn(socket).then(verdictIn),
        pipeline(framed(body), socket, { end: false }),
      ])
      return verdict
    } finally {
      signal.removeEventListener('abort', giveUp)
      socket.destroy()
    }
  }
}
