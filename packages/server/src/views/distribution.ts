// Which hosts carry which distributed routers: those whose agent does such work and that have a port of one of the
// router's networks which needs routing - of an instance, a load balancer or a DHCP server - and the host of its centre.
// Every interface of the router is a port of each of these hosts. What a port that comes or goes costs is what it changes
// on its own host, however many there are.

import type { PortView } from '@neutronium/model/host-view';
import type { AgentRecord } from '@neutronium/model/resources/agent';
import { carriesDistributed, l3ModeOf } from '../binding/l3-mode.ts';
import type { AffectedKeys } from './affected-keys.ts';
import { IndexOfSets } from './index-of-sets.ts';

/** Two names as one key. Neither ids nor host names have spaces in them. */
type Pair = `${string} ${string}`;

/** Told of what hosts begin and cease to carry. */
export interface CarrierListener {
  /** The interface has become a port of the host, or is one no more. */
  placed(affected: AffectedKeys, place: PlacedInterface, begins: boolean): void;
  /** The host has begun to carry the router, or ceased. */
  carried(affected: AffectedKeys, place: CarriedRouter, begins: boolean): void;
  /** The host has begun to have the centre of the router, or ceased. */
  centred(affected: AffectedKeys, place: CarriedRouter): void;
}

export interface CarriedRouter {
  readonly host: string;
  readonly routerId: string;
}

export interface PlacedInterface {
  readonly host: string;
  readonly port: PortView;
}

export class Distribution {
  readonly #listener: CarrierListener;
  readonly #modes = new Map<string, string>();
  /** Agents of hosts that carry distributed routers. One, but for the moment in which a deleted one comes back. */
  readonly #agentsOfHost = new IndexOfSets<string, string>();
  /** Ports that need routing, by `<network> <host>`. */
  readonly #served = new IndexOfSets<Pair, string>();
  readonly #hostsServed = new IndexOfSets<string, string>();
  readonly #networksServed = new IndexOfSets<string, string>();
  /** The interfaces of distributed routers, and whose they are. */
  readonly #interfaces = new Map<string, { readonly routerId: string; readonly port: PortView }>();
  readonly #interfacesOf = new IndexOfSets<string, string>();
  readonly #routersOn = new IndexOfSets<string, string>();
  readonly #centrePorts = new Map<string, CarriedRouter>();
  /** Ports of centres, by `<router> <host>`. */
  readonly #centres = new IndexOfSets<Pair, string>();
  readonly #hostsOfCentre = new IndexOfSets<string, string>();
  readonly #carriers = new IndexOfSets<string, string>();
  readonly #carriedBy = new IndexOfSets<string, string>();

  constructor(listener: CarrierListener) {
    this.#listener = listener;
  }

  carries(host: string, routerId: string): boolean {
    return this.#carriers.get(routerId).has(host);
  }

  hasCentre(host: string, routerId: string): boolean {
    return this.#centres.has(pairOf(routerId, host));
  }

  /** Whether the agent of the host does such work. */
  takesPart(host: string): boolean {
    return this.#agentsOfHost.has(host);
  }

  /** The distributed router that the port is an interface of. */
  routerOfInterface(portId: string): string | undefined {
    return this.#interfaces.get(portId)?.routerId;
  }

