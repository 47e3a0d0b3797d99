// What is attached to routers, as hosts see it: floating IPs with their forwardings, helpers of conntrack, proxies of
// NDP, and the ports by which hosts are reached for floating IPs of their own. A host sees what is attached to the
// routers that it has, and of a distributed router the floating IPs that are reached there. One floating IP that comes or
// goes costs one object for each host that sees it, however many the router has.

import { isDeepStrictEqual } from 'node:util';
import type {
  ConntrackHelperView,
  FloatingIpView,
  HostObject,
  NdpProxyView,
  ObjectKey,
  Section,
} from '@neutronium/model/host-view';
import { conntrackHelper, type ConntrackHelperRecord } from '@neutronium/model/resources/conntrack-helper';
import { floatingip, type FloatingIpRecord } from '@neutronium/model/resources/floatingip';
import { ndpProxy, type NdpProxyRecord } from '@neutronium/model/resources/ndp-proxy';
import { port } from '@neutronium/model/resources/port';
import { portForwarding, type PortForwardingRecord } from '@neutronium/model/resources/port-forwarding';
import type { Reader } from '../store/store.ts';
import { agentGatewayKind, type AgentGateway } from '../resources/floatingip/agent-gateways.ts';
import { AffectedKeys } from './affected-keys.ts';
import type { CarriedRouter, Distribution } from './distribution.ts';
import { FloatingHomes, type HomeSources } from './floating-homes.ts';
import { IndexOfSets } from './index-of-sets.ts';
import { conntrackHelperView, floatingIpView, ndpProxyView, portForwardingView } from './project-routers.ts';
import type { QosPolicies } from './qos-policies.ts';
import type { RouterHosts } from './router-hosts.ts';
import type { LoggedObject } from './topology.ts';

type Attached = FloatingIpView | ConntrackHelperView | NdpProxyView;

export interface AttachmentSources extends HomeSources {
  /** The hosts that have each router. */
  readonly hosts: RouterHosts;
  readonly isDistributed: (routerId: string) => boolean;
}

export class RouterAttachments {
  readonly #qos: QosPolicies;
  readonly #hosts: RouterHosts;
  readonly #isDistributed: (routerId: string) => boolean;
  readonly #distribution: Distribution;
  readonly #homes: FloatingHomes;
  /** Floating IPs, helpers and proxies, by `<section>/<id>`. */
  readonly #attached = new Map<string, Attached>();
  readonly #attachedTo = new IndexOfSets<string, string>();
  readonly #forwardings = new Map<string, PortForwardingRecord>();
  readonly #forwardingsOf = new IndexOfSets<string, string>();

  /** `qos` is told which floating IPs have policies, and where. */
  constructor({ placed, distribution, hosts, isDistributed }: AttachmentSources, qos: QosPolicies) {
    this.#qos = qos;
    this.#hosts = hosts;
    this.#isDistributed = isDistributed;
    this.#distribution = distribution;
    this.#homes = new FloatingHomes({ placed, distribution });
  }

  /** Takes in everything that the store has; ports come afterwards. */
  async load(reader: Reader): Promise<void> {
    for (const row of await reader.db.selectFrom('agent_gateways').selectAll().execute()) {
      this.#putAgentGateway(row.port_id, row);
    }
    for (const record of await reader.list(floatingip, {})) this.#putFloatingIp(record.id, record);
    for (const record of await reader.list(portForwarding, {})) this.#putPortForwarding(record.id, record);
    for (const record of await reader.list(conntrackHelper, {})) this.#putConntrackHelper(record.id, record);
    for (const record of await reader.list(ndpProxy, {})) this.#putNdpProxy(record.id, record);
  }

