import { Row } from '#shared/entity.js'
import { entity, several, text } from '#shared/fields.js'
import { Role, type Scope } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { integration } from '../integration.js'

@entity('Integration', {
  description: 'A machine that acts with tokens.',
  allow: [Role.SUPER_ADMIN, Role.AUDITOR],
  schema: 'accounts',
  prefix: 'svc',
})
export class Integration extends Row {
  @text('What it is called.')
  name!: string

  @several(String, 'What its tokens may be made for.')
  scopes!: Scope[]
}

export const integrations = view(Integration, {
  of: integration,
  on: { IntegrationRegistered: ({ data }) => ({ name: data.name, scopes: data.scopes as Scope[] }) },
})
