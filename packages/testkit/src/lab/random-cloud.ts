// A cloud to which random things happen: what it has, as far as the next operation needs to know, and each operation.
// An operation that the API refuses has not happened; one that it cannot carry out ends the test.

import type { LabApi } from '@neutronium/cli/lab/api';
import type { Lab } from '@neutronium/cli/lab/lab';
import type { Seeded } from './seeded.ts';

interface Created {
  readonly id: string;
}

interface CreatedPort extends Created {
  readonly mac_address: string;
}

interface Network extends Created {
  readonly external: boolean;
  readonly number: number;
  readonly subnets: string[];
}

interface Instance extends CreatedPort {
  readonly network: Network;
  /** The host that its port is bound to. */
  host: string;
  /** The host on which its device is; null where it is on none. */
  deviceOn: string | null;
}

interface Router extends Created {
  readonly interfaces: Set<string>;
}

/** How many there are of each at the most: a host has two processors, and each network and router costs processes. */
const most = { networks: 9, instances: 24, routers: 4, floatingIps: 6, groups: 5 } as const;

/** What happened, in words; null where nothing could. */
type Happening = Promise<string | null>;

type Operation = readonly [weight: number, run: () => Happening];

export class RandomCloud {
  readonly #lab: Lab;
  readonly #api: LabApi;
  readonly #random: Seeded;
  readonly #networks: Network[] = [];
  readonly #instances: Instance[] = [];
  readonly #routers: Router[] = [];
  readonly #floatingIps: Created[] = [];
  readonly #groups: (Created & { readonly rules: string[] })[] = [];
  readonly #taken = new Set<Instance>();
  /** Hosts that do not reach the server. */
  readonly #cutOff = new Set<string>();
  /** What has happened, in order. */
  readonly history: string[] = [];
  refused = 0;
  #numbered = 0;

  private constructor(lab: Lab, api: LabApi, random: Seeded) {
    this.#lab = lab;
    this.#api = api;
    this.#random = random;
  }

