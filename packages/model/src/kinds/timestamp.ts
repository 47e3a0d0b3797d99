import { asText, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse } from '../reading.ts';

/** A moment in UTC, to the second. As text its order is the order of time. */
export const timestamp: Kind<string> = {
  name: 'timestamp',
  doc: 'a moment in UTC such as `2026-01-31T12:00:00Z`',
  read: (value) => {
    const shaped = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(value);
    if (!shaped || Number.isNaN(Date.parse(value))) return refuse(`'${pythonText(value)}' is not a timestamp`);
    return accept(value);
  },
  filter: asText,
  schema: { type: 'string', format: 'date-time' },
  column: 'timestamp',
  examples: { valid: ['2026-01-31T12:00:00Z'], invalid: ['', 'today', 7, null, '2026-13-31T12:00:00Z'] },
};

/** `date` as a timestamp: to the second, in UTC. */
export function renderTimestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
