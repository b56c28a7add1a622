import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { dualControl } from '#shared/policy.js'
import { RISK_ASKERS, RISK_OFFICERS } from '../audience.js'
import { FreezeOrgInput, freezing } from './freeze-org.js'

@InputType('RequestOrgFreezeInput', { description: 'Which organization to freeze.' })
export class RequestOrgFreezeInput extends FreezeOrgInput {}

/** E55, X16: support asks, risk decides. */
export const requestOrgFreeze = action({
  ...freezing,
  name: 'requestOrgFreeze',
  description: 'Asks risk to stop an organization from doing business.',
  input: RequestOrgFreezeInput,
  allow: RISK_ASKERS,
  policy: dualControl(RISK_OFFICERS),
})
