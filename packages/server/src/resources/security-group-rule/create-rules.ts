import { randomUUID } from 'node:crypto';
import { defaultGroupName } from '@neutronium/model/kinds/group-name';
import { normalizedPrefix } from '@neutronium/model/kinds/remote-prefix';
import { addressGroup } from '@neutronium/model/resources/address-group';
import { securityGroup } from '@neutronium/model/resources/security-group';
import {
  securityGroupRule,
  type SecurityGroupRuleCreate,
  type SecurityGroupRuleRecord,
} from '@neutronium/model/resources/security-group-rule';
import {
  AddressGroupNotFound,
  DuplicateSecurityGroupRuleInPost,
  SecurityGroupNotFound,
  SecurityGroupNotSingleGroupRules,
  SecurityGroupRuleExists,
  SecurityGroupRulesNotSingleProject,
} from '@neutronium/model/security-group-errors';
import type { Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { requireVisible } from '../require-visible.ts';
import { checkedTraffic, trafficKey } from './check-rule.ts';

/** Adds rules to one group, all or none. */
export async function createRules(
  call: Call<Writer>,
  requests: readonly SecurityGroupRuleCreate[],
): Promise<readonly SecurityGroupRuleRecord[]> {
  const groupId = oneGroup(requests);
  const rules = requests.map(checkedTraffic);
  await requireVisible(
    call,
    securityGroup,
    remotes(rules, 'remote_group_id'),
    (id) => new SecurityGroupNotFound({ id }),
  );
  await requireVisible(
    call,
    addressGroup,
    remotes(rules, 'remote_address_group_id'),
    (id) => new AddressGroupNotFound({ address_group_id: id }),
  );
  await requireVisible(call, securityGroup, [groupId], (id) => new SecurityGroupNotFound({ id }));
  const { store } = call;
  // Held until the end: nobody else adds a rule to the group meanwhile, so none is added twice.
  const group = await store.get(securityGroup, groupId);
  if (group === undefined) throw new SecurityGroupNotFound({ id: groupId });
  await requireNew(store, groupId, rules);
  const created = await store.insert(
    securityGroupRule,
    rules.map((rule) => ({
      ...rule,
      id: randomUUID(),
      normalized_cidr: rule.remote_ip_prefix === null ? null : normalizedPrefix(rule.remote_ip_prefix),
      belongs_to_default_sg: group.name === defaultGroupName,
    })),
  );
  await store.touch(securityGroup, groupId);
  return created;
}

function oneGroup(requests: readonly SecurityGroupRuleCreate[]): string {
  const [groupId, ...others] = new Set(requests.map(({ security_group_id }) => security_group_id));
  if (groupId === undefined || others.length > 0) throw new SecurityGroupNotSingleGroupRules();
  if (new Set(requests.map(({ project_id }) => project_id)).size > 1) throw new SecurityGroupRulesNotSingleProject();
  return groupId;
}

function remotes(
  rules: readonly SecurityGroupRuleCreate[],
  attribute: 'remote_group_id' | 'remote_address_group_id',
): readonly string[] {
  return rules.flatMap((rule) => rule[attribute] ?? []);
}

async function requireNew(store: Writer, groupId: string, rules: readonly SecurityGroupRuleCreate[]): Promise<void> {
  const keys = new Set(rules.map(trafficKey));
  if (keys.size < rules.length) throw new DuplicateSecurityGroupRuleInPost();
  // Part of the key, and spelled in one way only: a large group is not read whole for each rule that joins it.
  const alike = (['direction', 'ethertype', 'port_range_min'] as const).map((attribute) => ({
    op: 'equals' as const,
    attribute,
    values: [...new Set(rules.map((rule) => rule[attribute]))],
  }));
  const present = await store.list(securityGroupRule, {
    where: [{ op: 'equals', attribute: 'security_group_id', values: [groupId] }, ...alike],
  });
  const same = present.find((rule) => keys.has(trafficKey(rule)));
  if (same !== undefined) throw new SecurityGroupRuleExists({ rule_id: same.id });
}
