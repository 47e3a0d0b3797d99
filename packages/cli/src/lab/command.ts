// `neutronium lab`: how its commands are written, and what they print.

import { readFile, rm } from 'node:fs/promises';
import { Command } from 'commander';
import { Lab } from './lab.ts';
import { announce, defaultLabFile, endLab, findLab, requireLab, runOn } from './running-lab.ts';
import { machineStates, renderStates } from './status.ts';
import { parseTopology, plainTopology, problemOf, type LabTopology } from './topology.ts';

interface LabOptions {
  readonly file: string;
}

interface UpOptions extends LabOptions {
  readonly hosts: number;
  readonly topology: string | undefined;
}

export function labCommand(): Command {
  const lab = new Command('lab')
    .description('many hosts on this one machine, to try and to test with')
    .enablePositionalOptions();
  const withFile = (command: Command): Command =>
    command.option('--file <path>', 'where the lab that runs is described', defaultLabFile);
  withFile(lab.command('up'))
    .description('start a lab and keep it, in the foreground')
    .option('--hosts <number>', 'how many hosts that are all alike', (text) => Number.parseInt(text, 10), 3)
    .option('--topology <file>', 'a YAML file with hosts, physical networks and options of the server')
    .action(labUp);
  withFile(lab.command('exec'))
    .description('run a command on a machine of the lab: a host, controller, outside or fabric')
    .argument('<machine>')
    .argument('<command...>')
    .passThroughOptions()
    .action(async (machine: string, argv: readonly string[], { file }: LabOptions) => {
      // Commander hands the dashes that end our own options on with the rest.
      const words = argv[0] === '--' ? argv.slice(1) : argv;
      process.exitCode = await runOn(await requireLab(file), machine, words);
    });
  withFile(lab.command('status'))
    .description('list the machines of the lab')
    .action(async ({ file }: LabOptions) => {
      const running = await requireLab(file);
      console.log(renderStates(running, await machineStates(running)));
    });
  withFile(lab.command('down'))
    .description('end the lab; nothing of it stays')
    .action(async ({ file }: LabOptions) => endLab(file));
  return lab;
}

async function labUp({ file, hosts, topology: topologyFile }: UpOptions): Promise<void> {
  const running = await findLab(file);
  if (running !== undefined) throw new Error(`a lab runs already, as process ${running.pid}`);
  const topology = topologyFile === undefined ? plainTopology(hosts) : await readTopology(topologyFile);
  const problem = problemOf(topology);
  if (problem !== undefined) throw new Error(problem);
  const stopping = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await using lab = await Lab.start(topology, { tell: (line) => console.log(line) });
  await announce(file, lab);
  console.log(renderFirstSteps(topology));
  await stopping;
  await rm(file, { force: true });
}

async function readTopology(path: string): Promise<LabTopology> {
  const topology = parseTopology(await readFile(path, 'utf8'));
  if (!topology.ok) throw new Error(`${path}: ${topology.reason}`);
  return topology.value;
}

function renderFirstSteps({ hosts }: LabTopology): string {
  const [first, second = first] = hosts.map(({ name }) => name);
  return `
In another terminal:

  neutronium lab exec controller -- openstack network agent list
  neutronium lab exec controller -- openstack network create net1
  neutronium lab exec controller -- openstack subnet create subnet1 --network net1 --subnet-range 10.0.0.0/24
  neutronium lab exec ${first} -- neutronium vm add a --network net1
  neutronium lab exec ${second} -- neutronium vm add b --network net1
  neutronium lab exec ${first} -- neutronium vm exec a -- ping -c3 <address of b>
  neutronium lab exec fabric -- tcpdump -n -e -i underlay

Ctrl-C, or \`neutronium lab down\`, ends the lab; nothing of it stays.
`;
}