  /** Folds an entry in; gives back undefined where it is about nothing of this. */
  put({ kind, id, after }: Omit<LoggedObject, 'before'>): AffectedKeys | undefined {
    // The log holds whole records of the kind that it names: the store wrote them.
    switch (kind) {
      case floatingip.name:
        return this.#putFloatingIp(id, after as FloatingIpRecord | null);
      case portForwarding.name:
        return this.#putPortForwarding(id, after as PortForwardingRecord | null);
      case conntrackHelper.name:
        return this.#putConntrackHelper(id, after as ConntrackHelperRecord | null);
      case ndpProxy.name:
        return this.#putNdpProxy(id, after as NdpProxyRecord | null);
      case agentGatewayKind:
        return this.#putAgentGateway(id, after as AgentGateway | null);
      default:
        return undefined;
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

  /** The host has begun to carry the distributed router, or ceased: what was reached there is reached by the centre, or back. */
  addCarried(affected: AffectedKeys, { host, routerId }: CarriedRouter): void {
    for (const key of this.#keysHomeOn(routerId, host)) {
      affected.add(host, key.section, key.id);
      for (const centre of this.#distribution.hostsOfCentre(routerId)) affected.add(centre, key.section, key.id);
    }
  }

  /** The names of all that is attached to the router. */
  keysOfRouter(routerId: string): readonly ObjectKey[] {
    return [...this.#attachedTo.get(routerId)].flatMap((name) => {
      const found = this.#attached.get(name);
      if (found === undefined) return [];
      const forwardings = found.section === 'floating_ips' ? this.#forwardingKeys(found.id) : [];
      return [{ section: found.section, id: found.id }, ...forwardings];
    });
  }

  /** The names of the ports by which the host is reached for floating IPs of its own; some may name nothing. */
  gatewaysOf(host: string): readonly ObjectKey[] {
    return [...this.#homes.networksOf(host)].map((id) => ({ section: 'agent_gateways', id }));
  }

  object(host: string, { section, id }: ObjectKey): HostObject | undefined {
    if (section === 'agent_gateways') {
      const portId = this.#homes.gatewayPortOf(host, id);
      return portId === undefined ? undefined : { section, id, port_id: portId };
    }
    const found = section === 'port_forwardings' ? this.#forwardingView(id) : this.#attached.get(`${section}/${id}`);
    if (found === undefined) return undefined;
    const view = found.section === 'port_forwardings' ? this.#floatingIp(found.floatingip_id) : found;
    return view !== undefined && this.#concerns(host, view) ? found : undefined;
  }

  /** Adds the names of what may differ for the host between a state before `entries` and this one. */
  addChangedSince(affected: AffectedKeys, host: string, entries: readonly LoggedObject[]): void {
    for (const { kind, id, before, after } of entries) {
      if (kind === port.name) {
        for (const floatingIp of this.#homes.ofPort(id)) this.#addFloatingIp(affected, host, floatingIp);
      }
      const section = sectionOfKind.get(kind);
      if (section !== undefined) affected.add(host, section, id);
      if (kind === floatingip.name) this.#addFloatingIp(affected, host, id);
      if (kind === agentGatewayKind) this.#addMissedGateway(affected, host, [before, after]);
    }
  }

  #putAgentGateway(id: string, row: AgentGateway | null): AffectedKeys {
    const affected = new AffectedKeys();
    for (const { network_id, host } of this.#homes.putGateway(id, row)) {
      affected.add(host, 'agent_gateways', network_id);
      for (const view of this.#floatingIpsOn(host)) {
        if (view.floating_network_id === network_id) this.#tellOfMove(affected, view, [host]);
      }
    }
    return affected;
  }

  #putFloatingIp(id: string, record: FloatingIpRecord | null): AffectedKeys {
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

  #putPortForwarding(id: string, record: PortForwardingRecord | null): AffectedKeys {
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

  #putConntrackHelper(id: string, record: ConntrackHelperRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const view = record === null ? undefined : conntrackHelperView(record);
    this.#putAttached(affected, { section: 'conntrack_helpers', id }, view);
    return affected;
  }

  #putNdpProxy(id: string, record: NdpProxyRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const view = record === null ? undefined : ndpProxyView(record);
    this.#putAttached(affected, { section: 'ndp_proxies', id }, view);
    return affected;
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

  /** Tells of the object those whom what is attached to the router concerns. */
  #tell(affected: AffectedKeys, of: Attached, { section, id }: ObjectKey): void {
    if (of.section === 'floating_ips' && this.#isDistributed(of.router_id)) {
      const host = of.port_id === null ? '' : this.#homes.hostOf(of.port_id);
      const homes = [...this.#distribution.hostsOfCentre(of.router_id), ...(host === '' ? [] : [host])];
      for (const home of homes) affected.add(home, section, id);
      return;
    }
    for (const host of this.#hosts.hostsOf(of.router_id)) affected.add(host, section, id);
  }
}

/** The sections of what is an object of its own, by what the log calls it. */
const sectionOfKind: ReadonlyMap<string, Section> = new Map<string, Section>([
  [floatingip.name, 'floating_ips'],
  [portForwarding.name, 'port_forwardings'],
  [conntrackHelper.name, 'conntrack_helpers'],
  [ndpProxy.name, 'ndp_proxies'],
]);
