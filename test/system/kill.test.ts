// Each program of a running host is killed, under a running ping and while ports are being created. Nothing that was
// acknowledged is lost, and everything comes back without anyone's help.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Embedded } from '@neutronium/testkit/lab/embedded';
import { addressOf, listPorts, makeNetwork } from './instances.ts';
import { startPing } from './ping.ts';

let embedded: Embedded;
let network: string;
let address: string;
beforeAll(async () => {
  embedded = await Embedded.start();
  network = await makeNetwork(embedded, 'net1');
  await liftPortQuota(network);
  await embedded.vm('add', 'a', '--network', 'net1');
  await embedded.vm('add', 'b', '--network', 'net1');
  address = await addressOf(embedded, 'b');
});
afterAll(async () => {
  await embedded[Symbol.asyncDispose]();
});

const program = (name: string) => () => `/run/neutronium/${name}.pid`;
const switchDaemon = (name: string) => () => join(embedded.host.dir, `${name}.pid`);
const dnsmasq = () => join(embedded.stateDir, 'agent', 'dhcp', network, 'pid');

describe('after kill -9', () => {
  it.each([
    ['the API server', program('server')],
    ['the agent', program('agent')],
    ['dnsmasq', dnsmasq],
  ])('of %s the ping goes on without loss, and no acknowledged port is missing', async (_, pidFile) => {
    const ping = await startPing(embedded, { from: 'a', address });
    const ports = createPorts();
    await embedded.until('some ports', () => Promise.resolve(ports.acknowledged.length > 5));
    await killAndAwaitSuccessor(pidFile());
    const before = ports.acknowledged.length;
    await embedded.until('ports again', () => Promise.resolve(ports.acknowledged.length > before + 5));
    await ports.stop();
    expect((await ping.stop()).lost).toBe(0);
    await expectAll(ports.acknowledged);
    await expectDhcpWorks();
  });

  it.each([
    ['ovsdb-server', switchDaemon('ovsdb-server')],
    ['ovs-vswitchd', switchDaemon('ovs-vswitchd')],
  ])('of %s the flows and the traffic come back by themselves', async (name, pidFile) => {
    const flowsBefore = await flows();
    const ping = await startPing(embedded, { from: 'a', address });
    const ports = createPorts();
    await embedded.until('some ports', () => Promise.resolve(ports.acknowledged.length > 5));
    await killAndAwaitSuccessor(pidFile());
    await embedded.until('the flows', async () => (await flows()) === flowsBefore);
    await embedded.until('an answer to a ping', async () => (await pingOnce()).includes(' 1 received'));
    await ports.stop();
    const { longestGapMs, sent, lost } = await ping.stop();
    console.log(`${name}: ${Math.round(longestGapMs)} ms without traffic, ${lost} of ${sent} pings lost`);
    await expectAll(ports.acknowledged);
    await expectDhcpWorks();
  });
});

/** Ports are created by the hundred here. */
async function liftPortQuota(networkId: string): Promise<void> {
  const { body } = await embedded.api('GET', `/v2.0/networks/${networkId}`);
  const { project_id: project } = body['network'] as { project_id: string };
  await embedded.api('PUT', `/v2.0/quotas/${project}`, { quota: { port: -1 } });
}

/** Creates ports one after another until stopped; an attempt that fails is simply not acknowledged. */
function createPorts(): { acknowledged: string[]; stop(): Promise<void> } {
  const acknowledged: string[] = [];
  const stopping = new AbortController();
  const done = (async () => {
    while (!stopping.signal.aborted) {
      const answer = await embedded
        .api('POST', '/v2.0/ports', { port: { network_id: network, name: 'numbered', fixed_ips: [] } })
        .catch(() => undefined);
      if (answer?.status === 201) acknowledged.push((answer.body['port'] as { id: string }).id);
      // A refused connection fails at once; without a turn for others the loop would do nothing else.
      else await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  return {
    acknowledged,
    async stop() {
      stopping.abort();
      await done;
      for (const id of acknowledged.slice(50)) await embedded.api('DELETE', `/v2.0/ports/${id}`);
    },
  };
}

async function killAndAwaitSuccessor(pidFile: string): Promise<void> {
  const pid = async () => (await embedded.host.script(`cat ${pidFile} 2>/dev/null || true`)).trim();
  const victim = await pid();
  await embedded.killProgram(pidFile);
  await embedded.until(`a successor of process ${victim} in ${pidFile}`, async () => {
    const now = await pid();
    return now !== '' && now !== victim;
  });
}

async function expectAll(acknowledged: readonly string[]): Promise<void> {
  const kept = new Set(acknowledged.slice(0, 50));
  await embedded.until(
    'the API',
    async () => (await embedded.api('GET', '/v2.0/networks').catch(() => undefined))?.status === 200,
  );
  const existing = new Set((await listPorts(embedded, 'name=numbered')).map(({ id }) => id));
  expect([...kept].filter((id) => !existing.has(id))).toEqual([]);
}

/** A new instance gets its address, so the DHCP server is there again and knows of new ports. */
async function expectDhcpWorks(): Promise<void> {
  await embedded.vm('add', 'probe', '--network', 'net1');
  const wanted = await addressOf(embedded, 'probe');
  const { stdout } = await embedded.inVm('probe', ['ip', '-4', '-brief', 'address', 'show', 'eth0']);
  expect(stdout).toContain(wanted);
  await embedded.vm('rm', 'probe');
}

/** br-int's flows without counters, cookies' ages and ports that come and go: what a person would compare. */
async function flows(): Promise<string> {
  const { stdout } = await embedded.host.run(['ovs-ofctl', '-O', 'OpenFlow14', '--no-stats', 'dump-flows', 'br-int'], {
    anyExitCode: true,
  });
  return stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.includes('table='))
    .toSorted()
    .join('\n');
}

async function pingOnce(): Promise<string> {
  const ping = ['ping', '-c', '1', '-W', '1', address];
  return (await embedded.inVm('a', ping, { anyExitCode: true })).stdout;
}
