// Sees what docs/howto/distributed-routing.md shows, in a lab of the hosts that it describes. What the document makes with
// the openstack client is made by the same requests here: in a lab of one machine the client takes longer than all else.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTopology } from '@neutronium/cli/lab/topology';
import { afterAll, beforeAll, it } from 'vitest';
import { isShown, sectionsOf } from '../../howto/document.ts';
import { DistributedLab, floatingAddress, gatewayAddress } from '@neutronium/testkit/lab/distributed-lab';

const folder = join(import.meta.dirname, '../../../docs/howto');
const sections = sectionsOf(readFileSync(join(folder, 'distributed-routing.md'), 'utf8')).filter(
  ({ steps }) => steps.length > 0,
);

let lab: DistributedLab;
let names: Readonly<Record<string, string>>;
let instancePort = '';

beforeAll(async () => {
  const topology = parseTopology(readFileSync(join(folder, 'distributed-routing.yaml'), 'utf8'));
  if (!topology.ok) throw new Error(topology.reason);
  lab = await DistributedLab.start(topology.value);
  const one = await lab.network('192.168.111.0/24', { type: 'vxlan' });
  const two = await lab.network('192.168.122.0/24', { type: 'vxlan' });
  const router = await lab.router([one.subnetId, two.subnetId]);
  await lab.leadOut(router, gatewayAddress);
  const [vm1, , vm3] = await lab.instances([
    { name: 'vm1', host: 'compute1', networkId: one.networkId, address: '192.168.111.5' },
    { name: 'vm2', host: 'compute1', networkId: two.networkId, address: '192.168.122.7' },
    { name: 'vm3', host: 'compute2', networkId: two.networkId, address: '192.168.122.9' },
  ]);
  instancePort = vm1?.port.id ?? '';
  const onFirst = await lab.ports(`device_id=${router}&network_id=${one.networkId}`);
  const ofOwner = (owner: string) => onFirst.find((port) => port.device_owner === `network:${owner}`);
  const [side, centre] = [ofOwner('router_interface_distributed'), ofOwner('router_centralized_snat')];
  names = {
    router,
    external: lab.externalNetwork,
    gateway_mac: side?.mac_address ?? '',
    first_device: `qr-${side?.id}`.slice(0, 14),
    centre_mac: centre?.mac_address ?? '',
    vm3_mac: vm3?.mac ?? '',
  };
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

it.each(sections)('$title', async ({ title, steps }) => {
  if (title === 'With a floating IP') await lab.floatingIp(instancePort, floatingAddress);
  for (const { commands, shows } of steps) {
    let seen = '';
    const look = async (): Promise<boolean> => {
      seen = await typed(commands);
      return isShown(shows ?? '', seen);
    };
    await lab.lab.until('what the document shows', look).catch((cause: unknown) => {
      throw new Error(`${commands}\nshould show\n${shows}\nbut shows\n${seen}`, { cause });
    });
  }
});

/** What the lines print, each of which is `on MACHINE COMMAND`. */
async function typed(commands: string): Promise<string> {
  const outputs: string[] = [];
  for (const line of commands.trimEnd().split('\n')) {
    const { machine = '', command = '' } = /^on (?<machine>\S+) (?<command>.*)$/.exec(line)?.groups ?? {};
    const host = lab.lab.machines.get(machine);
    if (host === undefined) throw new Error(`${line} is typed on no machine of the lab`);
    // Instances of this lab are plugged as Nova does it, not by our command.
    const here = command
      .replace(/^neutronium vm exec /, 'ip netns exec ')
      .replace(/ (br-(?:int|tun)) /, ` unix:${host.dir}/$1.mgmt `);
    outputs.push((await host.run(['sh', '-c', here], { env: names, anyExitCode: true })).stdout);
  }
  return outputs.join('');
}
