import type { ChangeEvent } from './parse-events.ts';

/** A line: when what was done to which object and, of an update, what its attributes have become. */
export function renderEvent(event: ChangeEvent): string {
  const { revision, at, op, resource, id, object } = event;
  const name = typeof object['name'] === 'string' && object['name'] !== '' ? ` (${object['name']})` : '';
  const values = toldOf(event).map((attribute) => `${attribute}=${JSON.stringify(object[attribute])}`);
  return `${revision}  ${at}  ${op} ${resource} ${id}${name}${values.length === 0 ? '' : `: ${values.join(' ')}`}`;
}

/** A line of who did what when, and one for each attribute that has become different. */
export function renderHistory(event: ChangeEvent): string {
  const { revision, at, op, user_id, request_id, object, was } = event;
  const changes = toldOf(event).map(
    (name) => `    ${name}: ${JSON.stringify(was[name])} -> ${JSON.stringify(object[name])}`,
  );
  return [`${revision}  ${at}  ${op}${user_id === null ? '' : ` by ${user_id}`} (${request_id})`, ...changes].join(
    '\n',
  );
}

/** Without what differs at every update and says nothing. */
function toldOf({ changed }: ChangeEvent): readonly string[] {
  return changed.filter((attribute) => attribute !== 'revision_number' && attribute !== 'updated_at');
}
