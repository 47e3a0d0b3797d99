// The `neutronium` command. Each subcommand is a function of parsed options; this file only says how they are written.

import { Command } from 'commander';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node:child_process';
import { down } from './down/down.ts';
import { driftCommand } from './drift/command.ts';
import { eventsCommand } from './events/command.ts';
import { historyCommand } from './events/history-command.ts';
import { flowsCommand } from './flows/command.ts';
import { defaultLayout, type Layout } from './up/layout.ts';
import { labCommand } from './lab/command.ts';
import { linkCommand } from './up/link-command.ts';
import { up } from './up/up.ts';
import { logCommand } from './log/command.ts';
import { meteringCommand } from './metering/command.ts';
import { nodeCommand } from './node-command.ts';
import { portCommand, vmCommand } from './vm/command.ts';
import { vmContext } from './vm/context.ts';
import { waitForRevision } from './wait.ts';

interface LayoutOptions {
  readonly stateDir: string;
  readonly runDir: string;
  readonly ovsRunDir: string;
}

const program = new Command('neutronium').description('Virtual networks with the OpenStack Networking API.');

function layoutOptions(command: Command): Command {
  return command
    .option('--state-dir <folder>', 'what outlives a reboot', defaultLayout.stateDir)
    .option('--run-dir <folder>', 'pid files', defaultLayout.runDir)
    .option('--ovs-run-dir <folder>', "Open vSwitch's sockets", defaultLayout.ovsRunDir);
}

const layoutOf = ({ stateDir, runDir, ovsRunDir }: LayoutOptions): Layout => ({ stateDir, runDir, ovsRunDir });

layoutOptions(program.command('up'))
  .description('run everything on this machine, in the foreground')
  .option('--host <address>', 'where the API listens', '127.0.0.1')
  .option('--port <number>', 'TCP port of the API', (text) => Number.parseInt(text, 10), 9696)
  .option('--config <file>', 'a TOML file with options of the server and the agent')
  .option('--bridge-mapping <physnet:bridge...>', 'the bridge that leads to a physical network', [])
  .option('--no-metadata', "answer no instance's requests for metadata: the configuration file says where Nova does")
  .option('--no-link', 'make no `neutronium` command in /usr/local/bin')
  .action(async (options: UpArguments) => {
    const stopping = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
    const command = options.link ? await linkCommand() : 'script/neutronium';
    await up(
      {
        ...options,
        layout: layoutOf(options),
        bridgeMappings: options.bridgeMapping,
        ownMetadata: options.metadata,
        command,
      },
      { signal: stopping.signal, tell: (line) => console.log(line) },
    );
  });

interface UpArguments extends LayoutOptions {
  readonly host: string;
  readonly port: number;
  readonly config: string | undefined;
  readonly bridgeMapping: readonly string[];
  readonly metadata: boolean;
  readonly link: boolean;
}

layoutOptions(program.command('down'))
  .description('end the programs; the networks go on working')
  .option('--purge', 'remove everything that is ours from this machine', false)
  .action(async (options: LayoutOptions & { readonly purge: boolean }) => {
    await down({ layout: layoutOf(options), everything: options.purge }, (line) => console.log(line));
  });

for (const [name, main, what] of [
  ['server', import.meta.resolve('@neutronium/server/main'), 'run the API server alone'],
  ['agent', import.meta.resolve('@neutronium/agent/main'), "run this host's agent alone"],
  ['metadata', import.meta.resolve('@neutronium/cli/metadata/main'), 'run the metadata service of instances alone'],
] as const) {
  program
    .command(name)
    .description(what)
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action((_, command: Command) => runProgram(fileURLToPath(main), command.args));
}

layoutOptions(program.command('wait'))
  .description('wait until what was asked of the API is really on the hosts, or say where it is not and why')
  .option('--revision <number>', 'a revision of the change log; all that was written before when not given', (text) =>
    Number.parseInt(text, 10),
  )
  .option('--timeout <seconds>', 'how long to wait', (text) => Number.parseFloat(text), 30)
  .action(async (options: WaitArguments) => {
    const context = vmContext({
      layout: layoutOf(options),
      cloud: undefined,
      host: undefined,
      environment: process.env,
    });
    const request = { revision: options.revision ?? null, timeoutSeconds: options.timeout };
    await waitForRevision(await context.operator(), request, (line) => console.log(line));
  });

interface WaitArguments extends LayoutOptions {
  readonly revision: number | undefined;
  readonly timeout: number;
}

for (const command of [
  vmCommand(),
  portCommand(),
  flowsCommand(),
  meteringCommand(),
  logCommand(),
  driftCommand(),
  eventsCommand(),
  historyCommand(),
  labCommand(),
])
  program.addCommand(command);

/** Becomes the program, as far as Node can: same terminal, same signals, its exit code. */
function runProgram(main: string, args: readonly string[]): void {
  const [node, ...rest] = nodeCommand(main, args);
  const child = spawn(node, rest, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 1;
  });
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(`neutronium: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
