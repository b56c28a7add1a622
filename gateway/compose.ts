import { composeServices } from '@theguild/federation-composition'
import { type DocumentNode, parse } from 'graphql'

export interface SubgraphSdl {
  name: string
  /** With `extend schema @link(…)`. */
  sdl: string
  /** Where the subgraph answers when it runs by itself; only a label while all run in one process. */
  url: string
}

export interface Composition {
  /** For the gateway: what lives where. */
  supergraphSdl: string
  /** For clients: one schema, nothing of federation; `@access` stays, as documentation. */
  apiSdl: string
}

/** The subgraphs do not fit together. The message has one line for each reason. */
export class CompositionError extends Error {
  override name = 'CompositionError'
}

const parseSdl = ({ name, sdl }: SubgraphSdl): DocumentNode => {
  try {
    return parse(sdl)
  } catch (error) {
    throw new CompositionError(`The schema of ${name} is not GraphQL: ${(error as Error).message}`)
  }
}

const reason = ({ message, extensions }: { message: string; extensions: Record<string, unknown> }): string =>
  `- ${message}${extensions.code ? ` (${extensions.code})` : ''}`

/**
 * Puts subgraphs together, when the schema is generated: a running gateway only reads the result, so no subgraph has to be
 * up when it starts, and `_service` can stay closed (security 2.2).
 * @throws {CompositionError} naming every clash
 */
export function composeSupergraph(subgraphs: readonly SubgraphSdl[]): Composition {
  const services = subgraphs.map(subgraph => ({
    name: subgraph.name,
    url: subgraph.url,
    typeDefs: parseSdl(subgraph),
  }))
  const result = composeServices(services)
  if (result.errors) {
    const reasons = result.errors.map(reason).join('\n')
    throw new CompositionError(`The subgraphs do not compose:\n${reasons}`)
  }
  return { supergraphSdl: result.supergraphSdl, apiSdl: result.publicSdl }
}

/** A name in place of an address: where a subgraph really answers is set when the gateway starts. */
const labelOf = (name: string): string => `http://${name}.opsgraph.internal/graphql`

/** `composeSupergraph` for subgraphs as they are built; what `generate` writes down and a start compares with. */
export const composeBuilt = (subgraphs: readonly { name: string; sdl: string }[]): Composition =>
  composeSupergraph(subgraphs.map(({ name, sdl }) => ({ name, sdl, url: labelOf(name) })))
