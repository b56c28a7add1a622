import { expect, test } from '@jest/globals'
import { composeBuilt } from '#gateway/compose.js'
import { buildSubgraphs } from '#gateway/subgraphs.js'
import { untold, untoldChanges, workflowIn } from '../../cli/generate/changelog.js'

const { apiSdl } = composeBuilt(await buildSubgraphs())

/** D36: a new field that comes along with a ticket, a new way to tell of it, a new thing to route by has its line in the changelog. */
test('the changelog tells what changed about the workflow of tickets', async () => {
  expect(await untoldChanges(apiSdl)).toEqual([])
})

test('what is new, what is gone, and a line that is not there are named', () => {
  const now = workflowIn(apiSdl)
  expect(now).toEqual(
    expect.arrayContaining([
      'ContextSite.slug',
      'DeliveryChannel.EMAIL',
      'RoutingWhen.words',
      'Workspace.TRIAGE',
    ]),
  )
  const recorded = [{ line: 'all of it', brought: now }]
  const log = '- What was there:\n  all\n  of it.'
  expect(untold(now, recorded, log)).toEqual([])
  expect(untold([...now, 'ContextSite.theme'], recorded, log)).toEqual([
    expect.stringMatching(/^ContextSite\.theme is new: .*CHANGELOG/),
  ])
  const fewer = now.filter(name => name !== 'DeliveryChannel.EMAIL')
  expect(untold(fewer, recorded, log)).toEqual([
    expect.stringMatching(/^DeliveryChannel\.EMAIL is gone: .*CHANGELOG/),
  ])
  expect(untold(now, recorded, '- Something else.')).toEqual(['CHANGELOG.md does not say "all of it"'])
  const told = [...recorded, { line: 'and the theme', brought: ['ContextSite.theme'] }]
  expect(untold([...now, 'ContextSite.theme'], told, `${log}\n- and the theme`)).toEqual([])
  const removed = [...recorded, { line: 'no mail', removed: ['DeliveryChannel.EMAIL'] }]
  expect(untold(fewer, removed, `${log}\n- no mail`)).toEqual([])
})
