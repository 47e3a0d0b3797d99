// Routers, and what is attached to them, as hosts see them: the part of the topology that is about layer 3. A host sees
// a router of which a port is bound to it, whole, and of a distributed router that it carries what concerns it: floating
// IPs where they are reached. One floating IP that comes or goes costs one object for each host that sees it, however
// many the router has.

import { isDeepStrictEqual } from 'node:util';
import type {
  ConntrackHelperView,
  FloatingIpView,
  HostObject,
  NdpProxyView,
  ObjectKey,
  PortView,
  RouterView,
  Section,
} from '@neutronium/model/host-view';
import { conntrackHelper, type ConntrackHelperRecord } from '@neutronium/model/resources/conntrack-helper';
import { floatingip, type FloatingIpRecord } from '@neutronium/model/resources/floatingip';
import { ndpProxy, type NdpProxyRecord } from '@neutronium/model/resources/ndp-proxy';
import { port } from '@neutronium/model/resources/port';
import { portForwarding, type PortForwardingRecord } from '@neutronium/model/resources/port-forwarding';
import { router, type RouterPortRole, type RouterRecord } from '@neutronium/model/resources/router';
import type { Reader } from '../store/store.ts';
import { agentGatewayKind, type AgentGateway } from '../resources/floatingip/agent-gateways.ts';
import { AffectedKeys } from './affected-keys.ts';
import type { CarriedRouter, Distribution } from './distribution.ts';
import { FloatingHomes, type HomeSources } from './floating-homes.ts';
import { IndexOfSets } from './index-of-sets.ts';
import { conntrackHelperView, floatingIpView, ndpProxyView, portForwardingView } from './project-routers.ts';
import { qosPolicyOf } from './project.ts';
import type { MeteringLabels } from './metering-labels.ts';
import type { QosPolicies } from './qos-policies.ts';
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
type Attached = FloatingIpView | ConntrackHelperView | NdpProxyView;

export class Routers {
  readonly #qos: QosPolicies;
  readonly #metering: MeteringLabels;
  readonly #routers = new Map<string, RouterFacts>();
  readonly #routerPorts = new Map<string, RouterPortRow>();
  readonly #portsOfRouter = new IndexOfSets<string, string>();
  /** What each port has its hosts carry. */
  readonly #carried = new Map<string, { readonly routerId: string; readonly hosts: readonly string[] }>();
  /** Floating IPs, helpers and proxies, by `<section>/<id>`. */
  readonly #attached = new Map<string, Attached>();
  readonly #attachedTo = new IndexOfSets<string, string>();
  readonly #forwardings = new Map<string, PortForwardingRecord>();
  readonly #forwardingsOf = new IndexOfSets<string, string>();
  readonly #hosts = new RouterHosts();
  readonly #shared: SharedRouters;
  readonly #distribution: Distribution;
  readonly #homes: FloatingHomes;

