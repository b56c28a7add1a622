import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { requireAuditKey } from '#gateway/audit-key.js'
import { createKeys, KeyError } from '#shared/keys.js'
import { until, World } from '../kit/world.js'
import { placed, TestLog } from '../shared/log-kit.js'

let log: TestLog

beforeAll(async () => {
  log = await TestLog.open('audit_key')
})
afterAll(() => log?.close())

/** F23: a log is signed on with the key it was signed with, or not at all. */
test('a log is only gone on with by the key that signed it', async () => {
  const other = { audit: { keyId: 'k2', ...generateKeyPairSync('ed25519') } }
  await requireAuditKey(log, other)
  log.startSealer()
  await log.append('ord_1', [placed()])
  await log.sealed()
  await requireAuditKey(log, log.keys)
  await expect(requireAuditKey(log, other)).rejects.toThrow(
    /signed with the key k1 up to checkpoint 1, and audit.key in KEYS_DIR is k2. Start with the keys/,
  )
  const namesake = { audit: { ...other.audit, keyId: 'k1' } }
  await expect(requireAuditKey(log, namesake)).rejects.toThrow(/was not signed with it/)
  await expect(requireAuditKey(log, namesake)).rejects.toThrow(KeyError)
})

test('production does not start with other keys than those of its log', async () => {
  const world = await World.open('audit_key_start', { process: 'own' })
  const { ada } = await world.people()
  await ada.ask('{ me { id } }')
  await until(async () => (await world.sql('select from log.checkpoint')).length > 0)
  await world.close()
  const KEYS_DIR = mkdtempSync(join(tmpdir(), 'opsgraph-keys-'))
  await createKeys(KEYS_DIR)
  const production = {
    OPSGRAPH_MODE: 'production',
    JWKS_URL: 'https://login.example/jwks.json',
    JWT_ISSUER: 'https://login.example/',
    JWT_AUDIENCE: 'opsgraph',
    MAIL: 'off',
    SCANNER_URL: 'none',
    KEYS_DIR,
    TEST_CLOCK_FILE: undefined,
  } as unknown as Record<string, string>
  await expect(world.start(production)).rejects.toThrow(/The log was signed with the key [0-9a-f]{16}/)
})
