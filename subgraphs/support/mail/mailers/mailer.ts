/** A mail, ready to be sent. */
export interface Mail {
  /** Message-ID without brackets: the same whenever this mail is sent, so that a repetition is recognised. */
  mailId: string
  /** `Support <support@shop.example>` */
  from: string
  to: string
  replyTo: string | null
  /** Where a mail server gives it back; the sender's own address when null. */
  returnTo: string | null
  subject: string
  text: string
  html: string
  /** Message-IDs of the mails before it, oldest first, without brackets. */
  references: readonly string[]
  headers: Readonly<Record<string, string>>
  date: Date
}

/** Why a mail could not be sent. `final`: trying again will not help. */
export class MailFailure extends Error {
  override name = 'MailFailure'
  constructor(
    readonly code: string,
    message: string,
    readonly final: boolean,
    /** It is the sender that the server does not take, not the recipient. */
    readonly ofSender = false,
  ) {
    super(message)
  }
}

/** Takes mail off our hands. */
export interface Mailer {
  /** Connects, greets and signs in, and sends nothing. @throws MailFailure */
  greet?(signal: AbortSignal): Promise<void>
  /** Answers what the server called it. At least once: after a failure nobody may know whether it left. @throws MailFailure */
  send(mail: Mail, signal: AbortSignal): Promise<string | null>
}
