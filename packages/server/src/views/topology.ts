// Networks, ports, and by its parts (subnets.ts, security-groups.ts, routers.ts, ...) all else that hosts see, kept in
// memory by folding in the entries of the change log. From it comes the view of any host: whole, object by object, or, for
// one entry, the names of what may have changed where; for many at once, see changed-since.ts. The cost of an entry is
// that of the objects which it affects, however large the deployment.

import { isDeepStrictEqual } from 'node:util';
import {
  viewOf,
  type HostObject,
  type HostView,
  type NetworkView,
  type ObjectKey,
  type PortView,
} from '@neutronium/model/host-view';
import { addressGroupAddress, type AddressGroupAddress } from '@neutronium/model/resources/address-group';
import { agent, type AgentRecord } from '@neutronium/model/resources/agent';
import { log, type LogRecord } from '@neutronium/model/resources/log';
import { meteringLabel, type MeteringLabelRecord } from '@neutronium/model/resources/metering-label';
import { meteringLabelRule, type MeteringLabelRuleRecord } from '@neutronium/model/resources/metering-label-rule';
import { localIp, type LocalIpRecord } from '@neutronium/model/resources/local-ip';
import { localIpAssociation } from '@neutronium/model/resources/local-ip-association';
import { network, type NetworkRecord } from '@neutronium/model/resources/network';
import { router, type RouterRecord } from '@neutronium/model/resources/router';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { securityGroup, type SecurityGroupRecord } from '@neutronium/model/resources/security-group';
import { securityGroupRule, type SecurityGroupRuleRecord } from '@neutronium/model/resources/security-group-rule';
import { subnet, type SubnetRecord } from '@neutronium/model/resources/subnet';
import { subnetpool, type SubnetPoolRecord } from '@neutronium/model/resources/subnetpool';
import { trunk, type TrunkRecord } from '@neutronium/model/resources/trunk';
import type { ChangeEntry, Reader } from '../store/store.ts';
import { dvrHostMacKind, type DvrHostMac } from '../binding/dvr-macs.ts';
import { AffectedKeys } from './affected-keys.ts';
import { HostMacs } from './distributed-routing.ts';
import { addChangedSince } from './changed-since.ts';
import { Distribution, type PlacedInterface } from './distribution.ts';
import { IndexOfSets } from './index-of-sets.ts';
import { MeteringLabels } from './metering-labels.ts';
import { NetworkHosts } from './network-hosts.ts';
import { LocalIps, type AssociationRow } from './local-ips.ts';
import { networkView, portView } from './project.ts';
import { Subnets } from './subnets.ts';
import { SecurityGroups } from './security-groups.ts';
import { isSamePlacement, seenFrom, type PlacedPort } from './placed-port.ts';
import { routerPortKind, Routers, type RouterPortRow } from './routers.ts';
import { virtualRouterKind, type VirtualRouterRow } from './shared-routers.ts';
import { QosPolicies } from './qos-policies.ts';
import { TrafficLogs } from './traffic-logs.ts';
import { Trunks } from './trunks.ts';
import { Tunnels } from './tunnels.ts';

/** What an entry of the log says of one object. */
export type LoggedObject = Pick<ChangeEntry, 'kind' | 'id' | 'before' | 'after'>;

