import { Field, ID, InterfaceType } from 'type-graphql'

/** Everything with a global id. */
@InterfaceType('Node', {
  description: 'Anything with a global id; open it with node(id).',
  autoRegisterImplementations: false,
})
export abstract class Node {
  @Field(() => ID, { description: 'Global id.' })
  id!: string
}
