import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename, extname, join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { ROOT, VERSION } from '#shared/root.js'

/** A demo person whom a visitor of a development machine can be. */
export interface DemoPerson {
  id: string
  name: string
  /** What to show beside the name, e.g. `SUPPORT_AGENT`. */
  role: string
  token: string
}

export interface IdeOptions {
  /** Development only; anybody who can open the page could use their tokens. */
  people: readonly DemoPerson[]
}

interface Asset {
  type: string
  bytes: Buffer
  compressed: Buffer
  etag: string
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

/** Everything comes from this machine: the page works without the internet, and asks nobody else. */
const ASSETS: Readonly<Record<string, string>> = {
  'react.js': 'node_modules/react/umd/react.production.min.js',
  'react-dom.js': 'node_modules/react-dom/umd/react-dom.production.min.js',
  'graphiql.js': 'node_modules/graphiql/graphiql.min.js',
  'graphiql.css': 'node_modules/graphiql/graphiql.min.css',
  'ide.js': 'gateway/ide/ide.js',
  'ide.css': 'gateway/ide/ide.css',
}

const EXAMPLES = join(ROOT, 'examples', 'queries')
const A_YEAR = 'public, max-age=31536000, immutable'

/** Scripts and styles of this server only; GraphiQL sets styles on elements and draws with data: images. */
const POLICY = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self' 'unsafe-inline'`,
  `img-src 'self' data:`,
  `font-src 'self' data:`,
  `connect-src 'self'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
].join('; ')

const SECURITY = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
}

const LOCAL = ['localhost', '127.0.0.1', '[::1]']

/** A page that reached us under a foreign name (DNS rebinding) gets no tokens to read. */
export const isLocal = ({ headers }: IncomingMessage): boolean =>
  URL.canParse(`http://${headers.host}`) && LOCAL.includes(new URL(`http://${headers.host}`).hostname)

/** The queries of `examples/queries/`, one tab each; a comment at the top of a file explains it. */
function examples(): { name: string; query: string }[] {
  if (!existsSync(EXAMPLES)) return []
  const files = readdirSync(EXAMPLES).filter(file => extname(file) === '.graphql')
  return files.sort().map(file => ({
    name: basename(file, '.graphql'),
    query: readFileSync(join(EXAMPLES, file), 'utf8'),
  }))
}

const variablesOf = (name: string): string | undefined => {
  const file = join(EXAMPLES, `${name}.json`)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/** Data inside a script element: `<` would end it. */
const embedded = (data: unknown): string => JSON.stringify(data).replaceAll('<', '\\u003c')

/** GraphiQL at `/`, with the examples as tabs and, in development, a choice of demo people to be. */
export class Ide {
  readonly #assets = new Map<string, Promise<Asset>>()

  constructor(readonly options: IdeOptions) {}

  /** @returns false when the path is not one of the page's */
  async answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    if (path === '/') {
      this.#page(request, response)
      return true
    }
    const [, name] = /^\/ide\/([a-z.-]+)$/.exec(path) ?? []
    if (!name || !Object.hasOwn(ASSETS, name)) return false
    await this.#asset(name, request, response)
    return true
  }

  #page(request: IncomingMessage, response: ServerResponse): void {
    const people = isLocal(request) ? this.options.people : []
    const tabs = examples().map(({ name, query }) => ({ query, variables: variablesOf(name) }))
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      ...SECURITY,
    })
    response.end(page({ people, tabs }))
  }

  async #asset(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asset = await this.#load(name)
    const brotli = /\bbr\b/.test(String(request.headers['accept-encoding'] ?? ''))
    const headers = { etag: asset.etag, 'cache-control': A_YEAR, vary: 'accept-encoding', ...SECURITY }
    if (request.headers['if-none-match'] === asset.etag) return void response.writeHead(304, headers).end()
    const bytes = brotli ? asset.compressed : asset.bytes
    response.writeHead(200, {
      ...headers,
      'content-type': asset.type,
      'content-length': bytes.length,
      ...(brotli && { 'content-encoding': 'br' }),
    })
    response.end(bytes)
  }

  #load(name: string): Promise<Asset> {
    const known = this.#assets.get(name)
    if (known) return known
    const loading = load(join(ROOT, ASSETS[name]!))
    this.#assets.set(name, loading)
    loading.catch(() => this.#assets.delete(name))
    return loading
  }
}

/** 3.5 MB become 0.9 MB; a low level, since it is done once while somebody waits for the page. */
async function load(file: string): Promise<Asset> {
  const bytes = await readFile(file)
  return {
    type: TYPES[extname(file)]!,
    bytes,
    compressed: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
  }
}

/** Assets are kept for a year, so their address changes with the version. */
const page = (data: unknown): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Opsgraph</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/ide/graphiql.css?${VERSION}">
    <link rel="stylesheet" href="/ide/ide.css?${VERSION}">
  </head>
  <body>
    <header id="bar"></header>
    <main id="graphiql">Loading…</main>
    <script type="application/json" id="data">${embedded(data)}</script>
    <script src="/ide/react.js?${VERSION}" defer></script>
    <script src="/ide/react-dom.js?${VERSION}" defer></script>
    <script src="/ide/graphiql.js?${VERSION}" defer></script>
    <script src="/ide/ide.js?${VERSION}" defer></script>
  </body>
</html>
`
