import { join, resolve } from 'node:path'
import { z } from 'zod'
import { readOffset } from '#shared/clock.js'
import { ROOT } from '#shared/root.js'

export const PARTS = ['accounts', 'support', 'orders', 'risk', 'catalog', 'audit'] as const
type Part = (typeof PARTS)[number]

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** Everything that can be set from outside. */
export interface Config {
  mode: 'development' | 'production'
  host: string
  /** 0: any free port. */
  port: number
  /** Absent in development: Opsgraph starts a PostgreSQL of its own below `dataDir`. */
  databaseUrl?: string
  dataDir: string
  keysDir: string
  /** The one part that this process is; absent: all of them in one process. */
  subgraph?: Part | 'gateway'
  /** Where the gateway reaches subgraphs that run elsewhere. */
  subgraphUrls: Partial<Record<Part, string>>
  jwt: { issuer: string; audience: string; jwksUrl?: string }
  /** Origins whose browsers may call, e.g. `https://console.example`. */
  allowedOrigins: string[]
  maxBodyBytes: number
  /** How many proxies stand in front, each of which adds to `x-forwarded-for`. */
  trustedProxies: number
  /** Connections to PostgreSQL of this process. */
  poolSize: number
  logLevel: (typeof LOG_LEVELS)[number]
  /** Load the demo records into an empty database. */
  demo: boolean
  /** Who buys labels and knows where parcels are; `manual`: people. */
  carrier: 'manual' | 'easypost'
  /** How EasyPost is reached; absent unless it is the carrier. */
  easypost?: { apiKey: string; url: string; timeout: number }
  /** Absolute; holds milliseconds to add to the clock, for tests. Never in production. */
  testClockFile?: string
  payments: PaymentConfig
  files: FilesConfig
  /** Who looks for malware in files: `clamd://host:port` or `clamd:///path/of/socket`. Absent: nobody. */
  scannerUrl?: string
  mail: MailConfig
  strangers: StrangersConfig
}

/** Where bodies of attachments lie: below `dataDir`, or in a bucket. */
export type FilesConfig = { store: 'disk' } | ({ store: 's3' } & S3Config)

export interface S3Config {
  /** E.g. `https://s3.eu-central-1.amazonaws.com`; buckets are addressed by path. */
  endpoint: string
  bucket: string
  region: string
  accessKeyId: string
  secretAccessKey: string
}

/** Who comes in without signing in. */
export interface StrangersConfig {
  /** They may open tickets. */
  open: boolean
  /** What shows that they are people; absent: nothing is asked. */
  challenge?: ChallengeConfig
}

/** Who checks that: hCaptcha, Turnstile, reCAPTCHA, or anybody who speaks as they do. */
export interface ChallengeConfig {
  url: string
  secret: string
  /** Where the challenge has to have been solved; absent: anywhere. */
  hostname?: string
}

/** How mail goes out and comes in. */
export interface MailConfig {
  /** `mailbox` keeps what would go out, for a page of a development machine; `off`: nothing but the app. */
  by: 'mailbox' | 'smtp' | 'off'
  /** `Support <support@shop.example>` */
  from: string
  /** `smtp://user:password@host:587` or `smtps://…`; for `smtp`. */
  smtpUrl?: string
  /** Whose mail comes in here: answers go to addresses below it. Absent: answers by mail are not taken. */
  replyDomain?: string
  /** What who brings mail in has to show. */
  inboundSecret?: string
}

/** Who gives money back: nobody (refunds are recorded only), or Stripe. */
export type PaymentConfig = { provider: 'ledger' } | ({ provider: 'stripe' } & StripeConfig)

export interface StripeConfig {
  /** `sk_…` or `rk_…`: where refunds are sent. Empty in a process that sends none. */
  secretKey: string
  /** `whsec_…`: what Stripe signs its webhooks with. Empty in a process that takes none. */
  webhookSecret: string
  /** Another address than Stripe's own, e.g. a proxy. */
  apiUrl?: string
}

