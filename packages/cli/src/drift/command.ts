// `neutronium drift`: what on a host is not as the server wants it, and having it put right. This machine's agent is
// asked on its socket, which needs no server; that of another host by the API.

import { Command } from 'commander';
import type { DriftAnswer, RepairAnswer } from '@neutronium/model/agent-socket';
import { askDrift, askRepair } from '../agent-client.ts';
import type { Session } from '../cloud/session.ts';
import { defaultLayout, type Layout } from '../up/layout.ts';
import { vmContext } from '../vm/context.ts';
import { objectNames } from './object-names.ts';
import { idsIn, isAsPlanned, renderDrift, renderRepair } from './render-drift.ts';

interface DriftOptions extends Layout {
  readonly host?: string;
  readonly repair: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Ends with 0 when all is as it should be, with 1 when something is not, with 2 when that cannot be told. */
export function driftCommand(): Command {
  return new Command('drift')
    .description('list what on a host is not as the server wants it; ends with 1 if there is anything')
    .option('--host <host>', 'another host, by the name of its agents, asked through the API')
    .option('--repair', 'put it right now instead of waiting for the agent to do so by itself', false)
    .option('--dry-run', 'with --repair: say what would be done, and do nothing', false)
    .option('--json', 'as JSON', false)
    .option('--state-dir <folder>', 'what outlives a reboot', defaultLayout.stateDir)
    .option('--run-dir <folder>', 'pid files', defaultLayout.runDir)
    .option('--ovs-run-dir <folder>', "Open vSwitch's sockets", defaultLayout.ovsRunDir)
    .action(async (options: DriftOptions) => {
      try {
        process.exitCode = (await run(options)) ? 0 : 1;
      } catch (error) {
        console.error(`neutronium: ${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = 2;
      }
    });
}

/** Prints what was found, and says whether all is as planned now. */
async function run({ host, repair, dryRun, json, ...layout }: DriftOptions): Promise<boolean> {
  const { operator } = vmContext({ layout, cloud: undefined, host: undefined, environment: process.env });
  const who = host === undefined ? 'this machine' : `host ${host}`;
  const answers =
    host === undefined
      ? { drift: () => askDrift(layout), repair: () => askRepair(layout) }
      : await answersOf(await operator(), host);
  if (repair && !dryRun) {
    const answer = await answers.repair();
    const text = json
      ? JSON.stringify(answer, null, 2)
      : renderRepair(who, answer, await objectNames(operator, [...idsIn(answer.found), ...idsIn(answer.left)]));
    console.log(text);
    return isAsPlanned(answer.left);
  }
  const answer = await answers.drift();
  const text = json
    ? JSON.stringify(answer, null, 2)
    : renderDrift(who, answer, await objectNames(operator, idsIn(answer)));
  console.log(text);
  return isAsPlanned(answer);
}

/** What the agent of another host answers. The shapes are those of the server's OpenAPI document. */
async function answersOf(session: Session, host: string) {
  const { agents } = (await session.request('GET', `/agents?host=${encodeURIComponent(host)}&fields=id`)) as {
    readonly agents: readonly { readonly id: string }[];
  };
  const [agent] = agents;
  if (agent === undefined) throw new Error(`the server knows no agent of host ${host}`);
  return {
    drift: async (): Promise<DriftAnswer> => {
      const body = await session.request('GET', `/agents/${agent.id}/drift`);
      return (body as { readonly drift: DriftAnswer }).drift;
    },
    repair: async (): Promise<RepairAnswer> => {
      const body = await session.request('POST', `/agents/${agent.id}/repair`);
      return (body as { readonly repair: RepairAnswer }).repair;
    },
  };
}
