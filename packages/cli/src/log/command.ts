// `neutronium log`: the traffic that this machine has written down for logs.

import { Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import type { TrafficEvent } from '@neutronium/model/agent-socket';
import { askTraffic } from '../agent-client.ts';
import { defaultLayout } from '../up/layout.ts';

interface LogOptions {
  readonly stateDir: string;
  readonly log?: string;
  readonly follow: boolean;
  readonly json: boolean;
}

export function logCommand(): Command {
  return new Command('log')
    .description('the newest traffic that this machine has written down for logs')
    .option('--log <id>', 'for this log only')
    .option('--follow', 'and what follows, until it is interrupted', false)
    .option('--json', 'as JSON, one event a line', false)
    .option('--state-dir <folder>', 'what outlives a reboot', defaultLayout.stateDir)
    .action(follow);
}

/** Between two questions while following. */
const pauseMs = 500;

async function follow({ stateDir, log, follow: isFollowing, json }: LogOptions): Promise<void> {
  const layout = { ...defaultLayout, stateDir };
  let last = 0;
  for (;;) {
    const { events } = await askTraffic(layout);
    // An agent that has started again counts from the beginning.
    if ((events.at(-1)?.number ?? 0) < last) last = 0;
    const more = events.filter(({ number }) => number > last);
    last = more.at(-1)?.number ?? last;
    for (const event of more.filter(({ log_resource_ids: ids }) => log === undefined || ids.includes(log))) {
      console.log(json ? JSON.stringify(event) : line(event));
    }
    if (!isFollowing) return;
    await delay(pauseMs);
  }
}

function line({ at, action, direction, vm_port, pkt }: TrafficEvent): string {
  return `${at} ${action.padEnd(6)} ${direction.padEnd(7)} ${vm_port} ${pkt}`;
}
