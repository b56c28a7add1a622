import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import {
  buildSchema,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { buildSubgraphs } from '#gateway/subgraphs.js'
import { approvalName } from '#shared/action.js'
import { ROOT } from '#shared/root.js'

const subgraphs = await buildSubgraphs()
const api: GraphQLSchema = buildSchema(readFileSync(join(ROOT, 'schema/api.graphql'), 'utf8'))
const types = Object.values(api.getTypeMap()).filter(type => !type.name.startsWith('__'))

describe('the schema', () => {
  test('describes every type, field, argument and value', () => {
    const silent: string[] = []
    const look = (where: string, { description }: { description?: string | null }) => {
      if (!description?.trim()) silent.push(where)
    }
    for (const type of types.filter(
      ({ name }) => !['String', 'Int', 'ID', 'Boolean', 'Float'].includes(name),
    )) {
      look(type.name, type)
      if (isObjectType(type) || isInterfaceType(type))
        for (const field of Object.values(type.getFields())) {
          look(`${type.name}.${field.name}`, field)
          for (const arg of field.args) look(`${type.name}.${field.name}(${arg.name})`, arg)
        }
      if (isInputObjectType(type))
        for (const field of Object.values(type.getFields())) look(`${type.name}.${field.name}`, field)
      if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value)
    }
    expect(silent).toEqual([])
  })

  test('names root fields so that one subgraph’s absence blanks nothing of another’s', () => {
    const roots = [api.getQueryType()!, api.getMutationType()!]
    const strict = roots.flatMap(root =>
      Object.values(root.getFields()).filter(field => isNonNullType(field.type)),
    )
    expect(strict.map(field => field.name)).toEqual([])
  })

  test('gives every mutation that acts one input, and a payload that can refuse', () => {
    for (const { action } of subgraphs.flatMap(({ performers }) => performers)) {
      const field = api.getMutationType()!.getFields()[action.name]!
      expect({ action: action.name, args: field.args.map(arg => arg.name) }).toEqual({
        action: action.name,
        args: ['input'],
      })
      const payload = api.getType(`${action.name[0]!.toUpperCase()}${action.name.slice(1)}Payload`)
      expect(isObjectType(payload) && Object.keys(payload.getFields())).toEqual(
        expect.arrayContaining(['events', 'replayed', 'dryRun', 'userErrors', 'approval']),
      )
    }
  })
})

describe('mutations', () => {
  test('are each an action, its approval, a recording or a bulk of one, which say what they leave (E8)', () => {
    const known = new Set(
      subgraphs.flatMap(({ performers, recordings = [], bulks = [] }) => [
        ...performers.flatMap(({ action }) => [action.name, approvalName(action)]),
        ...recordings.map(({ name }) => name),
        ...bulks.map(({ name }) => name),
      ]),
    )
    expect(Object.keys(api.getMutationType()!.getFields()).filter(name => !known.has(name))).toEqual([])
  })
})

describe('actions', () => {
  const actions = subgraphs.flatMap(({ performers }) => performers.map(({ action }) => action))
  const catalogue = readFileSync(join(ROOT, 'docs/events.md'), 'utf8')

  test.each(actions.map(action => [action.name, action] as const))(
    '%s leaves published events only',
    (_name, { emits }) => {
      expect(emits.length).toBeGreaterThan(0)
      for (const type of emits) expect(catalogue).toContain(type)
    },
  )

  test.each(actions.filter(({ risk }) => risk !== 'ROUTINE').map(action => [action.name, action] as const))(
    '%s is sensitive, so it takes reasons (E10, E77)',
    (_name, { reasons }) => expect(Object.keys(reasons).length).toBeGreaterThan(0),
  )
})
