import { securityGroup } from '@neutronium/model/resources/security-group';
import { securityGroupRule } from '@neutronium/model/resources/security-group-rule';
import { SecurityGroupRuleNotFound } from '@neutronium/model/security-group-errors';
import type { Handlers } from '../handlers.ts';
import { defaultGroups } from '../security-group/default-group.ts';
import { createRules } from './create-rules.ts';

export function securityGroupRuleHandlers(): Handlers<typeof securityGroupRule> {
  return {
    resource: securityGroupRule,
    notFound: (id) => new SecurityGroupRuleNotFound({ id }),
    beforeList: defaultGroups,
    create: createRules,
    async remove({ store }, { id, security_group_id }) {
      await store.remove(securityGroupRule, id);
      await store.touch(securityGroup, security_group_id);
    },
    derive: async (_call, records) => records.map(() => ({})),
  };
}
