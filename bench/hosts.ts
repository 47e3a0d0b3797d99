// Several hosts in a lab: what a host costs, and what a user waits for between plugging a device in on one host and an
// answer to a ping from another.

import { missingForLab } from '@neutronium/cli/lab/host';
import { Lab } from '@neutronium/cli/lab/lab';
import { machineOf } from '@neutronium/cli/lab/running-lab';
import { machineStates } from '@neutronium/cli/lab/status';
import { plainTopology } from '@neutronium/cli/lab/topology';
import { addInstances, type LabPort } from '@neutronium/testkit/lab/lab-instances';
import { type Benchmark, judged, percentile, type Result } from './result.ts';

const hosts = 3;
const plugs = 40;

const several: Benchmark = {
  ids: ['hosts.start.each', 'hosts.memory.each', 'hosts.plug.reachable.p50', 'hosts.plug.reachable.p95'],
  async run() {
    const missing = missingForLab();
    if (missing.length > 0) throw new Error(`the figures of hosts need ${missing.join(', ')}`);
    const startedAt = performance.now();
    await using lab = await Lab.start(plainTopology(hosts));
    const started = (performance.now() - startedAt) / hosts;
    const machines = [...lab.hosts.values()].map(machineOf);
    const states = await machineStates({ pid: process.pid, apiUrl: lab.apiUrl, machines });
    const times = await plugTimes(lab);
    const results: readonly Result[] = [
      judged({ id: 'hosts.start.each', value: started, unit: 'ms', atMost: 2000 }),
      judged({
        id: 'hosts.memory.each',
        value: Math.max(...states.map(({ memoryMb }) => memoryMb)),
        unit: 'MB',
        atMost: 120,
      }),
      judged({ id: 'hosts.plug.reachable.p50', value: percentile(times, 0.5), unit: 'ms' }),
      judged({ id: 'hosts.plug.reachable.p95', value: percentile(times, 0.95), unit: 'ms', atMost: 250 }),
    ];
    return results;
  },
};

/** Milliseconds from plugging a device on h2 to an answer to a ping from h1, for one instance after the other. */
async function plugTimes(lab: Lab): Promise<readonly number[]> {
  const api = await lab.api();
  const { id: networkId } = await api.expect<{ id: string }>('POST', '/networks', { network: { name: 'bench' } });
  const subnet = { network_id: networkId, ip_version: 4, cidr: '10.0.0.0/24' };
  await api.expect('POST', '/subnets', { subnet });
  const [observer] = await addInstances(lab, [{ name: 'observer', host: 'h1', networkId }]);
  await observer?.askForAddress();
  await lab.host('h1').script(askOften('observer'));
  const times: number[] = [];
  for (let number = 0; number < plugs; number += 1) {
    const port = await api.expect<LabPort>('POST', '/ports', {
      port: { network_id: networkId, device_owner: 'compute:nova', 'binding:host_id': 'h2' },
    });
    const address = port.fixed_ips[0]?.ip_address ?? '';
    const device = `tap${port.id}`.slice(0, 14);
    const host = lab.host('h2');
    await host.script(`
      ip netns add n${number}
      ip link add ${device} type veth peer name eth0 address ${port.mac_address} netns n${number}
      ip link set ${device} up
      ip netns exec n${number} ethtool -K eth0 tx off >/dev/null
      ip -n n${number} addr add ${address}/24 dev eth0
      ip -n n${number} link set eth0 up
      ${askOften(`n${number}`)}
    `);
    // 5 ms apart, until the first answer: the command's own start is before the clock's.
    const ping = lab.host('h1').spawn(['ping', '-i', '0.005', '-c', '1', '-w', '20', address], { netns: 'observer' });
    const answered = new Promise<void>(
      (resolve) =>
        void ping.stdout?.on('data', (text: Buffer) => {
          if (text.includes('bytes from')) resolve();
        }),
    );
    const startedAt = performance.now();
    const plug = ['--no-wait', 'add-port', 'br-int', device, 'tag=4095', '--', 'set', 'Interface', device];
    await host.vsctl(...plug, `external_ids:iface-id=${port.id}`, `external_ids:attached-mac=${port.mac_address}`);
    await answered;
    times.push(performance.now() - startedAt);
  }
  return times;
}

/**
 * Lets an instance ask again after 10 ms for a neighbour that has not answered, and not after a second as Linux does
 * otherwise: what is measured is when frames pass both ways. It matters because the ping begins before the device is
 * plugged in, as no user's does who lets an instance start on a plugged device. An instance that is spoken to in the
 * milliseconds after its port has flows and before it has its VLAN asks in vain who that was: frames come to it already,
 * and its own go nowhere yet.
 */
function askOften(netns: string): string {
  const settings = ['retrans_time_ms=10', 'mcast_solicit=1000'].map((setting) => `net.ipv4.neigh.eth0.${setting}`);
  return `ip netns exec ${netns} sysctl -qw ${settings.join(' ')}`;
}

export const hostBenchmarks: readonly Benchmark[] = [several];
