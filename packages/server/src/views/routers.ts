// Routers and their ports as hosts see them; what is attached to them is in router-attachments.ts. A host sees a router of
// which a port is bound to it, and a distributed one that it carries.

import { isDeepStrictEqual } from 'node:util';
import type { HostObject, ObjectKey, PortView, RouterView } from '@neutronium/model/host-view';
import { port } from '@neutronium/model/resources/port';
import { router, type RouterPortRole, type RouterRecord } from '@neutronium/model/resources/router';
import type { Reader } from '../store/store.ts';
import { AffectedKeys } from './affected-keys.ts';
import type { CarriedRouter } from './distribution.ts';
import type { HomeSources } from './floating-homes.ts';
import { IndexOfSets } from './index-of-sets.ts';
import { qosPolicyOf } from './project.ts';
import type { MeteringLabels } from './metering-labels.ts';
import type { QosPolicies } from './qos-policies.ts';
import { RouterAttachments } from './router-attachments.ts';
import { RouterHosts } from './router-hosts.ts';
import { SharedRouters, virtualRouterKind, type VirtualRouterRow } from './shared-routers.ts';
import type { LoggedObject } from './topology.ts';

/** What the log says of a port that a router has; its kind there is `router_port`, its id the port's. */
export interface RouterPortRow {
  readonly router_id: string;
  readonly port_id: string;
  readonly role: RouterPortRole;
  /**
   * Its place among the router's ways out, of which the first is the one of `external_gateway_info`; or among the ports
   * by which agents know each other.
   */
  readonly position: number;
  /** Whether what leaves by it gets its address; null for what is no way out. */
  readonly enable_snat: boolean | null;
}

type RouterFacts = Omit<RouterView, 'gateways' | 'interface_ports' | 'snat_ports' | 'ha'>;

export class Routers {
  readonly #qos: QosPolicies;
  readonly #metering: MeteringLabels;
  readonly #routers = new Map<string, RouterFacts>();
  readonly #routerPorts = new Map<string, RouterPortRow>();
  readonly #portsOfRouter = new IndexOfSets<string, string>();
  /** What each port has its hosts carry. */
  readonly #carried = new Map<string, { readonly routerId: string; readonly hosts: readonly string[] }>();
  readonly #hosts = new RouterHosts();
  readonly #shared: SharedRouters;
  readonly attachments: RouterAttachments;

