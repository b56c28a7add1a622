import { expect, test } from '@jest/globals'
import { buildSubgraphs } from '#gateway/subgraphs.js'
import { catalogOf, readCatalog } from '#shared/catalog.js'
import { ENTITIES } from '#subgraphs/audit/stubs.js'

test('the committed catalogue is what the subgraphs say', async () => {
  expect(readCatalog()).toEqual(JSON.parse(JSON.stringify(catalogOf(await buildSubgraphs()))))
})

test('every type of entity has a timeline and links, and none that does not exist', async () => {
  const known = Object.keys(readCatalog().entities).filter(name => name !== 'Event')
  expect([...ENTITIES.keys()].sort()).toEqual(known.sort())
})

test('prefixes tell types apart', () => {
  const prefixes = Object.values(readCatalog().entities).map(({ prefix }) => prefix)
  expect(new Set(prefixes).size).toBe(prefixes.length)
})
