import { Ctx, Extensions, Field, ObjectType } from 'type-graphql'
import { checkFirst } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { Node } from '#shared/node.js'
import { batched } from '#shared/per-request.js'
import { openTo } from '#shared/readers.js'
import { states } from '#shared/states.js'
import { accessOf, readableTypes } from './audience.js'
import { type NodeRef, refOf } from './nodes.js'
import type { EntityName } from './stubs.js'

const LinkDirection = states('LinkDirection', 'Which way a cross-link points.', {
  OUT: 'This entity names the other.',
  IN: 'The other entity names this one.',
})

@ObjectType('EntityLink', { description: 'Another entity that has to do with this one, and how.' })
@Extensions({ value: true })
export class EntityLink {
  @Field(() => String, {
    description:
      'The field that links them, on the entity that names the other: an order is the `order` of its shipment.',
  })
  relation!: string

  @Field(() => LinkDirection, { description: 'Which of the two names the other.' })
  direction!: string

  other!: NodeRef

  @Field(() => Node, { nullable: true, description: 'The other entity; null when its subgraph is away.' })
  async node(@Ctx() context: Context) {
    return refOf(this.other.__typename, this.other.id, context)
  }
}

/** Of somebody with very many links, no more are looked at. */
const LOOKED_AT = 500

/** Links in both directions. Kinds of links take turns, so that ten thousand orders of a buyer do not hide their organization. */
const OF_EACH = `
  select n, relation, direction, other, entity_type from (
    select u.n, u.size, l.relation, l.direction, l.other, i.entity_type,
      row_number() over (partition by u.n order by l.turn, l.direction desc, l.relation, l.other) as place
    from unnest($1::text[], $2::int[]) with ordinality u (id, size, n)
    cross join lateral (
      select relation, direction, other, row_number() over (partition by direction, relation order by other desc) as turn
      from (
        (select relation, 'OUT' as direction, to_id as other from search.link where from_id = u.id and (allow is null or allow && $4) limit ${LOOKED_AT})
        union all
        (select relation, 'IN', from_id from search.link where to_id = u.id and (allow is null or allow && $4) limit ${LOOKED_AT})
      ) both_ways
    ) l
    join search.identifier i on i.entity_id = l.other and i.kind = 'ID' and i.entity_type = any($3) and ${openTo('i.entity_id', '$5', '$6')}
  ) found
  where place <= size order by n, place`

interface Row {
  n: string
  relation: string
  direction: string
  other: string
  entity_type: EntityName
}

const linked = batched<{ id: string; first: number }, EntityLink[]>(
  async ({ db, identity }, asked) => {
    const rows: Row[] = await db.query(OF_EACH, [
      asked.map(({ id }) => id),
      asked.map(({ first }) => first),
      readableTypes(identity),
      accessOf(identity),
      identity.roles,
      identity.personId,
    ])
    const lists = asked.map((): EntityLink[] => [])
    for (const { n, relation, direction, other, entity_type } of rows)
      lists[Number(n) - 1]!.push(
        Object.assign(new EntityLink(), {
          relation,
          direction,
          other: { __typename: entity_type, id: other },
        }),
      )
    return lists
  },
  { cache: false },
)

/** What an entity has to do with (E31), of types that the caller may read. */
export async function linksOf(id: string, first: number, context: Context): Promise<EntityLink[]> {
  checkFirst(first)
  return linked(context, { id, first })
}
