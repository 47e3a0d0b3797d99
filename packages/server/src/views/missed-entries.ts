// Which entries of the log may have changed something in the view of a host that was away. Most of what happens in a
// cloud is no business of most hosts, and a thousand of them may come back at once: what is left out here costs a host
// neither a look nor a word on the wire.

import { network } from '@neutronium/model/resources/network';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { securityGroup } from '@neutronium/model/resources/security-group';
import { securityGroupRule, type SecurityGroupRuleRecord } from '@neutronium/model/resources/security-group-rule';
import { subnet, type SubnetRecord } from '@neutronium/model/resources/subnet';
import type { ChangeEntry } from '../store/store.ts';
import { setIdOf } from './project-security-groups.ts';

type LoggedObject = Pick<ChangeEntry, 'kind' | 'id' | 'before' | 'after'>;

/** What a host has to do with now. */
export interface Sight {
  readonly networks: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  /** Address sets whose members it knows. */
  readonly sets: ReadonlySet<string>;
  /** The sets that rules of the group name now. */
  readonly setsNamedBy: (groupId: string) => ReadonlySet<string>;
}

/**
 * Those of `entries` that may concern `host`, in their order. Whatever it has begun or ceased to see, it has by a port
 * that is or was bound to it, or by a rule of such a port's group; both are among the entries.
 */
export function entriesConcerning<Entry extends LoggedObject>(
  host: string,
  entries: readonly Entry[],
  sight: Sight,
): readonly Entry[] {
  const [networks, groups, sets] = [new Set(sight.networks), new Set(sight.groups), new Set(sight.sets)];
  for (const entry of entries) {
    if (entry.kind !== port.name) continue;
    for (const record of portRecords(entry)) {
      if (record['binding:host_id'] !== host) continue;
      networks.add(record.network_id);
      for (const groupId of record.security_groups) groups.add(groupId);
    }
  }
  for (const groupId of groups) for (const setId of sight.setsNamedBy(groupId)) sets.add(setId);
  for (const entry of entries) {
    if (entry.kind !== securityGroupRule.name) continue;
    for (const record of ruleRecords(entry)) {
      const setId = setIdOf(record);
      if (setId !== null && groups.has(record.security_group_id)) sets.add(setId);
    }
  }
  return entries.filter((entry) => {
    switch (entry.kind) {
      case network.name:
        return networks.has(entry.id);
      case subnet.name:
        return subnetRecords(entry).some(({ network_id }) => networks.has(network_id));
      case port.name:
        return portRecords(entry).some(
          ({ network_id, security_groups }) => networks.has(network_id) || security_groups.some((id) => sets.has(id)),
        );
      case securityGroup.name:
        return groups.has(entry.id);
      case securityGroupRule.name:
        return ruleRecords(entry).some((record) => groups.has(record.security_group_id));
      default:
        return true;
    }
  });
}

// The log holds whole records of the kind that it names: the store wrote them.
const portRecords = (entry: LoggedObject) => recordsOf(entry) as readonly PortRecord[];
const ruleRecords = (entry: LoggedObject) => recordsOf(entry) as readonly SecurityGroupRuleRecord[];
const subnetRecords = (entry: LoggedObject) => recordsOf(entry) as readonly SubnetRecord[];

function recordsOf({ before, after }: LoggedObject): readonly unknown[] {
  return [before, after].filter((record) => record !== null);
}
