// What a host's drift looks like to people: what would be done, and below it what there is (`-`) against what there
// should be (`+`), with the names of the API objects that it is about.

import type { DriftAnswer, RepairAnswer } from '@neutronium/model/agent-socket';

/** Names of API objects by id. */
export type ObjectNames = ReadonlyMap<string, string>;

/** Whether everything is as planned and could be seen to be. */
export function isAsPlanned({ differences, unseen }: DriftAnswer): boolean {
  return differences.length === 0 && unseen.length === 0;
}

/** `who` begins the sentence: `this machine`, `host h1`. */
export function renderDrift(who: string, answer: DriftAnswer, names: ObjectNames = new Map()): string {
  const { revision } = answer;
  if (isAsPlanned(answer)) return `${who} is as planned, at revision ${revision}`;
  return [`${who} is not as planned at revision ${revision}; to be done:`, ...lines(answer, names)].join('\n');
}

export function renderRepair(who: string, { found, left }: RepairAnswer, names: ObjectNames = new Map()): string {
  if (isAsPlanned(found)) return renderDrift(who, found, names);
  const done = [`${who} was not as planned at revision ${found.revision}; done:`, ...lines(found, names)];
  return [...done, renderDrift(who, left, names)].join('\n');
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** The ids of API objects in what is said, each once. */
export function idsIn(answer: DriftAnswer): readonly string[] {
  const texts = answer.differences.flatMap(({ what, details }) => [what, ...details]);
  return [...new Set(texts.flatMap((text) => text.match(uuid) ?? []))];
}

function lines({ differences, unseen }: DriftAnswer, names: ObjectNames): readonly string[] {
  const named = (text: string): string =>
    text.replaceAll(uuid, (id) => (names.has(id) ? `${id} (${names.get(id)})` : id));
  return [
    ...differences.flatMap(({ stage, what, details }) => [
      `  ${stage}: ${named(what)}`,
      ...details.map((detail) => `    ${named(detail)}`),
    ]),
    ...unseen.map(({ stage, why }) => `  ${stage}: cannot be looked at: ${why}`),
  ];
}
