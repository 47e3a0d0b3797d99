import type { MeteringEntry } from '@neutronium/model/agent-socket';
import { describe, expect, it } from 'vitest';
import { renderExposition, renderMetering } from './render-metering.ts';

const counter: MeteringEntry = {
  label_id: '1a5e1111',
  name: 'to "all"',
  shared: false,
  router_id: 'dddd0001',
  project_id: 'project1',
  namespace: 'qrouter-dddd0001',
  packets: 3,
  bytes: 4012,
};

describe('what metering labels have counted', () => {
  it('is a line for each label of each router', () => {
    expect(renderMetering([counter])).toBe(
      '            4012 bytes            3 packets  qrouter-dddd0001  1a5e1111 to "all"',
    );
    expect(renderMetering([])).toBe('no metering label counts for a router of this machine');
  });

  it('can be read by Prometheus, whatever labels are called', () => {
    const labels =
      'label_id="1a5e1111",label_name="to \\"all\\"",router_id="dddd0001",project_id="project1",namespace="qrouter-dddd0001"';
    expect(renderExposition([counter]).split('\n')).toEqual([
      '# HELP neutronium_metering_bytes_total Bytes of IP packets that a metering label has counted.',
      '# TYPE neutronium_metering_bytes_total counter',
      `neutronium_metering_bytes_total{${labels}} 4012`,
      '# HELP neutronium_metering_packets_total Packets that a metering label has counted.',
      '# TYPE neutronium_metering_packets_total counter',
      `neutronium_metering_packets_total{${labels}} 3`,
    ]);
  });
});
