import { sign } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sha256 } from '#shared/canonical.js'
import { checkpointHash, merkleRoot } from '#shared/seal.js'
import { verifyLog } from '#shared/verify.js'
import { MAC_KEY, META, NOW, orderStream, TestLog } from './log-kit.js'

let log: TestLog

/** 300 events on 10 streams, sealed in a dozen batches. */
beforeEach(async () => {
  log = await TestLog.open('verify')
  const sealer = log.startSealer(log.anchorFile)
  for (let batch = 0; batch < 12; batch++) {
    const writes = Array.from({ length: 25 }, (_, n) => ({
      stream: orderStream(`ord_${(batch * 25 + n) % 10}`),
      expectedVersion: null,
      events: [
        {
          type: 'Changed',
          data: { n, batch, ratio: n / 7 },
          ...(n % 5 ? {} : { personal: { name: 'Ann' } }),
        },
      ],
    }))
    await log.db.transaction(tx =>
      log.store.append(tx, writes, { ...META, note: batch % 2 ? 'why' : null }, NOW),
    )
    log.store.poke(log.db)
    await log.sealed()
  }
  await sealer.stop()
})
afterEach(() => log.close())

const verify = (without: 'anchor' | 'nothing' = 'nothing') =>
  verifyLog(log.db, {
    publicKeys: { k1: log.keys.audit.publicKey },
    macKey: MAC_KEY,
    anchorFile: without === 'anchor' ? undefined : log.anchorFile,
  })

const messages = async (without?: 'anchor') => (await verify(without)).findings.map(({ message }) => message)

/** As somebody who owns the server. */
async function tamper(...statements: [string, unknown[]?][]): Promise<void> {
  await log.admin.transaction(async tx => {
    for (const table of ['event', 'event_pos', 'event_ref', 'checkpoint', 'stream', 'event_private'])
      await tx.query(`alter table log.${table} disable trigger user`)
    for (const [statement, parameters] of statements) await tx.query(statement, parameters)
  })
}

const CHAIN = Buffer.from([1])
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** Makes a whole stream consistent again, head included. */
async function rechain(stream: string): Promise<void> {
  const rows = await log.admin.query(
    'select id, version, leaf from log.event where stream_id = $1 order by version',
    [stream],
  )
  let hash: Buffer = Buffer.alloc(32)
  for (const row of rows) {
    hash = sha256(CHAIN, hash, int32(row.version), row.leaf)
    await tamper(['update log.event set hash = $2 where id = $1', [row.id, hash]])
  }
  await tamper(['update log.stream set hash = $2 where stream_id = $1', [stream, hash]])
}

/** Makes positions, roots and the chain of checkpoints consistent again; with the key also the signatures. */
async function reseal(withKey: boolean): Promise<void> {
  await tamper(['update log.event_pos p set hash = e.hash from log.event e where e.id = p.event_id'])
  const checkpoints = await log.admin.query(
    'select n::int, first_pos::int, last_pos::int, (extract(epoch from sealed_at) * 1000000)::bigint as at from log.checkpoint order by n',
  )
  let previous: Buffer = Buffer.alloc(32)
  for (const { n, first_pos, last_pos, at } of checkpoints) {
    const events = await log.admin.query(
      'select event_id as id, hash from log.event_pos where pos between $1 and $2 order by pos',
      [first_pos, last_pos],
    )
    const root = merkleRoot(events)
    const range = { n, firstPosition: first_pos, lastPosition: last_pos, sealedAt: Number(at) }
    const hash = checkpointHash({ ...range, root, previous })
    await tamper([
      'update log.checkpoint set root = $2, prev = $3, hash = $4 where n = $1',
      [n, root, previous, hash],
    ])
    if (withKey)
      await tamper([
        'update log.checkpoint set signature = $2 where n = $1',
        [n, sign(null, hash, log.keys.audit.privateKey)],
      ])
    previous = hash
  }
}

test('an honest log passes, and says how far that reaches', async () => {
  const progress: number[] = []
  const result = await verifyLog(log.db, {
    publicKeys: { k1: log.keys.audit.publicKey },
    macKey: MAC_KEY,
    anchorFile: log.anchorFile,
    onProgress: done => progress.push(done),
  })
  expect(result).toMatchObject({ trust: 'ANCHORED', findings: [], events: 300, checkpoints: 12, unsealed: 0 })
  expect(progress.at(-1)).toBe(300)
  expect(await verify('anchor')).toMatchObject({ trust: 'SIGNED', findings: [] })
  expect(await verifyLog(log.db, { publicKeys: {} })).toMatchObject({ trust: 'CHAIN_ONLY', findings: [] })
})

