import { checkFirst, type Page, type PageArgs, pageOf } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { isBehind, orderBy, placeOf, type Sorting } from '#shared/keyset.js'
import { type Filter, hydrate, withinReach } from '#shared/loader.js'
import { states } from '#shared/states.js'
import { type Counted, facetsOf } from './facets.js'
import { Ticket } from './views/ticket.js'

export const TicketOrder = states('TicketOrder', 'In which order tickets are listed.', {
  ATTENTION:
    'What should be handled first: safety, then priority, then what is due, then age (C10, X4); for staff.',
  CREATED_ASC: 'The oldest first (D41).',
  CREATED_DESC: 'The newest first.',
})
export type Order = keyof typeof TicketOrder

const SORTINGS: Record<Order, Sorting> = {
  ATTENTION: { columns: ['attention_rank', 'due_rank', 'created_at'], id: 'id', down: false },
  CREATED_ASC: { columns: ['created_at'], id: 'id', down: false },
  CREATED_DESC: { columns: ['created_at'], id: 'id', down: true },
}

type Raw = Record<string, unknown>

/**
 * A page of tickets within the caller's reach, in an order, by keyset: what was seen is never shown again and nothing is left out,
 * whatever is opened meanwhile.
 */
export async function ticketPage(
  { db, identity }: Pick<Context, 'db' | 'identity'>,
  filter: Filter,
  order: Order,
  { first, after }: PageArgs,
): Promise<Page<Ticket> & Counted> {
  checkFirst(first)
  const sorting = SORTINGS[order]
  const reach = withinReach(Ticket, filter, identity)
  const values = [...reach.values]
  const behind = after ? ` and ${isBehind(after, sorting, values)}` : ''
  const rows: Raw[] = await db.query(
    `select * from support.ticket where (${reach.where})${behind} order by ${orderBy(sorting)} limit ${first + 1}`,
    values,
  )
  const raw = new Map(rows.map(row => [row.id as string, row]))
  const page = pageOf(
    rows.map(row => hydrate(Ticket, row)),
    first,
    ({ id }) => placeOf(raw.get(id)!, sorting),
    async () => {
      const [{ n }] = await db.query(
        `select count(*)::int as n from support.ticket where ${reach.where}`,
        reach.values,
      )
      return n
    },
  )
  return { ...page, facetsOf: () => facetsOf(db, reach) }
}
