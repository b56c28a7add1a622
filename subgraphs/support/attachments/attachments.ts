import { beginAttachmentUpload } from '../actions/begin-attachment-upload.js'
import { completeAttachmentUpload } from '../actions/complete-attachment-upload.js'
import { discardAttachment } from '../actions/discard-attachment.js'
import { downloadAttachment } from '../actions/download-attachment.js'
import { linkAttachment } from '../actions/link-attachment.js'
import { noteAttachmentErased } from '../actions/note-attachment-erased.js'
import { noteAttachmentScan } from '../actions/note-attachment-scan.js'
import { placeAttachmentHold } from '../actions/place-attachment-hold.js'
import { purgeEvidence } from '../actions/purge-evidence.js'
import { receiveAttachment } from '../actions/receive-attachment.js'
import { releaseAttachmentHold } from '../actions/release-attachment-hold.js'
import { removeAttachment } from '../actions/remove-attachment.js'
import { takeMailedFile } from '../actions/take-mailed-file.js'
import { attachmentQueries } from '../queries/attachments.js'
import { retentionQueries } from '../queries/retention.js'
import { discardUploads, eraseBodies, linkAttachments } from '../reactions/keep-attachments.js'
import { discardMailedFiles, keepMailedFiles } from '../reactions/keep-mailed-files.js'
import { purgeByNewRules, purgeEvidences } from '../reactions/purge-files.js'
import { scanAttachments, tellOfInfected } from '../reactions/scan-attachments.js'
import { attachments } from '../views/attachment.js'

/** Files that people send with tickets. */
export const files = {
  actions: [
    beginAttachmentUpload,
    receiveAttachment,
    completeAttachmentUpload,
    downloadAttachment,
    removeAttachment,
    placeAttachmentHold,
    releaseAttachmentHold,
    linkAttachment,
    discardAttachment,
    purgeEvidence,
    noteAttachmentErased,
    noteAttachmentScan,
    takeMailedFile,
  ],
  views: [attachments],
  queries: [...attachmentQueries, ...retentionQueries],
  reactions: [
    discardUploads,
    linkAttachments,
    purgeEvidences,
    purgeByNewRules,
    eraseBodies,
    scanAttachments,
    tellOfInfected,
    keepMailedFiles,
    discardMailedFiles,
  ],
}
