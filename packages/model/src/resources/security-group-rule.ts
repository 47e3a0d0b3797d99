import { computed, optional, required } from '../attribute.ts';
import { cidr } from '../kinds/cidr.ts';
import { flag } from '../kinds/flag.ts';
import { nullable } from '../kinds/nullable.ts';
import { text } from '../kinds/text.ts';
import { resource, type Create, type Stored, type View } from '../resource.ts';
import { identity, untagged } from './standard.ts';
import { traffic } from './traffic.ts';

/**
 * A rule is never changed, only made and removed. Its record, which an entry of the change log holds whole, is all
 * that a host needs to know of it, but for who is behind remote_group_id and remote_address_group_id.
 */
export const securityGroupRule = resource({
  name: 'security_group_rule',
  plural: 'security_group_rules',
  doc: 'One kind of traffic that a security group admits.',
  extension: 'security-group',
  operations: ['create', 'bulk', 'list', 'show', 'delete'],
  attributes: {
    ...identity,
    security_group_id: required(text(36), 'The group that the rule is one of.', {
      createOnly: true,
      references: 'security_groups',
      filter: true,
      sort: true,
      requiredByPolicy: true,
      index: true,
    }),
    ...traffic,
    normalized_cidr: computed(nullable(cidr), 'The prefix of the far end without host bits.', {
      filter: true,
      sort: true,
      extension: 'security-groups-normalized-cidr',
    }),
    remote_group_id: optional(nullable(text(36)), 'The far end is a port that has this security group.', {
      default: null,
      createOnly: true,
      references: 'security_groups',
      filter: true,
      sort: true,
      index: true,
    }),
    remote_address_group_id: optional(nullable(text(36)), 'The far end is an address of this address group.', {
      default: null,
      createOnly: true,
      references: 'address_groups',
      filter: true,
      sort: true,
      index: true,
      extension: 'security-groups-remote-address-group',
    }),
    belongs_to_default_sg: computed(flag, 'Whether its group is the default group of a project.', {
      filter: true,
      extension: 'security-groups-rules-belongs-to-default-sg',
    }),
    ...untagged,
  },
});

export type SecurityGroupRule = View<typeof securityGroupRule>;
export type SecurityGroupRuleRecord = Stored<typeof securityGroupRule>;
export type SecurityGroupRuleCreate = Create<typeof securityGroupRule>;
