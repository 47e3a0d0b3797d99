import { randomUUID } from 'node:crypto';
import { defaultGroupName } from '@neutronium/model/kinds/group-name';
import {
  defaultSecurityGroupRule,
  parentGroup,
  type DefaultSecurityGroupRuleRecord,
} from '@neutronium/model/resources/default-security-group-rule';
import type { SecurityGroupRecord } from '@neutronium/model/resources/security-group';
import type { securityGroupRule } from '@neutronium/model/resources/security-group-rule';
import { normalizedPrefix } from '@neutronium/model/kinds/remote-prefix';
import type { NewRecord, Reader } from '../../store/store.ts';

type NewGroup = Pick<SecurityGroupRecord, 'id' | 'project_id' | 'name'>;

/** The rules that new groups start with, as the templates say. One statement, whatever the number of groups. */
export async function startingRules(
  store: Reader,
  groups: readonly NewGroup[],
): Promise<readonly NewRecord<typeof securityGroupRule>[]> {
  const templates = await store.list(defaultSecurityGroupRule, {});
  return groups.flatMap((group) => {
    const isDefault = group.name === defaultGroupName;
    return templates
      .filter((template) => (isDefault ? template.used_in_default_sg : template.used_in_non_default_sg))
      .map((template) => ruleFrom(template, group));
  });
}

function ruleFrom(
  template: DefaultSecurityGroupRuleRecord,
  { id, project_id, name }: NewGroup,
): NewRecord<typeof securityGroupRule> {
  const { direction, ethertype, protocol, port_range_min, port_range_max, remote_ip_prefix } = template;
  return {
    id: randomUUID(),
    project_id,
    security_group_id: id,
    direction,
    ethertype,
    protocol,
    port_range_min,
    port_range_max,
    remote_ip_prefix,
    normalized_cidr: remote_ip_prefix === null ? null : normalizedPrefix(remote_ip_prefix),
    remote_group_id: template.remote_group_id === parentGroup ? id : template.remote_group_id,
    remote_address_group_id: template.remote_address_group_id,
    belongs_to_default_sg: name === defaultGroupName,
    description: template.description,
  };
}
