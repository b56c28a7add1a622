import { rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'

/** What every scanner finds, harmless in itself; in two parts, so that this file is not found itself. */
export const EICAR = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''),
)

/**
 * How it fares; an answer when nothing else is said.
 * - `hang`: reads and never says a word
 * - `drop`: cuts the connection in the middle
 * - `garble`: says what clamd never says
 */
export type Mood = 'answer' | 'hang' | 'drop' | 'garble'

/** Speaks clamd's INSTREAM as clamd does, finds EICAR, and does as it is told. */
export class TestClamd {
  mood: Mood = 'answer'
  /** As StreamMaxLength. */
  most = 100 * 1024 * 1024
  /** Whole contents that were looked at. */
  readonly seen: Buffer[] = []
  connections = 0
  readonly #sockets = new Set<Socket>()
  readonly #server: Server
  #socketPath: string | undefined

  private constructor() {
    this.#server = createServer(socket => this.#serve(socket))
  }

  /** On a free port, or on a Unix socket. */
  static async start(at: { port?: number; path?: string } = {}): Promise<TestClamd> {
    const clamd = new TestClamd()
    clamd.#socketPath = at.path
    await new Promise<void>(resolve =>
      at.path
        ? clamd.#server.listen(at.path, resolve)
        : clamd.#server.listen(at.port ?? 0, '127.0.0.1', resolve),
    )
    return clamd
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return this.#socketPath ? `clamd://${this.#socketPath}` : `clamd://127.0.0.1:${this.port}`
  }

  #serve(socket: Socket): void {
    this.connections++
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
    let got = Buffer.alloc(0)
    socket.on('data', chunk => {
      got = Buffer.concat([got, chunk])
      if (this.mood === 'drop') return void socket.destroy()
      const content = contentIn(got, this.most)
      if (content === null || this.mood === 'hang') return
      if (content === 'TOO_MUCH') return void socket.end('INSTREAM size limit exceeded. ERROR\0')
      if (this.mood === 'garble') return void socket.end('HTTP/1.1 200 OK\r\n\r\n\0')
      this.seen.push(content)
      socket.end(content.includes(EICAR) ? 'stream: Eicar-Test-Signature FOUND\0' : 'stream: OK\0')
    })
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>(resolve => this.#server.close(() => resolve()))
    if (this.#socketPath) rmSync(this.#socketPath, { force: true })
  }
}

const COMMAND = 'zINSTREAM\0'

/** Null while it is still coming. */
function contentIn(got: Buffer, most: number): Buffer | 'TOO_MUCH' | null {
  if (got.length < COMMAND.length) return null
  if (got.toString('latin1', 0, COMMAND.length) !== COMMAND) throw new Error('that is not INSTREAM')
  const parts: Buffer[] = []
  let size = 0
  for (let at = COMMAND.length; at + 4 <= got.length; ) {
    const length = got.readUInt32BE(at)
    if (length === 0) return Buffer.concat(parts)
    size += length
    if (size > most) return 'TOO_MUCH'
    if (at + 4 + length > got.length) return null
    parts.push(got.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return null
}
