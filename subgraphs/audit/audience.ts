import { mayRead } from '#shared/catalog.js'
import type { Identity } from '#shared/identity.js'
import { type Access, holds } from '#shared/permissions.js'
import { READERS, Role } from '#shared/roles.js'
import { ENTITIES, type EntityName } from './stubs.js'

/** Those who see everybody's acts, and all of an event. */
export const WATCHERS: readonly Access[] = [Role.AUDITOR, Role.SUPER_ADMIN, 'audit:read']

/** Who may see an event at all; which ones is decided event by event. */
export const EVENT_READERS: readonly Access[] = [...READERS, 'audit:read']

/** The entity types that a caller may read, by the catalogue. */
export const readableTypes = (identity: Identity): EntityName[] =>
  [...ENTITIES.keys()].filter(name => mayRead(identity, name))

/** Types of the streams whose events a caller may see; null: all, those of no entity included. */
export const visibleStreams = (identity: Identity): EntityName[] | null =>
  holds(identity, WATCHERS) ? null : readableTypes(identity)

/** What opens fields to a caller: an identifier or a link can be narrower than its entity. */
export const accessOf = ({ roles, scopes }: Identity): Access[] => [...roles, ...scopes]
