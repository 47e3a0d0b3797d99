// The commands that carry one step out. Every one may be run again after an interruption at any point.

import { ownershipAlias } from './read-namespaces.ts';
import { routeText } from './state.ts';
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
    case 'removeLink':
      return lines(`ip -n ${namespace} link delete dev ${step.device}`);
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
      return lines(`ip -n ${namespace} link set dev ${step.link.device} address ${step.link.mac}`, ...settings(step));
    case 'configure': {
      const { device, addresses, routes } = step.link;
      return lines(
        `ip -n ${namespace} -batch - <<'END'`,
        ...step.removeRoutes.map((route) => `route delete ${route} dev ${device}`),
        ...step.removeAddresses.map((address) => `address delete ${address} dev ${device}`),
        // All of them, not only the missing: the kernel drops the others of a prefix with the first address of it, and
        // routes with the address that they leave by. `replace` does nothing to what is there.
        ...addresses.map(
          (address) => `address replace ${address} dev ${device} ${address.includes(':') ? 'nodad' : 'brd +'}`,
        ),
        ...routes.map((route) => `route replace ${routeText(route)} dev ${device} proto static`),
        'END',
      );
    }
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
    case 'removeLink':
      return `removing ${step.device} from ${step.namespace}`;
    case 'addLink':
      return `making ${step.link.device} in ${step.namespace}`;
    case 'setLink':
      return `setting up ${step.link.device} in ${step.namespace}`;
    case 'configure':
      return `giving ${step.link.device} in ${step.namespace} its addresses and routes`;
    case 'remove':
      return `removing namespace ${step.namespace}`;
  }
}

function settings({ namespace, link }: Extract<NamespaceStep, { kind: 'addLink' | 'setLink' }>): readonly string[] {
  const { device, hostDevice, mtu } = link;
  return [
    `nsenter --net=/run/netns/${namespace} ethtool -K ${device} tx off >/dev/null`,
    `ip -n ${namespace} link set dev ${device} mtu ${mtu} up`,
    `ip link set dev ${hostDevice} mtu ${mtu} up`,
  ];
}

function lines(...text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}
