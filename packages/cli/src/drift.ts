// `neutronium drift`: what on this machine is not as the server wants it. Nothing is changed; the agent repairs what it
// finds by itself, at the latest after its check_interval.

import type { DriftAnswer } from '@neutronium/model/agent-socket';

/** Whether everything is as planned and could be seen to be. */
export function isAsPlanned({ differences, unseen }: DriftAnswer): boolean {
  return differences.length === 0 && unseen.length === 0;
}

export function renderDrift(answer: DriftAnswer): string {
  const { revision, differences, unseen } = answer;
  if (isAsPlanned(answer)) return `this machine is as planned, at revision ${revision}`;
  return [
    `this machine is not as planned at revision ${revision}; to be done:`,
    ...differences.flatMap(({ stage, what, details }) => [
      `  ${stage}: ${what}`,
      ...details.map((detail) => `    ${detail}`),
    ]),
    ...unseen.map(({ stage, why }) => `  ${stage}: cannot be looked at: ${why}`),
  ].join('\n');
}
