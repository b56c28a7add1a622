import { aggregate } from '#shared/aggregate.js'
import type { ChannelVerification, MailEvents, SupportChannelShape } from '#shared/events/mail.js'

/** The channel of all tickets that no other one has. */
export const DEFAULT_CHANNEL = 'sch_default'

/** What decisions about a channel rest on. `shape` null: there is none. */
export interface SupportChannelState {
  shape: SupportChannelShape | null
  verification: ChannelVerification
}

/** Another address is another question to the mail server. */
const afterChange = (
  { shape, verification }: SupportChannelState,
  next: SupportChannelShape,
): SupportChannelState => ({
  shape: next,
  verification: shape?.fromAddress === next.fromAddress ? verification : 'UNKNOWN',
})

/** Who mail is from, and for which tickets (D58). */
export const supportChannel = aggregate<SupportChannelState, MailEvents>({
  type: 'SupportChannel',
  prefix: 'sch',
  initial: { shape: null, verification: 'UNKNOWN' },
  evolve: {
    SupportChannelCreated: afterChange,
    SupportChannelChanged: (state, { previousFromAddress: _, ...shape }) => afterChange(state, shape),
    ChannelVerified: state => ({ ...state, verification: 'VERIFIED' }),
    ChannelVerificationFailed: (state, { refused }) => ({
      ...state,
      verification: refused ? 'FAILED' : 'UNKNOWN',
    }),
  },
})
