// `neutronium history`: what became of one object, the oldest change first.

import { Command } from 'commander';
import type { Session } from '../cloud/session.ts';
import { defaultLayout, type Layout } from '../up/layout.ts';
import { vmContext } from '../vm/context.ts';
import type { ChangeEvent } from './parse-events.ts';
import { renderHistory } from './render-event.ts';

interface HistoryOptions extends Layout {
  readonly cloud?: string;
  readonly json: boolean;
}

export function historyCommand(): Command {
  return new Command('history')
    .description('list what became of one object: who changed what, when, from what to what')
    .argument('<resource>', 'its resource in the singular, such as network or security_group')
    .argument('<id>', 'of an object that is there, or was')
    .option('--json', 'a JSON object for each change', false)
    .option('--cloud <name>', 'who asks, by its name in clouds.yaml')
    .option('--state-dir <folder>', 'what outlives a reboot', defaultLayout.stateDir)
    .option('--run-dir <folder>', 'pid files', defaultLayout.runDir)
    .option('--ovs-run-dir <folder>', "Open vSwitch's sockets", defaultLayout.ovsRunDir)
    .action(async (resource: string, id: string, { cloud, json, ...layout }: HistoryOptions) => {
      const session = await vmContext({ layout, cloud, host: undefined, environment: process.env }).owner();
      const changes = await allChanges(session, { resource: resource.replaceAll('-', '_'), id });
      for (const change of changes.toReversed()) console.log(json ? JSON.stringify(change) : renderHistory(change));
    });
}

/** Every change that is kept, the newest first, page by page. */
async function allChanges(
  session: Session,
  { resource, id }: { readonly resource: string; readonly id: string },
): Promise<readonly ChangeEvent[]> {
  const changes: ChangeEvent[] = [];
  const query = new URLSearchParams({ resource, id });
  for (;;) {
    // The answer that the server's OpenAPI document describes.
    const body = (await session.request('GET', `/history?${query.toString()}`)) as {
      readonly history: readonly ChangeEvent[];
      readonly history_links?: readonly { readonly href: string }[];
    };
    changes.push(...body.history);
    const [next] = body.history_links ?? [];
    const marker = next === undefined ? null : new URL(next.href).searchParams.get('marker');
    if (marker === null) return changes;
    query.set('marker', marker);
  }
}
