import { states } from '#shared/states.js'

export const SlaClock = states('SlaClock', 'Which time counts.', {
  CALENDAR: 'All of it.',
  BUSINESS_DAYS: '24 hours on each business day: Monday to Friday in UTC, without holidays (X5).',
  BUSINESS_HOURS: 'The working hours of support, on its business days.',
})

export const SlaMetric = states('SlaMetric', 'What is promised.', {
  FIRST_RESPONSE: 'That staff reply for the first time; a resolution is not promised (E103).',
  EMERGENCY_RESPONSE: 'That staff reply after it was escalated as what cannot wait (A20).',
})

export const SlaTimerState = states('SlaTimerState', 'Where a promise stands.', {
  RUNNING: 'The customer waits for staff.',
  PAUSED: 'Staff wait for somebody else, or it is kept apart.',
  MET: 'It was kept.',
  BREACHED: 'Its time ran out, whether or not staff replied afterwards.',
  CANCELED: 'The ticket closed before.',
})

export const SlaSegmentKind = states('SlaSegmentKind', 'What a timer did.', {
  RUNNING: 'It ran.',
  PAUSED: 'It was paused.',
  OFF_HOURS: 'Its clock stood still.',
})

export const SlaBecauseOf = states('SlaBecause', 'Why a timer did what it did.', {
  OPENED: 'The ticket was opened.',
  REOPENED: 'It was opened again.',
  ESCALATED: 'It was escalated as what cannot wait.',
  TAKEN_UP: 'It was taken up again after a pause.',
  WAITING_ON_BUYER: 'It waits on the buyer.',
  WAITING_ON_SELLER: 'It waits on the seller.',
  RESOLVED: 'It is resolved.',
  KEPT_APART: 'It is not in the inbox.',
  WEEKEND: 'It is a Saturday or Sunday.',
  HOLIDAY: 'It is a day without business.',
  OUTSIDE_HOURS: 'It is before or after working hours.',
})
