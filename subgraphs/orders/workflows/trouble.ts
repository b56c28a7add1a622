import type { Queryable } from '#shared/event-row.js'

/** A step that could not even be tried, and whether Opsgraph will try again by itself. */
export interface Trouble {
  workflowId: string
  reaction: string
  /** Of the job, as retryReaction takes it. */
  jobId: string
  attempts: number
  error: string | null
  /** When it is tried again (UTC); null: it was given up. */
  nextAttemptAt: Date | null
}

const REACTIONS = ['take-workflow-steps', 'bring-on-workflow-steps', 'end-workflow-waits']

/** Jobs of these workflows that failed without a refusal since the workflow last moved, the newest first. */
export async function troubleOf(db: Queryable, ids: readonly string[]): Promise<Trouble[]> {
  return db.query(
    `select w.id as "workflowId", j.reaction, 'job_' || j.id as "jobId", j.attempts, j.last_error as error,
       case j.state when 'PENDING' then j.due_at end as "nextAttemptAt"
     from log.reaction_job j join log.event e on e.id = j.event_id
     join orders.workflow w on w.id in (e.stream_id, e.payload ->> 'workflowId')
     where j.reaction = any($1) and (j.state = 'DEAD' or j.state = 'PENDING' and j.attempts > 0)
       and w.id = any($2) and w.ended_at is null and coalesce(j.ended_at, 'infinity') >= w.updated_at
     order by j.id desc`,
    [REACTIONS, ids],
  )
}
