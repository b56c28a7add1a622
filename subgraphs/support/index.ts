import { a } from '#shared/a.js'; export const b = a
