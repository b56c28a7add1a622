import { jest } from '@jest/globals'

// Stories start processes and race them on whatever machine there is: one repetition, with the first failure printed, tells a
// machine that was busy from a product that is wrong.
if (process.env.CI) jest.retryTimes(1, { logErrorsBeforeRetry: true })
