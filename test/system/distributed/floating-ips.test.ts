// Floating IPs of a distributed router, reached where their instances are: what is lost when one is given, that limits
// hold there, and an instance that takes its floating IP along from host to host.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actingAsNova } from '@neutronium/testkit/lab/acting-as-nova';
import { DistributedLab, floatingAddress, outsideAddress } from '@neutronium/testkit/lab/distributed-lab';
import { copyInstance, removeInstance } from '@neutronium/testkit/lab/copied-instance';
import type { LabInstance } from '@neutronium/testkit/lab/lab-instances';
import { hostState, untilInStep } from '@neutronium/testkit/lab/lab-state';
import { renderSuffered, watchTraffic, type Place } from '@neutronium/testkit/lab/watched-traffic';
import { measureBetween } from '../qos/pump.ts';

const maxKbps = 8000;

let lab: DistributedLab;
let instance: LabInstance;
let floatingId: string;

beforeAll(async () => {
  lab = await DistributedLab.start();
  const { networkId, subnetId } = await lab.network('192.168.111.0/24', { type: 'vxlan' });
  await lab.leadOut(await lab.router([subnetId]));
  const [made] = await lab.instances([{ name: 'vm1', host: 'compute1', networkId, address: '192.168.111.5' }]);
  if (made === undefined) throw new Error('one instance was asked for');
  instance = made;
  await lab.reach(instance, outsideAddress);
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

const placeOf = ({ host, name }: LabInstance): Place => ({ host: lab.lab.host(host), netns: name });

async function isActive(): Promise<boolean> {
  const floatingIp = await (await lab.lab.api()).expect<{ status: string }>('GET', `/floatingips/${floatingId}`);
  return floatingIp.status === 'ACTIVE';
}

describe('an instance that calls while it is given a floating IP', () => {
  it('goes on by the centre until it goes by itself', async () => {
    const host = lab.lab.host(instance.host);
    const ended = `${host.dir}/given`;
    // Each is a connection of its own: those that there are go where they have gone.
    const calls = `until [ -e ${ended} ]; do ping -c 1 -W 0.3 ${outsideAddress} >/dev/null && echo answered || echo lost; done`;
    const calling = instance.run(['sh', '-c', calls], { timeoutMs: 60_000 });
    floatingId = await lab.floatingIp(instance.port.id, floatingAddress);
    await lab.lab.until('an active floating IP', isActive);
    await host.script(`touch ${ended}`);
    const made = (await calling).stdout.trim().split('\n');
    const lost = made.filter((call) => call === 'lost');
    console.log(`${lost.length} of ${made.length} calls lost while a floating IP is given`);
    // The first one there may wait for the address of the gateway outside.
    expect(lost.length).toBeLessThanOrEqual(1);
  });
});

describe('the policy of a floating IP', () => {
  it('limits what comes and what goes on the host of the instance', async () => {
    const api = await lab.lab.api();
    const policy = await api.expect<{ id: string }>('POST', '/qos/policies', { policy: { shared: true } });
    for (const direction of ['egress', 'ingress']) {
      const bandwidth_limit_rule = { max_kbps: maxKbps, max_burst_kbps: 800, direction };
      await api.expect('POST', `/qos/policies/${policy.id}/bandwidth_limit_rules`, { bandwidth_limit_rule });
    }
    const give = async (qos_policy_id: string | null) => {
      await api.expect('PUT', `/floatingips/${floatingId}`, { floatingip: { qos_policy_id } });
      await untilInStep(lab.lab);
    };
    // About 30 Mbit/s.
    const big = { proto: 'udp', size: 1200, rate: 3000 } as const;
    const world: Place = { host: lab.lab.outside };
    const out = { ...big, from: placeOf(instance), to: world, address: outsideAddress };
    const inwards = { ...big, from: world, to: placeOf(instance), by: floatingAddress, address: instance.address(4) };
    const kbps = async () => {
      const measured = await Promise.all([measureBetween(out), measureBetween(inwards)]);
      return measured.map((each) => each.bits_per_second / 1000);
    };
    await give(policy.id);
    for (const each of await kbps()) expect(each).toBeLessThan(maxKbps * 1.15);
    await give(null);
    for (const each of await kbps()) expect(each).toBeGreaterThan(maxKbps * 1.5);
  });
});

describe('an instance with a floating IP that migrates while it is called', () => {
  it('is reached by it where it is, and leaves nothing on the host that it was on', async () => {
    const api = await actingAsNova(lab.lab);
    // There and back, so that a host gets what it had before.
    for (const to of ['compute2', 'compute1']) {
      const old = instance;
      const bindings = `/ports/${old.port.id}/bindings`;
      await api.expect('POST', bindings, { binding: { host: to, vnic_type: 'normal' } });
      instance = await copyInstance(old, to);
      const call = {
        what: `from outside while it moves to ${to}`,
        from: { host: lab.lab.outside },
        to: floatingAddress,
      };
      const calls = await watchTraffic([call], ['ping']);
      await api.expect('PUT', `${bindings}/${to}/activate`);
      await lab.lab.until('an active port there', async () => {
        const [port] = await lab.ports(`id=${old.port.id}`);
        return port?.status === 'ACTIVE' && port['binding:host_id'] === to;
      });
      await removeInstance(old);
      expect((await api.request('DELETE', `${bindings}/${old.host}`)).status).toBe(204);
      await untilInStep(lab.lab);
      const suffered = await calls.stop();
      console.log(renderSuffered(suffered));
      expect(suffered.filter(({ alive }) => !alive)).toEqual([]);
      await lab.reach(instance, outsideAddress);
      // Nothing else on the host was a reason for it to have the router.
      for (const prefix of ['qrouter-', 'fip-']) expect(await lab.namespaces(old.host, prefix)).toEqual([]);
      const marks = [old.mac, old.port.id.slice(0, 11), floatingAddress];
      const left = (await hostState(lab.lab.host(old.host))).filter((line) =>
        marks.some((mark) => line.includes(mark)),
      );
      expect(left.filter((line) => !line.startsWith('br-tun'))).toEqual([]);
    }
  });
});
