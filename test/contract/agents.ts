// The same agents for both servers, which do nothing with what they are told, and to which neither server gives anything
// by itself: networks of the sequences have no DHCP, and routers no ports.

import type { AgentMessage, AgentReport, Hello, ViewMessage } from '@neutronium/model/watch-protocol';
import { contractVersion } from '@neutronium/model/host-view';
import { testAgentSecret } from '@neutronium/testkit/server-process';
import { WebSocket } from 'ws';

/** Agents of hosts, by the host's name. */
export type AgentsOfHosts = Readonly<Record<string, readonly AgentReport[]>>;

/** Each on a wire and in a zone of its own. */
export const wiredHosts: AgentsOfHosts = {
  left: agentsOf('physnet1', 'cellar'),
  right: agentsOf('physnet2', 'attic'),
};

const l3Agent: AgentReport = {
  agent_type: 'L3 agent',
  binary: 'neutron-l3-agent',
  topic: 'l3_agent',
  availability_zone: 'cellar',
  configurations: { agent_mode: 'legacy' },
};

export const l3Hosts: AgentsOfHosts = { 'host-a': [l3Agent], 'host-b': [l3Agent] };

function agentsOf(wire: string, availability_zone: string): readonly AgentReport[] {
  return [
    {
      agent_type: 'Open vSwitch agent',
      binary: 'neutron-openvswitch-agent',
      topic: 'N/A',
      availability_zone: null,
      configurations: {
        bridge_mappings: { [wire]: 'br-ex' },
        integration_bridge: 'br-int',
        tunnel_types: ['vxlan', 'gre'],
        tunneling_ip: '192.0.2.1',
        datapath_type: 'system',
        ovs_hybrid_plug: false,
        devices: 0,
      },
    },
    {
      agent_type: 'DHCP agent',
      binary: 'neutron-dhcp-agent',
      topic: 'dhcp_agent',
      availability_zone,
      configurations: { dhcp_driver: 'dnsmasq', dhcp_lease_duration: 86_400, networks: 0, subnets: 0, ports: 0 },
    },
  ];
}

/** Connects the agents to our server, which counts them as alive for as long as its `agent_down_time` says. */
export async function connectAgents(url: string, agents: AgentsOfHosts): Promise<Disposable> {
  const sockets = await Promise.all(Object.entries(agents).map(([host, ofHost]) => connect(url, host, ofHost)));
  // The server says what hosts are to do before it has written down who they are.
  const expected = Object.values(agents).flat().length;
  const headers = { 'x-user-id': 'admin', 'x-project-id': 'admin', 'x-roles': 'admin,member,reader' };
  for (let known = -1; known < expected;) {
    const answer = await fetch(`${url}/v2.0/agents?fields=id`, { headers });
    // The list of the Networking API.
    known = ((await answer.json()) as { readonly agents: readonly unknown[] }).agents.length;
  }
  return {
    [Symbol.dispose]() {
      for (const socket of sockets) socket.terminate();
    },
  };
}

async function connect(url: string, host: string, agents: readonly AgentReport[]): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/agent/v1/watch`, {
    headers: { authorization: `Bearer ${testAgentSecret}` },
  });
  const send = (message: AgentMessage): void => socket.send(JSON.stringify(message));
  const hello: Hello = { kind: 'hello', contract: contractVersion, host, revision: null, agents };
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => send(hello));
    // What the server sends first is its answer to the hello; nothing is wired, so no port is ever ACTIVE.
    socket.on('message', (data) => {
      // ws gives a Buffer unless told otherwise, and the server speaks the watch protocol; nobody asks this host anything.
      const { revision } = JSON.parse((data as Buffer).toString('utf8')) as ViewMessage;
      send({ kind: 'ack', revision });
      resolve();
    });
  });
  return socket;
}