  /** `qos` is told which routers and floating IPs have policies, and where; `metering` which routers there are, and where. */
  constructor(
    { bound, placed, distribution }: RouterSources,
    { qos, metering }: { readonly qos: QosPolicies; readonly metering: MeteringLabels },
  ) {
    this.#qos = qos;
    this.#metering = metering;
    this.#shared = new SharedRouters(bound);
    const isDistributed = (routerId: string): boolean => this.#isDistributed(routerId);
    this.attachments = new RouterAttachments({ placed, distribution, hosts: this.#hosts, isDistributed }, qos);
  }

  /** Takes in everything that the store has; ports come afterwards. */
  async load(reader: Reader): Promise<void> {
    for (const record of await reader.list(router, {})) this.putRouter(new AffectedKeys(), record.id, record);
    for (const row of await reader.db.selectFrom('router_ports').selectAll().execute()) {
      this.putRouterPort(new AffectedKeys(), row.port_id, {
        ...row,
        enable_snat: row.enable_snat === null ? null : row.enable_snat === 1,
      });
    }
    for (const row of await reader.db.selectFrom('virtual_routers').selectAll().execute()) {
      this.putVirtualRouter(row.router_id, row);
    }
    await this.attachments.load(reader);
  }

  /** Whether a network lies behind its router by this port. */
  isInterface(portId: string): boolean {
    return this.#routerPorts.get(portId)?.role === 'interface';
  }

  /**
   * The hosts that have the port, in their order: the one that it is bound to, or all that host the highly available
   * router which has it. An interface of a distributed router has none here: those that carry the router have it.
   */
  hostsOf({ id, host }: Pick<PortView, 'id' | 'host'>): readonly string[] {
    if (this.isDistributedInterface(id)) return [];
    const routerId = this.#roamingWith(id);
    if (routerId !== undefined) return this.#shared.hostsOf(routerId);
    return host === '' ? [] : [host];
  }

  /** Whether it is a port of a highly available router, other than one by which its agents know each other. */
  roams(portId: string): boolean {
    return this.#roamingWith(portId) !== undefined;
  }

  /** Ports whose hosts may be others because this one's are: those of the highly available router that it is for. */
  followersOf(portId: string): Iterable<string> {
    const row = this.#routerPorts.get(portId);
    return row?.role === 'ha' ? this.portsOf(row.router_id) : [];
  }

  routerPort(portId: string): RouterPortRow | undefined {
    return this.#routerPorts.get(portId);
  }

  /** The ports by which the agents that host the router know each other. */
  haPortsOf(routerId: string): ReadonlySet<string> {
    return this.#shared.portsOf(routerId);
  }

  /** The router that has the port. */
  routerOf(portId: string): string | undefined {
    return this.#routerPorts.get(portId)?.router_id;
  }

  /** The distributed router that has the port, and as what. */
  distributedRole(portId: string): RouterPortRow | undefined {
    const row = this.#routerPorts.get(portId);
    return row !== undefined && this.#isDistributed(row.router_id) ? row : undefined;
  }

  isDistributedInterface(portId: string): boolean {
    return this.distributedRole(portId)?.role === 'interface';
  }

  portsOf(routerId: string): ReadonlySet<string> {
    return this.#portsOfRouter.get(routerId);
  }

  /** Whether what the router's ports are for it may have changed with it. */
  putRouter(affected: AffectedKeys, id: string, record: RouterRecord | null): boolean {
    const before = this.#routers.get(id);
    const after = record === null ? undefined : factsOf(record);
    if (isDeepStrictEqual(before, after)) return false;
    if (after === undefined) this.#routers.delete(id);
    else this.#routers.set(id, after);
    const isOther = before?.distributed !== after?.distributed;
    if (isOther) for (const host of this.#hosts.hostsOf(id)) this.addAll(affected, host, id);
    else this.#tell(affected, id);
    this.#qos.putUser(affected, { id, place: id, policyId: after?.qos_policy_id ?? null });
    this.#metering.putRouter(affected, id, after?.project_id);
    return isOther;
  }

  /** The host has begun to carry the distributed router, or ceased. */
  carry(affected: AffectedKeys, { host, routerId }: CarriedRouter, begins: boolean): void {
    const place = { id: carrying, host };
    const isOther = begins ? this.#hosts.add(routerId, place) : this.#hosts.remove(routerId, place);
    if (isOther) {
      this.addAll(affected, host, routerId);
      if (begins) this.#arrive(affected, routerId, host);
      else this.#leave(affected, routerId, host);
    }
    this.attachments.addCarried(affected, { host, routerId });
  }

  /** The host has begun to have the centre of the router, or ceased. */
  centre(affected: AffectedKeys, { host, routerId }: CarriedRouter): void {
    this.addAll(affected, host, routerId);
  }

  putVirtualRouter(id: string, row: VirtualRouterRow | null): AffectedKeys {
    const affected = new AffectedKeys();
    this.#shared.putVirtualRouter(id, row);
    this.#tell(affected, id);
    return affected;
  }

  /** A router has a port, or has it no more. Where the port is then, and what hosts see of its network, is told of after. */
  putRouterPort(affected: AffectedKeys, id: string, row: RouterPortRow | null): void {
    const before = this.#routerPorts.get(id);
    if (before !== undefined) {
      // Told while the host still sees the router.
      this.#tell(affected, before.router_id);
      this.#routerPorts.delete(id);
      this.#portsOfRouter.delete(before.router_id, id);
      this.#shared.removePort(before);
    }
    if (row !== null) {
      this.#routerPorts.set(id, row);
      this.#portsOfRouter.add(row.router_id, id);
      this.#shared.addPort(row);
      this.#tell(affected, row.router_id);
    }
  }

  /** The port is with these hosts now, or has another router than before: they carry the router that has it. */
  place(affected: AffectedKeys, id: string, hosts: readonly string[]): void {
    const routerId = this.#routerPorts.get(id)?.router_id;
    const before = this.#carried.get(id);
    const after = routerId === undefined || hosts.length === 0 ? undefined : { routerId, hosts };
    if (after === undefined) this.#carried.delete(id);
    else this.#carried.set(id, after);
    const stays = (host: string): boolean =>
      before?.routerId === after?.routerId && after?.hosts.includes(host) === true;
    for (const host of before?.hosts ?? []) {
      if (before === undefined || stays(host)) continue;
      if (!this.#hosts.remove(before.routerId, { id, host })) continue;
      this.addAll(affected, host, before.routerId);
      this.#leave(affected, before.routerId, host);
    }
    for (const host of after?.hosts ?? []) {
      if (after === undefined || (before?.routerId === after.routerId && before.hosts.includes(host))) continue;
      if (!this.#hosts.add(after.routerId, { id, host })) continue;
      this.addAll(affected, host, after.routerId);
      this.#arrive(affected, after.routerId, host);
    }
    // By such a port a host knows how it shares the router, whether it carries that by others or not.
    if (this.#routerPorts.get(id)?.role !== 'ha') return;
    for (const place of [before, after]) {
      if (place === undefined) continue;
      for (const host of place.hosts) affected.add(host, 'routers', place.routerId);
    }
  }

  object(host: string, key: ObjectKey): HostObject | undefined {
    if (key.section !== 'routers') return this.attachments.object(host, key);
    return this.#hosts.carries(host, key.id) ? this.#routerView(host, key.id) : undefined;
  }

  /** The names of all that the host sees; some may name nothing. */
  keysOf(host: string): readonly ObjectKey[] {
    const routerIds = [...this.#hosts.routersOf(host)];
    return [...this.attachments.gatewaysOf(host), ...routerIds.flatMap((id) => this.#keysOfRouter(id))];
  }

  /**
   * Adds the names of what may differ for the host between a state before `entries` and this one; `had` says of a port
   * whether the host has it or may have had it.
   */
  addChangedSince(
    affected: AffectedKeys,
    host: string,
    { entries, had }: { readonly entries: readonly LoggedObject[]; readonly had: (portId: string) => boolean },
  ): void {
    // Routers that the host has begun or ceased to see are those of ports that have come to it, or left it.
    const routersOfPorts = new IndexOfSets<string, string>();
    for (const { kind, id, before, after } of entries) {
      if (kind !== routerPortKind) continue;
      // The log holds rows of the kind that it names: the server wrote them.
      for (const row of [before as RouterPortRow | null, after as RouterPortRow | null]) {
        if (row === null) continue;
        routersOfPorts.add(id, row.router_id);
        affected.add(host, 'routers', row.router_id);
        if (had(id)) this.addAll(affected, host, row.router_id);
      }
    }
    for (const { kind, id } of entries) {
      if (kind === port.name) {
        const present = this.#routerPorts.get(id)?.router_id;
        for (const routerId of [...routersOfPorts.get(id), ...(present === undefined ? [] : [present])]) {
          this.addAll(affected, host, routerId);
        }
      }
      if (kind === router.name || kind === virtualRouterKind) affected.add(host, 'routers', id);
    }
    this.attachments.addChangedSince(affected, host, entries);
  }

  /** Adds the names of the router and of all that is attached to it: what the host sees of it, or has seen until now. */
  addAll(affected: AffectedKeys, host: string, routerId: string): void {
    for (const { section, id } of this.#keysOfRouter(routerId)) affected.add(host, section, id);
  }

  #arrive(affected: AffectedKeys, routerId: string, host: string): void {
    this.#qos.arrive(affected, routerId, host);
    this.#metering.arrive(affected, routerId, host);
  }

  #leave(affected: AffectedKeys, routerId: string, host: string): void {
    this.#qos.leave(affected, routerId, host);
    this.#metering.leave(affected, routerId, host);
  }

  #isDistributed(routerId: string): boolean {
    return this.#routers.get(routerId)?.distributed === true;
  }

  #routerView(host: string, id: string): RouterView | undefined {
    const facts = this.#routers.get(id);
    const carriesOnly = facts?.distributed === true && !this.#shared.isSharedWith(host, id);
    const ha = carriesOnly ? null : this.#shared.viewOf(host, id);
    // A host that has not been told how it shares the router must not have it to itself.
    if (facts === undefined || ha === undefined) return undefined;
    const ids = [...this.#portsOfRouter.get(id)].toSorted();
    const rows = ids.flatMap((portId) => this.#routerPorts.get(portId) ?? []);
    const gateways = rows.filter(({ role }) => role === 'gateway').toSorted((a, b) => a.position - b.position);
    return {
      ...facts,
      gateways: gateways.map(({ port_id, enable_snat }) => ({ port_id, enable_snat: enable_snat ?? false })),
      interface_ports: ids.filter((portId) => this.isInterface(portId)),
      snat_ports: ids.filter((portId) => this.#routerPorts.get(portId)?.role === 'snat'),
      ha,
    };
  }

  /** The highly available router that has the port, unless its agents know each other by it. */
  #roamingWith(portId: string): string | undefined {
    const row = this.#routerPorts.get(portId);
    return row === undefined || row.role === 'ha' || !this.#shared.has(row.router_id) ? undefined : row.router_id;
  }

  #keysOfRouter(routerId: string): readonly ObjectKey[] {
    return [{ section: 'routers', id: routerId }, ...this.attachments.keysOfRouter(routerId)];
  }

  /** Tells of the router those who have it. */
  #tell(affected: AffectedKeys, routerId: string): void {
    for (const host of this.#hosts.hostsOf(routerId)) affected.add(host, 'routers', routerId);
  }
}

/** Ports by id: as they are bound, and as hosts have them. */
export interface RouterSources extends HomeSources {
  readonly bound: ReadonlyMap<string, PortView>;
}

/** The reason for which a host has a distributed router, among the ids of ports that are reasons too. */
const carrying = 'carried';

/** What the log calls the ports of routers. */
export const routerPortKind = 'router_port';

function factsOf(record: RouterRecord): RouterFacts {
  return {
    section: 'routers',
    id: record.id,
    project_id: record.project_id,
    admin_state_up: record.admin_state_up,
    distributed: record.distributed,
    routes: record.routes,
    enable_ndp_proxy: record.enable_ndp_proxy,
    ...qosPolicyOf(record),
    enable_default_route_ecmp: record.enable_default_route_ecmp,
  };
}
