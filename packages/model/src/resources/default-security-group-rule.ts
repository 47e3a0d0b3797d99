import { optional, required } from '../attribute.ts';
import { flag } from '../kinds/flag.ts';
import { nullable } from '../kinds/nullable.ts';
import { text } from '../kinds/text.ts';
import { resource, type Create, type Stored } from '../resource.ts';
import { identity, untagged } from './standard.ts';
import { traffic } from './traffic.ts';

/** As remote_group_id of a template: the group itself that the rule is made for. */
export const parentGroup = 'PARENT';

/** Templates belong to no project and are seen by all: a group that is made from now on has the rules that they say. */
export const defaultSecurityGroupRule = resource({
  name: 'default_security_group_rule',
  plural: 'default_security_group_rules',
  doc: 'A rule that new security groups start with.',
  extension: 'security-groups-default-rules',
  operations: ['create', 'bulk', 'list', 'show', 'delete'],
  attributes: {
    id: identity.id,
    project_id: required(text(255), 'Read and forgotten: templates belong to no project.', {
      createOnly: true,
      hidden: true,
    }),
    ...traffic,
    remote_group_id: optional(
      nullable(text(36)),
      `The far end is a port that has this security group; \`${parentGroup}\` is the group itself.`,
      { default: null, createOnly: true, filter: true, sort: true },
    ),
    remote_address_group_id: optional(nullable(text(36)), 'The far end is an address of this address group.', {
      default: null,
      createOnly: true,
      filter: true,
      sort: true,
    }),
    used_in_default_sg: required(flag, 'Whether the default groups of projects start with it.', {
      createOnly: true,
      filter: true,
    }),
    used_in_non_default_sg: required(flag, 'Whether other groups start with it.', { createOnly: true, filter: true }),
    ...untagged,
  },
});

export type DefaultSecurityGroupRuleRecord = Stored<typeof defaultSecurityGroupRule>;
export type DefaultSecurityGroupRuleCreate = Create<typeof defaultSecurityGroupRule>;
