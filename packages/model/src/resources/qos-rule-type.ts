import { computed } from '../attribute.ts';
import { choice } from '../kinds/choice.ts';
import { flag } from '../kinds/flag.ts';
import { jsonList } from '../kinds/json-list.ts';
import { resource, type View } from '../resource.ts';
import { qosRuleTypes } from './qos-rules.ts';

export const qosRuleType = resource({
  name: 'rule_type',
  plural: 'rule_types',
  prefix: 'qos',
  doc: 'A type of rules that QoS policies may have.',
  extension: 'qos',
  primaryKey: 'type',
  operations: ['list', 'show'],
  attributes: {
    type: computed(choice(qosRuleTypes), 'The type.', { derived: true }),
    drivers: computed(jsonList, 'Who enforces rules of the type, and what they may say. Shown of one type alone.', {
      derived: true,
      extension: 'qos-rule-type-details',
    }),
    all_rules: computed(flag, 'Lists all types, supported or not.', {
      derived: true,
      hidden: true,
      filter: true,
      extension: 'qos-rule-type-filter',
    }),
    all_supported: computed(flag, 'Lists the types that some driver supports.', {
      derived: true,
      hidden: true,
      filter: true,
      extension: 'qos-rule-type-filter',
    }),
  },
});

export type QosRuleTypeView = View<typeof qosRuleType>;
