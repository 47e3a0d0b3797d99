// Logs: what the rules of logged ports admit and drop is written down, as fast as the limit allows.

import type { TrafficEvent } from '@neutronium/model/agent-socket';
import { missingForLab } from '@neutronium/cli/lab/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpeakingInstance } from '@neutronium/testkit/lab/speaking-instance';
import { SecurityLab } from './lab.ts';

/** In the lab's own file system. */
const file = '/run/traffic.log';

describe.skipIf(missingForLab().length > 0)('logs', () => {
  let lab: SecurityLab;
  let [alice, bob]: SpeakingInstance[] = [];

  beforeAll(async () => {
    lab = await SecurityLab.start('openvswitch', `[network_log]\nlocal_output_log_base = "${file}"`);
    const web = await lab.group('web', [{ protocol: 'tcp', port_range_min: 80, port_range_max: 80 }]);
    const open = await lab.group('open', [{ protocol: 'udp' }]);
    alice = await lab.instance('alice', { security_groups: [open] });
    bob = await lab.instance('bob', { security_groups: [web, open] });
    await bob.listen('tcp', 80, 81);
    const log = { resource_type: 'security_group', target_id: bob.portId };
    await lab.embedded.create('/v2.0/log/logs', { log: { ...log, name: 'all', event: 'ALL' } });
    await lab.embedded.create('/v2.0/log/logs', { log: { ...log, name: 'of web', event: 'ACCEPT', resource_id: web } });
    await lab.embedded.neutronium(['wait']);
  });
  afterAll(async () => lab.embedded[Symbol.asyncDispose]());

  async function events(): Promise<readonly TrafficEvent[]> {
    const { stdout } = await lab.embedded.neutronium(['log', '--json']);
    // What the command promises to print.
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as TrafficEvent]));
  }

  function about(all: readonly TrafficEvent[], words: string): readonly TrafficEvent[] {
    return all.filter(({ pkt }) => `${pkt} `.includes(`${words} `));
  }

  it('say which connections were admitted, for which logs, and what was dropped', async () => {
    if (alice === undefined || bob === undefined) throw new Error('the instances are there');
    expect(await alice.tcp(bob.ip4, 80, 2)).toBe(true);
    expect(await alice.tcp(bob.ip4, 81)).toBe(false);
    await alice.datagram(100, bob.ip4, { from: 4000, to: 5000 });
    await lab.comesToBe('an event of each', async () => {
      const all = await events();
      return ['dst_port=80', 'dst_port=81', 'dst_port=5000'].every((words) => about(all, words).length > 0);
    });
    const all = await events();
    const [admitted, ...further] = about(all, 'dst_port=80');
    expect(further).toEqual([]);
    expect(admitted).toMatchObject({ action: 'ACCEPT', direction: 'ingress', vm_port: bob.portId });
    expect(admitted?.pkt).toContain(`ip_src=${alice.ip4} ip_dst=${bob.ip4} ip_proto=6`);
    expect(admitted?.log_resource_ids).toHaveLength(2);
    expect(new Set(about(all, 'dst_port=81').map(({ action }) => action))).toEqual(new Set(['DROP']));
    expect(about(all, 'dst_port=5000')[0]).toMatchObject({ action: 'ACCEPT' });
    expect(about(all, 'dst_port=5000')[0]?.log_resource_ids).toHaveLength(1);
    expect(new Set(all.map(({ vm_port }) => vm_port))).toEqual(new Set([bob.portId]));
    const written = await lab.embedded.host.script(`cat ${file}`);
    expect(written.split('\n').find((line) => line.endsWith('dst_port=80'))).toContain(
      `action=ACCEPT project_id=${admitted?.project_id} log_resource_ids=[`,
    );
  });

  it('say no more in a second than the limit allows', async () => {
    if (bob === undefined) throw new Error('the instances are there');
    const before = (await events()).length;
    const began = performance.now();
    // Packets of SCTP, which no rule admits.
    await lab.embedded.inVm('alice', [
      'python3',
      '-c',
      `import socket; s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 132); [s.sendto(bytes(20), ("${bob.ip4}", 0)) for _ in range(2000)]`,
    ]);
    await lab.comesToBe('events of the flood', async () => (await events()).length > before);
    const seconds = (performance.now() - began) / 1000;
    const said = (await events()).length - before;
    // The burst, and what the rate has let through since; the events are also counted a little later than they came.
    expect(said).toBeLessThanOrEqual(25 + 100 * (seconds + 2));
    expect(said).toBeLessThan(1500);
  });
});
