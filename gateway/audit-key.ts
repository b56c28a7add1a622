import { verify } from 'node:crypto'
import { KeyError, type Keys } from '#shared/keys.js'
import type { Services } from '#shared/services.js'

/**
 * Whoever signs on with another key than before leaves a log that nobody can verify: so that is noticed before anything is signed (F23). A log
 * without a checkpoint may begin with any key.
 * @throws KeyError saying which key the log was signed with, and what to do
 */
export async function requireAuditKey(
  { db }: Pick<Services, 'db'>,
  { audit }: Pick<Keys, 'audit'>,
): Promise<void> {
  const [last] = await db.query(
    'select n, hash, key_id, signature from log.checkpoint order by n desc limit 1',
  )
  if (!last) return
  if (last.key_id !== audit.keyId)
    throw new KeyError(
      `The log was signed with the key ${last.key_id} up to checkpoint ${last.n}, and audit.key in KEYS_DIR is ${audit.keyId}. Start with the keys that belong to this database; another set of keys is another log.`,
    )
  if (!verify(null, last.hash, audit.publicKey, last.signature))
    throw new KeyError(
      `Checkpoint ${last.n} of the log names the key ${last.key_id}, but was not signed with it: somebody changed it, or audit.key. npx opsgraph verify says where the log differs; restore the database, or the keys, from a backup.`,
    )
}
