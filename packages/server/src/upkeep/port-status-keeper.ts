// Turns the reports of hosts into the status of ports. What hosts have confirmed is kept in the store, since the switch
// and the DHCP server of one port may report to different servers, and a server may be another by the next report.

import { randomUUID } from 'node:crypto';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { subnet } from '@neutronium/model/resources/subnet';
import type { PortState, PortStatus } from '@neutronium/model/watch-protocol';
import { isPlugged } from '../binding/bind-port.ts';
import { isDistributed } from '../binding/bind-ports.ts';
import { serverContext } from '../context.ts';
import { refreshTrunks } from '../resources/trunk/trunk-status.ts';
import { reservedDhcpPort } from '../scheduling/dhcp-device-id.ts';
import type { Reader, Store, Writer } from '../store/store.ts';
import { Batch } from './batch.ts';
import { decideStatus, endsWiring, leasesAddress, type LeasingSubnet } from './port-status.ts';

const maxPortsPerWrite = 200;

/** One host's word on one port: the state of its wiring, or that its DHCP reservation is loaded. */
type Bit =
  | { readonly part: 'l2'; readonly host: string; readonly portId: string; readonly state: PortState }
  | { readonly part: 'dhcp'; readonly host: string; readonly portId: string };

/** Whether the host has the port, as its view says. */
export type HasPort = (host: string, portId: string) => boolean;

export interface PortStatusParts {
  readonly store: Store;
  readonly hasPort: HasPort;
  readonly onProblem: (error: unknown) => void;
}

export class PortStatusKeeper {
  readonly #store: Store;
  readonly #batch: Batch<Bit>;
  readonly #hasPort: HasPort;
  readonly #onProblem: (error: unknown) => void;
  #looking: Promise<void> = Promise.resolve();

  constructor({ store, hasPort, onProblem }: PortStatusParts) {
    this.#store = store;
    this.#hasPort = hasPort;
    this.#onProblem = onProblem;
    this.#batch = new Batch<Bit>({
      nameOf: ({ part, host, portId }) => `${part} ${portId} ${host}`,
      write: (bits) => this.#write(bits),
      maxBits: maxPortsPerWrite,
      waitMs: 0,
      onProblem,
    });
  }

  take(host: string, { ports, dhcp }: PortStatus): void {
    for (const { id, state } of ports) this.#batch.add({ part: 'l2', host, portId: id, state });
    for (const portId of dhcp) this.#batch.add({ part: 'dhcp', host, portId });
  }

  /** The host has connected. It speaks of what it has, and does not know what it had before of distributed routers. */
  connected(host: string): void {
    this.#looking = this.#looking.then(() => this.#look(host)).catch(this.#onProblem);
  }

  /** Resolves when everything that was taken is written. */
  async idle(): Promise<void> {
    await this.#looking;
    await this.#batch.idle();
  }

  async stop(): Promise<void> {
    await this.#looking;
    await this.#batch.stop();
  }

  async #look(host: string): Promise<void> {
    const marked = await this.#store.read(({ db }) =>
      db
        .selectFrom('router_ports')
        .innerJoin('routers', 'routers.id', 'router_ports.router_id')
        .innerJoin('port_provisioning', 'port_provisioning.port_id', 'router_ports.port_id')
        .select('port_provisioning.port_id')
        .where('router_ports.role', '=', 'interface')
        .where('routers.distributed', '=', 1)
        .where('port_provisioning.part', '=', 'l2')
        .where('port_provisioning.host', '=', host)
        .execute(),
    );
    for (const { port_id: portId } of marked) {
      if (!this.#hasPort(host, portId)) this.#batch.add({ part: 'l2', host, portId, state: 'absent' });
    }
  }

  async #write(bits: readonly Bit[]): Promise<void> {
    await this.#store.write(serverContext(`req-${randomUUID()}`), async (writer) => {
      const ports = await writer.getMany(port, [...new Set(bits.map(({ portId }) => portId))]);
      const networks = await readNetworks(writer, new Set(ports.map(({ network_id }) => network_id)));
      const known = new Map(ports.map((record) => [record.id, record]));
      const standing = await standingHosts(writer, [...known.keys()]);
      const credible = bits.filter((bit) => isCredible(bit, known.get(bit.portId), { networks, standing }));
      // That it has a port no more, a host may say of any.
      await keepMarks(writer, { confirmed: credible.filter(isConfirmation), ended: bits.filter(isEnd) });
      const marks = await readMarks(writer, [...known.keys()]);
      const changed: string[] = [];
      for (const record of ports) {
        const host = record['binding:host_id'];
        const reported = credible.find(
          (bit) => bit.part === 'l2' && bit.portId === record.id && (isDistributed(record) || bit.host === host),
        );
        const confirming = marks.get(`l2 ${record.id}`) ?? [];
        const { subnets = [], servingHosts = new Set<string>() } = networks.get(record.network_id) ?? {};
        const dhcpHosts = marks.get(`dhcp ${record.id}`) ?? [];
        const status = decideStatus(record.status, {
          reported: reported?.part === 'l2' ? reported.state : undefined,
          // A distributed port is there where any of its hosts has it.
          wired: isDistributed(record) ? confirming.length > 0 : confirming.includes(host),
          waitsForDhcp:
            servingHosts.size > 0 &&
            leasesAddress(record, subnets) &&
            !dhcpHosts.some((host) => servingHosts.has(host)),
        });
        if (status === record.status) continue;
        await writer.update(port, record.id, { status });
        changed.push(record.id);
      }
      await refreshTrunks(writer, changed);
    });
  }
}

