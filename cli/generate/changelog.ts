import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildSchema, type GraphQLSchema, getNamedType, isEnumType, isObjectType } from 'graphql'
import { ROOT } from '#shared/root.js'

/** What one line of the changelog brought into the workflow of tickets, and what it took out. */
interface Recorded {
  /** Words of CHANGELOG.md, as they stand there. */
  line: string
  brought?: readonly string[]
  removed?: readonly string[]
}

/** Where the three kinds of things are in the schema (D36): what comes along with a ticket, ways to tell of it, and how it is routed. */
const CONTEXT = 'TicketContextSnapshot'
const ENUMS = ['DeliveryChannel', 'TicketChannel', 'Workspace']
const ROUTING = ['RoutingRule', 'RoutingWhen']

function fieldsOf(schema: GraphQLSchema, name: string, within: RegExp): string[] {
  const type = schema.getType(name)
  if (!isObjectType(type)) throw new Error(`the schema has no type ${name}`)
  return Object.values(type.getFields()).flatMap(field => {
    const inner = getNamedType(field.type).name
    return [`${name}.${field.name}`, ...(within.test(inner) ? fieldsOf(schema, inner, within) : [])]
  })
}

function valuesOf(schema: GraphQLSchema, name: string): string[] {
  const type = schema.getType(name)
  if (!isEnumType(type)) throw new Error(`the schema has no enum ${name}`)
  return type.getValues().map(value => `${name}.${value.name}`)
}

/** Every field that comes along with a ticket, every way to tell of it, everything it is routed by. */
export function workflowIn(apiSdl: string): string[] {
  const schema = buildSchema(apiSdl)
  return [
    ...fieldsOf(schema, CONTEXT, /^Context/),
    ...ENUMS.flatMap(name => valuesOf(schema, name)),
    ...ROUTING.flatMap(name => fieldsOf(schema, name, /^$/)),
  ]
}

const plain = (text: string): string => text.replace(/\s+/g, ' ')

/** What the changelog does not tell: each a sentence that says what to do. */
export function untold(now: readonly string[], recorded: readonly Recorded[], changelog: string): string[] {
  const known = new Set<string>()
  for (const { brought = [], removed = [] } of recorded) {
    for (const name of brought) known.add(name)
    for (const name of removed) known.delete(name)
  }
  const told = plain(changelog)
  const how = 'say so in CHANGELOG.md, and add the line with its name to docs/ticket-workflow.json'
  return [
    ...now.filter(name => !known.has(name)).map(name => `${name} is new: ${how} (brought)`),
    ...[...known].filter(name => !now.includes(name)).map(name => `${name} is gone: ${how} (removed)`),
    ...recorded
      .filter(({ line }) => !line.trim() || !told.includes(plain(line)))
      .map(({ line }) => `CHANGELOG.md does not say "${line}"`),
  ]
}

/** D36: what changed about the workflow of tickets, and the changelog does not tell. */
export async function untoldChanges(apiSdl: string, root = ROOT): Promise<string[]> {
  const [recorded, changelog] = await Promise.all([
    readFile(join(root, 'docs/ticket-workflow.json'), 'utf8'),
    readFile(join(root, 'CHANGELOG.md'), 'utf8'),
  ])
  return untold(workflowIn(apiSdl), JSON.parse(recorded) as Recorded[], changelog)
}
