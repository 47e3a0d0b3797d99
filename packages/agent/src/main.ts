// The agent's program: reads the configuration, makes the real things, and runs until it is told to stop.

import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renderSettingsHelp } from '@neutronium/model/settings';
import { pino } from 'pino';
import { runAgent } from './agent.ts';
import { agentSettings } from './config/agent-settings.ts';
import { BadConfiguration, loadAgentConfig, readSecret } from './config/load.ts';
import { readNovaEndpoint } from './config/nova-endpoint.ts';
import { systemClock as clock } from './effects/clock.ts';
import { ShellExec } from './effects/exec.ts';
import { SystemFiles } from './effects/files.ts';
import { SystemFolderWatch } from './effects/folder-watch.ts';
import { SystemLocalSocket } from './effects/local-socket.ts';
import { OpenFlowClient } from './effects/openflow/client.ts';
import { OvsdbClient } from './effects/ovsdb/client.ts';
import { SystemProcesses } from './effects/processes.ts';
import { systemRandom as random } from './effects/random.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help === true) {
    console.log(`Usage: main.ts [--config FILE]\n\n${renderSettingsHelp(agentSettings)}`);
    return;
  }
  const config = await loadAgentConfig({
    environment: process.env,
    ...(values.config !== undefined && { path: values.config }),
  });
  const log = pino({ level: config.agent.log_level, base: { program: 'agent' } });
  const secret = await readSecret('agent.secret_file', config.agent.secret_file);
  const { shared_secret_file: metadataSecretFile } = config.metadata;
  const metadata =
    metadataSecretFile === null
      ? null
      : {
          secret: await readSecret('metadata.shared_secret_file', metadataSecretFile),
          nova: await readNovaEndpoint(config.metadata),
        };
  const hostName = config.agent.host ?? hostname();

  // Early, while the process is small: starting others from a large one stops it for long.
  // Two long looks and the steps of a round do not wait for one another.
  using exec = new ShellExec({ shells: 4 });
  const files = new SystemFiles();
  await files.makeFolder(config.agent.state_dir);
  using processes = new SystemProcesses({ exec, files, clock });
  using ovsdb = new OvsdbClient({
    socketPath: config.ovs.database ?? join(config.ovs.run_dir, 'db.sock'),
    clock,
    random,
    onUnreachable: (reason) => log.warn({ err: reason }, 'Open vSwitch cannot be reached; trying again'),
  });
  using openflow = new OpenFlowClient({
    runDir: config.ovs.run_dir,
    filteringBridge: config.ovs.integration_bridge,
    clock,
    random,
  });

  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'stopping; what is on this host goes on working');
      stop.abort();
    });
  }
  log.info({ host: hostName, server: config.agent.server_url }, 'the agent begins');
  const folders = new SystemFolderWatch();
  const effects = { clock, random, exec, files, folders, processes, ovsdb, openflow, socket: new SystemLocalSocket() };
  await runAgent({ config, hostName, secret, metadata, effects, log }, stop.signal);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof BadConfiguration)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
