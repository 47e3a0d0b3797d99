// An agent without a host: it connects as a real one does, says that the agents of a network node are alive, and
// acknowledges what it is sent as if it had applied it. The suites ask the API about agents; they look at no wire.

import { testAgentSecret } from '@neutronium/testkit/server-process';
import { contractVersion } from '@neutronium/model/host-view';
import type { AgentMessage, AgentReport, ViewMessage } from '@neutronium/model/watch-protocol';
import { WebSocket } from 'ws';

const agents: readonly AgentReport[] = [
  {
    agent_type: 'Open vSwitch agent',
    binary: 'neutron-openvswitch-agent',
    topic: 'N/A',
    availability_zone: null,
    configurations: {
      bridge_mappings: { public: 'br-ex', foo: 'br-foo' },
      integration_bridge: 'br-int',
      tunnel_types: ['vxlan', 'gre'],
      tunneling_ip: '127.0.0.1',
      datapath_type: 'system',
      ovs_hybrid_plug: false,
      devices: 0,
    },
  },
  {
    agent_type: 'DHCP agent',
    binary: 'neutron-dhcp-agent',
    topic: 'dhcp_agent',
    availability_zone: 'nova',
    configurations: { dhcp_driver: 'dnsmasq', dhcp_lease_duration: 86_400, networks: 0, subnets: 0, ports: 0 },
  },
  {
    agent_type: 'L3 agent',
    binary: 'neutron-l3-agent',
    topic: 'l3_agent',
    availability_zone: 'nova',
    configurations: { agent_mode: 'legacy', handle_internal_only_routers: true, routers: 0, floating_ips: 0 },
  },
];

const reportIntervalMs = 20_000;

/** Connects and keeps reporting until disposed. `check` throws when the server ended the connection. */
export async function reportAgents(url: string): Promise<Disposable & { check(): void }> {
  const host = 'conformance';
  const socket = new WebSocket(`${url.replace('http', 'ws')}/agent/v1/watch`, {
    headers: { authorization: `Bearer ${testAgentSecret}` },
  });
  const send = (message: AgentMessage) => socket.send(JSON.stringify(message));
  let ended: string | undefined;
  socket.on('close', (code) => (ended = `the watch connection ended with code ${code}`));
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', (code) => reject(new Error(`the server refused the agent with code ${code}`)));
    socket.once('open', () => send({ kind: 'hello', contract: contractVersion, host, revision: null, agents }));
    socket.once('message', () => resolve());
    socket.on('message', (data) => {
      // ws gives a Buffer unless told otherwise, and the server speaks the watch protocol in text frames; nobody asks anything of this host.
      const message = JSON.parse((data as Buffer).toString('utf8')) as ViewMessage;
      const objects = message.kind === 'snapshot' ? message.objects : message.set;
      const ports = objects.filter((object) => object.section === 'ports');
      send({
        kind: 'port-status',
        ports: ports.filter((port) => port.host === host).map(({ id }) => ({ id, state: 'wired', why: '' })),
        dhcp: ports.map(({ id }) => id),
      });
      send({ kind: 'ack', revision: message.revision });
    });
  });
  const timer = setInterval(() => send({ kind: 'heartbeat', agents, drift: {} }), reportIntervalMs);
  return {
    check() {
      if (ended !== undefined) throw new Error(ended);
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      socket.close();
    },
  };
}
