import { FieldResolver, Resolver, Root } from 'type-graphql'
import type { Class } from '#shared/fields.js'
import { prefixOf } from '#shared/id.js'
import { Node } from '#shared/node.js'
import { Allow } from '#shared/permissions.js'
import { READERS } from '#shared/roles.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

const TYPES: Readonly<Record<string, string>> = { stf: 'StaffMember', usr: 'User', svc: 'Integration' }

/** What stands for a person or machine; null for Opsgraph itself and for strangers. */
const actorOf = (id: string | null) => {
  const type = TYPES[prefixOf(id ?? '')]
  return type ? { __typename: type, id } : null
}

const WHO = 'a StaffMember, a User or an Integration; null for Opsgraph itself and for who did not sign in'

@Resolver(() => TicketMessage)
class TicketMessageAuthor {
  @FieldResolver(() => Node, { nullable: true, description: `Who said it: ${WHO}.` })
  @Allow(...READERS)
  async author(@Root() { authorId }: TicketMessage) {
    return actorOf(authorId)
  }
}

@Resolver(() => Ticket)
class TicketOpener {
  @FieldResolver(() => Node, { nullable: true, description: `Who opened it: ${WHO}.` })
  @Allow(...READERS)
  async openedBy(@Root() { openedById }: Ticket) {
    return actorOf(openedById)
  }
}

export const authorQueries: readonly Class[] = [TicketMessageAuthor, TicketOpener]
