// Routers on one host, with everything real: what a project waits for between its request and the wire, and what a
// restart costs where many routers are. A host outside is a namespace on br-ex.

import { Embedded } from '@neutronium/testkit/lab/embedded';
import { missingForLab } from '@neutronium/cli/lab/host';
import { SpeakingInstance } from '@neutronium/testkit/lab/speaking-instance';
import { proportionalMemoryMb } from '@neutronium/testkit/server-process';
import { type Benchmark, judged, percentile, type Result } from './result.ts';

const config = `
[ovs]
bridge_mappings = ["physnet1:br-ex"]

[quotas]
network = -1
subnet = -1
port = -1
router = -1
floatingip = -1
`;
const rounds = 15;
const manyRouters = 50;
const agentRestarts = 3;
const outsideAddress = '172.24.0.1';

interface Created {
  readonly id: string;
}

class RouterHost implements AsyncDisposable {
  readonly embedded: Embedded;
  readonly publicNetwork: string;

  private constructor(embedded: Embedded, publicNetwork: string) {
    this.embedded = embedded;
    this.publicNetwork = publicNetwork;
  }

  static async start(): Promise<RouterHost> {
    const embedded = await Embedded.start({ config });
    const physical = { 'provider:network_type': 'flat', 'provider:physical_network': 'physnet1' };
    const { id } = await embedded.create<Created>('/v2.0/networks', {
      network: { name: 'public', 'router:external': true, ...physical },
    });
    await embedded.create('/v2.0/subnets', {
      subnet: {
        network_id: id,
        ip_version: 4,
        cidr: '172.24.0.0/16',
        gateway_ip: outsideAddress,
        enable_dhcp: false,
      },
    });
    return new RouterHost(embedded, id);
  }

  /** A router with its gateway and one network behind it. Another one may have the same prefix. */
  async makeRouter(subnetId: string): Promise<string> {
    const { id } = await this.embedded.create<Created>('/v2.0/routers', {
      router: { external_gateway_info: { network_id: this.publicNetwork } },
    });
    await this.put(`/v2.0/routers/${id}/add_router_interface`, { subnet_id: subnetId });
    return id;
  }

  async makeNetwork(): Promise<{ readonly networkId: string; readonly subnetId: string }> {
    const network = await this.embedded.create<Created>('/v2.0/networks', { network: {} });
    const subnet = { network_id: network.id, ip_version: 4, cidr: '10.0.0.0/24', enable_dhcp: false };
    const { id } = await this.embedded.create<Created>('/v2.0/subnets', { subnet });
    return { networkId: network.id, subnetId: id };
  }

  async makeRouters(count: number): Promise<void> {
    for (let made = 0; made < count; made += 1) await this.makeRouter((await this.makeNetwork()).subnetId);
  }

