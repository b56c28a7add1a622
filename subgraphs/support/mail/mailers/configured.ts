import { madeOnce } from '#shared/services.js'
import { mailbox } from './mailbox.js'
import type { Mailer } from './mailer.js'
import { Smtp } from './smtp.js'

/** Who sends mail, as this process was configured; null: nobody. */
export const configuredMailer = madeOnce(({ config, db }): Mailer | null => {
  const { by, smtpUrl } = config.mail
  if (by === 'off') return null
  return by === 'mailbox' || !smtpUrl ? mailbox(db.manager) : new Smtp(smtpUrl)
})
