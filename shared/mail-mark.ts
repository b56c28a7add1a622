/** Stands in each of our mails that may be answered: what somebody writes above it is the answer. */
export const ANSWER_ABOVE = 'Please write above this line'
