import type { EntityManager } from 'typeorm'
import { loadConfig, type MailConfig } from '#shared/config.js'
import { mailbox } from './mailbox.js'
import type { Mailer } from './mailer.js'
import { Smtp } from './smtp.js'

let settings: MailConfig | null = null
let smtp: Smtp | null = null

/** As this process was started. */
export function mailSettings(): MailConfig {
  settings ??= loadConfig().mail
  return settings
}

/** Who sends mail; null: nobody. */
export function configuredMailer(db: EntityManager): Mailer | null {
  const { by, smtpUrl } = mailSettings()
  if (by === 'off') return null
  if (by === 'mailbox' || !smtpUrl) return mailbox(db)
  smtp ??= new Smtp(smtpUrl)
  return smtp
}
