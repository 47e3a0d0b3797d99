// `neutronium down --purge`: takes off this machine everything that bears our mark, in the order in which nothing is left
// without an owner: programs, what is in the switch, namespaces and what runs in them, the switch itself if it is ours,
// files. A step that finds nothing does nothing, so it may be run again after an interruption.

import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock as clock } from '@neutronium/agent/effects/clock';
import { ShellExec } from '@neutronium/agent/effects/exec';
import { OpenFlowClient } from '@neutronium/agent/effects/openflow/client';
import { OvsdbClient } from '@neutronium/agent/effects/ovsdb/client';
import { systemRandom as random } from '@neutronium/agent/effects/random';
import { purgeNetfilter } from '@neutronium/agent/purge-netfilter';
import { purgeSwitch } from '@neutronium/agent/purge-switch';
import { run } from '../command.ts';
import type { Layout } from '../up/layout.ts';
import { paths } from '../up/layout.ts';
import { unlinkCommand } from '../up/link-command.ts';
import { detectDatapathType, foreignOpenVswitch, openVswitchServices, switchPid } from '../up/open-vswitch.ts';
import { stop } from '../up/process.ts';
import type { Tell } from '../up/supervisor.ts';
import { removeAllBridges } from '../vm/hybrid-plug.ts';
import { listOwnedNamespaces } from '../vm/namespaces.ts';
import { listPluggedDevices, unplugDevices } from '../vm/switch.ts';

const integrationBridge = 'br-int';
const connectMs = 5000;
const stopGraceMs = 2000;

/** Everything of ours but the programs that `up` supervises, which must have ended. */
export async function purge(layout: Layout, tell: Tell): Promise<void> {
  await purgeOpenVswitch(layout, tell);
  for (const { namespace } of await listOwnedNamespaces()) {
    await endProcessesIn(namespace);
    await run('ip', ['netns', 'delete', namespace]);
    await rm(join('/etc/netns', namespace), { recursive: true, force: true });
    tell(`removed namespace ${namespace}`);
  }
  for (const device of await removeAllBridges()) tell(`removed ${device}`);
  using exec = new ShellExec({ shells: 1 });
  for (const done of await purgeNetfilter(exec)) tell(done);
  await stopOpenVswitch(layout, tell);
  for (const folder of [layout.runDir, layout.stateDir]) {
    await removeFolder(folder);
    tell(`removed ${folder}`);
  }
  await unlinkCommand();
}

/** A folder on which a file system is mounted is its owner's: it is left, and left empty. */
async function removeFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    await rm(join(folder, name), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EBUSY')) throw error;
  });
}

async function purgeOpenVswitch(layout: Layout, tell: Tell): Promise<void> {
  const { ovsSocket, ovsDatabase } = paths(layout);
  if (!(await foreignOpenVswitch(layout))) {
    if (!existsSync(ovsDatabase)) return;
    // Ours may be down. What it left in the kernel goes with its bridges, so it is started once more to remove them.
    const { signal } = new AbortController();
    for (const service of openVswitchServices(layout, await detectDatapathType())) {
      const { exited } = await service.start(signal);
      exited.catch(() => undefined);
    }
  }
  const address = { database: ovsSocket, bridge: integrationBridge };
  await unplugDevices(address, await listPluggedDevices(address));
  using ovsdb = new OvsdbClient({ socketPath: ovsSocket, clock, random });
  using openflow = new OpenFlowClient({ runDir: layout.ovsRunDir, filteringBridge: null, clock, random });
  await ovsdb.connected(AbortSignal.timeout(connectMs));
  const removed = await purgeSwitch({ ovsdb, openflow });
  for (const bridge of removed.bridges) tell(`removed bridge ${bridge}`);
  for (const port of removed.ports) tell(`removed port ${port}`);
}

async function stopOpenVswitch(layout: Layout, tell: Tell): Promise<void> {
  for (const daemon of ['ovs-vswitchd', 'ovsdb-server'] as const) {
    const pid = switchPid(layout, daemon);
    if (pid === undefined) continue;
    await stop({ pid, marker: layout.stateDir, graceMs: stopGraceMs });
    tell(`stopped ${daemon}`);
  }
}

async function endProcessesIn(namespace: string): Promise<void> {
  const pids = (await run('ip', ['netns', 'pids', namespace])).split('\n').filter((line) => line !== '');
  // Whatever it runs: the empty marker is in every command line.
  await Promise.all(pids.map((pid) => stop({ pid: Number(pid), marker: '', graceMs: stopGraceMs })));
}
