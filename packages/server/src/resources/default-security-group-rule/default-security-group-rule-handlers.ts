import { randomUUID } from 'node:crypto';
import { addressGroup } from '@neutronium/model/resources/address-group';
import {
  defaultSecurityGroupRule,
  parentGroup,
  type DefaultSecurityGroupRuleCreate,
  type DefaultSecurityGroupRuleRecord,
} from '@neutronium/model/resources/default-security-group-rule';
import { securityGroup } from '@neutronium/model/resources/security-group';
import {
  AddressGroupNotFound,
  DefaultSecurityGroupRuleExists,
  DefaultSecurityGroupRuleNotFound,
  DuplicateDefaultSgRuleInPost,
  SecurityGroupNotFound,
} from '@neutronium/model/security-group-errors';
import type { Writer } from '../../store/store.ts';
import type { Call, Handlers } from '../handlers.ts';
import { requireVisible } from '../require-visible.ts';
import { checkedTraffic, trafficKey } from '../security-group-rule/check-rule.ts';

export function defaultSecurityGroupRuleHandlers(): Handlers<typeof defaultSecurityGroupRule> {
  return {
    resource: defaultSecurityGroupRule,
    notFound: (id) => new DefaultSecurityGroupRuleNotFound({ id }),
    create: createTemplates,
    remove: ({ store }, { id }) => store.remove(defaultSecurityGroupRule, id),
    derive: async (_call, records) => records.map(() => ({})),
  };
}

async function createTemplates(
  call: Call<Writer>,
  requests: readonly DefaultSecurityGroupRuleCreate[],
): Promise<readonly DefaultSecurityGroupRuleRecord[]> {
  const templates = requests.map(({ project_id: _forgotten, ...request }) => checkedTraffic(request));
  await requireVisible(
    call,
    securityGroup,
    templates.flatMap(({ remote_group_id }) => (remote_group_id === parentGroup ? [] : (remote_group_id ?? []))),
    (id) => new SecurityGroupNotFound({ id }),
  );
  await requireVisible(
    call,
    addressGroup,
    templates.flatMap(({ remote_address_group_id }) => remote_address_group_id ?? []),
    (id) => new AddressGroupNotFound({ address_group_id: id }),
  );
  const { store } = call;
  await store.lock(defaultSecurityGroupRule.plural);
  const keys = new Set(templates.map(trafficKey));
  if (keys.size < templates.length) throw new DuplicateDefaultSgRuleInPost();
  const present = await store.list(defaultSecurityGroupRule, {});
  const same = present.find((template) => keys.has(trafficKey(template)));
  if (same !== undefined) throw new DefaultSecurityGroupRuleExists({ rule_id: same.id });
  return store.insert(
    defaultSecurityGroupRule,
    templates.map((template) => ({ ...template, id: randomUUID() })),
  );
}
