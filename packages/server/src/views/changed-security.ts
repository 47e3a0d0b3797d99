// What entries of the log say about security groups, rules, addresses and the ports of one host.

import { addressGroupAddress } from '@neutronium/model/resources/address-group';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { securityGroup } from '@neutronium/model/resources/security-group';
import { securityGroupRule, type SecurityGroupRuleRecord } from '@neutronium/model/resources/security-group-rule';
import type { ChangeEntry } from '../store/store.ts';
import { memberId } from './project-security-groups.ts';

/** What has been named, as it was before or after an entry. */
export interface ChangedSecurity {
  /** Ids of security groups. */
  readonly groups: ReadonlySet<string>;
  readonly rules: readonly SecurityGroupRuleRecord[];
  /** Names of members that came, went, or changed. */
  readonly members: ReadonlySet<string>;
  /** Ids of ports. */
  readonly ports: ReadonlySet<string>;
  /** The groups of those ports that were or are bound to the host. */
  readonly groupsOfPorts: ReadonlySet<string>;
}

export function changedSecurity(
  host: string,
  entries: readonly Pick<ChangeEntry, 'kind' | 'id' | 'before' | 'after'>[],
): ChangedSecurity {
  const [groups, members] = [new Set<string>(), new Set<string>()];
  const [ports, groupsOfPorts] = [new Set<string>(), new Set<string>()];
  const rules: SecurityGroupRuleRecord[] = [];
  for (const { kind, id, before, after } of entries) {
    const records = [before, after].filter((record) => record !== null);
    switch (kind) {
      case securityGroup.name:
        groups.add(id);
        break;
      case securityGroupRule.name:
        // The log holds whole records of the kind that it names: the store wrote them.
        rules.push(...(records as unknown as readonly SecurityGroupRuleRecord[]));
        break;
      case addressGroupAddress:
        members.add(id);
        break;
      case port.name:
        ports.add(id);
        for (const record of records as unknown as readonly PortRecord[]) {
          for (const groupId of record.security_groups) {
            members.add(memberId(groupId, id));
            if (record['binding:host_id'] === host) groupsOfPorts.add(groupId);
          }
        }
        break;
      default:
    }
  }
  return { groups, rules, members, ports, groupsOfPorts };
}
