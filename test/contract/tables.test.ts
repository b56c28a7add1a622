import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { buildSubgraphs } from '#gateway/subgraphs.js'
import { type Class, entityOf, fieldsIn, snake } from '#shared/fields.js'
import { cloneDatabase } from '../kit/cluster.js'

/** How a field's kind is stored. */
const STORED: Record<string, string> = {
  id: 'text',
  ref: 'text',
  text: 'text',
  oneOf: 'text',
  instant: 'timestamp with time zone',
  count: 'integer',
  flag: 'boolean',
  money: 'jsonb',
  part: 'jsonb',
  json: 'jsonb',
}

const entities = (await buildSubgraphs()).flatMap(({ entities }) => entities)
const types = [...new Set<Class>(entities)].map(type => ({
  name: entityOf(type).name,
  type,
}))

describe('tables are what the row classes say', () => {
  let database: pg.Client

  beforeAll(async () => {
    database = new pg.Client(await cloneDatabase('tables'))
    await database.connect()
  })
  afterAll(() => database?.end())

  test.each(types)('$name', async ({ type }) => {
    const { schema, table, name } = entityOf(type)
    const { rows } = await database.query(
      'select column_name, data_type, is_nullable from information_schema.columns where table_schema = $1 and table_name = $2',
      [schema, table ?? snake(name)],
    )
    const columns = Object.fromEntries(rows.map(row => [row.column_name, row.data_type]))
    for (const { property, kind, item } of fieldsIn(type)) {
      const wanted = kind === 'list' ? (item ? 'jsonb' : 'ARRAY') : STORED[kind]
      expect({ property, stored: columns[snake(property)] }).toEqual({ property, stored: wanted })
    }
    const known = new Set(fieldsIn(type).map(({ property }) => snake(property)))
    const unknown = rows.filter(row => !known.has(row.column_name) && row.is_nullable === 'NO')
    expect(unknown.map(row => row.column_name)).toEqual([])
  })
})