interface NetworkFacts {
  readonly subnets: readonly LeasingSubnet[];
  /** Hosts whose agents serve its DHCP. */
  readonly servingHosts: ReadonlySet<string>;
}

async function readNetworks(reader: Reader, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, NetworkFacts>> {
  const onThem = { op: 'equals', attribute: 'network_id', values: [...ids] } as const;
  const subnets = await reader.list(subnet, { where: [onThem] });
  const services = await reader.list(port, {
    where: [onThem, { op: 'equals', attribute: 'device_owner', values: ['network:dhcp'] }],
  });
  return new Map(
    [...ids].map((id) => [
      id,
      {
        subnets: subnets.filter(({ network_id }) => network_id === id),
        servingHosts: new Set(
          services
            .filter((service) => service.network_id === id && isServing(service))
            .map((service) => service['binding:host_id']),
        ),
      },
    ]),
  );
}

/** Hosts whose agents host the highly available router of a port, by the port's id. */
type StandingHosts = ReadonlyMap<string, ReadonlySet<string>>;

async function standingHosts({ db }: Reader, portIds: readonly string[]): Promise<StandingHosts> {
  if (portIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('router_ports')
    .innerJoin('routers', 'routers.id', 'router_ports.router_id')
    .innerJoin('router_l3_agents', 'router_l3_agents.router_id', 'routers.id')
    .innerJoin('agents', 'agents.id', 'router_l3_agents.agent_id')
    .select(['router_ports.port_id', 'agents.host'])
    .where('router_ports.port_id', 'in', portIds)
    .where('router_ports.role', '<>', 'ha')
    .where('routers.ha', '=', 1)
    .execute();
  const byPort = Map.groupBy(rows, ({ port_id }) => port_id);
  return new Map([...byPort].map(([id, of]) => [id, new Set(of.map(({ host }) => host))]));
}

function isServing(record: PortRecord): boolean {
  return record.device_id !== reservedDhcpPort && isPlugged(record['binding:vif_type']);
}

/**
 * A host may speak of the wiring of ports that are bound to it, of a router that it stands by for, and of those that every
 * host of their router has, and of reservations on networks that it serves.
 */
function isCredible(
  bit: Bit,
  record: PortRecord | undefined,
  { networks, standing }: { readonly networks: ReadonlyMap<string, NetworkFacts>; readonly standing: StandingHosts },
): boolean {
  if (record === undefined) return false;
  switch (bit.part) {
    case 'l2':
      if (isDistributed(record) || standing.get(record.id)?.has(bit.host) === true) return true;
      return record['binding:host_id'] === bit.host && isPlugged(record['binding:vif_type']);
    case 'dhcp':
      return networks.get(record.network_id)?.servingHosts.has(bit.host) ?? false;
  }
}

const isConfirmation = (bit: Bit): boolean => bit.part === 'dhcp' || bit.state === 'wired';
const isEnd = (bit: Bit): boolean => bit.part === 'l2' && endsWiring(bit.state);

async function keepMarks(
  { db }: Writer,
  { confirmed, ended }: { readonly confirmed: readonly Bit[]; readonly ended: readonly Bit[] },
): Promise<void> {
  if (confirmed.length > 0) {
    await db
      .insertInto('port_provisioning')
      .values(confirmed.map(({ part, host, portId }) => ({ port_id: portId, part, host })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  for (const { portId, host } of ended) {
    await db
      .deleteFrom('port_provisioning')
      .where('port_id', '=', portId)
      .where('part', '=', 'l2')
      .where('host', '=', host)
      .execute();
  }
}

/** The hosts that have confirmed each part of each port. */
async function readMarks({ db }: Reader, portIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  if (portIds.length === 0) return new Map();
  const rows = await db.selectFrom('port_provisioning').selectAll().where('port_id', 'in', portIds).execute();
  const marks = new Map<string, string[]>();
  for (const { part, port_id, host } of rows) {
    const hosts = marks.get(`${part} ${port_id}`);
    if (hosts === undefined) marks.set(`${part} ${port_id}`, [host]);
    else hosts.push(host);
  }
  return marks;
}
