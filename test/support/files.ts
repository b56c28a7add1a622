import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Json, Person } from '../kit/world.js'

export const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

/** One red pixel. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
)
/** A picture with something of its own behind its end, so that each is another file. */
export const picture = (words: string): Buffer => Buffer.concat([PNG, Buffer.from(words)])

export const announcing = (content: Buffer, more: Json = {}): Json => ({
  filename: 'shot.png',
  mime: 'image/png',
  bytes: content.length,
  sha256: sha256(content),
  purpose: 'SCREENSHOT',
  ...more,
})

const ATTACHMENT =
  'id state filename mime bytes sha256 visibility retention downloadUrl ticket { id } message { id }'

export const begin = (who: Person, content: Buffer, more: Json = {}): Promise<Json> =>
  who.act('beginAttachmentUpload', announcing(content, more), `uploadUrl attachment { ${ATTACHMENT} }`)

export const put = async (
  who: Person,
  path: string,
  content: Buffer,
  headers: Record<string, string> = {},
) => {
  const answer = await fetch(who.world.url + path, { method: 'PUT', body: new Uint8Array(content), headers })
  return { status: answer.status, body: (await answer.json()) as Json }
}

export const complete = (who: Person, attachmentId: string): Promise<Json> =>
  who.act('completeAttachmentUpload', { attachmentId }, `attachment { ${ATTACHMENT} }`)

/** Announces, sends and completes; answers the attachment. */
export async function sendFile(who: Person, content: Buffer, more: Json = {}): Promise<Json> {
  const { uploadUrl, attachment, userErrors } = await begin(who, content, more)
  if (!uploadUrl) throw new Error(JSON.stringify(userErrors))
  const { status, body } = await put(who, uploadUrl, content)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return (await complete(who, attachment.id)).attachment
}

/** The attachment as somebody sees it; null when they do not. */
export const seen = async (who: Person, id: string): Promise<Json | null> =>
  (await who.ask(`query ($id: ID!) { attachment(id: $id) { ${ATTACHMENT} } }`, { id })).attachment

export const take = async (
  who: Person,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Map<string, string>; content: Buffer }> => {
  const answer = await fetch(who.world.url + path, { headers })
  return {
    status: answer.status,
    headers: new Map(answer.headers),
    content: Buffer.from(await answer.arrayBuffer()),
  }
}

const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** A store that speaks S3 and checks every signature by the book (Signature Version 4), for a bucket of one key. */
export class FakeS3 {
  readonly objects = new Map<string, Buffer>()
  /** What was refused, and why. */
  readonly refused: string[] = []
  /** Answer everything with 503. */
  isDown = false
  #server?: Server

  constructor(
    readonly accessKeyId = 'AKIATEST',
    readonly secret = 'very+secret/key',
    readonly region = 'eu-test-1',
  ) {}

  async start(): Promise<Record<string, string>> {
    const server = createServer((request, response) => void this.#answer(request, response))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    this.#server = server
    return {
      FILES: 's3',
      S3_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      S3_BUCKET: 'support-attachments',
      S3_REGION: this.region,
      S3_ACCESS_KEY_ID: this.accessKeyId,
      S3_SECRET_ACCESS_KEY: this.secret,
    }
  }

  stop(): void {
    this.#server?.closeAllConnections()
    this.#server?.close()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const end = (status: number, content: Buffer | string = '') =>
      response.writeHead(status, { 'content-length': Buffer.byteLength(content) }).end(content)
    if (this.isDown) return void end(503, '<Error><Code>SlowDown</Code></Error>')
    const problem = this.#problem(request, body)
    if (problem) {
      this.refused.push(problem)
      return void end(403, `<Error><Code>AccessDenied</Code><Message>${problem}</Message></Error>`)
    }
    const key = request.url!
    if (request.method === 'PUT') this.objects.set(key, body)
    if (request.method === 'DELETE') this.objects.delete(key)
    const found = this.objects.get(key)
    if (request.method === 'GET')
      return void (found ? end(200, found) : end(404, '<Error><Code>NoSuchKey</Code></Error>'))
    end(request.method === 'DELETE' ? 204 : 200)
  }

  #problem({ method, url, headers }: IncomingMessage, body: Buffer): string | null {
    if (method === 'PUT' && headers['content-length'] === undefined) return 'MissingContentLength'
    const [, credential, names, signature] =
      /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
        headers.authorization ?? '',
      ) ?? []
    if (!credential || !names) return 'no signature'
    const [keyId, day, region, service, last] = credential.split('/') as [
      string,
      string,
      string,
      string,
      string,
    ]
    if (keyId !== this.accessKeyId || region !== this.region || service !== 's3') return 'wrong credential'
    const said = headers['x-amz-content-sha256']
    if (said !== sha256(body)) return 'the body has another hash'
    const canonical = names.split(';').map(name => `${name}:${headers[name]}\n`)
    const asked = [method, url, '', canonical.join(''), names, said].join('\n')
    const scope = [day, region, service, last].join('/')
    const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(Buffer.from(asked))].join('\n')
    const key = [day, region, service, last].reduce<Buffer | string>(hmac, `AWS4${this.secret}`)
    return hmac(key, toSign).toString('hex') === signature ? null : 'wrong signature'
  }
}
