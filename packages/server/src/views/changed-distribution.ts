// What entries of the log say about the distributed routers that one host carries.

import type { PortView } from '@neutronium/model/host-view';
import { agent, type AgentRecord } from '@neutronium/model/resources/agent';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { router } from '@neutronium/model/resources/router';
import { dvrHostMacKind } from '../binding/dvr-macs.ts';
import { carriesDistributed, l3ModeOf } from '../binding/l3-mode.ts';
import type { Distribution } from './distribution.ts';
import { routerPortKind, type RouterPortRow, type Routers } from './routers.ts';
import type { LoggedObject } from './topology.ts';

export interface ChangedDistribution {
  /** Ids of routers that the host may have begun to carry, or ceased. */
  readonly routers: ReadonlySet<string>;
  /** Ids of networks that may have come or gone with them. */
  readonly networks: ReadonlySet<string>;
  /** Hosts that may have begun to carry such routers, or ceased, whoever does. */
  readonly hosts: ReadonlySet<string>;
  /** Whether it may be another thing now for the host to carry any. */
  readonly ofAgents: boolean;
}

export function changedDistribution({
  host,
  entries,
  distribution,
  ports,
  routers: knownRouters,
}: {
  readonly host: string;
  readonly entries: readonly LoggedObject[];
  /** As it is with all entries folded in. */
  readonly distribution: Distribution;
  readonly ports: ReadonlyMap<string, PortView>;
  readonly routers: Pick<Routers, 'portsOf' | 'routerOf'>;
}): ChangedDistribution {
  const [routers, networks, hosts] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const interfaces = new Set<string>();
  for (const { kind, id, before, after } of entries) {
    if (kind === router.name) {
      routers.add(id);
      // They are what they are by the router being distributed, or not.
      for (const portId of knownRouters.portsOf(id)) interfaces.add(portId);
    }
    if (kind !== routerPortKind) continue;
    interfaces.add(id);
    // The log holds whole records of the kind that it names: the store wrote them.
    for (const row of [before, after] as readonly (RouterPortRow | null)[])
      if (row !== null) routers.add(row.router_id);
  }
  for (const { kind, id, before, after } of entries) {
    const isOfInterface = interfaces.has(id);
    if (kind === port.name) {
      for (const record of [before, after] as readonly (PortRecord | null)[]) {
        if (record === null) continue;
        if (isOfInterface) networks.add(record.network_id);
        if (record['binding:host_id'] !== host) continue;
        const own = knownRouters.routerOf(id);
        if (own !== undefined) routers.add(own);
        for (const routerId of distribution.routersOn(record.network_id)) routers.add(routerId);
      }
    }
    if (kind !== agent.name) continue;
    const records = [before, after] as readonly (AgentRecord | null)[];
    const carriers = records.map((record) =>
      record !== null && carriesDistributed(l3ModeOf(record)) ? record.host : '',
    );
    if (carriers[0] !== carriers[1]) for (const other of carriers) if (other !== '') hosts.add(other);
    if (!records.some((record) => record?.host === host)) continue;
    for (const routerId of distribution.routersNear(host)) routers.add(routerId);
  }
  for (const id of interfaces) {
    const view = ports.get(id);
    if (view !== undefined) networks.add(view.network_id);
  }
  for (const routerId of routers) for (const networkId of distribution.networksOf(routerId)) networks.add(networkId);
  return {
    routers,
    networks,
    hosts,
    ofAgents: entries.some(({ kind }) => kind === agent.name || kind === dvrHostMacKind),
  };
}
