// The commands that carry one step out. Every one may be run again after an interruption at any point.

import { ownershipAlias } from './read-namespaces.ts';
import type { Family } from '@neutronium/net/ip';
import type { LinkPlan } from '@neutronium/dataplane/host-plan';
import { announcedAddresses, announcementMark, jointText, neighborText, routeText } from './state.ts';
import type { NamespaceStep } from './state.ts';

/** A script for `sh -e`. Names and values come from plans, which hold no text that a user chose. */
export function namespaceScript(step: NamespaceStep): string {
  const { namespace } = step;
  const inside = `nsenter --net=/run/netns/${namespace}`;
  switch (step.kind) {
    case 'create':
    case 'adopt':
      // One script: a shell that has begun it ends it, even when the agent dies meanwhile.
      return lines(
        `[ -e /run/netns/${namespace} ] || ip netns add ${namespace}`,
        `ip -n ${namespace} link set dev lo alias ${ownershipAlias} up`,
      );
    case 'sysctls':
      return lines(
        `${inside} sh -e <<'END'`,
        ...Object.entries(step.values).map(([key, value]) => `echo '${value}' > /proc/sys/${key.replaceAll('.', '/')}`),
        'END',
      );
    case 'rules':
      return lines(...([4, 6] as const).flatMap((family) => ruleCommands(step, family)));
    case 'removeLink':
      return lines(`ip -n ${namespace} link delete dev ${step.device}`);
    case 'join': {
      const [one, other] = [step, step.other];
      return lines(
        // What is left of an earlier pair, its ends here or elsewhere.
        ...[one, other].map((end) => `ip -n ${end.namespace} link delete dev ${end.link.device} 2>/dev/null || true`),
        `ip -n ${one.namespace} link add ${one.link.device} mtu ${one.link.mtu} address ${one.link.mac} type veth ` +
          `peer name ${other.link.device} mtu ${other.link.mtu} address ${other.link.mac} netns ${other.namespace}`,
        ...[one, other].flatMap(jointSettings),
      );
    }
    case 'addLink': {
      const { device, hostDevice, mac } = step.link;
      return lines(
        // What is left of an earlier pair of this name, its other end lost or elsewhere.
        `ip link delete dev ${hostDevice} 2>/dev/null || true`,
        `ip link add ${hostDevice} type veth peer name ${device} netns ${namespace} address ${mac}`,
        ...settings(step),
      );
    }
    case 'setLink':
      if (step.link.joint !== undefined) return lines(...jointSettings(step));
      return lines(addressing(step), ...settings(step));
    case 'withdraw':
      return batch(namespace, [
        ...step.routes.map((route) => `route delete ${route} dev ${step.link.device}`),
        ...step.addresses.map((address) => `address delete ${address} dev ${step.link.device}`),
        ...step.neighborProxies.map((address) => `neighbour delete proxy ${address} dev ${step.link.device}`),
        ...step.neighbors.map((text) => `neighbour delete ${text} dev ${step.link.device}`),
      ]);
    case 'configure': {
      const { device } = step.link;
      // `replace` does nothing to what is there already.
      return batch(namespace, [
        ...step.addresses.map(
          (address) => `address replace ${address} dev ${device} ${isIpv6(address) ? 'nodad' : 'brd +'}`,
        ),
        ...step.routes.map((route) => `route replace ${routeText(route)} dev ${device} proto static`),
        ...step.neighborProxies.map((address) => `neighbour replace proxy ${address} dev ${device}`),
        ...neighborCommands(device, step.neighbors),
      ]);
    }
    case 'announce':
      return announcement(step);
    case 'remove':
      return lines(`[ ! -e /run/netns/${namespace} ] || ip netns delete ${namespace}`);
  }
}

/** What a step does, for the log. */
export function describeNamespaceStep(step: NamespaceStep): string {
  switch (step.kind) {
    case 'create':
      return `making namespace ${step.namespace}`;
    case 'adopt':
      return `marking namespace ${step.namespace}`;
    case 'sysctls':
      return `setting ${Object.keys(step.values).join(', ')} in ${step.namespace}`;
    case 'rules':
      return `removing ${step.remove.length} and adding ${step.add.length} routing rules in ${step.namespace}`;
    case 'removeLink':
      return `removing ${step.device} from ${step.namespace}`;
    case 'addLink':
      return `making ${step.link.device} in ${step.namespace}`;
    case 'setLink':
      return `setting up ${step.link.device} in ${step.namespace}`;
    case 'withdraw':
      return `taking ${counted(step)} from ${step.link.device} in ${step.namespace}`;
    case 'configure':
      return `giving ${step.link.device} in ${step.namespace} ${counted(step)}`;
    case 'join':
      return `joining ${step.namespace} and ${step.other.namespace} by ${step.link.device}`;
    case 'announce':
      return `telling the neighbours of ${step.link.device} in ${step.namespace} of ${step.addresses.length} addresses`;
    case 'remove':
      return `removing namespace ${step.namespace}`;
  }
}

