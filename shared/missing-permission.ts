import { Directive, Extensions, Field, ObjectType } from 'type-graphql'
import { Permission, Role } from '#shared/roles.js'

@ObjectType('MissingPermission', { description: 'A permission that one lacks, and who can grant it (D59).' })
@Directive('@shareable')
@Extensions({ value: true })
export class MissingPermission {
  @Field(() => Permission, { description: 'The permission.' })
  permission!: Permission

  @Field(() => [Role], { description: 'Who can grant it.' })
  grantableBy!: readonly Role[]

  @Field(() => String, { description: 'The mutation with which they do.' })
  grantedWith!: string

  @Field(() => String, { description: 'The mutation with which one asks them for it.' })
  askedWith!: string
}