export class Topology {
  readonly #dnsDomain: string;
  readonly #networks = new Map<string, NetworkView>();
  /** As they are bound. */
  readonly #ports = new Map<string, PortView>();
  /** As hosts have them. */
  readonly #placed = new Map<string, PlacedPort>();
  readonly #portsOfNetwork = new IndexOfSets<string, string>();
  readonly #hosts = new NetworkHosts();
  readonly #subnets = new Subnets(this.#hosts);
  readonly #tunnels = new Tunnels({
    networks: this.#networks,
    ports: this.#placed,
    portsOfNetwork: this.#portsOfNetwork,
    hosts: this.#hosts,
  });
  readonly #security = new SecurityGroups(this.#ports);
  readonly #qos = new QosPolicies();
  readonly #metering = new MeteringLabels();
  readonly #logs = new TrafficLogs();
  readonly #distribution = new Distribution({
    placed: (affected, place, begins) => this.#place(affected, place, begins),
    carried: (affected, place, begins) => this.#routers.carry(affected, place, begins),
    centred: (affected, place) => this.#routers.centre(affected, place),
  });
  readonly #routers: Routers = new Routers(
    { bound: this.#ports, placed: this.#placed, distribution: this.#distribution },
    { qos: this.#qos, metering: this.#metering },
  );
  readonly #hostMacs = new HostMacs();
  readonly #trunks = new Trunks(this.#ports);
  readonly #localIps = new LocalIps(this.#ports);

  /** `dnsDomain` is the domain in which ports are named. */
  constructor(dnsDomain: string) {
    this.#dnsDomain = dnsDomain;
  }

  /** Takes in everything that the store has. */
  async load(reader: Reader): Promise<void> {
    for (const record of await reader.list(network, {})) this.#putNetwork(record.id, record);
    await this.#subnets.load(reader);
    await this.#security.load(reader);
    await this.#qos.load(reader);
    await this.#metering.load(reader);
    await this.#logs.load(reader);
    await this.#routers.load(reader);
    for (const row of await reader.db.selectFrom('dvr_host_macs').selectAll().execute()) {
      this.#hostMacs.put(row.host, row);
    }
    for (const record of await reader.list(agent, {})) this.#putAgent(record.id, record);
    for (const record of await reader.list(port, {})) this.#putPort(record.id, record);
    for (const record of await reader.list(trunk, {})) this.#trunks.putTrunk(record.id, record);
    await this.#localIps.load(reader);
  }

  /** Folds one entry in and gives back, for each host, the names of the objects of its view that may differ now. */
  apply({ kind, id, after }: LoggedObject): AffectedKeys {
    // The log holds whole records of the kind that it names: the store wrote them.
    switch (kind) {
      case network.name:
        return this.#putNetwork(id, after as NetworkRecord | null);
      case subnet.name:
        return this.#subnets.putSubnet(id, after as SubnetRecord | null);
      case subnetpool.name:
        return this.#subnets.putPool(id, after as SubnetPoolRecord | null);
      case port.name:
        return this.#putPort(id, after as PortRecord | null);
      case trunk.name:
        return this.#trunks.putTrunk(id, after as TrunkRecord | null);
      case localIp.name:
        return this.#localIps.putLocalIp(id, after as LocalIpRecord | null);
      case localIpAssociation.name:
        return this.#localIps.putAssociation(id, after as AssociationRow | null);
      case securityGroup.name:
        return this.#security.putGroup(id, after as SecurityGroupRecord | null);
      case securityGroupRule.name:
        return this.#security.putRule(id, after as SecurityGroupRuleRecord | null);
      case addressGroupAddress:
        return this.#security.putAddress(id, after as AddressGroupAddress | null);
      case router.name:
        return this.#putRouter(id, after as RouterRecord | null);
      case routerPortKind:
        return this.#putRouterPort(id, after as RouterPortRow | null);
      case virtualRouterKind:
        return this.#routers.putVirtualRouter(id, after as VirtualRouterRow | null);
      case log.name:
        return this.#logs.putLog(id, after as LogRecord | null);
      case meteringLabel.name:
        return this.#metering.putLabel(id, after as MeteringLabelRecord | null);
      case meteringLabelRule.name:
        return this.#metering.putRule(id, after as MeteringLabelRuleRecord | null);
      case dvrHostMacKind:
        return this.#putHostMac(id, after as DvrHostMac | null);
      case agent.name:
        return this.#putAgent(id, after as AgentRecord | null);
      default:
        return this.#routers.attachments.put({ kind, id, after }) ?? this.#qos.put({ kind, id, after });
    }
  }

  /** The object of the host's view, or undefined when the view has none of that name. */
  object(host: string, key: ObjectKey): HostObject | undefined {
    const { section, id } = key;
    switch (section) {
      case 'networks':
        return this.#hosts.sees(host, id) ? this.#networks.get(id) : undefined;
      case 'subnets':
        return this.#subnets.object(host, id);
      case 'ports': {
        const found = this.#placed.get(id);
        if (found === undefined) return undefined;
        const knows = found.hosts.includes(host) || this.#hosts.serves(host, found.view.network_id);
        if (!knows) return undefined;
        const routerId = this.#distribution.routerOfInterface(id);
        const carries = routerId !== undefined && this.#distribution.carries(host, routerId);
        return carries ? { ...found.view, host } : seenFrom(host, found);
      }
      case 'dhcp': {
        const portId = this.#hosts.dhcpPortOf(host, id);
        return portId === undefined ? undefined : { section: 'dhcp', id, port_id: portId };
      }
      case 'trunks':
      case 'subports':
        return this.#trunks.object(host, key);
      case 'local_ips':
        return this.#localIps.object(host, id);
      case 'security_groups':
      case 'address_set_members':
        return this.#security.object(host, key);
      case 'distributed_routing':
        return id === host && this.#distribution.takesPart(host) ? this.#hostMacs.viewOf(host) : undefined;
      case 'routers':
      case 'agent_gateways':
      case 'floating_ips':
      case 'port_forwardings':
      case 'conntrack_helpers':
      case 'ndp_proxies':
        return this.#routers.object(host, key);
      case 'qos_policies':
        return this.#qos.object(host, id);
      case 'metering_labels':
        return this.#metering.object(host, id);
      case 'logs':
        return this.#logs.object(host, id);
      case 'tunnel_endpoints':
        return this.#tunnels.endpoint(host, id);
      case 'remote_ports':
        return this.#tunnels.remotePort(host, id);
    }
  }

  /** Whether the port is one of the host's own. */
  hasPort(host: string, id: string): boolean {
    const found = this.object(host, { section: 'ports', id });
    return found?.section === 'ports' && found.host === host;
  }

  /** Everything that the host must know. */
  objectsOf(host: string): readonly HostObject[] {
    const keys = [...this.#hosts.networksOf(host)].flatMap((networkId): readonly ObjectKey[] => {
      const serves = this.#hosts.serves(host, networkId);
      const ports = serves ? this.#portsOfNetwork.get(networkId) : this.#hosts.boundPorts(host, networkId);
      return [
        { section: 'networks', id: networkId },
        ...keysOf('subnets', this.#subnets.ofNetwork(networkId)),
        ...(this.#hosts.dhcpPortOf(host, networkId) === undefined ? [] : keysOf('dhcp', [networkId])),
        ...keysOf('ports', ports),
      ];
    });
    const parts = [
      this.#trunks,
      this.#localIps,
      this.#security,
      this.#routers,
      this.#qos,
      this.#metering,
      this.#logs,
      this.#tunnels,
    ];
    const others = parts.flatMap((part) => part.keysOf(host));
    const own: ObjectKey = { section: 'distributed_routing', id: host };
    return [own, ...keys, ...others].flatMap((key) => this.object(host, key) ?? []);
  }

  /** Hosts that anything is known of. */
  get hosts(): Iterable<string> {
    return new Set([...this.#hosts.hosts, ...this.#hostMacs.hosts]);
  }

  viewOf(host: string, revision: number): HostView {
    return viewOf(revision, this.objectsOf(host));
  }

  /**
   * Names of objects among which are all that differ for the host between a state before `missed` and this one, which
   * has them folded in. Some may not differ: what there was between is not known any more.
   */
  changedSince(host: string, missed: readonly LoggedObject[]): readonly ObjectKey[] {
    const affected = new AffectedKeys();
    addChangedSince(
      affected,
      { host, missed },
      {
        ports: this.#ports,
        portsOfNetwork: this.#portsOfNetwork,
        hosts: this.#hosts,
        subnets: this.#subnets,
        security: this.#security,
        routers: this.#routers,
        distribution: this.#distribution,
        trunks: this.#trunks,
        localIps: this.#localIps,
        tunnels: this.#tunnels,
        qos: this.#qos,
        metering: this.#metering,
        logs: this.#logs,
      },
    );
    return affected.of(host);
  }

  #putNetwork(id: string, record: NetworkRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const before = this.#networks.get(id);
    const after = record === null ? undefined : networkView(record, this.#dnsDomain);
    if (isDeepStrictEqual(before, after)) return affected;
    if (after === undefined) this.#networks.delete(id);
    else this.#networks.set(id, after);
    for (const host of this.#hosts.hostsOf(id)) affected.add(host, 'networks', id);
    this.#tunnels.addNetworkChange(affected, before, after);
    this.#qos.putUser(affected, { id, place: id, policyId: after?.qos_policy_id ?? null });
    return affected;
  }

  #putPort(id: string, record: PortRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const before = this.#ports.get(id);
    const after = record === null ? undefined : portView(record, this.#dnsDomain);
    if (before !== undefined && after !== undefined && isSameForHosts(before, after)) return affected;
    if (after === undefined) this.#ports.delete(id);
    else this.#ports.set(id, after);
    for (const portId of [id, ...this.#routers.followersOf(id)]) this.#settle(affected, portId);
    this.#trunks.putPort(affected, before, after);
    this.#localIps.putPort(affected, before, after);
    this.#security.putPort(affected, before, after);
    return affected;
  }

  #putRouter(id: string, record: RouterRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    if (!this.#routers.putRouter(affected, id, record)) return affected;
    for (const portId of this.#routers.portsOf(id)) this.#settle(affected, portId);
    return affected;
  }

  #putRouterPort(id: string, row: RouterPortRow | null): AffectedKeys {
    const affected = new AffectedKeys();
    // It is no more what it was to its router before.
    this.#distribution.putInterface(affected, id, undefined);
    this.#distribution.putCentre(affected, id, undefined);
    const followers = new Set(this.#routers.followersOf(id));
    this.#routers.putRouterPort(affected, id, row);
    for (const portId of [id, ...followers.union(new Set(this.#routers.followersOf(id)))]) {
      this.#settle(affected, portId);
    }
    return affected;
  }

  /** Lets hosts have the port as they are to have it now, whatever has changed: the port, its router, or who hosts that. */
  #settle(affected: AffectedKeys, id: string): void {
    const after = this.#placement(id);
    const role = this.#routers.distributedRole(id);
    const isInterface = role?.role === 'interface';
    if (!isInterface || after === undefined) this.#distribution.putInterface(affected, id, undefined);
    this.#replace(affected, id, after);
    if (role !== undefined && after !== undefined && isInterface) {
      this.#distribution.putInterface(affected, id, { routerId: role.router_id, port: after.view });
    }
    const isCentre = role !== undefined && !isInterface && after !== undefined && after.view.host !== '';
    const centre = isCentre ? { routerId: role.router_id, host: after.view.host } : undefined;
    this.#distribution.putCentre(affected, id, centre);
  }

  #replace(affected: AffectedKeys, id: string, after: PlacedPort | undefined): void {
    const before = this.#placed.get(id);
    this.#routers.place(affected, id, after?.hosts ?? []);
    if (before !== undefined && after !== undefined && isSamePlacement(before, after)) return;
    const changed = [before, after].filter((either) => either !== undefined);
    // What the hosts of this port had to do with its network, and what they have to do with it afterwards.
    const places = changed.flatMap(({ view: { network_id }, hosts }) =>
      hosts.map((host) => ({ host, network_id, was: this.#relation(host, network_id) })),
    );
    if (before !== undefined) {
      this.#placed.delete(id);
      this.#portsOfNetwork.delete(before.view.network_id, id);
      for (const host of before.hosts) this.#hosts.remove({ ...before.view, host });
    }
    if (after !== undefined) {
      this.#placed.set(id, after);
      this.#portsOfNetwork.add(after.view.network_id, id);
      for (const host of after.hosts) this.#hosts.add({ ...after.view, host }, after.isInterface);
    }
    this.#routers.attachments.movePort(affected, id, {
      before: before?.view.host ?? '',
      after: after?.view.host ?? '',
    });
    for (const { view } of changed) {
      for (const host of this.#hosts.hostsOf(view.network_id)) {
        if (this.#hosts.serves(host, view.network_id)) affected.add(host, 'ports', id);
      }
    }
    this.#tunnels.addPortChange(affected, before, after);
    this.#qos.putPort(affected, before, after);
    this.#logs.putPort(affected, before, after);
    for (const { host, network_id, was } of places) {
      affected.add(host, 'ports', id);
      this.#addDifference(affected, { host, network_id, was, is: this.#relation(host, network_id) });
    }
    this.#distribution.putPort(affected, before?.view, after?.view);
  }

  #placement(id: string): PlacedPort | undefined {
    const bound = this.#ports.get(id);
    if (bound === undefined) return undefined;
    const isDistributed = this.#routers.isDistributedInterface(id);
    const roams = !isDistributed && this.#routers.roams(id);
    return {
      view: roams || isDistributed ? { ...bound, host: '' } : bound,
      hosts: this.#routers.hostsOf(bound),
      roams,
      isInterface: this.#routers.isInterface(id),
    };
  }

  /** An interface of a distributed router has become a port of the host, or is one no more. */
  #place(affected: AffectedKeys, { host, port: placed }: PlacedInterface, begins: boolean): void {
    const { id, network_id } = placed;
    const was = this.#relation(host, network_id);
    if (begins) this.#hosts.add({ ...placed, host }, true);
    else this.#hosts.remove({ ...placed, host });
    affected.add(host, 'ports', id);
    this.#addDifference(affected, { host, network_id, was, is: this.#relation(host, network_id) });
  }

  #putAgent(id: string, record: AgentRecord | null): AffectedKeys {
    const affected = this.#tunnels.putAgent(id, record);
    for (const host of this.#distribution.putAgent(affected, id, record)) {
      affected.add(host, 'distributed_routing', host);
    }
    return affected;
  }

  #putHostMac(host: string, row: DvrHostMac | null): AffectedKeys {
    const affected = new AffectedKeys();
    this.#hostMacs.put(host, row);
    affected.add(host, 'distributed_routing', host);
    return affected;
  }

  #relation(host: string, networkId: string): Relation {
    return {
      sees: this.#hosts.sees(host, networkId),
      serves: this.#hosts.serves(host, networkId),
      dhcpPort: this.#hosts.dhcpPortOf(host, networkId),
    };
  }

  #addDifference(
    affected: AffectedKeys,
    { host, network_id, was, is }: { host: string; network_id: string; was: Relation; is: Relation },
  ): void {
    if (was.sees !== is.sees) {
      this.#tunnels.addSightChange(affected, host, network_id);
      if (is.sees) this.#qos.arrive(affected, network_id, host);
      else this.#qos.leave(affected, network_id, host);
      affected.add(host, 'networks', network_id);
      for (const id of this.#subnets.ofNetwork(network_id)) affected.add(host, 'subnets', id);
    }
    if (was.dhcpPort !== is.dhcpPort) affected.add(host, 'dhcp', network_id);
    if (was.serves !== is.serves) {
      for (const id of this.#portsOfNetwork.get(network_id)) affected.add(host, 'ports', id);
    }
  }
}

/** What a host has to do with a network. */
interface Relation {
  readonly sees: boolean;
  readonly serves: boolean;
  readonly dhcpPort: string | undefined;
}

/**
 * Whether hosts need not hear of the difference. A port's status is what hosts report themselves; its number would
 * come back to them with every report.
 */
function isSameForHosts(before: PortView, after: PortView): boolean {
  return isDeepStrictEqual({ ...before, revision_number: 0 }, { ...after, revision_number: 0 });
}

function keysOf(section: ObjectKey['section'], ids: Iterable<string>): readonly ObjectKey[] {
  return [...ids].map((id) => ({ section, id }));
}
