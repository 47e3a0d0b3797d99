// The security groups of a host: their numbers, which ports share them, and which sets of addresses they name.

import type { HostView, PortView, SecurityGroupView } from '@neutronium/model/host-view';
import type { Family } from '@neutronium/net/ip';
import { isGuarded } from '../bridges/br-int/local-port.ts';
import { groupProblem } from '../bridges/br-int/rule-match.ts';
import { familyOf } from '../bridges/br-int/rules.ts';
import { shortNumbers } from './short-numbers.ts';

export type Direction = 'ingress' | 'egress';

export interface HostGroups {
  /** The number by which each group is asked. */
  readonly numbers: ReadonlyMap<string, number>;
  /** The number of each set that rules name. */
  readonly sets: ReadonlyMap<string, number>;
  /** For what each of those sets is named. */
  readonly uses: ReadonlyMap<string, ReadonlySet<SetUse>>;
  /** Groups that several guarded ports of the host have, or that a port has beside such a group. */
  readonly shared: ReadonlySet<string>;
}

export type SetUse = `${Direction} ${Family}`;

/**
 * The groups of the view. Ports count when they are bound to the host, whether or not they are plugged, so that plugging
 * one changes nothing for the others.
 */
export function hostGroups(view: HostView, host: string): HostGroups {
  const uses = setUses(view.security_groups.values());
  return {
    numbers: shortNumbers(view.security_groups.keys()),
    sets: shortNumbers(uses.keys()),
    uses,
    shared: sharedGroups([...view.ports.values()].filter((port) => port.host === host && isGuarded(port))),
  };
}

function setUses(groups: Iterable<SecurityGroupView>): HostGroups['uses'] {
  const uses = new Map<string, Set<SetUse>>();
  for (const group of groups) {
    if (groupProblem(group) !== null) continue;
    for (const rule of group.rules) {
      if (rule.remote.kind !== 'set') continue;
      const use: SetUse = `${rule.direction} ${familyOf(rule)}`;
      const known = uses.get(rule.remote.id);
      if (known === undefined) uses.set(rule.remote.id, new Set([use]));
      else known.add(use);
    }
  }
  return uses;
}

function sharedGroups(ports: readonly PortView[]): ReadonlySet<string> {
  const portsOfGroup = new Map<string, number>();
  for (const port of ports) {
    for (const id of port.security_groups) portsOfGroup.set(id, (portsOfGroup.get(id) ?? 0) + 1);
  }
  const shared = new Set<string>();
  for (const { security_groups: ids } of ports) {
    if (!ids.some((id) => portsOfGroup.get(id) !== 1)) continue;
    for (const id of ids) shared.add(id);
  }
  return shared;
}

/**
 * Why a guarded port's security groups cannot be carried out, null where they can. A port may wait for a group that
 * comes with a later change.
 */
export function guardProblem(
  view: HostView,
  port: PortView,
  { byFlows }: { readonly byFlows: boolean },
): string | null {
  if (!isGuarded(port)) return null;
  for (const id of port.security_groups.toSorted()) {
    const group = view.security_groups.get(id);
    if (group === undefined) return `its security group ${id} is not known`;
    const problem = byFlows ? groupProblem(group) : null;
    if (problem !== null) return problem;
  }
  return null;
}
