import { id, port, sampleInventory, sampleObjects } from '@neutronium/dataplane/sample-host';
import type { TrafficEvent } from '@neutronium/model/agent-socket';
import { viewOf, type LogView, type SecurityGroupView } from '@neutronium/model/host-view';
import { describe, expect, it } from 'vitest';
import { TestClock } from '#effects/clock.fake';
import { renderEvent, TrafficLog } from './traffic-log.ts';

const group = (groupId: string, from: number): SecurityGroupView => ({
  section: 'security_groups',
  id: groupId,
  name: groupId,
  stateful: true,
  rules: [
    {
      id: `rule of ${groupId}`,
      direction: 'ingress',
      ethertype: 'IPv4',
      protocol: 6,
      port_range_min: from,
      port_range_max: from,
      remote: { kind: 'any' },
    },
  ],
});
const log = (logId: string, more: Partial<LogView> = {}): LogView => {
  return { section: 'logs', id: logId, project_id: 'other', event: 'ALL', resource_id: null, target_id: null, ...more };
};

const ofport = 77n;
const logged = port(1, { security_groups: ['web', 'mail'] });

/** What a log writes of packets to port 80 of the port: tables 92 (accepted) and 93 (dropped) of br-int. */
function written(logs: readonly LogView[], ...tables: readonly number[]): readonly TrafficEvent[] {
  const view = viewOf(7, [...sampleObjects, logged, group('web', 80), group('mail', 25), ...logs]);
  const device = { portId: logged.id, device: 'tap1', ofport: Number(ofport), ifindex: null };
  const inventory = { ...sampleInventory, plugged: new Map([[logged.id, device]]) };
  const events: TrafficEvent[] = [];
  const traffic = new TrafficLog({
    planned: () => ({ view, inventory }),
    clock: new TestClock('2026-01-01T00:00:00Z'),
    limit: { rate: 1, burst: 2 },
    write: (event) => events.push(event),
  });
  const hex = 'fa163e000001 fa163e000002 0800 45000028000100004006 0000 0a000009 0a000002 9c40 0050 0000000000000000';
  const frame = Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  for (const table of tables) traffic.take({ table, fields: { reg5: ofport, in_port: 5n }, frame });
  expect(traffic.newest).toEqual(events);
  return events;
}

describe('the traffic of logged ports', () => {
  it('is written down for the logs that are about the port and the event, and for no others', () => {
    const logs = [
      log('a', { target_id: logged.id }),
      log('b', { target_id: id('port', 2) }),
      log('c', { target_id: logged.id, event: 'DROP' }),
      log('d', { resource_id: 'web', event: 'ACCEPT' }),
      log('e', { resource_id: 'mail', event: 'ACCEPT' }),
      log('f', { project_id: logged.project_id }),
    ];
    const [accepted, dropped] = written(logs, 92, 93);
    // Only one of its groups admits port 80.
    expect(accepted).toMatchObject({ action: 'ACCEPT', direction: 'ingress', log_resource_ids: ['a', 'd', 'f'] });
    expect(dropped).toMatchObject({ action: 'DROP', log_resource_ids: ['a', 'c', 'f'] });
  });

  it('is not written down without a log about it', () => {
    expect(written([], 92, 93)).toEqual([]);
    expect(written([log('a', { target_id: logged.id })], 94)).toEqual([]);
  });

  it('is written down as often as the limit allows', () => {
    expect(written([log('a', { target_id: logged.id })], 93, 93, 93, 93)).toHaveLength(2);
  });

  it('is a line with the fields that Neutron has', () => {
    const [event] = written([log('a', { target_id: logged.id })], 93);
    expect(event === undefined ? '' : renderEvent(event)).toBe(
      `2026-01-01T00:00:00.000Z action=DROP project_id=${logged.project_id} log_resource_ids=['a'] ` +
        `vm_port=${logged.id} direction=ingress pkt=eth_src=fa:16:3e:00:00:02 eth_dst=fa:16:3e:00:00:01 ` +
        'eth_type=0x0800 ip_src=10.0.0.9 ip_dst=10.0.0.2 ip_proto=6 src_port=40000 dst_port=80',
    );
  });
});