  async put(path: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    const answer = await this.embedded.api('PUT', path, body);
    if (answer.status !== 200) throw new Error(`PUT ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  /** Resolves when `count` ports that the query selects are ACTIVE. */
  async untilActive(query: string, count: number): Promise<void> {
    await this.embedded.until(
      `${count} wired ports`,
      async () => {
        const { body } = await this.embedded.api('GET', `/v2.0/ports?fields=id&status=ACTIVE&${query}`);
        return (body['ports'] as readonly unknown[]).length === count;
      },
      120_000,
    );
  }

  /** Memory of all processes on the host, in megabytes that are their own share. */
  async memoryMb(): Promise<number> {
    const script = `cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk '/^Pss:/ { sum += $2 } END { print sum }'`;
    return Number(await this.embedded.host.script(script)) / 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.embedded[Symbol.asyncDispose]();
  }
}

const routers: Benchmark = {
  ids: [
    'routers.wired.p50',
    'routers.wired.p95',
    'routers.floating-ip.first-packet.p50',
    'routers.floating-ip.first-packet.p95',
    `routers.agent-restart.${manyRouters}`,
    `routers.agent-restart.${manyRouters}.packets-lost`,
    `routers.rebuilt.${manyRouters}`,
    'routers.memory-per-router',
    'routers.memory-per-router.agent',
  ],
  async run() {
    const missing = missingForLab();
    if (missing.length > 0) throw new Error(`the figures of routers need ${missing.join(', ')}`);
    await using host = await RouterHost.start();
    const results: Result[] = [...(await wiring(host))];
    const { networkId, subnetId } = await host.makeNetwork();
    await host.makeRouter(subnetId);
    const inside = await instance(host, networkId);
    const outside = await hostOutside(host);
    results.push(...(await firstPackets(host, { inside, outside })));

    const wired = async (): Promise<number> => {
      const { body } = await host.embedded.api('GET', '/v2.0/routers?fields=id');
      const { length } = body['routers'] as readonly unknown[];
      await host.untilActive('device_owner=network:router_gateway', length);
      return length;
    };
    const present = await wired();
    const agentPid = await host.embedded.outerPid('agent');
    const before = { all: await host.memoryMb(), agent: await proportionalMemoryMb(agentPid) };
    const added = manyRouters - present;
    await host.makeRouters(added);
    await wired();
    const perRouter = {
      all: ((await host.memoryMb()) - before.all) / added,
      agent: ((await proportionalMemoryMb(agentPid)) - before.agent) / added,
    };
    results.push(...(await restarts(host, { inside, outside })));
    results.push(
      judged({ id: 'routers.memory-per-router', value: perRouter.all, unit: 'MB' }),
      judged({ id: 'routers.memory-per-router.agent', value: perRouter.agent, unit: 'MB' }),
    );
    return results;
  },
};

/** From the request for a router to both of its ports being ACTIVE. */
async function wiring(host: RouterHost): Promise<readonly Result[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { subnetId } = await host.makeNetwork();
    const startedAt = performance.now();
    const id = await host.makeRouter(subnetId);
    await host.untilActive(`device_id=${id}`, 2);
    times.push(performance.now() - startedAt);
  }
  return [
    judged({ id: 'routers.wired.p50', value: percentile(times, 0.5), unit: 'ms', atMost: 500 }),
    judged({ id: 'routers.wired.p95', value: percentile(times, 0.95), unit: 'ms' }),
  ];
}

interface Speakers {
  readonly inside: SpeakingInstance;
  readonly outside: SpeakingInstance;
}

/** From the request that associates a floating IP to the first answer to a ping of it from outside. */
async function firstPackets(host: RouterHost, { inside, outside }: Speakers): Promise<readonly Result[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { id, floating_ip_address: address } = await makeFloatingIp(host, null);
    const startedAt = performance.now();
    await host.put(`/v2.0/floatingips/${id}`, { floatingip: { port_id: inside.portId } });
    await host.embedded.until('an answer of the floating IP', () => outside.ping(address, 0.02));
    times.push(performance.now() - startedAt);
    await host.embedded.api('DELETE', `/v2.0/floatingips/${id}`);
  }
  return [
    judged({
      id: 'routers.floating-ip.first-packet.p50',
      value: percentile(times, 0.5),
      unit: 'ms',
      atMost: 300,
    }),
    judged({ id: 'routers.floating-ip.first-packet.p95', value: percentile(times, 0.95), unit: 'ms' }),
  ];
}

/**
 * How long after the end of its agent a host does again what it is asked: a floating IP that is associated in between
 * becomes ACTIVE. Then the same for a host that has lost all namespaces of its routers by then.
 */
async function restarts(host: RouterHost, { inside, outside }: Speakers): Promise<readonly Result[]> {
  const { embedded } = host;
  const { id, floating_ip_address: address } = await makeFloatingIp(host, inside.portId);
  await embedded.until('an answer of the floating IP', () => outside.ping(address));
  const ping = await startPing(host, address);
  const times: number[] = [];
  for (let round = 0; round < agentRestarts; round += 1) {
    const killedAt = performance.now();
    await embedded.killProgram('/run/neutronium/agent.pid');
    const meanwhile = await makeFloatingIp(host, await anotherPort(host, inside.portId));
    await untilActive(host, meanwhile.id);
    times.push(performance.now() - killedAt);
    await embedded.api('DELETE', `/v2.0/floatingips/${meanwhile.id}`);
  }
  const lost = await ping.stop();

  await embedded.killProgram('/run/neutronium/agent.pid');
  await embedded.host.script('for name in $(ls /run/netns | grep qrouter-); do ip netns delete $name; done');
  const emptiedAt = performance.now();
  const after = await makeFloatingIp(host, await anotherPort(host, inside.portId));
  await untilActive(host, after.id);
  const rebuilt = performance.now() - emptiedAt;
  for (const each of [id, after.id]) await embedded.api('DELETE', `/v2.0/floatingips/${each}`);
  return [
    judged({ id: `routers.agent-restart.${manyRouters}`, value: percentile(times, 0.5), unit: 'ms', atMost: 3000 }),
    judged({ id: `routers.agent-restart.${manyRouters}.packets-lost`, value: lost, unit: 'packets', atMost: 0 }),
    judged({ id: `routers.rebuilt.${manyRouters}`, value: rebuilt, unit: 'ms' }),
  ];
}

interface FloatingIp extends Created {
  readonly floating_ip_address: string;
  readonly status: string;
}

async function makeFloatingIp(host: RouterHost, portId: string | null): Promise<FloatingIp> {
  return await host.embedded.create<FloatingIp>('/v2.0/floatingips', {
    floatingip: { floating_network_id: host.publicNetwork, port_id: portId },
  });
}

async function untilActive(host: RouterHost, floatingIpId: string): Promise<void> {
  await host.embedded.until(
    'an active floating IP',
    async () => {
      const { body } = await host.embedded.api('GET', `/v2.0/floatingips/${floatingIpId}`);
      return (body['floatingip'] as FloatingIp).status === 'ACTIVE';
    },
    120_000,
  );
}

/** A port on the network of another, bound nowhere. */
async function anotherPort(host: RouterHost, portId: string): Promise<string> {
  const { body } = await host.embedded.api('GET', `/v2.0/ports/${portId}`);
  const { network_id } = body['port'] as { readonly network_id: string };
  return (await host.embedded.create<Created>('/v2.0/ports', { port: { network_id } })).id;
}

async function instance(host: RouterHost, networkId: string): Promise<SpeakingInstance> {
  const port = { network_id: networkId, port_security_enabled: false };
  const made = await host.embedded.create<{
    readonly id: string;
    readonly mac_address: string;
    readonly fixed_ips: readonly { readonly ip_address: string }[];
  }>('/v2.0/ports', { port });
  const facts = { portId: made.id, mac: made.mac_address, ip4: made.fixed_ips[0]?.ip_address ?? '', ip6: '' };
  const speaking = await SpeakingInstance.start(host.embedded, { name: 'inside', ...facts }, 'neutronium');
  await host.embedded.host.script('ip -n vm-inside route replace default via 10.0.0.1');
  return speaking;
}

async function hostOutside(host: RouterHost): Promise<SpeakingInstance> {
  const { host: lab } = host.embedded;
  await lab.script(`
    ip netns add vm-outside
    ip -n vm-outside link set lo up
    ip link add x-outside type veth peer name eth0 netns vm-outside
    ip netns exec vm-outside ethtool -K eth0 tx off >/dev/null
    ip link set x-outside up
    ip -n vm-outside link set eth0 up
    ip -n vm-outside addr add ${outsideAddress}/16 dev eth0`);
  await lab.vsctl('add-port', 'br-ex', 'x-outside');
  const facts = { name: 'outside', portId: '', mac: '', ip4: outsideAddress, ip6: '' };
  return await SpeakingInstance.within(host.embedded, facts);
}

/** A ping from outside, a hundred times a second; its end gives how many went unanswered. */
async function startPing(host: RouterHost, address: string): Promise<{ stop(): Promise<number> }> {
  const { embedded } = host;
  const pidFile = `${embedded.host.dir}/ping.pid`;
  const child = embedded.host.spawn(['sh', '-c', `echo $$ >${pidFile}; exec ping -i 0.01 ${address}`], {
    netns: 'vm-outside',
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  await embedded.until('the first answer', () => Promise.resolve(output.includes('bytes from')));
  return {
    async stop() {
      const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
      await embedded.host.script(`kill -INT "$(cat ${pidFile})"`);
      await ended;
      const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(output) ?? [];
      // The last one may have been on its way.
      return Math.max(0, Number(sent) - 1 - Number(received));
    },
  };
}

export const routerBenchmarks: readonly Benchmark[] = [routers];
