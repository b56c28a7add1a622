import { Ctx, Extensions, Field, Int, ObjectType } from 'type-graphql'
import { mayRead, readCatalog } from '#shared/catalog.js'
import type { Context } from '#shared/context.js'
import type { Identity } from '#shared/identity.js'
import { Role } from '#shared/roles.js'
import { WORKING_IN, Workspace } from '#shared/work.js'
import { countWork } from '#shared/work-items.js'

const ALL = Object.keys(Workspace) as Workspace[]

/** Where somebody works by their roles: Super Admins everywhere, auditors where audits are. */
function workspacesOf(roles: readonly Role[]): Workspace[] {
  if (roles.includes(Role.SUPER_ADMIN)) return ALL
  const isMine = (workspace: Workspace) => roles.some(role => WORKING_IN[workspace].includes(role))
  return ALL.filter(one => isMine(one) || (one === 'AUDIT' && roles.includes(Role.AUDITOR)))
}

/** Counted once for all sections, when somebody asks. */
function counting({ db, identity }: Context): () => Promise<ReadonlyMap<string | null, number>> {
  let counts: Promise<ReadonlyMap<string | null, number>> | undefined
  return () => {
    counts ??= openWork(db, identity)
    return counts
  }
}

async function openWork(db: Context['db'], identity: Identity): Promise<ReadonlyMap<string | null, number>> {
  const kinds = Object.keys(readCatalog().entities).filter(type => mayRead(identity, type))
  const counts = await countWork(db, { kinds, reader: identity }, 'WORKSPACE')
  return new Map(counts.map(({ value, count }) => [value, count]))
}

/** E98: a part of the admin app that somebody works in. */
@ObjectType('MeSection', { description: 'A part of the admin app that the caller works in.' })
@Extensions({ value: true })
export class MeSection {
  @Field(() => Workspace, { description: 'Which one.' })
  workspace!: Workspace

  counts!: ReturnType<typeof counting>

  @Field(() => Int, {
    description:
      'How much work waits there for a person, of types that the caller may read: workItems lists it.',
  })
  async openWork(@Ctx() _context: Context): Promise<number> {
    return (await this.counts()).get(this.workspace) ?? 0
  }
}

/** The sections of the caller, in the order of the workspaces. */
export function sectionsOf(context: Context): MeSection[] {
  const counts = counting(context)
  return workspacesOf(context.identity.roles).map(workspace =>
    Object.assign(new MeSection(), { workspace, counts }),
  )
}
