import { abandonWorkflow } from '../actions/abandon-workflow.js'
import { concludeNonFulfilment } from '../actions/conclude-non-fulfilment.js'
import { continueWorkflow } from '../actions/continue-workflow.js'
import { dismissNonFulfilment } from '../actions/dismiss-non-fulfilment.js'
import { extendFulfilmentGrace } from '../actions/extend-fulfilment-grace.js'
import { provideCaseEvidence } from '../actions/provide-case-evidence.js'
import { refundBeforeShipping } from '../actions/refund-before-shipping.js'
import { resumeWorkflow } from '../actions/resume-workflow.js'
import { startNonFulfilment } from '../actions/start-non-fulfilment.js'
import { startNotReceivedCase } from '../actions/start-not-received-case.js'
import { stepWorkflow } from '../actions/step-workflow.js'
import { bringOnSteps, endWaiting } from '../reactions/bring-on-steps.js'
import { takeSteps } from '../reactions/take-steps.js'
import { followFulfilmentRules, watchFulfilment } from '../reactions/watch-fulfilment.js'

/** What people and Opsgraph do with workflows. */
export const workflowActions = [
  refundBeforeShipping,
  startNotReceivedCase,
  provideCaseEvidence,
  continueWorkflow,
  extendFulfilmentGrace,
  concludeNonFulfilment,
  dismissNonFulfilment,
  resumeWorkflow,
  abandonWorkflow,
  startNonFulfilment,
  stepWorkflow,
]

/** What takes their steps, and what starts the one about overdue labels. */
export const workflowReactions = [takeSteps, bringOnSteps, endWaiting, watchFulfilment, followFulfilmentRules]
