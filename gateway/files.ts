import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { cors } from '#gateway/cors.js'
import { type ErrorCode, gatewayError } from '#gateway/errors.js'
import { isWhatItSays } from '#gateway/file-content.js'
import { sendJson } from '#gateway/http.js'
import { type Authenticator, unauthenticated } from '#gateway/identity.js'
import type { Run } from '#gateway/live-hub.js'
import type { Config } from '#shared/config.js'
import { type FileKind, MAX_FILE_BYTES } from '#shared/file-kinds.js'
import { type FileStore, openFileStore, storageKey, withIncomingFile } from '#shared/file-store.js'
import {
  type Announced,
  FILES_PATH,
  type FileClaims,
  FileTokenError,
  type FileTokens,
} from '#shared/file-token.js'
import { type Identity, systemIdentity } from '#shared/identity.js'
import type { Logger } from '#shared/log.js'
import { Role } from '#shared/roles.js'

const RECEIVE = `mutation ($input: ReceiveAttachmentInput!) {
  receiveAttachment(input: $input) { userErrors { code message facts } } }`
const TAKE = `mutation ($input: DownloadAttachmentInput!) {
  downloadAttachment(input: $input) {
    attachment { id filename mime bytes sha256 } userErrors { code message facts } } }`

/** What a refusal of the support subgraph is over HTTP; 400 otherwise. */
const STATUS: Record<string, [ErrorCode, number]> = {
  NOT_FOUND: ['NOT_FOUND', 404],
  NOT_PARTICIPANT: ['FORBIDDEN', 403],
  INVALID_STATE: ['BAD_REQUEST', 409],
}

/** Whoever opens it does so outside of this site, and nothing in it runs or is loaded. */
const GUARDED = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-site',
  'referrer-policy': 'no-referrer',
  'cache-control': 'private, no-store',
}

export interface FilesOptions {
  config: Pick<Config, 'dataDir' | 'files' | 'allowedOrigins'>
  tokens: FileTokens
  authenticator: Authenticator
  run: Run
  clock: () => Date
  log: Logger
}

interface Taken {
  id: string
  filename: string
  mime: string
  bytes: number
  sha256: string
}

/**
 * Files in and out, beside GraphQL (C5): `PUT` takes exactly what was announced, `GET` gives what its caller may still have. An address
 * says who asks; what they may is asked anew each time, wherever the support subgraph runs.
 */
export class Files {
  #store: Promise<FileStore> | undefined

  constructor(readonly options: FilesOptions) {}

  /** @throws GraphQLError with the status: 400, 401, 403, 404, 405, 409, 413, 415, 422, 503 */
  async answer(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): Promise<void> {
    if (cors(request, response, this.options.config.allowedOrigins, 'GET, PUT')) return
    const token = path.slice(FILES_PATH.length)
    if (request.method === 'PUT') return await this.#upload(token, request, response, requestId)
    if (request.method === 'GET') return await this.#download(token, request, response, requestId)
    response.setHeader('allow', 'GET, PUT, OPTIONS')
    throw gatewayError(
      'BAD_REQUEST',
      `Files are sent by PUT and taken by GET, not by ${request.method}.`,
      405,
    )
  }

  /** @throws GraphQLError SUBGRAPH_UNAVAILABLE when the store cannot do it now */
  async #stored<T>(work: (store: FileStore) => Promise<T>): Promise<T> {
    this.#store ??= openFileStore(this.options.config)
    try {
      return await work(await this.#store)
    } catch (err) {
      this.options.log.error({ err }, 'the store of files failed')
      throw gatewayError('SUBGRAPH_UNAVAILABLE', 'Files cannot be reached right now. Try again.', 503)
    }
  }