  /** `qos` is told which routers and floating IPs have policies, and where; `metering` which routers there are, and where. */
  constructor(
    { bound, placed, distribution }: RouterSources,
    { qos, metering }: { readonly qos: QosPolicies; readonly metering: MeteringLabels },
  ) {
    this.#qos = qos;
    this.#metering = metering;
    this.#shared = new SharedRouters(bound);
    this.#distribution = distribution;
    this.#homes = new FloatingHomes({ placed, distribution });
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
    for (const row of await reader.db.selectFrom('agent_gateways').selectAll().execute()) {
      this.putAgentGateway(row.port_id, row);
    }
    for (const record of await reader.list(floatingip, {})) this.putFloatingIp(record.id, record);
    for (const record of await reader.list(portForwarding, {})) this.putPortForwarding(record.id, record);
    for (const record of await reader.list(conntrackHelper, {})) this.putConntrackHelper(record.id, record);
    for (const record of await reader.list(ndpProxy, {})) this.putNdpProxy(record.id, record);
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
    if (isOther) for (const host of this.#hosts.hostsOf(id)) this.#addRouter(affected, host, id);
    else this.#tell(affected, id, { section: 'routers', id });
    this.#qos.putUser(affected, { id, place: id, policyId: after?.qos_policy_id ?? null });
    this.#metering.putRouter(affected, id, after?.project_id);
    return isOther;
  }

  /** The host has begun to carry the distributed router, or ceased. */
  carry(affected: AffectedKeys, { host, routerId }: CarriedRouter, begins: boolean): void {
    const place = { id: carrying, host };
    const isOther = begins ? this.#hosts.add(routerId, place) : this.#hosts.remove(routerId, place);
    if (isOther) {
      this.#addRouter(affected, host, routerId);
      if (begins) this.#arrive(affected, routerId, host);
      else this.#leave(affected, routerId, host);
    }
    // What was reached there is reached by the centre, or the other way round.
    for (const key of this.#keysHomeOn(routerId, host)) {
      affected.add(host, key.section, key.id);
      for (const centre of this.#distribution.hostsOfCentre(routerId)) affected.add(centre, key.section, key.id);
    }
  }

  /** The host has begun to have the centre of the router, or ceased. */
  centre(affected: AffectedKeys, { host, routerId }: CarriedRouter): void {
    for (const { section, id } of this.#keysOfRouter(routerId)) affected.add(host, section, id);
  }

  putVirtualRouter(id: string, row: VirtualRouterRow | null): AffectedKeys {
    const affected = new AffectedKeys();
    this.#shared.putVirtualRouter(id, row);
    this.#tell(affected, id, { section: 'routers', id });
    return affected;
  }

  putAgentGateway(id: string, row: AgentGateway | null): AffectedKeys {
    const affected = new AffectedKeys();
    for (const { network_id, host } of this.#homes.putGateway(id, row)) {
      affected.add(host, 'agent_gateways', network_id);
      for (const view of this.#floatingIpsOn(host)) {
        if (view.floating_network_id === network_id) this.#tellOfMove(affected, view, [host]);
      }
    }
    return affected;
  }

  /** A router has a port, or has it no more. Where the port is then, and what hosts see of its network, is told of after. */
  putRouterPort(affected: AffectedKeys, id: string, row: RouterPortRow | null): void {
    const before = this.#routerPorts.get(id);
    if (before !== undefined) {
      // Told while the host still sees the router.
      this.#tell(affected, before.router_id, { section: 'routers', id: before.router_id });
      this.#routerPorts.delete(id);
      this.#portsOfRouter.delete(before.router_id, id);
      this.#shared.removePort(before);
    }
    if (row !== null) {
      this.#routerPorts.set(id, row);
      this.#portsOfRouter.add(row.router_id, id);
      this.#shared.addPort(row);
      this.#tell(affected, row.router_id, { section: 'routers', id: row.router_id });
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
      this.#addRouter(affected, host, before.routerId);
      this.#leave(affected, before.routerId, host);
    }
    for (const host of after?.hosts ?? []) {
      if (after === undefined || (before?.routerId === after.routerId && before.hosts.includes(host))) continue;
      if (!this.#hosts.add(after.routerId, { id, host })) continue;
      this.#addRouter(affected, host, after.routerId);
      this.#arrive(affected, after.routerId, host);
    }
    // By such a port a host knows how it shares the router, whether it carries that by others or not.
    if (this.#routerPorts.get(id)?.role !== 'ha') return;
    for (const place of [before, after]) {
      if (place === undefined) continue;
      for (const host of place.hosts) affected.add(host, 'routers', place.routerId);
    }
  }

  /** A port is on another host than before; empty for none. */
  movePort(
    affected: AffectedKeys,
    id: string,
    { before, after }: { readonly before: string; readonly after: string },
  ): void {
    if (before === after) return;
    this.#homes.movePort(id, before, after);
    const hosts = [before, after].filter((host) => host !== '');
    for (const floatingIp of this.#homes.ofPort(id)) {
      const view = this.#floatingIp(floatingIp);
      if (view !== undefined) this.#tellOfMove(affected, view, hosts);
    }
  }

  putFloatingIp(id: string, record: FloatingIpRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const view = record === null ? undefined : floatingIpView(record);
    const before = this.#floatingIp(id);
    this.#homes.putFloatingIp(before, view);
    this.#putAttached(affected, { section: 'floating_ips', id }, view);
    this.#qos.putUser(affected, { id, place: view?.router_id ?? '', policyId: view?.qos_policy_id ?? null });
    if (before?.router_id === view?.router_id && before?.port_id === view?.port_id) return affected;
    // Its forwardings are of the router that it is of.
    for (const either of [before, view]) {
      if (either === undefined) continue;
      for (const forwarding of this.#forwardingsOf.get(id)) {
        this.#tell(affected, either, { section: 'port_forwardings', id: forwarding });
      }
    }
    return affected;
  }

  putPortForwarding(id: string, record: PortForwardingRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const before = this.#forwardings.get(id);
    if (before !== undefined) {
      this.#forwardings.delete(id);
      this.#forwardingsOf.delete(before.floatingip_id, id);
    }
    if (record !== null) {
      this.#forwardings.set(id, record);
      this.#forwardingsOf.add(record.floatingip_id, id);
    }
    for (const either of [before, record ?? undefined]) {
      const view = either === undefined ? undefined : this.#floatingIp(either.floatingip_id);
      if (view !== undefined) this.#tell(affected, view, { section: 'port_forwardings', id });
    }
    return affected;
  }

  putConntrackHelper(id: string, record: ConntrackHelperRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const view = record === null ? undefined : conntrackHelperView(record);
    this.#putAttached(affected, { section: 'conntrack_helpers', id }, view);
    return affected;
  }

  putNdpProxy(id: string, record: NdpProxyRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const view = record === null ? undefined : ndpProxyView(record);
    this.#putAttached(affected, { section: 'ndp_proxies', id }, view);
    return affected;
  }

  object(host: string, { section, id }: ObjectKey): HostObject | undefined {
    if (section === 'routers') return this.#hosts.carries(host, id) ? this.#routerView(host, id) : undefined;
    if (section === 'agent_gateways') {
      const portId = this.#homes.gatewayPortOf(host, id);
      return portId === undefined ? undefined : { section, id, port_id: portId };
    }
    const found = section === 'port_forwardings' ? this.#forwardingView(id) : this.#attached.get(`${section}/${id}`);
    if (found === undefined) return undefined;
    const view = found.section === 'port_forwardings' ? this.#floatingIp(found.floatingip_id) : found;
    return view !== undefined && this.#concerns(host, view) ? found : undefined;
  }

  /** The names of all that the host sees; some may name nothing. */
  keysOf(host: string): readonly ObjectKey[] {
    return [
      ...[...this.#homes.networksOf(host)].map((id): ObjectKey => ({ section: 'agent_gateways', id })),
      ...[...this.#hosts.routersOf(host)].flatMap((routerId) => this.#keysOfRouter(routerId)),
    ];
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
        if (had(id)) this.#addRouter(affected, host, row.router_id);
      }
    }
    for (const { kind, id, before, after } of entries) {
      if (kind === port.name) {
        const present = this.#routerPorts.get(id)?.router_id;
        for (const routerId of [...routersOfPorts.get(id), ...(present === undefined ? [] : [present])]) {
          this.#addRouter(affected, host, routerId);
        }
        for (const floatingIp of this.#homes.ofPort(id)) this.#addFloatingIp(affected, host, floatingIp);
      }
      const section = sectionOfKind.get(kind);
      if (section !== undefined) affected.add(host, section, id);
      if (kind === floatingip.name) this.#addFloatingIp(affected, host, id);
      if (kind === agentGatewayKind) this.#addMissedGateway(affected, host, [before, after]);
    }
  }

  /** Adds the names of the router and of all that is attached to it. */
  addAll(affected: AffectedKeys, host: string, routerId: string): void {
    for (const { section, id } of this.#keysOfRouter(routerId)) affected.add(host, section, id);
  }

  #addMissedGateway(affected: AffectedKeys, host: string, rows: readonly LoggedObject['after'][]): void {
    // The log holds rows of the kind that it names: the server wrote them.
    for (const row of rows as readonly (AgentGateway | null)[]) {
      if (row === null) continue;
      if (row.host === host) affected.add(host, 'agent_gateways', row.network_id);
      for (const view of this.#floatingIpsOn(row.host)) this.#addFloatingIp(affected, host, view.id);
    }
  }

  #addFloatingIp(affected: AffectedKeys, host: string, id: string): void {
    affected.add(host, 'floating_ips', id);
    for (const forwarding of this.#forwardingsOf.get(id)) affected.add(host, 'port_forwardings', forwarding);
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

  /** Whether the host has something to do for what is attached to a router. */
  #concerns(host: string, view: Attached): boolean {
    if (!this.#hosts.carries(host, view.router_id)) return false;
    return view.section !== 'floating_ips' || !this.#isDistributed(view.router_id) || this.#homes.isHome(host, view);
  }

  /** The floating IPs that stand for ports of the host. */
  #floatingIpsOn(host: string): readonly FloatingIpView[] {
    return [...this.#homes.ofHost(host)].flatMap((id) => this.#floatingIp(id) ?? []);
  }

  /** A floating IP may be reached elsewhere than before: `hosts` are those of its instance. */
  #tellOfMove(affected: AffectedKeys, view: FloatingIpView, hosts: readonly string[]): void {
    for (const host of [...hosts, ...this.#distribution.hostsOfCentre(view.router_id)]) {
      this.#addFloatingIp(affected, host, view.id);
    }
  }

  /** The names of the router's floating IPs, and their forwardings, that stand for ports of the host. */
  #keysHomeOn(routerId: string, host: string): readonly ObjectKey[] {
    return this.#floatingIpsOn(host)
      .filter((view) => view.router_id === routerId)
      .flatMap(({ id }) => [{ section: 'floating_ips', id } as const, ...this.#forwardingKeys(id)]);
  }

  #forwardingKeys(floatingIpId: string): readonly ObjectKey[] {
    return [...this.#forwardingsOf.get(floatingIpId)].map((id) => ({ section: 'port_forwardings', id }));
  }

  #routerView(host: string, id: string): RouterView | undefined {
    const facts = this.#routers.get(id);
    const ha = this.#shared.viewOf(host, id);
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

  #floatingIp(id: string): FloatingIpView | undefined {
    const found = this.#attached.get(`floating_ips/${id}`);
    return found?.section === 'floating_ips' ? found : undefined;
  }

  #forwardingView(id: string): ReturnType<typeof portForwardingView> {
    const record = this.#forwardings.get(id);
    return record === undefined
      ? undefined
      : portForwardingView(record, this.#floatingIp(record.floatingip_id)?.router_id);
  }

  #putAttached(affected: AffectedKeys, key: ObjectKey, after: Attached | undefined): void {
    const name = `${key.section}/${key.id}`;
    const before = this.#attached.get(name);
    if (isDeepStrictEqual(before, after)) return;
    if (before !== undefined) {
      this.#attached.delete(name);
      this.#attachedTo.delete(before.router_id, name);
    }
    if (after !== undefined) {
      this.#attached.set(name, after);
      this.#attachedTo.add(after.router_id, name);
    }
    for (const either of [before, after]) if (either !== undefined) this.#tell(affected, either, key);
  }

  /** What the host sees of the router, or has seen until now. */
  #addRouter(affected: AffectedKeys, host: string, routerId: string): void {
    this.addAll(affected, host, routerId);
  }

  #keysOfRouter(routerId: string): readonly ObjectKey[] {
    const attached = [...this.#attachedTo.get(routerId)].flatMap((name) => {
      const found = this.#attached.get(name);
      if (found === undefined) return [];
      const forwardings = found.section === 'floating_ips' ? this.#forwardingKeys(found.id) : [];
      return [{ section: found.section, id: found.id }, ...forwardings];
    });
    return [{ section: 'routers', id: routerId }, ...attached];
  }

  /** Tells of the object those whom the router, or what is attached to it, concerns. */
  #tell(affected: AffectedKeys, of: Attached | string, { section, id }: ObjectKey): void {
    const routerId = typeof of === 'string' ? of : of.router_id;
    if (typeof of !== 'string' && of.section === 'floating_ips' && this.#isDistributed(routerId)) {
      const host = of.port_id === null ? '' : this.#homes.hostOf(of.port_id);
      const homes = [...this.#distribution.hostsOfCentre(routerId), ...(host === '' ? [] : [host])];
      for (const home of homes) affected.add(home, section, id);
      return;
    }
    for (const host of this.#hosts.hostsOf(routerId)) affected.add(host, section, id);
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

/** The sections of what is an object of its own, by what the log calls it. */
const sectionOfKind: ReadonlyMap<string, Section> = new Map<string, Section>([
  [router.name, 'routers'],
  [virtualRouterKind, 'routers'],
  [floatingip.name, 'floating_ips'],
  [portForwarding.name, 'port_forwardings'],
  [conntrackHelper.name, 'conntrack_helpers'],
  [ndpProxy.name, 'ndp_proxies'],
]);

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
