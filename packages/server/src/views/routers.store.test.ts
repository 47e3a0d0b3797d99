import { network } from '@neutronium/model/resources/network';
import { conntrackHelper } from '@neutronium/model/resources/conntrack-helper';
import { floatingip } from '@neutronium/model/resources/floatingip';
import { ndpProxy } from '@neutronium/model/resources/ndp-proxy';
import { port } from '@neutronium/model/resources/port';
import { portForwarding } from '@neutronium/model/resources/port-forwarding';
import { router } from '@neutronium/model/resources/router';
import { ip } from '@neutronium/net/ip';
import { floatingIpRecord, networkRecord, portRecord, routerRecord } from '@neutronium/testkit/records';
import { withStores } from '@neutronium/testkit/store';
import { expect, it } from 'vitest';
import { serverContext } from '../context.ts';
import { attachGateway, attachInterface } from '../resources/router/router-ports.ts';
import { TopologyFeed } from './topology-feed.ts';

withStores((fixture) => {
  it('a server that begins shows hosts the routers that one which was there all the time shows', async () => {
    const store = await fixture.open();
    const follow = async (): Promise<TopologyFeed> => {
      const feed = new TopologyFeed({
        store,
        dnsDomain: 'example.org.',
        onProblem: (error) => {
          throw error;
        },
      });
      await feed.start();
      return feed;
    };
    const early = await follow();
    const inside = networkRecord();
    const bound = { 'binding:host_id': 'h1', 'binding:vif_type': 'ovs' } as const;
    const interfacePort = portRecord({ network_id: inside.id, ...bound });
    const gatewayPorts = [
      portRecord({ network_id: inside.id, ...bound }),
      portRecord({ network_id: inside.id, ...bound }),
    ];
    const made = routerRecord();
    const floating = floatingIpRecord({
      floating_network_id: inside.id,
      router_id: made.id,
      floating_ip_address: ip('192.0.2.7'),
    });
    await store.write(serverContext('req-test'), async (writer) => {
      await writer.insert(network, [inside]);
      await writer.insert(port, [interfacePort, ...gatewayPorts]);
      await writer.insert(router, [made]);
      await attachInterface(writer, { port_id: interfacePort.id, router_id: made.id });
      for (const [index, { id }] of gatewayPorts.entries()) {
        const traits = { position: 1 - index, enable_snat: index === 0 };
        await attachGateway(writer, { port_id: id, router_id: made.id, ...traits });
      }
      await writer.insert(floatingip, [floating]);
      await writer.insert(portForwarding, [
        {
          id: crypto.randomUUID(),
          floatingip_id: floating.id,
          protocol: 'tcp',
          external_port_range: '2222:2223',
          internal_port_id: interfacePort.id,
          internal_ip_address: ip('10.0.0.5'),
          internal_port_range: '22:22',
          description: '',
        },
      ]);
      await writer.insert(conntrackHelper, [
        { id: crypto.randomUUID(), router_id: made.id, protocol: 'tcp', port: 21, helper: 'ftp' },
      ]);
      await writer.insert(ndpProxy, [
        {
          id: crypto.randomUUID(),
          project_id: 'project',
          name: '',
          router_id: made.id,
          port_id: interfacePort.id,
          ip_address: ip('2001:db8::5'),
          description: '',
        },
      ]);
    });
    const revision = await store.revision();
    await expect.poll(() => early.revision).toBe(revision);
    const late = await follow();
    const shown = ({ topology }: TopologyFeed): readonly unknown[] =>
      topology.objectsOf('h1').toSorted((a, b) => (`${a.section}/${a.id}` < `${b.section}/${b.id}` ? -1 : 1));
    expect(shown(late)).toEqual(shown(early));
    expect(late.topology.object('h1', { section: 'routers', id: made.id })).toMatchObject({
      gateways: [
        { port_id: gatewayPorts[1]?.id, enable_snat: false },
        { port_id: gatewayPorts[0]?.id, enable_snat: true },
      ],
    });
    expect(new Set(late.topology.objectsOf('h1').map(({ section }) => section))).toEqual(
      new Set(['networks', 'ports', 'routers', 'floating_ips', 'port_forwardings', 'conntrack_helpers', 'ndp_proxies']),
    );
    await Promise.all([early.stop(), late.stop()]);
  });
});
