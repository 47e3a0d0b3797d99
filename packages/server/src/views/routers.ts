// Routers, and what is attached to them, as hosts see them: the part of the topology that is about layer 3. A host sees
// a router of which a port is bound to it, whole. One floating IP that comes or goes costs one object for each host of
// its router, however many the router has.

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
import { AffectedKeys } from './affected-keys.ts';
import { IndexOfSets } from './index-of-sets.ts';
import { conntrackHelperView, floatingIpView, ndpProxyView, portForwardingView } from './project-routers.ts';
import { RouterHosts } from './router-hosts.ts';
import type { LoggedObject } from './topology.ts';

/** What the log says of a port that a router has; its kind there is `router_port`, its id the port's. */
export interface RouterPortRow {
  readonly router_id: string;
  readonly port_id: string;
  readonly role: RouterPortRole;
  /** Its place among the router's ways out; the first is the one of `external_gateway_info`. */
  readonly position: number;
}

type RouterFacts = Omit<RouterView, 'gateways' | 'interface_ports'> & { readonly enableSnat: boolean };
type Attached = FloatingIpView | ConntrackHelperView | NdpProxyView;

export class Routers {
  readonly #ports: ReadonlyMap<string, PortView>;
  readonly #routers = new Map<string, RouterFacts>();
  readonly #routerPorts = new Map<string, RouterPortRow>();
  readonly #portsOfRouter = new IndexOfSets<string, string>();
  /** Floating IPs, helpers and proxies, by `<section>/<id>`. */
  readonly #attached = new Map<string, Attached>();
  readonly #attachedTo = new IndexOfSets<string, string>();
  readonly #forwardings = new Map<string, PortForwardingRecord>();
  readonly #forwardingsOf = new IndexOfSets<string, string>();
  readonly #hosts = new RouterHosts();

  /** `ports` are all ports as hosts see them, by id. */
  constructor(ports: ReadonlyMap<string, PortView>) {
    this.#ports = ports;
  }