  /** The networks that the router has interfaces in. */
  networksOf(routerId: string): ReadonlySet<string> {
    return new Set(this.#interfacesIn(routerId).map(({ network_id }) => network_id));
  }

  /** The distributed routers with interfaces in the network. */
  routersOn(networkId: string): ReadonlySet<string> {
    return this.#routersOn.get(networkId);
  }

  /** The routers that the host carries, or would if its agent did such work. */
  routersNear(host: string): ReadonlySet<string> {
    const routers = new Set(this.#carriedBy.get(host));
    for (const networkId of this.#networksServed.get(host)) {
      for (const routerId of this.#routersOn.get(networkId)) routers.add(routerId);
    }
    return routers;
  }

  /** Gives back the hosts for which `takesPart` has changed. */
  putAgent(affected: AffectedKeys, id: string, record: AgentRecord | null): readonly string[] {
    const before = this.#modes.get(id);
    const after = record !== null && carriesDistributed(l3ModeOf(record)) ? record.host : undefined;
    if (before === after) return [];
    const hosts = [...new Set([before, after])].filter((host) => host !== undefined);
    const took = new Map(hosts.map((host) => [host, this.takesPart(host)]));
    if (before !== undefined) {
      this.#modes.delete(id);
      this.#agentsOfHost.delete(before, id);
    }
    if (after !== undefined) {
      this.#modes.set(id, after);
      this.#agentsOfHost.add(after, id);
    }
    const changed = hosts.filter((host) => took.get(host) !== this.takesPart(host));
    for (const host of changed) {
      for (const routerId of this.routersNear(host)) this.#settle(affected, routerId, [host]);
    }
    return changed;
  }

  /** A port of the host is there, or no more, whoever it belongs to. */
  putPort(affected: AffectedKeys, before: PortView | undefined, after: PortView | undefined): void {
    const places = [before, after].filter((port) => port !== undefined && needsRouting(port));
    if (before !== undefined && needsRouting(before)) this.#unserve(before);
    if (after !== undefined && needsRouting(after)) this.#serve(after);
    for (const place of places) {
      if (place === undefined) continue;
      for (const routerId of this.#routersOn.get(place.network_id)) this.#settle(affected, routerId, [place.host]);
    }
  }

  /** The port has become an interface of a distributed router, or is one no more for undefined. */
  putInterface(affected: AffectedKeys, id: string, now: { routerId: string; port: PortView } | undefined): void {
    const before = this.#interfaces.get(id);
    if (before !== undefined && before.routerId === now?.routerId) {
      this.#interfaces.set(id, now);
      return;
    }
    if (before !== undefined) {
      for (const host of this.#carriers.get(before.routerId)) {
        this.#listener.placed(affected, { host, port: before.port }, false);
      }
      this.#interfaces.delete(id);
      this.#interfacesOf.delete(before.routerId, id);
      const { network_id } = before.port;
      if (!this.networksOf(before.routerId).has(network_id)) this.#routersOn.delete(network_id, before.routerId);
    }
    if (now !== undefined) {
      this.#interfaces.set(id, now);
      this.#interfacesOf.add(now.routerId, id);
      this.#routersOn.add(now.port.network_id, now.routerId);
      for (const host of this.#carriers.get(now.routerId)) {
        this.#listener.placed(affected, { host, port: now.port }, true);
      }
    }
    for (const each of [before, now]) {
      if (each === undefined) continue;
      const served = this.#hostsServed.get(each.port.network_id);
      this.#settle(affected, each.routerId, [...this.#carriers.get(each.routerId), ...served]);
    }
  }

  /** The port is one of a router's centre now, or none for undefined. */
  putCentre(affected: AffectedKeys, portId: string, now: CarriedRouter | undefined): void {
    const before = this.#centrePorts.get(portId);
    if (before?.host === now?.host && before?.routerId === now?.routerId) return;
    if (before !== undefined) {
      const place = pairOf(before.routerId, before.host);
      this.#centrePorts.delete(portId);
      this.#centres.delete(place, portId);
      if (!this.#centres.has(place)) {
        this.#hostsOfCentre.delete(before.routerId, before.host);
        this.#listener.centred(affected, before);
      }
    }
    if (now !== undefined) {
      const place = pairOf(now.routerId, now.host);
      const begins = !this.#centres.has(place);
      this.#centrePorts.set(portId, now);
      this.#centres.add(place, portId);
      this.#hostsOfCentre.add(now.routerId, now.host);
      if (begins) this.#listener.centred(affected, now);
    }
    for (const each of [before, now]) if (each !== undefined) this.#settle(affected, each.routerId, [each.host]);
  }

  hostsOfCentre(routerId: string): ReadonlySet<string> {
    return this.#hostsOfCentre.get(routerId);
  }

  #settle(affected: AffectedKeys, routerId: string, hosts: readonly string[]): void {
    for (const host of new Set(hosts)) {
      const is = this.#isNeededOn(routerId, host);
      if (is === this.carries(host, routerId)) continue;
      if (is) {
        this.#carriers.add(routerId, host);
        this.#carriedBy.add(host, routerId);
      } else {
        this.#carriers.delete(routerId, host);
        this.#carriedBy.delete(host, routerId);
      }
      for (const port of this.#interfacesIn(routerId)) this.#listener.placed(affected, { host, port }, is);
      this.#listener.carried(affected, { host, routerId }, is);
    }
  }

  #isNeededOn(routerId: string, host: string): boolean {
    if (this.hasCentre(host, routerId)) return true;
    if (!this.takesPart(host)) return false;
    return this.#interfacesIn(routerId).some(({ network_id }) => this.#served.has(pairOf(network_id, host)));
  }

  #interfacesIn(routerId: string): readonly PortView[] {
    return [...this.#interfacesOf.get(routerId)].flatMap((id) => this.#interfaces.get(id)?.port ?? []);
  }

  #serve({ id, network_id, host }: PortView): void {
    this.#served.add(pairOf(network_id, host), id);
    this.#hostsServed.add(network_id, host);
    this.#networksServed.add(host, network_id);
  }

  #unserve({ id, network_id, host }: PortView): void {
    const place = pairOf(network_id, host);
    this.#served.delete(place, id);
    if (this.#served.has(place)) return;
    this.#hostsServed.delete(network_id, host);
    this.#networksServed.delete(host, network_id);
  }
}

/** Whether someone on the port sends to routers: the ports of routers themselves do not. */
function needsRouting({ host, device_owner }: PortView): boolean {
  if (host === '') return false;
  return device_owner === 'network:dhcp' || !device_owner.startsWith('network:');
}

function pairOf(first: string, second: string): Pair {
  return `${first} ${second}`;
}
