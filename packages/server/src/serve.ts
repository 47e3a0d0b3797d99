// The program `neutronium server`: reads the configuration, serves until it is told to stop.

import { parseArgs } from 'node:util';
import { renderSettingsHelp } from '@neutronium/model/settings';
import { pino } from 'pino';
import { BadConfiguration, loadServerConfig } from './config/load.ts';
import { serverSettings } from './config/server-settings.ts';
import { BadPolicyFile } from './policy/policy-file.ts';
import { startServer } from './server.ts';

/** Serves as the command line `args` and the environment say; a configuration that cannot be used ends it with code 2. */
export async function serve(args: readonly string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: [...args],
    options: { config: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (options.help) {
    console.log(`usage: neutronium server [--config FILE]\n\n${renderSettingsHelp(serverSettings)}`);
    return;
  }
  try {
    await run(options.config);
  } catch (error) {
    if (!(error instanceof BadConfiguration || error instanceof BadPolicyFile)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

async function run(configPath: string | undefined): Promise<void> {
  const config = await loadServerConfig({
    ...(configPath === undefined ? {} : { path: configPath }),
    environment: process.env,
  });
  const logger = pino({ level: config.log.level });
  const server = await startServer(config, logger);
  console.log(`the Networking API answers at ${server.url}`);

  let stopping = false;
  const stop = (): void => {
    // A second signal means: at once.
    if (stopping) process.exit(1);
    stopping = true;
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
}
