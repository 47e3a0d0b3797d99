// Where everything that `up` makes lives. Two folders: one that outlives a reboot, one that need not. `down --purge`
// removes both, so nothing that is not ours may be put there.

import { join } from 'node:path';

export interface Layout {
  readonly stateDir: string;
  readonly runDir: string;
  /** Folder of Open vSwitch's sockets; where its own tools look, so that `ovs-vsctl show` needs no option. */
  readonly ovsRunDir: string;
}

export const defaultLayout: Layout = {
  stateDir: '/var/lib/neutronium',
  runDir: '/run/neutronium',
  ovsRunDir: process.env['OVS_RUNDIR'] ?? '/var/run/openvswitch',
};

/** The files and folders of a layout by name. */
export function paths(layout: Layout) {
  const state = (...parts: string[]) => join(layout.stateDir, ...parts);
  const run = (...parts: string[]) => join(layout.runDir, ...parts);
  return {
    database: state('neutronium.db'),
    clouds: state('clouds.yaml'),
    adminPassword: state('admin-password'),
    demoPassword: state('demo-password'),
    agentSecret: state('agent-secret'),
    logs: state('log'),
    log: (program: string) => state('log', `${program}.log`),
    metadataSecret: state('metadata-secret'),
    /** What instances are told of themselves; root's alone. */
    instances: state('instances'),
    agentState: state('agent'),
    ovsDatabase: state('ovs', 'conf.db'),
    pidFile: (program: string) => run(`${program}.pid`),
    ovsSocket: join(layout.ovsRunDir, 'db.sock'),
  } as const;
}
