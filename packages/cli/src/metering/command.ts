// `neutronium metering`: what metering labels have counted on this machine.

import { Command } from 'commander';
import { askMetering } from '../agent-client.ts';
import { defaultLayout } from '../up/layout.ts';
import { renderExposition, renderMetering } from './render-metering.ts';

interface MeteringOptions {
  readonly stateDir: string;
  readonly label?: string;
  readonly router?: string;
  readonly json: boolean;
  readonly prometheus: boolean;
}

export function meteringCommand(): Command {
  return new Command('metering')
    .description("what metering labels have counted in this machine's routers")
    .option('--label <label>', 'of this label only, by id or name')
    .option('--router <id>', 'of this router only')
    .option('--json', 'as JSON', false)
    .option('--prometheus', "as Prometheus reads it, for node_exporter's folder of text files", false)
    .option('--state-dir <folder>', 'what outlives a reboot', defaultLayout.stateDir)
    .action(async (options: MeteringOptions) => console.log(await showMetering(options)));
}

async function showMetering({ stateDir, label, router, json, prometheus }: MeteringOptions): Promise<string> {
  const { counters } = await askMetering({ ...defaultLayout, stateDir });
  const wanted = counters.filter(
    ({ label_id, name, router_id }) =>
      (label === undefined || label === label_id || label === name) && (router === undefined || router === router_id),
  );
  if (json) return JSON.stringify(wanted, null, 2);
  return prometheus ? renderExposition(wanted) : renderMetering(wanted);
}
