import { chosenByServer, computed, optional } from '../attribute.ts';
import { flag } from '../kinds/flag.ts';
import { groupName } from '../kinds/group-name.ts';
import { ruleList } from '../kinds/rule-list.ts';
import { resource, type Create, type Stored, type Update, type View } from '../resource.ts';
import { identity, standard } from './standard.ts';

/**
 * Its rules are records of their own (security-group-rule.ts), in the table and in the change log alike: an entry of
 * the log about a group never holds them, so that one rule of a large group is one small entry, together with that of
 * the group, whose revision_number it raises.
 */
export const securityGroup = resource({
  name: 'security_group',
  plural: 'security_groups',
  doc: 'What traffic the ports that have the group admit.',
  extension: 'security-group',
  attributes: {
    ...identity,
    name: optional(groupName, 'For people; need not be unique. Only the default group of a project is `default`.', {
      default: '',
      filter: true,
      sort: true,
      index: true,
    }),
    stateful: optional(flag, 'Whether answers to what the group admits are admitted too.', {
      default: chosenByServer,
      extension: 'stateful-security-group',
    }),
    shared: computed(flag, 'Whether the group is shared with the project that asks, or with everyone.', {
      childTable: 'rbac_policies',
      filter: true,
      requiredByPolicy: true,
      extension: 'security-groups-shared-filtering',
    }),
    security_group_rules: computed(ruleList, 'The rules of the group.', { derived: true }),
    ...standard,
  },
});

export type SecurityGroup = View<typeof securityGroup>;
export type SecurityGroupRecord = Stored<typeof securityGroup>;
export type SecurityGroupCreate = Create<typeof securityGroup>;
export type SecurityGroupUpdate = Update<typeof securityGroup>;
