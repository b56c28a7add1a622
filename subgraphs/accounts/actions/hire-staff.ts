import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { several, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { isEmail } from '../email.js'
import { staffMember } from '../staff-member.js'
import { checkStaffRole } from '../staff-roles.js'
import { twoForPowerful } from '../super-admins.js'
import { StaffMember } from '../views/staff-member.js'

@InputType('HireStaffInput', { description: 'Who begins to work here, and as what.' })
export class HireStaffInput extends ActionInput {
  @text('What they are called.', { personal: true })
  name!: string

  @text('How customers know them; their first name when left out.', { nullable: true, personal: true })
  publicName?: string | null

  @text('Their address; nobody else here has the same.', { personal: true })
  email!: string

  @text('What the identity provider calls them (`sub`); without it they cannot sign in through it.', {
    nullable: true,
    personal: true,
  })
  subject?: string | null

  @several(Role, 'What they may do here. With a powerful one, a second Super Admin has to approve it.')
  roles!: Role[]
}

/** A4, E22: somebody new, with the roles they begin with; with a powerful one it takes two people, as grantRole does. */
export const hireStaff = action({
  name: 'hireStaff',
  description: 'Takes somebody new in, with the roles they begin with.',
  input: HireStaffInput,
  risk: 'DANGEROUS',
  reasons: {
    NEW_COLLEAGUE: 'They begin to work here.',
    CONTRACTOR: 'They work here for a time.',
    AUDIT: 'They look at what was done here.',
  },

  on: staffMember,
  async prepare({ email, subject }, tx, { services }) {
    const taken = [`staff-email:${email.toLowerCase()}`, ...(subject ? [`staff-subject:${subject}`] : [])]
    await services.store.lock(tx, taken)
    const [row] = await tx.query(
      `select coalesce(bool_or(lower(email) = lower($1)), false) as email, coalesce(bool_or(subject = $2), false) as subject
         from access.person where lower(email) = lower($1) or subject = $2`,
      [email, subject ?? null],
    )
    return row as { email: boolean; subject: boolean }
  },

  allow: [Role.SUPER_ADMIN],
  policy: twoForPowerful('roles'),

  decide(_, { name, publicName, email, subject = null, roles }, { read: taken }) {
    if (!isEmail(email)) refuse('INVALID', 'This is not an e-mail address.', 'email')
    for (const role of roles) checkStaffRole(role, 'roles')
    if (taken.email) refuse('ALREADY_EXISTS', 'Somebody here has this address already.', 'email')
    if (taken.subject) refuse('ALREADY_EXISTS', 'Somebody here signs in as this subject already.', 'subject')
    return {
      type: 'StaffHired',
      data: { roles: [...new Set(roles)] },
      personal: { name, publicName: publicName ?? name.split(' ')[0], email, subject },
    }
  },

  emits: ['StaffHired'],
  returns: { staffMember: StaffMember },
})