  #open(token: string, purpose: FileClaims['purpose']): FileClaims {
    try {
      return this.options.tokens.open(token, purpose, this.options.clock())
    } catch (error) {
      if (error instanceof FileTokenError) throw gatewayError('FORBIDDEN', error.message, 403)
      throw error
    }
  }

  /** Who asks, with today's roles. A bearer token besides the address has to be the same person's. */
  async #caller({ personId, tokenId, scopes }: FileClaims, request: IncomingMessage): Promise<Identity> {
    const { authenticator } = this.options
    const { authorization } = request.headers
    if (authorization !== undefined) {
      const shown = await authenticator.authenticate(authorization)
      if (shown.personId !== personId)
        throw gatewayError('FORBIDDEN', 'This address was made for somebody else.', 403)
    }
    const identity = await authenticator.identify({
      personId,
      tokenId,
      scopes,
      tokenKind: null,
      authenticatedAt: 0,
      expiresAt: Number.MAX_SAFE_INTEGER,
    })
    if ((await authenticator.people.changed([identity])).size)
      throw unauthenticated('The token with which this address was asked for is no longer valid.')
    return identity
  }

  async #ask(query: string, input: object, identity: Identity, requestId: string): Promise<Taken | null> {
    const { data, errors } = await this.options.run(
      { query, variables: { input } },
      { identity, requestId, surface: 'files', site: null },
    )
    const [payload] = Object.values(data ?? {}) as ({ attachment?: Taken; userErrors: Refused[] } | null)[]
    if (errors?.length || !payload) throw failed(errors?.[0]?.extensions?.code)
    const [refused] = payload.userErrors
    if (!refused) return payload.attachment ?? null
    const [code, status] = STATUS[refused.code] ?? ['BAD_REQUEST', 400]
    throw gatewayError(code, refused.message, status, refused.facts ?? {})
  }

  async #upload(
    token: string,
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): Promise<void> {
    const claims = this.#open(token, 'UPLOAD')
    const { attachmentId } = claims
    const announced = claims.announced!
    await this.#caller(claims, request)
    const { bytes, sha256 } = announced
    const receive = (dryRun: boolean) =>
      this.#ask(RECEIVE, { attachmentId, bytes, sha256, dryRun }, systemIdentity(Role.SYSTEM), requestId)
    // Whether it would be taken at all is asked before megabytes are read.
    await receive(true)
    requireLength(request, announced)
    await withIncomingFile(this.options.config, async file => {
      await save(request, file, announced)
      if (!(await isWhatItSays(file, announced.mime as FileKind)))
        throw gatewayError('BAD_USER_INPUT', `The content is not ${announced.mime}.`, 415, {
          mime: announced.mime,
        })
      await this.#stored(store => store.put(storageKey(sha256, attachmentId), file, announced))
      await receive(false)
    })
    sendJson(response, 200, { attachmentId, bytes, sha256 })
  }

  async #download(
    token: string,
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): Promise<void> {
    const claims = this.#open(token, 'DOWNLOAD')
    const identity = await this.#caller(claims, request)
    const { attachmentId } = claims
    const taken = await this.#ask(TAKE, { attachmentId }, identity, requestId)
    if (!taken) throw gatewayError('NOT_FOUND', 'There is no such attachment.', 404)
    const found = await this.#stored(store => store.get(storageKey(taken.sha256, attachmentId)))
    if (!found || found.bytes !== taken.bytes) {
      found?.body.destroy()
      this.options.log.error(
        { attachmentId, found: found?.bytes ?? null },
        'a file is not in the store as it should be',
      )
      throw gatewayError('NOT_FOUND', 'The file is not where it should be; support was told.', 404)
    }
    response.writeHead(200, {
      ...GUARDED,
      'content-type': taken.mime,
      'content-length': found.bytes,
      'content-disposition': dispositionOf(taken.filename),
    })
    await pipeline(found.body, body => verified(body, taken.sha256), response).catch((err: Error) => {
      // Whoever goes away while it is sent has to know themselves.
      const level = err instanceof ContentChanged ? 'error' : 'debug'
      this.options.log[level]({ err, attachmentId }, 'a download broke off')
    })
  }
}

/** What lies in the store is not what was put there. */
class ContentChanged extends Error {
  override name = 'ContentChanged'
}

/** Keeps the end back until all of it is known to be what was sent once: what was changed in the store never arrives whole. */
async function* verified(body: AsyncIterable<Buffer>, sha256: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let held: Buffer | undefined
  for await (const chunk of body) {
    hash.update(chunk)
    if (held) yield held
    held = chunk
  }
  if (hash.digest('hex') !== sha256) throw new ContentChanged('The content of a file changed in the store.')
  if (held) yield held
}

interface Refused {
  code: string
  message: string
  facts: Record<string, unknown> | null
}

const failed = (code: unknown) =>
  code === 'FORBIDDEN'
    ? gatewayError('FORBIDDEN', 'Your roles do not let you do this any more.', 403)
    : gatewayError('SUBGRAPH_UNAVAILABLE', 'It could not be looked up right now. Try again.', 503)

const sizeError = (bytes: number, got: number | null) =>
  gatewayError(
    'BAD_USER_INPUT',
    `${bytes} bytes were announced${got === null ? '; more arrived' : `, ${got} arrived`}.`,
    422,
    { bytes, got },
  )

function requireLength(request: IncomingMessage, { bytes }: Announced): void {
  const encoding = request.headers['content-encoding']
  if (encoding && encoding !== 'identity')
    throw gatewayError('BAD_REQUEST', 'Compressed bodies are not taken here: send it as it is.', 415)
  const length = request.headers['content-length']
  if (length === undefined) return
  if (Number(length) > MAX_FILE_BYTES)
    throw gatewayError('PAYLOAD_TOO_LARGE', `At most ${MAX_FILE_BYTES} bytes are taken.`, 413, {
      bytes: Number(length),
      most: MAX_FILE_BYTES,
    })
  if (Number(length) !== bytes) throw sizeError(bytes, Number(length))
}

/** Writes what arrives, never more than was announced, and leaves it only when it is that. For this user alone. */
async function save(request: IncomingMessage, file: string, { bytes, sha256 }: Announced): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length
      if (size > MAX_FILE_BYTES)
        throw gatewayError('PAYLOAD_TOO_LARGE', `At most ${MAX_FILE_BYTES} bytes are taken.`, 413)
      if (size > bytes) throw sizeError(bytes, null)
      hash.update(chunk as Buffer)
      await handle.write(chunk as Buffer)
    }
    await handle.sync()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error
    throw gatewayError('BAD_REQUEST', 'The file broke off on its way: send it again.')
  } finally {
    await handle.close()
  }
  if (size !== bytes) throw sizeError(bytes, size)
  const got = hash.digest('hex')
  if (got !== sha256)
    throw gatewayError('BAD_USER_INPUT', 'The content has another SHA-256 than was announced.', 422, {
      sha256,
      got,
    })
}

/** Always to be saved, never to be shown; the plain name for old programs, the whole one as RFC 6266 writes it. */
function dispositionOf(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const whole = encodeURIComponent(filename).replace(
    /['()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`
}
