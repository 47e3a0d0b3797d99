import type { Kind } from '../kind.ts';
import { timestamp } from './timestamp.ts';

/** A moment that answers write as `2026-01-31 12:00:00`, as Neutron does the times of agents, and only theirs. */
export const spacedTime: Kind<string> = {
  ...timestamp,
  name: 'spaced time',
  doc: 'a moment in UTC; answers show it as `2026-01-31 12:00:00`',
  show: (kept) => String(kept).replace('T', ' ').replace('Z', ''),
  answerSchema: { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$` },
};