/** One line for each variable that is wrong: its name, what was wrong with it, what would be right (R22). */
export class ConfigError extends Error {
  override name = 'ConfigError'
  constructor(readonly problems: readonly string[]) {
    super(`Opsgraph cannot start with these settings:\n${problems.map(problem => `  ${problem}`).join('\n')}`)
  }
}

const expect = (right: string) => ({ error: (issue: { input?: unknown }) => wrong(issue.input, right) })

const wrong = (input: unknown, right: string) =>
  input === undefined
    ? `is missing; it has to be ${right}`
    : `is ${JSON.stringify(input)}; it has to be ${right}`

const whole = (least: number, most: number) => {
  const right = `a whole number from ${least} to ${most}`
  const inRange = (text: string) => /^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most
  return z.string(expect(right)).refine(inRange, expect(right)).transform(Number)
}

const flag = z
  .string()
  .toLowerCase()
  .refine(text => ['true', 'false', '1', '0', 'yes', 'no'].includes(text), expect('true or false'))
  .transform(text => ['true', '1', 'yes'].includes(text))

const isUrl = (protocols: string[]) => (text: string) =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol)

const url = (right: string, ...protocols: string[]) =>
  z.string(expect(right)).refine(isUrl(protocols), expect(right))

const webUrl = (example: string) => url(`a URL such as ${example}`, 'http:', 'https:')

/** libpq also takes URLs without a host (`postgresql:///name?host=/folder`), which `URL` refuses. */
const isDatabaseUrl = (text: string) => /^postgres(ql)?:\/\/[^\s]*\/[^\s/]+$/.test(text)

const databaseUrl = 'a URL such as postgresql://user:password@host:5432/opsgraph'

