import { expect, test } from '@jest/globals'
import { mutationsIn } from '#subgraphs/accounts/permitted.js'

/** E98: the supergraph is the one place where all that is allowed can be read. */
test('reads who may use which mutation from a supergraph', () => {
  const sdl = `
    directive @access(roles: [String!]!) on FIELD_DEFINITION | OBJECT
    directive @join__field(graph: String) repeatable on FIELD_DEFINITION
    type Query { me: String @access(roles: ["SUPPORT_AGENT"]) }
    type Mutation {
      recordUsers: String @join__field(graph: "ACCOUNTS") @access(roles: ["records:write"])
      hireStaff: String @access(roles: ["SUPER_ADMIN"])
      closed: String
    }`
  expect(mutationsIn(sdl)).toEqual([
    { name: 'closed', allow: [] },
    { name: 'hireStaff', allow: ['SUPER_ADMIN'] },
    { name: 'recordUsers', allow: ['records:write'] },
  ])
})
