// Two tenants with the same addresses on one host.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Embedded } from './embedded.ts';
import { addressOf, makeNetwork } from './instances.ts';

let embedded: Embedded;
beforeAll(async () => {
  embedded = await Embedded.start();
  for (const [cloud, network] of [
    ['neutronium', 'red'],
    ['demo', 'blue'],
  ] as const) {
    const id = await makeNetwork(embedded, network, cloud);
    for (const number of [1, 2]) await embedded.vm('add', `${network}${number}`, '--network', id, '--cloud', cloud);
  }
});
afterAll(async () => {
  await embedded[Symbol.asyncDispose]();
});

describe('two tenants with the same 10.0.0.0/24 on one host', () => {
  it('each reach their own instances', async () => {
    for (const network of ['red', 'blue']) {
      const address = await addressOf(embedded, `${network}2`);
      const { stdout } = await embedded.inVm(`${network}1`, ['ping', '-c', '2', '-i', '0.2', '-W', '2', address]);
      expect(stdout).toContain('2 received');
    }
  });

  it('never see a frame of the other, not even a broadcast', async () => {
    const strangers = ['red1', 'red2'].map(async (name) => {
      const { mac } = await linkOf(`blue${name.slice(-1)}`);
      // Ends by itself after the first frame from the other tenant, or when the listening time is over.
      const capture = ['timeout', '4', 'tcpdump', '-n', '-c', '1', '-i', 'eth0', 'ether', 'src', mac];
      return (await embedded.inVm(name, capture, { anyExitCode: true })).stdout;
    });
    for (const name of ['blue1', 'blue2']) {
      await embedded.inVm(name, ['ip', 'neigh', 'flush', 'all']);
      await embedded.inVm(name, ['ping', '-b', '-c', '5', '-i', '0.2', '-w', '3', '10.0.0.255'], { anyExitCode: true });
      await embedded.inVm(name, ['ping', '-c', '3', '-i', '0.2', '-w', '3', '10.0.0.99'], { anyExitCode: true });
    }
    expect(await Promise.all(strangers)).toEqual(['', '']);
  });

  it("do not find the other's network in the API", async () => {
    const { body } = await embedded.api('GET', '/v2.0/networks', undefined, 'demo');
    expect((body['networks'] as { name: string }[]).map(({ name }) => name)).toEqual(['blue']);
  });
});

async function linkOf(vm: string): Promise<{ mac: string }> {
  const { stdout } = await embedded.inVm(vm, ['cat', '/sys/class/net/eth0/address']);
  return { mac: stdout.trim() };
}
