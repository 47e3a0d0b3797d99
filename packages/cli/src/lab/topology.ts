// What a lab is made of: hosts, the physical networks that lead to some of them, and what the server is told. Written as
// YAML in a file, or as a number of hosts that are all alike. Pure.

import { ip, ipFromBigInt, ipToBigInt, type IpAddress } from '@neutronium/net/ip';
import { accept, refuse, type Parsed } from '@neutronium/net/parsed';
import type { TunnelType } from '@neutronium/net/vni';
import { parse } from 'yaml';

export interface LabTopology {
  readonly hosts: readonly LabHostPlan[];
  readonly physicalNetworks: readonly PhysicalNetwork[];
  /** Of the network that tunnels run over. */
  readonly underlay: 'ipv4' | 'ipv6';
  readonly tunnelTypes: readonly TunnelType[];
  /** `SECTION.key` to text: options of the server, over those that make all kinds of networks possible. */
  readonly server: Readonly<Record<string, string>>;
  /** The same for the agents. */
  readonly agent: Readonly<Record<string, string>>;
}

export interface LabHostPlan {
  readonly name: string;
  /** Names of the physical networks that the host has a card on. */
  readonly physicalNetworks: readonly string[];
  /** Options of this host's agent, over those of all agents. */
  readonly agent?: Readonly<Record<string, string>>;
}

/** A wire between hosts. The host `outside` is on each of them, as the rest of the world. */
export interface PhysicalNetwork {
  readonly name: string;
  /** Addresses of `outside` on it, with prefix lengths. */
  readonly outside: readonly string[];
}

/** The machines of a lab that are no hosts of networks. */
export const controllerName = 'controller';
export const outsideName = 'outside';
export const fabricName = 'fabric';
const machineNames: readonly string[] = [controllerName, outsideName, fabricName];

/** The longest name of which `br-NAME` still leaves room for `int-` before it in a device's 15 characters. */
const longestPhysicalNetwork = 8;
const mostHosts = 200;

/** Hosts h1 … hN that are all on physnet1, with tunnels of all types between them. */
export function plainTopology(hosts: number): LabTopology {
  return {
    hosts: Array.from({ length: hosts }, (_, index) => ({ name: `h${index + 1}`, physicalNetworks: ['physnet1'] })),
    physicalNetworks: [{ name: 'physnet1', outside: ['203.0.113.1/24'] }],
    underlay: 'ipv4',
    tunnelTypes: ['gre', 'vxlan', 'geneve'],
    server: {},
    agent: {},
  };
}

/** The address of a machine on the management network (0 is the controller) or, from 1, on the underlay. */
export function addressOn(network: 'management' | LabTopology['underlay'], number: number): IpAddress {
  // Of RFC 2544's addresses for benchmarks, and of RFC 4193's for sites: nobody else has a reason to use them.
  const first = { management: ip('198.18.0.1'), ipv4: ip('198.18.1.1'), ipv6: ip('fd4e:544e:4d00::1') }[network];
  return ipFromBigInt(ipToBigInt(first) + BigInt(number), network === 'ipv6' ? 6 : 4);
}

/** The topology that a file describes, filled up with what a plain lab has. */
export function parseTopology(text: string): Parsed<LabTopology> {
  let file: unknown;
  try {
    file = parse(text);
  } catch (error) {
    return refuse(`it is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isRecord(file)) return refuse('it is not a map');
  const unknown = Object.keys(file).filter((key) => !keys.includes(key));
  if (unknown.length > 0) return refuse(`it has ${unknown.join(', ')}; known are ${keys.join(', ')}`);
  const plain = plainTopology(0);
  const physicalNetworks = Object.entries(recordOf(file['physical_networks']) ?? {}).map(([name, value]) => ({
    name,
    outside: textsOf(recordOf(value)?.['outside']),
  }));
  const topology: LabTopology = {
    hosts: Object.entries(recordOf(file['hosts']) ?? {}).map(([name, value]) => {
      const agent = optionsOf(recordOf(value)?.['agent']);
      return {
        name,
        physicalNetworks: textsOf(recordOf(value)?.['physical_networks']),
        ...(Object.keys(agent).length > 0 && { agent }),
      };
    }),
    physicalNetworks,
    underlay: file['underlay'] === 'ipv6' ? 'ipv6' : 'ipv4',
    tunnelTypes:
      file['tunnel_types'] === undefined
        ? plain.tunnelTypes
        : plain.tunnelTypes.filter((type) => textsOf(file['tunnel_types']).includes(type)),
    server: optionsOf(file['server']),
    agent: optionsOf(file['agent']),
  };
  const problem = problemOf(topology);
  return problem === undefined ? accept(topology) : refuse(problem);
}

const keys: readonly string[] = ['hosts', 'physical_networks', 'underlay', 'tunnel_types', 'server', 'agent'];

/** What is wrong with the topology, if anything. */
export function problemOf({ hosts, physicalNetworks }: LabTopology): string | undefined {
  if (hosts.length < 1 || hosts.length > mostHosts) return `a lab has 1 to ${mostHosts} hosts, not ${hosts.length}`;
  const known = new Set(physicalNetworks.map(({ name }) => name));
  for (const { name, physicalNetworks: own } of hosts) {
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(name) || machineNames.includes(name)) {
      return `a host cannot be called ${name}`;
    }
    const missing = own.find((each) => !known.has(each));
    if (missing !== undefined) return `${name} is on ${missing}, which is not among the physical networks`;
  }
  const bad = [...known].find((name) => !/^[a-z0-9]+$/.test(name) || name.length > longestPhysicalNetwork);
  return bad === undefined
    ? undefined
    : `a physical network has a name of 1 to ${longestPhysicalNetwork} small letters and digits, not ${bad}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isRecord(value) ? value : undefined;
}

function optionsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(recordOf(value) ?? {}).map(([key, option]) => [key, String(option)]));
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
