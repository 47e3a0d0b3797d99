import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOf, type HostObject, type LocalIpView } from '@neutronium/model/host-view';
import { ip } from '@neutronium/net/ip';
import { brInt } from '../bridges/br-int/pipeline.ts';
import { compile } from '../compile.ts';
import type { Inventory } from '../host-plan.ts';
import { flowDifference, flowSet, type Flow } from '../openflow/flow.ts';
import { renderExplained } from '../openflow/render.ts';
import { group, id, inventory, network, plugged, port, rule, subnet } from '../sample-host.ts';

const open = group(1, [rule(1), rule(2, { direction: 'egress' })]);
const guarded = { security_groups: [open.id] };
const surroundings: readonly HostObject[] = [network(1), network(2), subnet(1), open];
const ports: readonly HostObject[] = [
  port(11, guarded),
  port(12, { port_security_enabled: false }),
  port(13, guarded),
  port(14, { device_owner: 'network:dhcp' }),
  port(21, { ...guarded, network_id: id('network', 2) }),
];
const localIp = (portDigits: number, given: Partial<LocalIpView> = {}): LocalIpView => ({
  section: 'local_ips',
  id: `a0000000-0000-4000-8000-000000000001/${id('port', portDigits)}`,
  port_id: id('port', portDigits),
  local_ip_address: ip('10.0.0.77'),
  fixed_ip: ip(`10.0.0.${portDigits}`),
  ip_mode: 'translate',
  ...given,
});

function host(driver: Inventory['firewallDriver']): Inventory {
  const devices = [11, 12, 13, 14, 21].map((digits) => plugged(digits, digits));
  const localVlans = new Map([
    [id('network', 1), 1],
    [id('network', 2), 2],
  ]);
  const conntrackZones = new Map(devices.map(({ portId }, index) => [portId, 5000 + index]));
  return { ...inventory(devices, { localVlans }), firewallDriver: driver, conntrackZones };
}

/** The flows that the local IPs add to those that the host has without them. */
function added(localIps: readonly HostObject[], driver: Inventory['firewallDriver'] = 'openvswitch'): readonly Flow[] {
  const flowsWith = (objects: readonly HostObject[]) =>
    compile(viewOf(1, [...surroundings, ...ports, ...objects]), host(driver)).flows.get('br-int') ?? flowSet([]);
  const { add, remove } = flowDifference(flowsWith(localIps), flowsWith([]).flows.values());
  expect(remove).toEqual([]);
  return add;
}

const rendered = (flows: readonly Flow[]): string => renderExplained(flowSet(flows), brInt.tables);

describe('the local IPs of a host', () => {
  it('are these flows where br-int filters', async () => {
    await expect(rendered(added([localIp(11)]))).toMatchFileSnapshot('golden/local-ips.flows');
  });

  it('are these flows where a Linux bridge filters', async () => {
    const behindBridge = added([localIp(12)], 'iptables_hybrid');
    await expect(rendered(behindBridge)).toMatchFileSnapshot('golden/local-ips-hybrid.flows');
  });

  it('are led to the port as they are when they are not to be translated', () => {
    const text = rendered(added([localIp(11, { ip_mode: 'passthrough' })]));
    expect(text).toContain('set_field:fa:16:3e:00:00:0b->eth_dst');
    expect(text).not.toMatch(/nat|INGRESS_PACKET_RATE_LIMIT/);
  });

  it('lead to one port each, whatever the order in which associations come', () => {
    const associations = [localIp(13), localIp(11), localIp(12, { local_ip_address: ip('10.0.0.78') })];
    fc.assert(
      fc.property(fc.shuffledSubarray(associations, { minLength: associations.length }), (order) => {
        expect(added(order)).toEqual(added(associations));
      }),
      { numRuns: 10 },
    );
  });

  it('may be several for one address of a port', () => {
    const two = [localIp(11), localIp(11, { id: 'b/c', local_ip_address: ip('10.0.0.78') })];
    const answers = added(two).filter(({ why }) => why === 'may answer to a local IP');
    expect(answers).toHaveLength(1);
  });

  it('cost nothing where their port is not', () => {
    expect(added([localIp(99)])).toEqual([]);
  });
});
