// Questions about what is not as planned, which come over this machine's socket and over the connection to the server.

import type { AgentRefusal, DriftAnswer, RepairAnswer } from '@neutronium/model/agent-socket';
import type { QuestionAbout, Reply } from '@neutronium/model/watch-protocol';
import type { PlannedHost } from '#plan/planner';
import type { Inspection, Repair } from '#reconcile/inspect';

export interface InspectionSources {
  /** What a full look at the host finds; null while there is no plan. */
  readonly inspect: () => Promise<Inspection<PlannedHost> | null>;
  /** The same, with what is left after it has been put right. */
  readonly repair: () => Promise<Repair<PlannedHost> | null>;
}

export const noPlan: AgentRefusal = { error: 'the agent has no plan yet: it waits for the server or for Open vSwitch' };

export async function driftAnswer({ inspect }: InspectionSources): Promise<DriftAnswer | AgentRefusal> {
  const found = await inspect();
  return found === null ? noPlan : answered(found);
}

export async function repairAnswer({ repair }: InspectionSources): Promise<RepairAnswer | AgentRefusal> {
  const repaired = await repair();
  return repaired === null ? noPlan : { found: answered(repaired.found), left: answered(repaired.left) };
}

/** The answer to a question that came from afar. Never rejects: whoever asks is told why there is no other answer. */
export async function replyTo(about: QuestionAbout, sources: InspectionSources): Promise<Reply['answer']> {
  try {
    switch (about) {
      case 'drift': {
        const answer = await driftAnswer(sources);
        return 'error' in answer ? answer : abridged(answer);
      }
      case 'repair': {
        const answer = await repairAnswer(sources);
        return 'error' in answer ? answer : { found: abridged(answer.found), left: abridged(answer.left) };
      }
    }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function answered({ plan, differences, unseen }: Inspection<PlannedHost>): DriftAnswer {
  return { revision: plan.view.revision, differences, unseen };
}

/** Details that are sent of one answer: a host that has lost all of its flows must not fill its connection with them. */
const mostDetails = 5_000;

function abridged(answer: DriftAnswer): DriftAnswer {
  let left = mostDetails;
  const differences = answer.differences.map((difference) => {
    const details = difference.details.slice(0, left);
    left -= details.length;
    const missing = difference.details.length - details.length;
    return missing === 0 ? difference : { ...difference, details: [...details, `… and ${missing} more`] };
  });
  return { ...answer, differences };
}
