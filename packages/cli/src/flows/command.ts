// `neutronium flows`: what the agent has put on the switch, and why.

import { Command } from 'commander';
import type { FlowsAnswer, PortEntry } from '@neutronium/model/agent-socket';
import { askFlows } from '../agent-client.ts';
import { findPort } from '../cloud/networking.ts';
import { vmContext } from '../vm/context.ts';
import { defaultLayout } from '../up/layout.ts';
import { renderFlowEntries } from './render-flows.ts';
import { findPortEntry, selectFlows } from './select-flows.ts';

interface FlowsOptions {
  readonly stateDir: string;
  readonly bridge?: string;
  readonly table?: string;
  readonly of?: string;
  readonly port?: string;
  readonly dropped: boolean;
  readonly explain: boolean;
  readonly json: boolean;
}

export function flowsCommand(): Command {
  return new Command('flows')
    .description("the flows of this machine's bridges, what they have counted, and why each is there")
    .option('--bridge <bridge>', 'of this bridge only')
    .option('--table <table>', 'of this table only, by number or name')
    .option('--of <object>', 'of the network, port, group or rule with this id, or of the group with this name')
    .option('--port <port>', 'that judge the packets of this port, by id, device or name')
    .option('--dropped', 'only those that drop packets and have done so', false)
    .option('--explain', 'say why each flow is there, and for whom', false)
    .option('--json', 'as JSON', false)
    .option('--state-dir <folder>', 'what outlives a reboot', defaultLayout.stateDir)
    .action(async (options: FlowsOptions) => console.log(await showFlows(options)));
}

async function showFlows({ stateDir, port: portName, dropped, explain, json, ...rest }: FlowsOptions): Promise<string> {
  const layout = { ...defaultLayout, stateDir };
  const answer = await askFlows(layout);
  const port = portName === undefined ? undefined : await portNamed(answer, portName, layout);
  const flows = selectFlows(answer, { ...rest, ...(port !== undefined && { port }), dropped });
  return json ? JSON.stringify(flows, null, 2) : renderFlowEntries(flows, answer, { explain });
}

/** Ids and devices the agent knows; what the port is called, only the API does. */
async function portNamed(answer: FlowsAnswer, name: string, layout: typeof defaultLayout): Promise<PortEntry> {
  const known = findPortEntry(answer.ports, name);
  if (known !== undefined) return known;
  const context = vmContext({ layout, cloud: undefined, host: undefined, environment: process.env });
  const { id } = await findPort(await context.owner(), name);
  const found = findPortEntry(answer.ports, id);
  if (found === undefined) throw new Error(`port ${name} (${id}) is not on this machine`);
  return found;
}
