import { acceptHandoff } from './actions/accept-handoff.js'
import { applyMacro } from './actions/apply-macro.js'
import { createAccessibilityReport } from './actions/create-accessibility-report.js'
import { createHandoff } from './actions/create-handoff.js'
import { declareIncident } from './actions/declare-incident.js'
import { escalateTicket } from './actions/escalate-ticket.js'
import { joinIncident } from './actions/join-incident.js'
import { linkTicketsToIncident } from './actions/link-tickets-to-incident.js'
import { postIncidentUpdate } from './actions/post-incident-update.js'
import { recordLegalCommunication } from './actions/record-legal-communication.js'
import { resolveIncident } from './actions/resolve-incident.js'
import { returnHandoff } from './actions/return-handoff.js'
import { reviewRunbook } from './actions/review-runbook.js'
import { saveMacro } from './actions/save-macro.js'
import { saveRunbook } from './actions/save-runbook.js'
import { transitionAccessibilityReport } from './actions/transition-accessibility-report.js'
import { updateAccessibilityReport } from './actions/update-accessibility-report.js'
import { updateIncident } from './actions/update-incident.js'
import { updateTicket } from './actions/update-ticket.js'
import { MacroPreviews } from './queries/changes.js'
import { HandoffTimelineFields } from './queries/handoff-timeline.js'
import { handoverQueries } from './queries/handover.js'
import { broadcastIncident } from './reactions/broadcast-incident.js'
import { joinIncidents } from './reactions/join-incidents.js'
import { pageLeads } from './reactions/page-leads.js'
import { tellSender } from './reactions/tell-sender.js'
import { accessibilityReports } from './views/accessibility-report.js'
import { handoffs } from './views/handoff.js'
import { incidents } from './views/incident.js'
import { legalCommunications } from './views/legal-communication.js'
import { macros } from './views/macro.js'
import { runbooks } from './views/runbook.js'
import { ticketEscalations } from './views/ticket-escalation.js'

/** Escalations, incidents, handovers, reports of barriers, runbooks, macros, legal communication. */
export const desk = {
  actions: [
    acceptHandoff,
    applyMacro,
    createAccessibilityReport,
    createHandoff,
    declareIncident,
    escalateTicket,
    joinIncident,
    linkTicketsToIncident,
    postIncidentUpdate,
    recordLegalCommunication,
    resolveIncident,
    returnHandoff,
    reviewRunbook,
    saveMacro,
    saveRunbook,
    transitionAccessibilityReport,
    updateAccessibilityReport,
    updateIncident,
    updateTicket,
  ],
  views: [
    accessibilityReports,
    handoffs,
    incidents,
    legalCommunications,
    macros,
    runbooks,
    ticketEscalations,
  ],
  queries: [...handoverQueries, HandoffTimelineFields, MacroPreviews],
  reactions: [broadcastIncident, joinIncidents, pageLeads, tellSender],
}
