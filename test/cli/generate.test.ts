import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { buildSubgraphs } from '#gateway/subgraphs.js'
import { documentsOf, staleOf, writeDocuments } from '../../cli/generate/generate.js'

const subgraphs = await buildSubgraphs()
const documents = await documentsOf(subgraphs)

test('schema and generated docs are what the code says; else: npm run generate', async () => {
  expect(await staleOf(documents)).toEqual([])
})

test('the same code is always the same text', async () => {
  expect([...(await documentsOf(subgraphs))]).toEqual([...documents])
})

test('a changed, a missing and no other file is stale', async () => {
  const root = mkdtempSync(join(tmpdir(), 'opsgraph-generate-'))
  try {
    expect(await writeDocuments(documents, root)).toEqual([...documents.keys()])
    expect(await staleOf(documents, root)).toEqual([])
    writeFileSync(join(root, 'docs/events.md'), 'by hand')
    rmSync(join(root, 'schema/api.graphql'))
    expect(await staleOf(documents, root)).toEqual(['schema/api.graphql', 'docs/events.md'])
    await writeDocuments(documents, root)
    expect(readFileSync(join(root, 'docs/events.md'), 'utf8')).toBe(documents.get('docs/events.md'))
  } finally {
    rmSync(root, { recursive: true })
  }
})

test('every action and every event has its place in the docs', () => {
  for (const { actions } of subgraphs)
    for (const { name } of actions) expect(documents.get('docs/actions.md')).toContain(`\n### ${name}\n`)
  expect(documents.get('docs/events.md')).toMatch(
    /### RefundIssued\n\nThe buyer was given money back\.\n\n```ts\nRefundIssued: \{\n\s+refundId: string\n/,
  )
})
