// `neutronium wait`: returns once what was asked of the API is really on the hosts, or says where it is not and why.

import type { Session } from './cloud/session.ts';
import type { Tell } from './up/supervisor.ts';

/** The server waits this long at most for one answer. */
const longestAnswerSeconds = 20;

export interface RevisionState {
  readonly revision: number;
  readonly newest: number;
  readonly live: boolean;
  readonly lagging: readonly {
    readonly host: string;
    readonly applied_revision: number | null;
    readonly why: string;
  }[];
}

export interface WaitRequest {
  /** Null waits for everything that was written before. */
  readonly revision: number | null;
  readonly timeoutSeconds: number;
}

/** Waits for the revision. Throws, with the hosts that lag, when the time is over. */
export async function waitForRevision(session: Session, request: WaitRequest, tell: Tell): Promise<void> {
  const startedAt = performance.now();
  let wanted: string = request.revision === null ? 'newest' : String(request.revision);
  for (;;) {
    const left = request.timeoutSeconds - (performance.now() - startedAt) / 1000;
    const timeout = Math.max(0, Math.min(longestAnswerSeconds, Math.ceil(left)));
    const body = await session.request('GET', `/revisions/${wanted}?timeout=${timeout}`);
    // The answer that the server's OpenAPI document describes.
    const { revision: state } = body as { readonly revision: RevisionState };
    wanted = String(state.revision);
    if (state.live) {
      tell(`revision ${state.revision} is live (${Math.round(performance.now() - startedAt)} ms)`);
      return;
    }
    if (timeout >= left) throw new Error(renderLagging(state));
  }
}

export function renderLagging({ revision, newest, lagging }: RevisionState): string {
  if (revision > newest) return `there is no revision ${revision} yet: the newest is ${newest}`;
  const lines = lagging.map(
    ({ host, applied_revision: applied, why }) => `  ${host} ${why}${applied === null ? '' : ` (it is at ${applied})`}`,
  );
  return [`revision ${revision} is not live:`, ...lines].join('\n');
}
