/** Attempts that were turned down, where the attempt itself matters: money, freezes, roles. */
export interface RefusalEvents {
  ActionRefused: { action: string; code: string; targetId: string | null }
}

export const REFUSAL_EVENTS = {
  ActionRefused: 'A sensitive action was tried and refused.',
} satisfies Record<keyof RefusalEvents, string>
