import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { AwsV4Signer } from 'aws4fetch'
import { type Dispatcher, request } from 'undici'
import type { S3Config } from '#shared/config.js'
import type { FileStore } from '#shared/file-store.js'

/** How long the other side may take to begin its answer, and be silent within it, ms. */
const PATIENCE = 60_000
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

interface Asked {
  method: 'GET' | 'PUT' | 'DELETE'
  /** Of the body, hex: the other side refuses a body that has another. */
  sha256?: string
  headers?: Record<string, string>
  body?: Readable
  signal?: AbortSignal
}

/**
 * A bucket of anything that speaks S3 (AWS, MinIO, R2, …), addressed by path. aws4fetch signs; the request itself is undici's, because
 * `fetch` cannot stream a body and say how long it is.
 */
export function s3Store(config: S3Config): FileStore {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = config

  async function ask(key: string, asked: Asked): Promise<Dispatcher.ResponseData> {
    const { method, sha256 = EMPTY, headers = {}, body, signal } = asked
    const url = `${endpoint.replace(/\/+$/, '')}/${bucket}/${key}`
    const signed = await new AwsV4Signer({
      url,
      method,
      headers: { ...headers, 'x-amz-content-sha256': sha256 },
      accessKeyId,
      secretAccessKey,
      region,
      service: 's3',
    }).sign()
    return request(url, {
      method,
      headers: Object.fromEntries(signed.headers),
      body: body ?? null,
      signal,
      headersTimeout: PATIENCE,
      bodyTimeout: PATIENCE,
    })
  }

  return {
    async put(key, file, { bytes, sha256, mime }) {
      const headers = { 'content-length': String(bytes), 'content-type': mime }
      const answer = await ask(key, { method: 'PUT', sha256, headers, body: createReadStream(file) })
      if (answer.statusCode !== 200) throw await failed('PUT', answer)
      await answer.body.dump()
    },

    async get(key) {
      const answer = await ask(key, { method: 'GET' })
      if (answer.statusCode === 200)
        return { bytes: Number(answer.headers['content-length']), body: answer.body }
      if (answer.statusCode !== 404) throw await failed('GET', answer)
      await answer.body.dump()
      return null
    },

    async delete(key, signal) {
      const answer = await ask(key, { method: 'DELETE', signal })
      if (![200, 204, 404].includes(answer.statusCode)) throw await failed('DELETE', answer)
      await answer.body.dump()
    },
  }
}

/** For the log: the store's own code, never the request, which is signed. */
async function failed(method: string, { statusCode, body }: Dispatcher.ResponseData): Promise<Error> {
  const said = (await body.text()).slice(0, 2000)
  const code = /<Code>([A-Za-z]+)<\/Code>/.exec(said)?.[1]
  return new Error(`S3 answered ${method} with ${statusCode}${code ? ` ${code}` : ''}`)
}
