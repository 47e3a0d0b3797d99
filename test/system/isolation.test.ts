// Two tenants with the same addresses on one host.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Embedded } from '@neutronium/testkit/lab/embedded';
import { recordLines } from '@neutronium/testkit/lab/tcpdump';
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

  it('never see a frame of the other, not even a broadcast, while they see those of their own', async () => {
    const mac = await macOf('blue1');
    const filter = `ether src ${mac}`;
    const captures = await Promise.all(
      ['red1', 'red2', 'blue2'].map((vm) => recordLines(embedded.host, { netns: `vm-${vm}`, device: 'eth0', filter })),
    );
    // Nobody has this address, so each packet becomes a broadcast question for it.
    const ping = ['ping', '-c', '5', '-i', '0.2', '-w', '2', '10.0.0.99'];
    await embedded.inVm('blue1', ping, { anyExitCode: true });
    const [red1, red2, blue2] = await Promise.all(captures.map((capture) => capture.stop()));
    expect(blue2).not.toEqual([]);
    expect({ red1, red2 }).toEqual({ red1: [], red2: [] });
  });

  it("do not find the other's network in the API", async () => {
    const { body } = await embedded.api('GET', '/v2.0/networks', undefined, 'demo');
    expect((body['networks'] as { name: string }[]).map(({ name }) => name)).toEqual(['blue']);
  });
});

async function macOf(vm: string): Promise<string> {
  const { stdout } = await embedded.inVm(vm, ['cat', '/sys/class/net/eth0/address']);
  return stdout.trim();
}