  /** A cloud with an external network on the first physical network of the lab, and no quotas. */
  static async start(lab: Lab, random: Seeded): Promise<RandomCloud> {
    const api = await lab.api();
    const unlimited = ['network', 'subnet', 'port', 'router', 'floatingip', 'security_group', 'security_group_rule'];
    await api.expect('PUT', `/quotas/${await api.projectId()}`, {
      quota: Object.fromEntries(unlimited.map((name) => [name, -1])),
    });
    const cloud = new RandomCloud(lab, api, random);
    const [physnet] = lab.topology.physicalNetworks;
    const network = await api.expect<Created>('POST', '/networks', {
      network: {
        name: 'outside',
        'router:external': true,
        'provider:network_type': 'flat',
        'provider:physical_network': physnet?.name,
      },
    });
    const subnet = await api.expect<Created>('POST', '/subnets', {
      subnet: { network_id: network.id, ip_version: 4, cidr: '203.0.113.0/24', enable_dhcp: false },
    });
    cloud.#networks.push({ id: network.id, external: true, number: 0, subnets: [subnet.id] });
    // Enough for every kind of operation to have something to be about.
    for (const begin of [
      ...Array.from({ length: 3 }, () => () => cloud.#createNetwork()),
      ...Array.from({ length: 2 }, () => () => cloud.#createRouter()),
      ...Array.from({ length: 3 }, () => () => cloud.#addInterface()),
      ...Array.from({ length: 2 }, () => () => cloud.#createGroup()),
      ...Array.from({ length: 6 }, () => () => cloud.#createInstance()),
    ]) {
      await begin();
    }
    return cloud;
  }

  /** `count` operations, a few at the same time, and now and then a misfortune between them. All is whole at the end. */
  async happen(count: number, atOnce = 3): Promise<void> {
    for (let left = count; left > 0; left -= atOnce) {
      if (this.#random.chance(0.06)) this.history.push(await this.#misfortune());
      const some = Array.from({ length: Math.min(atOnce, left) }, () => this.#next());
      for (const ended of await Promise.allSettled(some)) {
        if (ended.status === 'rejected') throw new Error('an operation cannot be carried out', { cause: ended.reason });
      }
    }
    for (const host of this.#cutOff) await this.#reach(host);
  }

  /** What befalls machines: nobody waits for it to be over but for the program to be there again. */
  async #misfortune(): Promise<string> {
    const name = this.#host();
    const host = this.#lab.host(name);
    const kinds = ['server', 'cut', 'cut', 'ovs-vswitchd', 'ovsdb-server', 'dnsmasq'] as const;
    switch (this.#random.pick(kinds) ?? 'server') {
      case 'server':
        await this.#lab.killServer();
        await this.#lab.startServer();
        return 'the server was killed, and is started anew';
      case 'ovs-vswitchd':
        await host.killDaemon('ovs-vswitchd');
        await host.startVswitchd();
        return `ovs-vswitchd of ${name} was killed, and is started anew`;
      case 'ovsdb-server':
        await host.killDaemon('ovsdb-server');
        await host.startOvsdb();
        return `ovsdb-server of ${name} was killed, and is started anew`;
      case 'dnsmasq':
        await host.script('pkill -9 dnsmasq || true');
        return `every dnsmasq of ${name} was killed`;
      case 'cut':
        if (this.#cutOff.has(name)) {
          await this.#reach(name);
          return `${name} reaches the server again`;
        }
        this.#cutOff.add(name);
        await host.script('ip link set mgmt0 down');
        return `${name} does not reach the server`;
    }
  }

  async #reach(host: string): Promise<void> {
    await this.#lab.host(host).script('ip link set mgmt0 up');
    this.#cutOff.delete(host);
  }

  async #next(): Promise<void> {
    for (;;) {
      const happened = await this.#random.weighted(this.#operations)();
      if (happened === null) continue;
      this.history.push(happened);
      return;
    }
  }

  readonly #operations: readonly Operation[] = [
    [8, () => this.#createNetwork()],
    [4, () => this.#removeNetwork()],
    [3, () => this.#addSubnet()],
    [3, () => this.#removeSubnet()],
    [4, () => this.#changeSubnet()],
    [3, () => this.#changeNetwork()],
    [22, () => this.#createInstance()],
    [10, () => this.#removeInstance()],
    [6, () => this.#unplug()],
    [6, () => this.#plug()],
    [10, () => this.#move()],
    [6, () => this.#migrate()],
    [12, () => this.#changePort()],
    [5, () => this.#createRouter()],
    [3, () => this.#removeRouter()],
    [9, () => this.#addInterface()],
    [4, () => this.#removeInterface()],
    [6, () => this.#changeGateway()],
    [3, () => this.#changeRouter()],
    [6, () => this.#createFloatingIp()],
    [7, () => this.#associate()],
    [3, () => this.#removeFloatingIp()],
    [4, () => this.#createGroup()],
    [2, () => this.#removeGroup()],
    [9, () => this.#createRule()],
    [5, () => this.#removeRule()],
    [2, () => this.#restartAgent()],
  ];

  async #createNetwork(): Happening {
    if (this.#networks.length >= most.networks) return null;
    const type = this.#random.pick(['vxlan', 'vxlan', 'gre', 'geneve', 'vlan', 'local']) ?? 'vxlan';
    const number = (this.#numbered += 1);
    const ipv6 = this.#random.pick([null, null, 'slaac', 'dhcpv6-stateful', 'dhcpv6-stateless']) ?? null;
    const wire = type === 'vlan' ? { 'provider:physical_network': this.#physnet(1) } : {};
    const network = await this.#ask<Created>('POST', '/networks', {
      network: { name: `net${number}`, 'provider:network_type': type, ...wire },
    });
    if (network === null) return `no ${type} network`;
    const subnets: string[] = [];
    this.#networks.push({ id: network.id, external: false, number, subnets });
    const ipv4 = { network_id: network.id, ip_version: 4, cidr: `10.${number % 200}.0.0/24` };
    const made = [await this.#ask<Created>('POST', '/subnets', { subnet: ipv4 })];
    if (ipv6 !== null) {
      const modes = { ipv6_address_mode: ipv6, ipv6_ra_mode: ipv6 };
      const subnet = { network_id: network.id, ip_version: 6, cidr: `fd00:${number.toString(16)}::/64`, ...modes };
      made.push(await this.#ask<Created>('POST', '/subnets', { subnet }));
    }
    subnets.push(...made.flatMap((subnet) => subnet?.id ?? []));
    return `${type} network ${network.id}, IPv6 ${ipv6}`;
  }

  async #removeNetwork(): Happening {
    const network = this.#random.pick(this.#inner());
    if (network === undefined) return null;
    return (await this.#remove('/networks', network, this.#networks))
      ? `network ${network.id} is removed`
      : 'network stays';
  }

  async #addSubnet(): Happening {
    const network = this.#random.pick(this.#inner());
    if (network === undefined) return null;
    const number = (this.#numbered += 1);
    const subnet = {
      network_id: network.id,
      ip_version: 4,
      cidr: `10.${200 + (number % 50)}.${number % 250}.0/24`,
      enable_dhcp: this.#random.chance(0.6),
      host_routes: this.#random.chance(0.3) ? [{ destination: '198.51.100.0/24', nexthop: '10.0.0.254' }] : [],
      dns_nameservers: this.#random.chance(0.3) ? ['192.0.2.53'] : [],
    };
    const made = await this.#ask<Created>('POST', '/subnets', { subnet });
    if (made !== null) network.subnets.push(made.id);
    return `subnet ${made?.id} of ${network.id}`;
  }

  async #removeSubnet(): Happening {
    const network = this.#random.pick(this.#inner());
    const id = this.#random.pick(network?.subnets ?? []);
    if (network === undefined || id === undefined) return null;
    const gone = (await this.#ask('DELETE', `/subnets/${id}`)) !== null;
    if (gone) network.subnets.splice(network.subnets.indexOf(id), 1);
    return gone ? `subnet ${id} is removed` : `subnet ${id} stays`;
  }

  async #changeSubnet(): Happening {
    const id = this.#random.pick(this.#random.pick(this.#inner())?.subnets ?? []);
    if (id === undefined) return null;
    const subnet = this.#random.chance(0.6)
      ? { enable_dhcp: this.#random.chance(0.6) }
      : { dns_nameservers: [`192.0.2.${this.#random.below(250)}`] };
    await this.#ask('PUT', `/subnets/${id}`, { subnet });
    return `subnet ${id}: ${JSON.stringify(subnet)}`;
  }

  async #changeNetwork(): Happening {
    const network = this.#random.pick(this.#inner());
    if (network === undefined) return null;
    const change = this.#random.pick([
      { admin_state_up: this.#random.chance(0.7) },
      { mtu: 1300 + this.#random.below(100) },
      { port_security_enabled: this.#random.chance(0.7) },
    ]);
    await this.#ask('PUT', `/networks/${network.id}`, { network: change });
    return `network ${network.id}: ${JSON.stringify(change)}`;
  }

  async #createInstance(): Happening {
    const network = this.#random.pick(this.#inner());
    if (network === undefined || this.#instances.length >= most.instances) return null;
    const host = this.#host();
    const isPlugged = this.#random.chance(0.85);
    const port = await this.#ask<CreatedPort>('POST', '/ports', {
      port: {
        network_id: network.id,
        device_owner: 'compute:nova',
        device_id: `vm${(this.#numbered += 1)}`,
        'binding:host_id': host,
        ...(this.#random.chance(0.4) && { security_groups: this.#someGroups() }),
      },
    });
    if (port === null) return 'no instance';
    const instance: Instance = { id: port.id, mac_address: port.mac_address, network, host, deviceOn: null };
    if (isPlugged) await this.#plugOn(instance, host);
    this.#instances.push(instance);
    return `instance ${port.id} on ${host}${isPlugged ? '' : ', without a device'}`;
  }

  /** Sometimes the device goes first, sometimes the port. */
  async #removeInstance(): Happening {
    using taken = this.#takeInstance();
    const { instance } = taken;
    if (instance === undefined) return null;
    this.#instances.splice(this.#instances.indexOf(instance), 1);
    const deviceFirst = this.#random.chance(0.5);
    if (deviceFirst) await this.#unplugFrom(instance);
    await this.#ask('DELETE', `/ports/${instance.id}`);
    if (!deviceFirst) await this.#unplugFrom(instance);
    return `instance ${instance.id} is removed`;
  }

  async #unplug(): Happening {
    using taken = this.#takeInstance(({ deviceOn }) => deviceOn !== null);
    const { instance } = taken;
    if (instance === undefined || instance.deviceOn === null) return null;
    const host = instance.deviceOn;
    await this.#unplugFrom(instance);
    return `${instance.id} is unplugged on ${host}`;
  }

  async #plug(): Happening {
    using taken = this.#takeInstance(({ deviceOn }) => deviceOn === null);
    const { instance } = taken;
    if (instance === undefined) return null;
    await this.#plugOn(instance, instance.host);
    return `${instance.id} is plugged on ${instance.host}`;
  }

  /** As a cold migration: the device goes, the port is bound elsewhere, and the device comes there. */
  async #move(): Happening {
    using taken = this.#takeInstance();
    const { instance } = taken;
    if (instance === undefined) return null;
    const to = this.#host();
    const hadDevice = instance.deviceOn !== null;
    await this.#unplugFrom(instance);
    if ((await this.#ask('PUT', `/ports/${instance.id}`, { port: { 'binding:host_id': to } })) === null)
      return 'no move';
    instance.host = to;
    if (hadDevice) await this.#plugOn(instance, to);
    return `${instance.id} moves to ${to}`;
  }

  /** As a live migration: the new device is there first, and then the binding becomes the active one. */
  async #migrate(): Happening {
    const to = this.#host();
    using taken = this.#takeInstance(({ host, deviceOn }) => host !== to && deviceOn === host);
    const { instance } = taken;
    if (instance === undefined) return null;
    const from = instance.host;
    const binding = { host: to, vnic_type: 'normal' };
    const bindings = `/ports/${instance.id}/bindings`;
    if ((await this.#ask('POST', bindings, { binding })) === null) return `no binding of ${instance.id} to ${to}`;
    const old = { ...instance };
    await this.#plugOn(instance, to);
    if ((await this.#ask('PUT', `${bindings}/${to}/activate`)) !== null) instance.host = to;
    await this.#unplugFrom(old);
    await this.#ask('DELETE', `${bindings}/${from}`);
    return `${instance.id} migrates from ${from} to ${to}`;
  }

  async #changePort(): Happening {
    const instance = this.#random.pick(this.#instances);
    if (instance === undefined) return null;
    const octet = this.#random.below(250);
    const changes: readonly object[] = [
      { security_groups: this.#someGroups() },
      { port_security_enabled: false, security_groups: [], allowed_address_pairs: [] },
      { port_security_enabled: true },
      { admin_state_up: this.#random.chance(0.6) },
      { allowed_address_pairs: [{ ip_address: `198.51.100.${octet}` }] },
      { allowed_address_pairs: [{ ip_address: '0.0.0.0/0', mac_address: `fa:16:3f:00:00:${(octet % 90) + 10}` }] },
      { allowed_address_pairs: [] },
      { fixed_ips: instance.network.subnets.slice(0, 2).map((subnet_id) => ({ subnet_id })) },
      { extra_dhcp_opts: [{ opt_name: 'mtu', opt_value: String(1300 + octet), ip_version: 4 }] },
      { name: `renamed${octet}` },
    ];
    const port = this.#random.pick(changes);
    await this.#ask('PUT', `/ports/${instance.id}`, { port });
    return `port ${instance.id}: ${JSON.stringify(port)}`;
  }

  async #createRouter(): Happening {
    if (this.#routers.length >= most.routers) return null;
    const gateway = this.#random.chance(0.7) ? { external_gateway_info: { network_id: this.#outside() } } : {};
    const router = await this.#ask<Created>('POST', '/routers', { router: { name: 'router', ...gateway } });
    if (router !== null) this.#routers.push({ id: router.id, interfaces: new Set() });
    return `router ${router?.id}`;
  }

  async #removeRouter(): Happening {
    const router = this.#random.pick(this.#routers);
    if (router === undefined) return null;
    for (const subnet_id of router.interfaces) {
      const path = `/routers/${router.id}/remove_router_interface`;
      if ((await this.#ask('PUT', path, { subnet_id })) !== null) router.interfaces.delete(subnet_id);
    }
    return (await this.#remove('/routers', router, this.#routers)) ? `router ${router.id} is removed` : 'router stays';
  }

  async #addInterface(): Happening {
    const router = this.#random.pick(this.#routers);
    const subnet_id = this.#random.pick(this.#random.pick(this.#inner())?.subnets ?? []);
    if (router === undefined || subnet_id === undefined) return null;
    const made = await this.#ask('PUT', `/routers/${router.id}/add_router_interface`, { subnet_id });
    if (made !== null) router.interfaces.add(subnet_id);
    return `interface of ${router.id} in ${subnet_id}: ${made !== null}`;
  }

  async #removeInterface(): Happening {
    const router = this.#random.pick(this.#routers);
    const subnet_id = this.#random.pick([...(router?.interfaces ?? [])]);
    if (router === undefined || subnet_id === undefined) return null;
    const path = `/routers/${router.id}/remove_router_interface`;
    if ((await this.#ask('PUT', path, { subnet_id })) !== null) router.interfaces.delete(subnet_id);
    return `interface of ${router.id} in ${subnet_id} is removed`;
  }

  async #changeGateway(): Happening {
    const router = this.#random.pick(this.#routers);
    if (router === undefined) return null;
    const enable_snat = this.#random.chance(0.7);
    const gateway = this.#random.chance(0.7) ? { network_id: this.#outside(), enable_snat } : {};
    await this.#ask('PUT', `/routers/${router.id}`, { router: { external_gateway_info: gateway } });
    return `gateway of ${router.id}: ${JSON.stringify(gateway)}`;
  }

  async #changeRouter(): Happening {
    const router = this.#random.pick(this.#routers);
    if (router === undefined) return null;
    const change = this.#random.chance(0.5)
      ? { admin_state_up: this.#random.chance(0.7) }
      : { routes: this.#random.chance(0.5) ? [] : [{ destination: '192.0.2.0/24', nexthop: '203.0.113.1' }] };
    await this.#ask('PUT', `/routers/${router.id}`, { router: change });
    return `router ${router.id}: ${JSON.stringify(change)}`;
  }

  async #createFloatingIp(): Happening {
    if (this.#floatingIps.length >= most.floatingIps) return null;
    const made = await this.#ask<Created>('POST', '/floatingips', {
      floatingip: { floating_network_id: this.#outside() },
    });
    if (made !== null) this.#floatingIps.push(made);
    return `floating IP ${made?.id}`;
  }

  async #associate(): Happening {
    const floatingIp = this.#random.pick(this.#floatingIps);
    if (floatingIp === undefined) return null;
    const port_id = this.#random.chance(0.75) ? (this.#random.pick(this.#instances)?.id ?? null) : null;
    const isDone = (await this.#ask('PUT', `/floatingips/${floatingIp.id}`, { floatingip: { port_id } })) !== null;
    return `floating IP ${floatingIp.id} for ${port_id}: ${isDone}`;
  }

  async #removeFloatingIp(): Happening {
    const floatingIp = this.#random.pick(this.#floatingIps);
    if (floatingIp === undefined) return null;
    await this.#remove('/floatingips', floatingIp, this.#floatingIps);
    return `floating IP ${floatingIp.id} is removed`;
  }

  async #createGroup(): Happening {
    if (this.#groups.length >= most.groups) return null;
    const name = `group${(this.#numbered += 1)}`;
    const stateful = this.#random.chance(0.8);
    const made = await this.#ask<Created>('POST', '/security-groups', { security_group: { name, stateful } });
    if (made !== null) this.#groups.push({ id: made.id, rules: [] });
    return `group ${made?.id}`;
  }

  async #removeGroup(): Happening {
    const group = this.#random.pick(this.#groups);
    if (group === undefined) return null;
    return (await this.#remove('/security-groups', group, this.#groups))
      ? `group ${group.id} is removed`
      : 'group stays';
  }

  async #createRule(): Happening {
    const group = this.#random.pick(this.#groups);
    if (group === undefined) return null;
    const first = 1 + this.#random.below(30_000);
    const ports = { port_range_min: first, port_range_max: first + this.#random.below(200) };
    const remote = this.#random.pick([
      {},
      { remote_group_id: this.#random.pick(this.#groups)?.id },
      { remote_ip_prefix: `10.${this.#random.below(9)}.0.0/16` },
    ]);
    const rule = {
      security_group_id: group.id,
      direction: this.#random.chance(0.7) ? 'ingress' : 'egress',
      ethertype: 'IPv4',
      ...this.#random.pick([{ protocol: 'tcp', ...ports }, { protocol: 'udp', ...ports }, { protocol: 'icmp' }, {}]),
      ...remote,
    };
    const made = await this.#ask<Created>('POST', '/security-group-rules', { security_group_rule: rule });
    if (made !== null) group.rules.push(made.id);
    return `rule ${made?.id} of ${group.id}`;
  }

  async #removeRule(): Happening {
    const group = this.#random.pick(this.#groups);
    const id = this.#random.pick(group?.rules ?? []);
    if (group === undefined || id === undefined) return null;
    group.rules.splice(group.rules.indexOf(id), 1);
    await this.#ask('DELETE', `/security-group-rules/${id}`);
    return `rule ${id} is removed`;
  }

  /** As after a crash, at whatever moment. */
  async #restartAgent(): Happening {
    const host = this.#host();
    await this.#lab.killAgent(host);
    await this.#lab.startAgent(host);
    return `the agent of ${host} was killed, and is started anew`;
  }

  async #plugOn(instance: Instance, host: string): Promise<void> {
    instance.deviceOn = host;
    const device = `tap${instance.id}`.slice(0, 14);
    await this.#lab.host(host).script(`
      ip tuntap add dev ${device} mode tap
      ip link set ${device} up
      ovs-vsctl --timeout=30 --may-exist add-port br-int ${device} \\
        -- set Interface ${device} external_ids:iface-id=${instance.id} \\
           external_ids:attached-mac=${instance.mac_address} external_ids:iface-status=active`);
  }

  async #unplugFrom(instance: Instance): Promise<void> {
    const host = instance.deviceOn;
    if (host === null) return;
    instance.deviceOn = null;
    const device = `tap${instance.id}`.slice(0, 14);
    await this.#lab.host(host).script(`
      ovs-vsctl --timeout=30 --if-exists del-port br-int ${device}
      ip link del ${device}`);
  }

  /** One of the instances whose device no other operation is about just now, until it is disposed of. */
  #takeInstance(suits: (instance: Instance) => boolean = () => true): Disposable & { readonly instance?: Instance } {
    const instance = this.#random.pick(this.#instances.filter((each) => !this.#taken.has(each) && suits(each)));
    if (instance === undefined) return { [Symbol.dispose]: () => undefined };
    this.#taken.add(instance);
    return { instance, [Symbol.dispose]: () => void this.#taken.delete(instance) };
  }

  #host(): string {
    const host = this.#random.pick([...this.#lab.hosts.keys()]);
    if (host === undefined) throw new Error('the lab has no hosts');
    return host;
  }

  #physnet(number: number): string {
    const { name } = this.#lab.topology.physicalNetworks[number] ?? {};
    if (name === undefined) throw new Error('the lab has too few physical networks');
    return name;
  }

  #inner(): readonly Network[] {
    return this.#networks.filter(({ external }) => !external);
  }

  #outside(): string | undefined {
    return this.#networks.find(({ external }) => external)?.id;
  }

  #someGroups(): readonly string[] {
    return this.#groups.filter(() => this.#random.chance(0.4)).map(({ id }) => id);
  }

  /** Whether the object was removed. It is no longer known then. */
  async #remove<T extends Created>(collection: string, object: T, known: T[]): Promise<boolean> {
    if ((await this.#ask('DELETE', `${collection}/${object.id}`)) === null) return false;
    const index = known.indexOf(object);
    if (index >= 0) known.splice(index, 1);
    return true;
  }

  /** What the API has made; null where it refuses. */
  async #ask<T>(method: string, path: string, body?: unknown): Promise<T | null> {
    const answer = await this.#api.request(method, path, body);
    if (answer.status >= 500) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    if (answer.status >= 400) {
      this.refused += 1;
      return null;
    }
    // An answer of the Networking API holds one thing under the name of its kind.
    return (Object.values(answer.body)[0] ?? {}) as T;
  }
}
