import { stub } from '#shared/fields.js'

/** Kept by audit. */
export const Approval = stub('Approval')
