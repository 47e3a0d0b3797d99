// `neutronium history`: what became of one object, the oldest change first.

import { catalogue } from '@neutronium/model/catalogue';
import { collectionPath } from '@neutronium/model/resource';
import { Command } from 'commander';
import type { Session } from '../cloud/session.ts';
import { defaultLayout, type Layout } from '../up/layout.ts';
import { vmContext } from '../vm/context.ts';
import type { ChangeEvent } from './parse-events.ts';
import { renderHistory } from './render-event.ts';

interface HistoryOptions extends Layout {
  readonly cloud?: string;
  readonly json: boolean;
  readonly asOf?: string;
}

export function historyCommand(): Command {
  return new Command('history')
    .description('list what became of one object: who changed what, when, from what to what')
    .argument('<resource>', 'its resource in the singular, such as network or security_group')
    .argument('<id>', 'of an object that is there, or was')
    .option('--as-of <when>', 'the object itself as it was at a revision, or at a time like 2026-01-31T23:59:59Z')
    .option('--json', 'a JSON object for each change', false)
    .option('--cloud <name>', 'who asks, by its name in clouds.yaml')
    .option('--state-dir <folder>', 'what outlives a reboot', defaultLayout.stateDir)
    .option('--run-dir <folder>', 'pid files', defaultLayout.runDir)
    .option('--ovs-run-dir <folder>', "Open vSwitch's sockets", defaultLayout.ovsRunDir)
    .action(async (resource: string, id: string, { cloud, json, asOf, ...layout }: HistoryOptions) => {
      const session = await vmContext({ layout, cloud, host: undefined, environment: process.env }).owner();
      const name = resource.replaceAll('-', '_');
      if (asOf !== undefined) {
        console.log(JSON.stringify(await objectAsOf(session, { name, id, asOf }), undefined, 2));
        return;
      }
      const changes = await allChanges(session, { resource: name, id });
      for (const change of changes.toReversed()) console.log(json ? JSON.stringify(change) : renderHistory(change));
    });
}

async function objectAsOf(
  session: Session,
  { name, id, asOf }: { readonly name: string; readonly id: string; readonly asOf: string },
): Promise<unknown> {
  const resource = catalogue.find((each) => each.name === name && each.parent === undefined);
  if (resource === undefined) throw new Error(`there are no objects called ${name} that are no part of others`);
  const query = new URLSearchParams({ as_of: asOf });
  const path = `/${collectionPath(resource)}/${encodeURIComponent(id)}?${query.toString()}`;
  const body = await session.request('GET', path);
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : body;
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