  /** Takes in everything that the store has; ports come afterwards. */
  async load(reader: Reader): Promise<void> {
    for (const record of await reader.list(router, {})) this.putRouter(record.id, record);
    for (const row of await reader.db.selectFrom('router_ports').selectAll().execute()) {
      this.putRouterPort(new AffectedKeys(), row.port_id, row);
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

  putRouter(id: string, record: RouterRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const after = record === null ? undefined : factsOf(record);
    if (isDeepStrictEqual(this.#routers.get(id), after)) return affected;
    if (after === undefined) this.#routers.delete(id);
    else this.#routers.set(id, after);
    this.#tell(affected, id, { section: 'routers', id });
    return affected;
  }

  /** A router has a port, or has it no more. What hosts see of the port's network is not told of here. */
  putRouterPort(affected: AffectedKeys, id: string, row: RouterPortRow | null): void {
    const [before, view] = [this.#routerPorts.get(id), this.#ports.get(id)];
    if (before !== undefined) {
      // Told while the host still sees the router.
      this.#tell(affected, before.router_id, { section: 'routers', id: before.router_id });
      this.#routerPorts.delete(id);
      this.#portsOfRouter.delete(before.router_id, id);
      if (view !== undefined) this.#leave(affected, before.router_id, view);
    }
    if (row !== null) {
      this.#routerPorts.set(id, row);
      this.#portsOfRouter.add(row.router_id, id);
      if (view !== undefined) this.#arrive(affected, row.router_id, view);
      this.#tell(affected, row.router_id, { section: 'routers', id: row.router_id });
    }
  }

  /** A port has become another, with the same id; undefined where there is none. */
  putPort(affected: AffectedKeys, before: PortView | undefined, after: PortView | undefined): void {
    const id = (after ?? before)?.id ?? '';
    const routerId = this.#routerPorts.get(id)?.router_id;
    if (routerId === undefined || before?.host === after?.host) return;
    if (before !== undefined) this.#leave(affected, routerId, before);
    if (after !== undefined) this.#arrive(affected, routerId, after);
  }

  putFloatingIp(id: string, record: FloatingIpRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const view = record === null ? undefined : floatingIpView(record);
    const before = this.#floatingIp(id)?.router_id;
    this.#putAttached(affected, { section: 'floating_ips', id }, view);
    if (before === view?.router_id) return affected;
    // Its forwardings are of the router that it is of.
    for (const routerId of [before, view?.router_id]) {
      if (routerId === undefined) continue;
      for (const forwarding of this.#forwardingsOf.get(id)) {
        this.#tell(affected, routerId, { section: 'port_forwardings', id: forwarding });
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
      const routerId = either === undefined ? undefined : this.#floatingIp(either.floatingip_id)?.router_id;
      if (routerId !== undefined) this.#tell(affected, routerId, { section: 'port_forwardings', id });
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
    if (section === 'routers') return this.#hosts.carries(host, id) ? this.#routerView(id) : undefined;
    const found = section === 'port_forwardings' ? this.#forwardingView(id) : this.#attached.get(`${section}/${id}`);
    return found !== undefined && this.#hosts.carries(host, found.router_id) ? found : undefined;
  }

  /** The names of all that the host sees. */
  keysOf(host: string): readonly ObjectKey[] {
    return [...this.#hosts.routersOf(host)].flatMap((routerId) => this.#keysOfRouter(routerId));
  }

  /** Adds the names of what may differ for the host between a state before `entries` and this one. */
  addChangedSince(affected: AffectedKeys, host: string, entries: readonly LoggedObject[]): void {
    // Routers that the host has begun or ceased to see are those of ports that have come to it, or left it.
    const routersOfPorts = new IndexOfSets<string, string>();
    for (const { kind, id, before, after } of entries) {
      if (kind !== routerPortKind) continue;
      // The log holds rows of the kind that it names: the server wrote them.
      for (const row of [before as RouterPortRow | null, after as RouterPortRow | null]) {
        if (row === null) continue;
        routersOfPorts.add(id, row.router_id);
        affected.add(host, 'routers', row.router_id);
        if (this.#ports.get(id)?.host === host) this.#addRouter(affected, host, row.router_id);
      }
    }
    for (const { kind, id } of entries) {
      if (kind === port.name) {
        const present = this.#routerPorts.get(id)?.router_id;
        for (const routerId of [...routersOfPorts.get(id), ...(present === undefined ? [] : [present])]) {
          this.#addRouter(affected, host, routerId);
        }
      }
      const section = sectionOfKind.get(kind);
      if (section !== undefined) affected.add(host, section, id);
      if (kind !== floatingip.name) continue;
      for (const forwarding of this.#forwardingsOf.get(id)) affected.add(host, 'port_forwardings', forwarding);
    }
  }

  #routerView(id: string): RouterView | undefined {
    const facts = this.#routers.get(id);
    if (facts === undefined) return undefined;
    const { enableSnat, ...more } = facts;
    const ids = [...this.#portsOfRouter.get(id)].toSorted();
    const rows = ids.flatMap((portId) => this.#routerPorts.get(portId) ?? []);
    const gateways = rows.filter(({ role }) => role === 'gateway').toSorted((a, b) => a.position - b.position);
    return {
      ...more,
      gateways: gateways.map(({ port_id }) => ({ port_id, enable_snat: enableSnat })),
      interface_ports: ids.filter((portId) => this.isInterface(portId)),
    };
  }

  #floatingIp(id: string): Attached | undefined {
    return this.#attached.get(`floating_ips/${id}`);
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
    for (const either of [before, after]) if (either !== undefined) this.#tell(affected, either.router_id, key);
  }

  #arrive(affected: AffectedKeys, routerId: string, view: PortView): void {
    if (this.#hosts.add(routerId, view)) this.#addRouter(affected, view.host, routerId);
  }

  #leave(affected: AffectedKeys, routerId: string, view: PortView): void {
    if (this.#hosts.remove(routerId, view)) this.#addRouter(affected, view.host, routerId);
  }

  #addRouter(affected: AffectedKeys, host: string, routerId: string): void {
    for (const { section, id } of this.#keysOfRouter(routerId)) affected.add(host, section, id);
  }

  #keysOfRouter(routerId: string): readonly ObjectKey[] {
    const attached = [...this.#attachedTo.get(routerId)].flatMap((name) => {
      const found = this.#attached.get(name);
      if (found === undefined) return [];
      const forwardings = found.section === 'floating_ips' ? [...this.#forwardingsOf.get(found.id)] : [];
      return [
        { section: found.section, id: found.id },
        ...forwardings.map((id): ObjectKey => ({ section: 'port_forwardings', id })),
      ];
    });
    return [{ section: 'routers', id: routerId }, ...attached];
  }

  #tell(affected: AffectedKeys, routerId: string, { section, id }: ObjectKey): void {
    for (const host of this.#hosts.hostsOf(routerId)) affected.add(host, section, id);
  }
}

/** What the log calls the ports of routers. */
export const routerPortKind = 'router_port';

/** The sections of what is an object of its own, by what the log calls it. */
const sectionOfKind: ReadonlyMap<string, Section> = new Map<string, Section>([
  [router.name, 'routers'],
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
    routes: record.routes,
    enable_ndp_proxy: record.enable_ndp_proxy,
    enableSnat: record.enable_snat,
  };
}