test('a log that grows meanwhile passes too, and what is not sealed yet is counted', async () => {
  await log.append('ord_1', [{ type: 'Changed', data: {} }])
  expect(await verify()).toMatchObject({ findings: [], events: 301, unsealed: 1 })
  log.startSealer(log.anchorFile)
  let growing = true
  const grow = async () => {
    while (growing) await log.append('ord_2', [{ type: 'Changed', data: {} }])
  }
  const grown = grow()
  for (let n = 0; n < 5; n++) {
    expect((await verify()).findings).toEqual([])
    await sleep(50)
  }
  growing = false
  await grown
})

test('an erasure passes; personal data that vanished or changed does not', async () => {
  const [eraser] = await log.append('ord_x', [{ type: 'PersonErased', data: {} }])
  const [{ ids }] = await log.db.query('select array_agg(event_id) as ids from log.event_private')
  await log.db.transaction(tx => log.store.erase(tx, [ids[0]], eraser!.id))
  expect(await verify()).toMatchObject({ findings: [], erased: 1 })
  await tamper(
    ['delete from log.event_private where event_id = $1', [ids[1]]],
    [`update log.event_private set body = '{"note":"nicer"}' where event_id = $1`, [ids[2]]],
    [
      'update log.event_private set body = null, salt = null, erased_by = 99999 where event_id = $1',
      [ids[3]],
    ],
    [
      `insert into log.event_private (event_id, salt, body) select id, 'x', '{}' from log.event where private_digest is null limit 1`,
    ],
  )
  const { findings } = await verify()
  expect(findings.map(({ kind }) => kind)).toEqual(Array(4).fill('PERSONAL_DATA_CHANGED'))
  expect(findings.find(({ eventId }) => eventId === Number(ids[1]))!.message).toContain(
    'gone without an erasure',
  )
  expect(findings.find(({ eventId }) => eventId === Number(ids[3]))!.message).toContain('not in the log')
})

test('1: an edited payload', async () => {
  await tamper([`update log.event set payload = payload || '{"n": 999}' where id = 137`])
  expect(await messages()).toEqual(['event 137 (Order/ord_6 v14): content does not match its leaf'])
})

test.each([
  `actor = 'stf_eve'`,
  `at = at + interval '1 microsecond'`,
  `actor_roles = '{SUPER_ADMIN}'`,
  `reason = 'OTHER'`,
  `refs = refs || '{usr_1}'`,
  `causation_id = 1`,
  `site = ''`,
  `private_digest = null`,
  `nonce = 'abcdefabcdef'`,
])('2: edited columns: %s', async change => {
  await tamper([`update log.event set ${change} where id = 41`])
  expect((await messages())[0]).toBe('event 41 (Order/ord_0 v5): content does not match its leaf')
})

test('3: an event made consistent in itself breaks its stream', async () => {
  await tamper([`update log.event set leaf = sha256(leaf), hash = sha256(hash) where id = 137`])
  expect(await messages()).toEqual(
    expect.arrayContaining([
      'event 137 (Order/ord_6 v14): not written by Opsgraph',
      'event 137 (Order/ord_6 v14): stream chain broken',
    ]),
  )
})

test('4: a whole stream made consistent again was changed after sealing', async () => {
  await tamper([`update log.event set leaf = sha256(leaf) where id = 137`])
  await rechain('ord_6')
  const found = (await verify()).findings
  expect(found.filter(({ kind }) => kind === 'STREAM_BROKEN')).toEqual([])
  const changed = found.filter(({ kind }) => kind === 'SEALED_CHANGED')
  expect(changed).toHaveLength(17)
  expect(changed[0]).toMatchObject({
    position: 137,
    message: expect.stringContaining('changed after sealing'),
  })
})

test('5: everything made consistent, without the key: signatures are invalid from there on', async () => {
  await tamper([`update log.event set leaf = sha256(leaf) where id = 137`])
  await rechain('ord_6')
  await reseal(false)
  const invalid = (await verify('anchor')).findings.filter(({ kind }) => kind === 'SIGNATURE_INVALID')
  expect(invalid.map(({ checkpoint }) => checkpoint)).toEqual([6, 7, 8, 9, 10, 11, 12])
})

test('6: with the key stolen too, the anchor and the MAC still see it', async () => {
  await tamper([`update log.event set leaf = sha256(leaf) where id = 137`])
  await rechain('ord_6')
  await reseal(true)
  expect((await verify('anchor')).findings.map(({ kind }) => kind)).toEqual(['CONTENT_CHANGED', 'FORGED'])
  expect(await messages()).toContain('checkpoint 12 was rewritten')
})

test('7: an event deleted from the middle', async () => {
  await tamper(['delete from log.event where id = 137'])
  expect(await messages()).toEqual([
    'event 147 (Order/ord_6 v15): v14 is missing before it',
    'position 137 of checkpoint 6: event 137 is gone',
  ])
})