const isSafeKeySource = (text: string) => {
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

const origins = z.string().transform((text, context) => {
  const list = text.split(',').flatMap(part => part.trim() || [])
  const bad = list.find(origin => !isUrl(['http:', 'https:'])(origin) || new URL(origin).origin !== origin)
  if (bad === undefined) return list
  context.addIssue({
    code: 'custom',
    message: wrong(bad, 'a list such as https://a.example,https://b.example, without paths'),
  })
  return z.NEVER
})

/** Says what would be right, and never what was given. */
const secret = (begins: RegExp, right: string) => {
  const error = { error: `has to be ${right}; what it is now is not shown` }
  return z.string(error).refine(text => begins.test(text) && !/\s/.test(text), error)
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i
const MAIL_FROM =
  /^(?:[^<>@"\r\n]{1,100}<[^\s@<>,;"()]{1,64}@[^\s@<>,;"()]+>|[^\s@<>,;"()]{1,64}@[^\s@<>,;"()]+)$/

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, expect(`one of ${values.join(', ')}`))

const scanner = 'a URL such as clamd://clamav.internal:3310 or clamd:///run/clamav/clamd.ctl, or none'

const isScanner = (text: string) => /^clamd:\/\/([^/@\s]+|\/[^\s]+)$/.test(text) && URL.canParse(text)

const partUrl = webUrl('http://orders.internal:4001/graphql').optional()

const Environment = z.object({
  HOST: z.string().optional(),
  PORT: whole(0, 65_535).default(4000),
  DATABASE_URL: z
    .string()
    .refine(isDatabaseUrl, { error: `has to be ${databaseUrl}` })
    .optional(),
  DATA_DIR: z.string().default(join(ROOT, '.data')),
  KEYS_DIR: z.string().optional(),
  SUBGRAPH: oneOf([...PARTS, 'gateway']).optional(),
  ACCOUNTS_URL: partUrl,
  SUPPORT_URL: partUrl,
  ORDERS_URL: partUrl,
  RISK_URL: partUrl,
  CATALOG_URL: partUrl,
  AUDIT_URL: partUrl,
  JWT_ISSUER: z.string().optional(),
  JWT_AUDIENCE: z.string().optional(),
  JWKS_URL: webUrl('https://login.example/.well-known/jwks.json')
    .refine(
      text => !URL.canParse(text) || isSafeKeySource(text),
      expect('an https URL (http only on this machine)'),
    )
    .optional(),
  ALLOWED_ORIGINS: origins.default([]),
  TRUSTED_PROXIES: whole(0, 9).default(0),
  MAX_BODY_BYTES: whole(1024, 67_108_864).default(4 * 1024 * 1024),
  POOL_SIZE: whole(2, 1000).default(20),
  LOG_LEVEL: oneOf(LOG_LEVELS).optional(),
  DEMO: flag.optional(),
  CARRIER: oneOf(['manual', 'easypost']).default('manual'),
  EASYPOST_API_KEY: z.string().optional(),
  EASYPOST_API_URL: webUrl('https://api.easypost.com/v2/')
    .refine(
      text => !URL.canParse(text) || isSafeKeySource(text),
      expect('an https URL (http only on this machine)'),
    )
    .default('https://api.easypost.com/v2/'),
  EASYPOST_TIMEOUT_MS: whole(100, 10_000).default(10_000),
  TEST_CLOCK_FILE: z
    .string()
    .refine(
      file => readOffset(file) !== null,
      expect('a file that holds a whole number: the milliseconds to add to the clock'),
    )
    .optional(),
  PAYMENT_PROVIDER: oneOf(['ledger', 'stripe']).default('ledger'),
  STRIPE_SECRET_KEY: secret(/^[sr]k_./, "Stripe's secret or restricted key, sk_… or rk_…").optional(),
  STRIPE_WEBHOOK_SECRET: secret(/^whsec_./, "the webhook endpoint's signing secret, whsec_…").optional(),
  STRIPE_API_URL: webUrl('https://api.stripe.com')
    .refine(
      text => !URL.canParse(text) || (isSafeKeySource(text) && new URL(text).pathname === '/'),
      expect('an https URL without a path (http only on this machine)'),
    )
    .optional(),
  FILES: oneOf(['disk', 's3']).default('disk'),
  S3_ENDPOINT: webUrl('https://s3.eu-central-1.amazonaws.com')
    .refine(
      text => !URL.canParse(text) || (isSafeKeySource(text) && new URL(text).pathname === '/'),
      expect('an https URL without a path (http only on this machine)'),
    )
    .optional(),
  S3_BUCKET: z
    .string()
    .refine(
      text => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text),
      expect('the name of a bucket such as support-attachments'),
    )
    .optional(),
  S3_REGION: z
    .string()
    .refine(text => /^[a-z0-9-]{1,40}$/.test(text), expect('a region such as eu-central-1'))
    .optional(),
  S3_ACCESS_KEY_ID: secret(/^./, 'the id of an access key').optional(),
  S3_SECRET_ACCESS_KEY: secret(/^./, 'the secret of the access key').optional(),
  SCANNER_URL: z
    .string()
    .refine(text => text === 'none' || isScanner(text), expect(scanner))
    .optional(),
  MAIL: oneOf(['mailbox', 'smtp', 'off']).optional(),
  MAIL_FROM: z
    .string()
    .trim()
    .refine(text => MAIL_FROM.test(text), expect('an address such as Support <support@shop.example>'))
    .optional(),
  SMTP_URL: secret(
    /^smtps?:\/\/([^/@]+@)?[^/@:]+(:\d+)?\/?(\?.*)?$/,
    'a URL such as smtp://user:password@mail.example:587 or smtps://…:465',
  ).optional(),
  MAIL_REPLY_DOMAIN: z
    .string()
    .trim()
    .toLowerCase()
    .refine(text => HOST_NAME.test(text), expect('a domain such as reply.shop.example'))
    .optional(),
  ANONYMOUS_TICKETS: flag.optional(),
  CHALLENGE_URL: webUrl('https://challenges.cloudflare.com/turnstile/v0/siteverify')
    .refine(
      text => !URL.canParse(text) || isSafeKeySource(text),
      expect('an https URL (http only on this machine)'),
    )
    .optional(),
  CHALLENGE_SECRET: secret(/^./, 'the secret that your provider of challenges gave you').optional(),
  CHALLENGE_HOSTNAME: z
    .string()
    .trim()
    .toLowerCase()
    .refine(text => HOST_NAME.test(text), expect('the host of your support page such as help.shop.example'))
    .optional(),
  MAIL_INBOUND_SECRET: secret(/^.{16,}$/, 'at least 16 characters').optional(),
})
type Settings = z.output<typeof Environment>

const modeOf = (env: NodeJS.ProcessEnv, problems: string[]): Config['mode'] => {
  const asked = env.OPSGRAPH_MODE
  if (asked !== undefined && asked !== 'development' && asked !== 'production')
    problems.push(`OPSGRAPH_MODE ${wrong(asked, 'development or production')}`)
  return asked === 'production' || env.NODE_ENV === 'production' ? 'production' : 'development'
}

const NEEDED_IN_PRODUCTION = {
  DATABASE_URL: databaseUrl,
  JWKS_URL:
    'the URL of your identity provider’s public keys, such as https://login.example/.well-known/jwks.json',
  JWT_ISSUER: 'the `iss` of your identity provider’s tokens, such as https://login.example/',
  JWT_AUDIENCE: 'the `aud` of the tokens meant for Opsgraph, such as opsgraph',
}

const productionProblems = (env: NodeJS.ProcessEnv): string[] => [
  ...Object.entries(NEEDED_IN_PRODUCTION)
    .filter(([name]) => env[name] === undefined)
    .map(([name, right]) => `${name} is missing; production needs ${right}`),
  ...(env.TEST_CLOCK_FILE === undefined
    ? []
    : ['TEST_CLOCK_FILE is set; production goes by the real clock, so leave it out']),
]

const carrierProblems = ({ CARRIER, EASYPOST_API_KEY }: NodeJS.ProcessEnv): string[] =>
  CARRIER === 'easypost' && EASYPOST_API_KEY === undefined
    ? ['EASYPOST_API_KEY is missing; CARRIER=easypost needs the key of your EasyPost account']
    : []

const gatewayProblems = (env: NodeJS.ProcessEnv): string[] =>
  PARTS.map(part => `${part.toUpperCase()}_URL`)
    .filter(name => env[name] === undefined)
    .map(name => `${name} is missing; SUBGRAPH=gateway needs the URL of each subgraph`)

/** Refunds are sent where the orders are, webhooks come in at the gateway: each needs its own secret only. */
const stripeProblems = ({ SUBGRAPH, ...env }: NodeJS.ProcessEnv): string[] => [
  ...((!SUBGRAPH || SUBGRAPH === 'orders') && !env.STRIPE_SECRET_KEY
    ? [
        "STRIPE_SECRET_KEY is missing; PAYMENT_PROVIDER=stripe needs Stripe's secret key, sk_…, from Developers, API keys",
      ]
    : []),
  ...((!SUBGRAPH || SUBGRAPH === 'gateway') && !env.STRIPE_WEBHOOK_SECRET
    ? [
        'STRIPE_WEBHOOK_SECRET is missing; PAYMENT_PROVIDER=stripe needs the signing secret, whsec_…, of a webhook endpoint for /webhooks/stripe',
      ]
    : []),
]

const NEEDED_FOR_S3 = {
  S3_ENDPOINT: 'the address of the store, such as https://s3.eu-central-1.amazonaws.com',
  S3_BUCKET: 'the name of a bucket, such as support-attachments',
  S3_REGION: "the bucket's region, such as eu-central-1",
  S3_ACCESS_KEY_ID: 'the id of an access key that may read, write and delete in the bucket',
  S3_SECRET_ACCESS_KEY: 'the secret of that access key',
}

/** Files go in and out at the gateway and are erased where the attachments are; nobody else needs the secrets. */
const s3Problems = ({ SUBGRAPH, ...env }: NodeJS.ProcessEnv): string[] =>
  SUBGRAPH && SUBGRAPH !== 'gateway' && SUBGRAPH !== 'support'
    ? []
    : Object.entries(NEEDED_FOR_S3)
        .filter(([name]) => env[name] === undefined)
        .map(([name, right]) => `${name} is missing; FILES=s3 needs ${right}`)

const filesOf = (settings: Settings): FilesConfig =>
  settings.FILES === 's3'
    ? {
        store: 's3',
        endpoint: settings.S3_ENDPOINT ?? '',
        bucket: settings.S3_BUCKET ?? '',
        region: settings.S3_REGION ?? '',
        accessKeyId: settings.S3_ACCESS_KEY_ID ?? '',
        secretAccessKey: settings.S3_SECRET_ACCESS_KEY ?? '',
      }
    : { store: 'disk' }

/** Files are looked at where the tickets are. That nobody does is to be said. */
const scannerProblems = ({ SUBGRAPH, SCANNER_URL }: NodeJS.ProcessEnv): string[] =>
  SCANNER_URL || (SUBGRAPH && SUBGRAPH !== 'support')
    ? []
    : [
        'SCANNER_URL is missing; production needs clamd://host:port, or none to say that nobody looks for malware in files',
      ]

/** Mail is sent where the tickets are, and comes in at the gateway: each needs its own settings only. */
function mailProblems({ SUBGRAPH, ...env }: NodeJS.ProcessEnv, mode: Config['mode']): string[] {
  const sends = !SUBGRAPH || SUBGRAPH === 'support'
  const takes = !SUBGRAPH || SUBGRAPH === 'gateway'
  const missing: [boolean, string][] = [
    [
      mode === 'production' && sends && !env.MAIL,
      'MAIL is missing; production needs smtp, or off to say that nobody is told anything by mail',
    ],
    [
      mode === 'production' && env.MAIL === 'mailbox',
      'MAIL is "mailbox"; production sends by smtp, or says off: nobody would get what lies in that mailbox',
    ],
    [
      env.MAIL === 'smtp' && sends && !env.SMTP_URL,
      'SMTP_URL is missing; MAIL=smtp needs the mail server, such as smtp://user:password@mail.example:587',
    ],
    [
      env.MAIL === 'smtp' && sends && !env.MAIL_FROM,
      'MAIL_FROM is missing; MAIL=smtp needs the address that mail comes from, such as Support <support@shop.example>',
    ],
    [
      takes && Boolean(env.MAIL_REPLY_DOMAIN) && !env.MAIL_INBOUND_SECRET,
      'MAIL_INBOUND_SECRET is missing; with MAIL_REPLY_DOMAIN, POST /inbound/mail needs a secret that your mail server shows',
    ],
  ]
  return missing.flatMap(([is, problem]) => (is ? [problem] : []))
}

/** Challenges are checked where the tickets are. */
function challengeProblems({ SUBGRAPH, ...env }: NodeJS.ProcessEnv): string[] {
  if (SUBGRAPH && SUBGRAPH !== 'support') return []
  if (Boolean(env.CHALLENGE_URL) === Boolean(env.CHALLENGE_SECRET)) return []
  return env.CHALLENGE_URL
    ? [
        'CHALLENGE_SECRET is missing; CHALLENGE_URL needs the secret that your provider of challenges gave you',
      ]
    : [
        'CHALLENGE_URL is missing; CHALLENGE_SECRET is for the provider’s address, such as https://challenges.cloudflare.com/turnstile/v0/siteverify',
      ]
}

const strangersOf = (settings: Settings, mode: Config['mode']): StrangersConfig => {
  const { CHALLENGE_URL: url, CHALLENGE_SECRET: secret, CHALLENGE_HOSTNAME: hostname } = settings
  return {
    open: settings.ANONYMOUS_TICKETS ?? mode === 'development',
    ...(url && secret ? { challenge: { url, secret, ...(hostname ? { hostname } : {}) } } : {}),
  }
}

const mailOf = (settings: Settings, mode: Config['mode']): MailConfig => ({
  by: settings.MAIL ?? (mode === 'production' ? 'off' : 'mailbox'),
  from: settings.MAIL_FROM ?? 'Support <support@opsgraph.localhost>',
  smtpUrl: settings.SMTP_URL,
  replyDomain: settings.MAIL_REPLY_DOMAIN,
  inboundSecret: settings.MAIL_INBOUND_SECRET,
})

const paymentsOf = (settings: Settings): PaymentConfig =>
  settings.PAYMENT_PROVIDER === 'stripe'
    ? {
        provider: 'stripe',
        secretKey: settings.STRIPE_SECRET_KEY ?? '',
        webhookSecret: settings.STRIPE_WEBHOOK_SECRET ?? '',
        apiUrl: settings.STRIPE_API_URL,
      }
    : { provider: 'ledger' }

const urlsOf = (settings: Settings): Config['subgraphUrls'] => {
  const named = PARTS.map(part => [part, settings[`${part.toUpperCase() as Uppercase<Part>}_URL`]])
  return Object.fromEntries(named.filter(([, value]) => value !== undefined))
}

/**
 * Reads and checks the settings. An empty variable counts as absent.
 * @param env the environment, by default the process's
 * @throws {ConfigError} naming every wrong variable at once, what was wrong and what would be right
 */
export const loadConfig = (env: NodeJS.ProcessEnv = process.env): Config => {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const problems: string[] = []
  const mode = modeOf(set, problems)
  const parsed = Environment.safeParse(set)
  for (const issue of parsed.error?.issues ?? []) problems.push(`${issue.path.join('.')} ${issue.message}`)
  if (mode === 'production') problems.push(...productionProblems(set), ...scannerProblems(set))
  problems.push(...carrierProblems(set))
  if (set.SUBGRAPH === 'gateway') problems.push(...gatewayProblems(set))
  if (set.PAYMENT_PROVIDER === 'stripe') problems.push(...stripeProblems(set))
  if (set.FILES === 's3') problems.push(...s3Problems(set))
  problems.push(...mailProblems(set, mode))
  problems.push(...challengeProblems(set))
  if (problems.length > 0 || !parsed.success) throw new ConfigError([...new Set(problems)])
  return toConfig(mode, parsed.data)
}

/** The package puts its paths right behind it. */
const easypostOf = (settings: Settings): Config['easypost'] => ({
  apiKey: settings.EASYPOST_API_KEY!,
  url: settings.EASYPOST_API_URL.replace(/\/*$/, '/'),
  timeout: settings.EASYPOST_TIMEOUT_MS,
})

const isSaid = (url: string | undefined): boolean => url !== undefined && url !== 'none'

const toConfig = (mode: Config['mode'], settings: Settings): Config => {
  const production = mode === 'production'
  const dataDir = resolve(settings.DATA_DIR)
  return {
    mode,
    host: settings.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
    port: settings.PORT,
    databaseUrl: settings.DATABASE_URL,
    dataDir,
    keysDir: settings.KEYS_DIR ? resolve(settings.KEYS_DIR) : join(dataDir, 'keys'),
    subgraph: settings.SUBGRAPH,
    subgraphUrls: urlsOf(settings),
    jwt: {
      issuer: settings.JWT_ISSUER ?? 'opsgraph-development',
      audience: settings.JWT_AUDIENCE ?? 'opsgraph',
      jwksUrl: settings.JWKS_URL,
    },
    allowedOrigins: settings.ALLOWED_ORIGINS,
    maxBodyBytes: settings.MAX_BODY_BYTES,
    trustedProxies: settings.TRUSTED_PROXIES,
    poolSize: settings.POOL_SIZE,
    logLevel: settings.LOG_LEVEL ?? (production ? 'info' : 'warn'),
    demo: settings.DEMO ?? !production,
    carrier: settings.CARRIER,
    ...(settings.CARRIER === 'easypost' ? { easypost: easypostOf(settings) } : {}),
    ...(settings.TEST_CLOCK_FILE ? { testClockFile: resolve(settings.TEST_CLOCK_FILE) } : {}),
    payments: paymentsOf(settings),
    files: filesOf(settings),
    ...(isSaid(settings.SCANNER_URL) ? { scannerUrl: settings.SCANNER_URL } : {}),
    mail: mailOf(settings, mode),
    strangers: strangersOf(settings, mode),
  }
}
