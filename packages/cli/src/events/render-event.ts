import type { ChangeEvent } from './parse-events.ts';

/** A line: when what was done to which object and, of an update, what its attributes have become. */
export function renderEvent({ revision, at, op, resource, id, object, changed }: ChangeEvent): string {
  const name = typeof object['name'] === 'string' && object['name'] !== '' ? ` (${object['name']})` : '';
  // These differ at every update and say nothing.
  const told = changed.filter((attribute) => attribute !== 'revision_number' && attribute !== 'updated_at');
  const values = told.map((attribute) => `${attribute}=${JSON.stringify(object[attribute])}`).join(' ');
  return `${revision}  ${at}  ${op} ${resource} ${id}${name}${values === '' ? '' : `: ${values}`}`;
}