function counted({ addresses, routes, neighbors }: Extract<NamespaceStep, { kind: 'withdraw' | 'configure' }>): string {
  return `${addresses.length} addresses, ${routes.length} routes and ${neighbors.length} neighbours`;
}

/**
 * For IPv4 a request and an answer that nobody asked for, three of each a second apart: some neighbours update what
 * they know by the one only, some by the other, and any packet may be lost. They go on while the agent does other
 * things. For IPv6 the kernel advertises all addresses of a device whose MAC address has been set, to whatever value; it
 * forgets the device's neighbours with that, and is told of them again.
 */
function announcement({ namespace, link, addresses }: Extract<NamespaceStep, { kind: 'announce' }>): string {
  const { device, mac, neighbors = [] } = link;
  const inside = `nsenter --net=/run/netns/${namespace}`;
  const ipv4 = addresses.filter((address) => !isIpv6(address)).map((address) => address.replace(/\/.*/, ''));
  return lines(
    ...ipv4.map((address) => {
      const arping = (kind: string): string => `arping -q ${kind} -c 3 -I ${device} ${address}`;
      return `${inside} sh -c '${arping('-U')} & ${arping('-A')}' </dev/null >/dev/null 2>&1 &`;
    }),
    ...(addresses.some(isIpv6)
      ? [
          `${inside} sh -c 'echo 1 > /proc/sys/net/ipv6/conf/${device}/ndisc_notify'`,
          `ip -n ${namespace} link set dev ${device} address ${mac}`,
          ...(neighbors.length === 0 ? [] : [batch(namespace, neighborCommands(device, neighbors.map(neighborText)))]),
        ]
      : []),
    `ip -n ${namespace} link set dev ${device} alias '${announcementMark(mac, announcedAddresses(link))}'`,
  );
}

function neighborCommands(device: string, neighbors: readonly string[]): readonly string[] {
  return neighbors.map((text) => `neighbour replace ${text} dev ${device} nud permanent`);
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}

function batch(namespace: string, commands: readonly string[]): string {
  return lines(`ip -n ${namespace} -batch - <<'END'`, ...commands, 'END');
}

/** Gives the device its MAC address unless it has it: with one that is set, the kernel forgets its neighbours. */
function addressing({ namespace, link: { device, mac } }: { namespace: string; link: LinkPlan }): string {
  return `ip -n ${namespace} -br link show dev ${device} | grep -q ${mac} || ip -n ${namespace} link set dev ${device} address ${mac}`;
}

function settings({ namespace, link }: Extract<NamespaceStep, { kind: 'addLink' | 'setLink' }>): readonly string[] {
  const { device, hostDevice, mtu } = link;
  return [
    `nsenter --net=/run/netns/${namespace} ethtool -K ${device} tx off >/dev/null`,
    `ip -n ${namespace} link set dev ${device} mtu ${mtu} up`,
    `ip link set dev ${hostDevice} mtu ${mtu} up`,
  ];
}

/** Few processes, however many rules: a router has one for each floating IP of its host. */
function ruleCommands(
  { namespace, remove, add }: Extract<NamespaceStep, { kind: 'rules' }>,
  family: Family,
): readonly string[] {
  const prefix = `-${family} rule `;
  const commands = (rules: readonly string[], verb: 'delete' | 'add'): readonly string[] =>
    rules.filter((rule) => rule.startsWith(prefix)).map((rule) => `rule ${verb} ${rule.slice(prefix.length)}`);
  const ip = `ip -${family} -n ${namespace}`;
  const batched = (options: string, what: readonly string[], end = ''): readonly string[] =>
    what.length === 0 ? [] : [`${ip} ${options} - <<'END'${end}`, ...what, 'END'];
  return [
    ...batched('-batch', commands(remove, 'delete')),
    // The kernel takes a rule that it has already for another, or refuses it, depending on its version.
    ...batched('-force -batch', commands(add, 'delete'), ' 2>/dev/null || true'),
    ...batched('-batch', commands(add, 'add')),
  ];
}

function jointSettings({
  namespace,
  link,
}: {
  readonly namespace: string;
  readonly link: LinkPlan;
}): readonly string[] {
  const { device, mtu, joint } = link;
  return [
    `nsenter --net=/run/netns/${namespace} ethtool -K ${device} tx off >/dev/null`,
    addressing({ namespace, link }),
    `ip -n ${namespace} link set dev ${device} mtu ${mtu} up`,
    ...(joint === undefined ? [] : [`ip -n ${namespace} link set dev ${device} alias '${jointText(joint)}'`]),
  ];
}

function lines(...text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}
