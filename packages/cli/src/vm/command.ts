// How the commands about instances and devices are written on the command line.

import { spawn } from 'node:child_process';
import { Command } from 'commander';
import { askPorts } from '../agent-client.ts';
import { plugPort } from '../port-plug.ts';
import { renderPortStatus } from '../port-status.ts';
import { defaultLayout } from '../up/layout.ts';
import { addInstance } from './add.ts';
import type { Nic } from './add.ts';
import { vmContext } from './context.ts';
import type { VmContext } from './context.ts';
import { readInstanceData } from './instance-data.ts';
import { listInstances, renderInstances } from './list.ts';
import { findInstance } from './namespaces.ts';
import { removeNamedInstance } from './remove.ts';

interface CommonOptions {
  readonly stateDir: string;
  readonly runDir: string;
  readonly ovsRunDir: string;
  readonly cloud?: string;
  readonly host?: string;
}

interface AddOptions extends CommonOptions {
  readonly key: readonly string[];
  readonly userData?: string;
}

/** `neutronium vm …`. */
export function vmCommand(): Command {
  const vm = new Command('vm')
    .description('instances on this machine: namespaces with a port, in place of Nova')
    .enablePositionalOptions();
  // Both options give the instance a device each time, in the order in which they are written.
  const nics: Nic[] = [];
  common(vm.command('add').argument('<name>'))
    .description('make an instance, with a device for each network and port')
    .option('--network <network>', 'a network, by name or id, on which to make a port for it', (network: string) => {
      nics.push({ network });
    })
    .option('--port <port>', 'a port that there is, by name or id, to use instead', (port: string) => {
      nics.push({ port });
    })
    .option('--key <file...>', 'public SSH keys that it finds in its metadata', [])
    .option('--user-data <file>', 'what it finds as user data in its metadata')
    .action(async (name: string, options: AddOptions) => {
      const data = await readInstanceData(options.key, options.userData);
      const ports = await addInstance(contextOf(options), { name, nics, data }, tell);
      const addresses = ports.flatMap(({ fixed_ips }) => fixed_ips.map(({ ip_address: address }) => address));
      tell(`${name} runs, with ${addresses.length === 0 ? 'no address' : addresses.join(', ')}`);
    });
  common(vm.command('list'))
    .description('list the instances')
    .action(async (options: CommonOptions) => tell(renderInstances(await listInstances(contextOf(options)))));
  common(vm.command('exec').argument('<name>').argument('<command...>'))
    .description('run a command in an instance: exec NAME -- COMMAND')
    .passThroughOptions()
    .action(async (name: string, words: readonly string[]) => {
      // Commander hands the dashes that end our own options on with the rest.
      process.exitCode = await inside(name, words[0] === '--' ? words.slice(1) : words);
    });
  common(vm.command('console').argument('<name>'))
    .description('open a shell in an instance')
    .action(async (name: string) => {
      process.exitCode = await inside(name, [process.env['SHELL'] ?? '/bin/sh'], { PS1: `[${name}] \\w\\$ ` });
    });
  common(vm.command('rm').argument('<name...>'))
    .description('remove instances, and the ports that were made for them')
    .action(async (names: readonly string[], options: CommonOptions) => {
      for (const name of names) {
        await removeNamedInstance(contextOf(options), name);
        tell(`${name} is gone`);
      }
    });
  return vm;
}

/** `neutronium port …`. */
export function portCommand(): Command {
  const port = new Command('port').description('devices and ports');
  common(port.command('plug').argument('<port>').argument('<device>'))
    .description('make a tap or veth that there is the device of a port, and bind the port to this machine')
    .action(async (portName: string, device: string, options: CommonOptions) => {
      await plugPort(contextOf(options), { port: portName, device }, tell);
    });
  common(port.command('status'))
    .description("what this machine's agent has made of each of its ports, and why")
    .option('--json', 'as JSON', false)
    .action(async ({ json, ...options }: CommonOptions & { readonly json: boolean }) => {
      const { ports } = await askPorts(contextOf(options).layout);
      tell(json ? JSON.stringify(ports, null, 2) : renderPortStatus(ports));
    });
  return port;
}

function common(command: Command): Command {
  return command
    .option('--state-dir <folder>', 'what outlives a reboot', defaultLayout.stateDir)
    .option('--run-dir <folder>', 'pid files', defaultLayout.runDir)
    .option('--ovs-run-dir <folder>', "Open vSwitch's sockets", defaultLayout.ovsRunDir)
    .option(
      '--cloud <cloud>',
      'whose ports: a cloud of clouds.yaml; OS_* variables or the administrator when not given',
    )
    .option('--host <name>', "this machine's name as its agent reports it; the machine's own when not given");
}

function contextOf({ cloud, host, ...layout }: CommonOptions): VmContext {
  return vmContext({ layout, cloud, host, environment: process.env });
}

function tell(line: string): void {
  console.log(line);
}

/** Runs a command in an instance, at our terminal; its exit code. */
async function inside(name: string, command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const { namespace } = await findInstance(name);
  const child = spawn('ip', ['netns', 'exec', namespace, ...command], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  // Ctrl-C goes to the command, which has the terminal too; we end when it does.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 1));
  });
}
