// A server for a fuzzer, with a host whose agents do nothing with what they are told.

import type { AgentReport } from '@neutronium/model/watch-protocol';
import { agentSecret, connectAgent } from '../agent-connection.ts';
import { startApi, type TestApi } from '../api.ts';

const hostAgent = (
  agent_type: AgentReport['agent_type'],
  binary: string,
  configurations: Readonly<Record<string, unknown>>,
): AgentReport => ({
  agent_type,
  binary,
  topic: 'N/A',
  availability_zone: 'nova',
  configurations,
});

const agents: readonly AgentReport[] = [
  hostAgent('Open vSwitch agent', 'neutron-openvswitch-agent', {
    bridge_mappings: { physnet1: 'br-ex' },
    tunnel_types: ['vxlan'],
    tunneling_ip: '192.0.2.1',
  }),
  hostAgent('DHCP agent', 'neutron-dhcp-agent', {}),
  hostAgent('L3 agent', 'neutron-l3-agent', { agent_mode: 'legacy' }),
];

/** One of them a word that requests made at random say often. */
const hosts = ['host', 'web'];

/** What only a host can answer, which there is none of. */
export const askedOfHosts = ['show_drift_of_agent', 'repair_host_of_agent'];

/** On the database, a new SQLite file where none is given. */
export async function startFuzzedApi(database?: string): Promise<TestApi> {
  const secret = agentSecret();
  const api = await startApi({
    settings: {
      'agents.secret_file': secret.file,
      'agents.agent_down_time': '100000',
      'networks.network_vlan_ranges': 'physnet1:100:199',
    },
    ...(database === undefined ? {} : { database }),
  });
  const sockets = hosts.map((host) => connectAgent({ url: api.url, host, agents }));
  return {
    ...api,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.terminate();
      await api[Symbol.asyncDispose]();
      secret[Symbol.dispose]();
    },
  };
}