test('8: the last event of a stream deleted with all that points at it, and the head moved back', async () => {
  await tamper(
    ['delete from log.event where id = 297'],
    ['delete from log.event_private where event_id = 297'],
    ['delete from log.event_ref where event_id = 297'],
    ['delete from log.event_pos where event_id = 297'],
    [
      `update log.stream s set version = e.version, hash = e.hash from log.event e
       where s.stream_id = 'ord_6' and e.stream_id = 'ord_6' and e.id = 287`,
    ],
  )
  expect(await messages()).toEqual(['checkpoint 12: 1 of its positions missing'])
})

test('9: the tail cut off is seen by the anchor alone', async () => {
  await tamper(
    ['delete from log.event where id > 275'],
    ['delete from log.event_private where event_id > 275'],
    ['delete from log.event_ref where event_id > 275'],
    ['delete from log.event_pos where event_id > 275'],
    ['delete from log.checkpoint where n = 12'],
    [
      `update log.stream s set version = e.version, hash = e.hash from log.event e
       where e.stream_id = s.stream_id and e.version = (select max(version) from log.event m where m.stream_id = s.stream_id)`,
    ],
  )
  expect(await messages('anchor')).toEqual([])
  expect(await messages()).toEqual(['checkpoint 12 is gone'])
})

test('10: two positions swapped', async () => {
  await tamper(
    ['create temp table swapped as select * from log.event_pos where pos in (30, 31)'],
    ['delete from log.event_pos where pos in (30, 31)'],
    ['insert into log.event_pos select 61 - pos, event_id, hash from swapped'],
  )
  expect(await messages()).toEqual(['checkpoint 2: Merkle root differs'])
})

test('10b: the ids of two events swapped everywhere', async () => {
  for (const table of ['event', 'event_pos', 'event_private', 'event_ref']) {
    const column = table === 'event' ? 'id' : 'event_id'
    await tamper(
      [`update log.${table} set ${column} = -1 where ${column} = 30`],
      [`update log.${table} set ${column} = 30 where ${column} = 31`],
      [`update log.${table} set ${column} = 31 where ${column} = -1`],
    )
  }
  expect(await messages()).toContain('checkpoint 2: Merkle root differs')
})

test('11: an event forged through append, and a true one appended again', async () => {
  const copy = `select jsonb_build_array(jsonb_build_object(
    'stream_type', stream_type, 'stream_id', stream_id, 'type', type, 'schema_v', schema_v,
    'at', (extract(epoch from at) * 1000000)::bigint, 'actor_kind', actor_kind, 'actor', actor, 'actor_roles', actor_roles,
    'token_id', token_id, 'reason', reason, 'request_id', request_id, 'correlation_id', correlation_id, 'surface', surface,
    'refs', refs, 'payload', payload, 'nonce', encode(nonce, 'hex'), 'leaf', encode(leaf, 'hex'), 'mac', $2::text || encode(mac, 'hex')))
    as events from log.event where id = $1`
  const [{ events }] = await log.admin.query(copy, [2, ''])
  await log.admin.query('select log.append($1)', [JSON.stringify(events)])
  expect((await verify()).findings.map(({ kind }) => kind)).toEqual(['COPIED'])
  const forged = [{ ...events[0], payload: { n: 1 }, nonce: '00'.repeat(12), mac: '00'.repeat(32) }]
  await log.admin.query('select log.append($1)', [JSON.stringify(forged)])
  expect((await verify()).findings.map(({ kind }) => kind)).toContain('FORGED')
})

test('12: an event hidden from readers', async () => {
  await tamper([`delete from log.event_ref where ref = 'ord_6' and event_id = 137`])
  expect(await messages()).toEqual([
    'event 137 (Order/ord_6 v14): missing on the timeline of something it mentions',
  ])
  await log.append('ord_1', [{ type: 'Changed', data: {} }])
  await tamper(['delete from log.event_unsealed'])
  expect((await verify()).findings.map(({ kind }) => kind)).toEqual(['HIDDEN', 'REFERENCES_CHANGED'])
})

test('13: a stream without its events, a checkpoint gone, an unknown key', async () => {
  await tamper([`insert into log.stream values ('Order', 'ord_ghost', 3, sha256('x'))`])
  expect(await messages()).toEqual(['Order/ord_ghost is at v3 and has no events'])
  await tamper(['delete from log.stream where version = 3'], ['delete from log.checkpoint where n = 4'])
  expect(await messages()).toContain('checkpoint 4 is gone')
  const { findings } = await verifyLog(log.db, { publicKeys: { other: log.keys.audit.publicKey } })
  expect(findings.filter(({ kind }) => kind === 'SIGNATURE_INVALID')).toHaveLength(11)
})
