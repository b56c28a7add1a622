import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { access, chmod, link, mkdir, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '#shared/config.js'

export interface KeyPair {
  privateKey: KeyObject
  publicKey: KeyObject
}

export interface Keys {
  /** Ed25519; signs the checkpoints of the log. `keyId` is written beside each signature. */
  audit: KeyPair & { keyId: string }
  /** 32 bytes; authenticates each event. */
  eventMac: Buffer
  /** Masters of the keys between gateway and subgraphs, newest first: all verify, the first signs. */
  internal: { kid: string; master: Buffer }[]
  /** Ed25519; signs the tokens of a development machine. Absent in production. */
  development?: KeyPair
}

export class KeyError extends Error {
  override name = 'KeyError'
}

const privatePem = () =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const secret = () => `${randomBytes(32).toString('base64url')}\n`
const namedSecret = () => `${randomBytes(4).toString('hex')} ${secret()}`

const FILES = { 'audit.key': privatePem, 'event-mac.key': secret, 'internal.keys': namedSecret }
const DEVELOPMENT_FILES = { ...FILES, 'development.key': privatePem }

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  )

/** Writes beside, then links: the file appears whole or not at all, and the first of several processes wins. */
const createOnce = async (file: string, content: string, mode: number): Promise<boolean> => {
  const aside = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`
  const handle = await open(aside, 'wx', mode)
  try {
    await handle.writeFile(content)
    await handle.sync()
    await link(aside, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await handle.close()
    await unlink(aside)
  }
}

/**
 * Makes the key files that are not there yet; never touches one that is. Safe to call from several processes at once.
 * @param dir the folder (0700); the files are 0600, `audit.pub` (for auditors) is 0644
 * @param options `development`: also the key that signs development tokens
 * @returns the paths of the files it made
 */
export const createKeys = async (dir: string, options: { development?: boolean } = {}): Promise<string[]> => {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const made: string[] = []
  for (const [name, generate] of Object.entries(options.development ? DEVELOPMENT_FILES : FILES)) {
    const file = join(dir, name)
    if (!(await exists(file)) && (await createOnce(file, generate(), 0o600))) made.push(file)
  }
  const publicFile = join(dir, 'audit.pub')
  if (!(await exists(publicFile))) {
    const { publicKey } = await readPair(join(dir, 'audit.key'))
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    if (await createOnce(publicFile, pem, 0o644)) made.push(publicFile)
    await chmod(publicFile, 0o644)
  }
  return made
}

const read = (file: string) =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw new KeyError(`Key file ${file} cannot be read: ${error.message}`)
    throw new KeyError(`Key file ${file} is missing. Make the keys once with: npx opsgraph keys`)
  })

const readPair = async (file: string): Promise<KeyPair> => {
  const pem = await read(file)
  try {
    const privateKey = createPrivateKey(pem)
    if (privateKey.asymmetricKeyType !== 'ed25519')
      throw new Error(`it holds a key of type ${privateKey.asymmetricKeyType}`)
    return { privateKey, publicKey: createPublicKey(privateKey) }
  } catch (error) {
    throw new KeyError(
      `Key file ${file} has to hold an Ed25519 private key in PEM form: ${(error as Error).message}`,
    )
  }
}

const decodeSecret = (file: string, text: string): Buffer => {
  const bytes = Buffer.from(text.trim(), 'base64url')
  if (bytes.length !== 32)
    throw new KeyError(`Key file ${file} has to hold 32 bytes in base64url, not ${bytes.length}`)
  return bytes
}

const readSecret = async (file: string): Promise<Buffer> => decodeSecret(file, await read(file))

const readNamedSecrets = async (file: string): Promise<Keys['internal']> => {
  const lines = (await read(file)).split('\n').filter(line => line.trim())
  const keys = lines.map(line => {
    const [kid = '', encoded = ''] = line.trim().split(/\s+/)
    return { kid, master: decodeSecret(file, encoded) }
  })
  if (keys.length === 0)
    throw new KeyError(`Key file ${file} has to hold lines of the form: <id> <32 bytes in base64url>`)
  return keys
}

/** Short name of a public key: the first 16 hex digits of the SHA-256 of its DER form. */
export const keyIdOf = (publicKey: KeyObject): string =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16)

/** The key that gateway and one subgraph share: 32 bytes by HKDF-SHA-256, so that no subgraph can speak for another. */
export const internalKey = (master: Buffer, subgraph: string): Buffer =>
  Buffer.from(hkdfSync('sha256', master, '', `opsgraph/internal/${subgraph}`, 32))

/** The key that signs the addresses of files. */
export const fileKey = (master: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', master, '', 'opsgraph/files', 32))

/** The key that opens tickets to those who did not sign in. */
export const ticketKey = (master: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', master, '', 'opsgraph/tickets', 32))

/**
 * Reads the key files; in development makes those that are missing first.
 * @throws {KeyError} naming the file and, when it is missing, the command that makes it
 */
export const loadKeys = async (config: Pick<Config, 'mode' | 'keysDir'>): Promise<Keys> => {
  const development = config.mode === 'development'
  const path = (name: string) => join(config.keysDir, name)
  if (development) await createKeys(config.keysDir, { development })
  const audit = await readPair(path('audit.key'))
  return {
    audit: { ...audit, keyId: keyIdOf(audit.publicKey) },
    eventMac: await readSecret(path('event-mac.key')),
    internal: await readNamedSecrets(path('internal.keys')),
    development: development ? await readPair(path('development.key')) : undefined,
  }
}
