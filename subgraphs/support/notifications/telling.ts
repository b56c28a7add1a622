import { acceptInboundMail } from '../actions/accept-inbound-mail.js'
import { changeSupportChannel } from '../actions/change-support-channel.js'
import { createSupportChannel } from '../actions/create-support-channel.js'
import { dismissInboundMail } from '../actions/dismiss-inbound-mail.js'
import { holdDelivery } from '../actions/hold-delivery.js'
import { noteDelivery } from '../actions/note-delivery.js'
import { noteSupportChannel } from '../actions/note-support-channel.js'
import { openMailedTicket } from '../actions/open-mailed-ticket.js'
import { recallTicketMessage } from '../actions/recall-ticket-message.js'
import { receiveMail } from '../actions/receive-mail.js'
import { redeliverTicketMessage } from '../actions/redeliver-ticket-message.js'
import { releaseDelivery } from '../actions/release-delivery.js'
import { requeueDelivery } from '../actions/requeue-delivery.js'
import { setNotificationPreferences } from '../actions/set-notification-preferences.js'
import { settleInboundMail } from '../actions/settle-inbound-mail.js'
import { stopDelivery } from '../actions/stop-delivery.js'
import { takeMailIn } from '../actions/take-mail-in.js'
import { updateTicketRequesterEmail } from '../actions/update-ticket-requester-email.js'
import { verifySupportChannel } from '../actions/verify-support-channel.js'
import { channelQueries } from '../queries/channels.js'
import { mailQueries } from '../queries/mail.js'
import { alertOfChannels } from '../reactions/alert-of-channels.js'
import { alertOfFailures } from '../reactions/alert-of-failures.js'
import { mailNotifications } from '../reactions/mail-notifications.js'
import { releaseDeliveries } from '../reactions/release-deliveries.js'
import { sendAgain } from '../reactions/send-again.js'
import { sendMail } from '../reactions/send-mail.js'
import { stopDeliveries } from '../reactions/stop-deliveries.js'
import { takeInAccepted } from '../reactions/take-in-accepted.js'
import { takeInMail } from '../reactions/take-in-mail.js'
import { tellCustomers } from '../reactions/tell-customers.js'
import { tellOfContact } from '../reactions/tell-of-contact.js'
import { verifyChannels } from '../reactions/verify-channels.js'
import { inboundMails } from '../views/inbound-mail.js'
import { deliveries } from '../views/message-delivery.js'
import { notificationPreferences } from '../views/notification-preferences.js'
import { supportChannels } from '../views/support-channel.js'

/** How people are told, and what they answer by mail. */
export const telling = {
  actions: [
    recallTicketMessage,
    redeliverTicketMessage,
    setNotificationPreferences,
    holdDelivery,
    releaseDelivery,
    stopDelivery,
    noteDelivery,
    requeueDelivery,
    receiveMail,
    takeMailIn,
    openMailedTicket,
    settleInboundMail,
    createSupportChannel,
    changeSupportChannel,
    verifySupportChannel,
    noteSupportChannel,
    updateTicketRequesterEmail,
    acceptInboundMail,
    dismissInboundMail,
  ],
  views: [deliveries, notificationPreferences, inboundMails, supportChannels],
  queries: [...mailQueries, ...channelQueries],
  reactions: [
    tellCustomers,
    releaseDeliveries,
    stopDeliveries,
    mailNotifications,
    sendMail,
    sendAgain,
    alertOfFailures,
    takeInMail,
    takeInAccepted,
    verifyChannels,
    alertOfChannels,
    tellOfContact,
  ],
}
