// `neutronium events`: every change that the caller may see, as a line each, now or as it happens.

import { setTimeout as after } from 'node:timers/promises';
import { Command } from 'commander';
import { ApiRefused, type Session } from '../cloud/session.ts';
import { defaultLayout, type Layout } from '../up/layout.ts';
import { vmContext } from '../vm/context.ts';
import { parseFrames, type ChangeEvent } from './parse-events.ts';
import { renderEvent } from './render-event.ts';

interface EventsOptions extends Layout {
  readonly cloud?: string;
  readonly follow: boolean;
  readonly since?: string;
  readonly resource: readonly string[];
  readonly id: readonly string[];
  readonly project: readonly string[];
  readonly json: boolean;
}

/** Between the end of a stream and the next attempt. */
const pauseMs = 1_000;

export function eventsCommand(): Command {
  return new Command('events')
    .description('list what has changed since a revision, or follow what changes')
    .option('--follow', 'wait for more, until interrupted', false)
    .option('--since <revision>', 'what came after this revision; without it, only what comes from now on')
    .option('--resource <name...>', 'only these resources, such as network or security_group', [])
    .option('--id <id...>', 'only these objects', [])
    .option('--project <id...>', 'only objects of these projects', [])
    .option('--json', 'a JSON object for each event', false)
    .option('--cloud <name>', 'who asks, by its name in clouds.yaml')
    .option('--state-dir <folder>', 'what outlives a reboot', defaultLayout.stateDir)
    .option('--run-dir <folder>', 'pid files', defaultLayout.runDir)
    .option('--ovs-run-dir <folder>', "Open vSwitch's sockets", defaultLayout.ovsRunDir)
    .action(async ({ cloud, json, ...options }: EventsOptions) => {
      const open = () => vmContext({ layout: options, cloud, host: undefined, environment: process.env }).owner();
      const ended = new AbortController();
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ended.abort());
      const tell = (event: ChangeEvent): void => console.log(json ? JSON.stringify(event) : renderEvent(event));
      await follow(open, options, { tell, signal: ended.signal });
    });
}

/** Tells each event; a stream that ends is resumed with a new token, if more is to be waited for. */
async function follow(
  open: () => Promise<Session>,
  { follow: follows, since, resource, id, project }: Omit<EventsOptions, 'cloud' | 'json'>,
  { tell, signal }: { readonly tell: (event: ChangeEvent) => void; readonly signal: AbortSignal },
): Promise<void> {
  const query = new URLSearchParams({ follow: String(follows) });
  for (const value of resource) query.append('resource', value);
  for (const value of id) query.append('id', value);
  for (const value of project) query.append('project_id', value);
  let position = since;
  while (!signal.aborted) {
    try {
      const session = await open();
      const headers = position === undefined ? {} : { 'last-event-id': position };
      const answer = await session.open(`/events?${query.toString()}`, headers, signal);
      for await (const frame of parseFrames(textOf(answer))) {
        position = frame.position;
        if (frame.event !== null) tell(frame.event);
      }
      if (!follows) return;
    } catch (error) {
      if (signal.aborted) return;
      // What the server refuses it will go on refusing; what has just been cut off, or began nowhere, is tried again.
      if (!follows || position === undefined || error instanceof ApiRefused) throw error;
    }
    await after(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

async function* textOf(answer: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) yield decoder.decode(chunk, { stream: true });
}
