import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ConstDirectiveNode, Kind, parse } from 'graphql'
import type { Identity } from '#shared/identity.js'
import { type Access, holds } from '#shared/permissions.js'
import { ROOT } from '#shared/root.js'

/** What `generate` composes of all subgraphs: the one place where this one, too, can read what the others allow. */
const SUPERGRAPH = join(ROOT, 'schema', 'supergraph.graphql')

interface Permitted {
  name: string
  allow: readonly Access[]
}

const rolesIn = (directives: readonly ConstDirectiveNode[] = []): Access[] =>
  directives.flatMap(({ name, arguments: args }) => {
    const roles = name.value === 'access' && args?.find(arg => arg.name.value === 'roles')?.value
    return roles && roles.kind === Kind.LIST
      ? roles.values.flatMap(value => (value.kind === Kind.STRING ? [value.value as Access] : []))
      : []
  })

/** Every mutation of a supergraph, with who may use it; sorted by name. */
export const mutationsIn = (sdl: string): Permitted[] =>
  parse(sdl, { noLocation: true })
    .definitions.flatMap(node =>
      node.kind === Kind.OBJECT_TYPE_DEFINITION && node.name.value === 'Mutation' ? (node.fields ?? []) : [],
    )
    .map(({ name, directives }) => ({ name: name.value, allow: rolesIn(directives) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))

/** What customers do for an account of theirs: those who own none, and have support access to none, cannot (D15). */
const FOR_AN_ACCOUNT: readonly string[] = ['openTicket']

const lacksAccount = ({ kind, orgIds }: Identity, name: string): boolean =>
  kind === 'REQUESTER' && orgIds.length === 0 && FOR_AN_ACCOUNT.includes(name)

let known: Promise<Permitted[]> | undefined

/**
 * The mutations that somebody may use by their roles and scopes, in all subgraphs; whether an approval or a limit stands before one,
 * `decision` tells. The schema is read once, so a process that started before it was generated has to be started again.
 */
export async function permittedMutations(identity: Identity): Promise<string[]> {
  known ??= readFile(SUPERGRAPH, 'utf8').then(mutationsIn)
  const mutations = await known.catch((error: unknown) => {
    known = undefined
    throw error
  })
  return mutations
    .filter(({ name, allow }) => holds(identity, allow) && !lacksAccount(identity, name))
    .map(({ name }) => name)
}
