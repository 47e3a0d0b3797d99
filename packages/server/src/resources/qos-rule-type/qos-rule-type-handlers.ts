// The types of rules that there are. Open vSwitch is the one driver, and enforces all of them; so the list is the same
// whether it is of all types, of those that some driver supports, or of those that every driver supports.

import { HTTPNotFound, NotAuthorized } from '@neutronium/model/errors';
import { dscpMarks } from '@neutronium/model/kinds/dscp-mark';
import { qosRuleType, type QosRuleTypeView } from '@neutronium/model/resources/qos-rule-type';
import {
  largestRate,
  minimumPacketRateDirections,
  qosRuleTypes,
  ruleDirections,
  type QosRuleType,
} from '@neutronium/model/resources/qos-rules';
import type { Handlers } from '../handlers.ts';

export function qosRuleTypeHandlers(): Handlers<typeof qosRuleType> {
  return {
    resource: qosRuleType,
    notFound: () => new HTTPNotFound({ message: 'The resource could not be found.' }),
    async records({ context }, filters) {
      const asked = new Map(
        filters.flatMap((filter) => (filter.op === 'equals' ? [[filter.attribute, filter.values[0]] as const] : [])),
      );
      const isShown = asked.has('type');
      // Who enforces rules, and how, is the operator's business.
      if (isShown && !context.isAdmin) throw new NotAuthorized();
      const [all_rules, all_supported] = [asked.get('all_rules') ?? true, asked.get('all_supported') ?? true];
      return qosRuleTypes.map((type) => ({ type, all_rules, all_supported, ...(isShown ? driversOf(type) : {}) }));
    },
    derive: async (_call, records) => records,
  };
}

const range = (parameter_name: string) => ({
  parameter_name,
  parameter_type: 'range',
  parameter_values: { start: 0, end: largestRate },
});
const choices = (parameter_name: string, parameter_values: readonly unknown[]) => ({
  parameter_name,
  parameter_type: 'choices',
  parameter_values,
});

const parameters: Readonly<Record<QosRuleType, readonly object[]>> = {
  bandwidth_limit: [range('max_kbps'), range('max_burst_kbps'), choices('direction', ruleDirections)],
  dscp_marking: [choices('dscp_mark', dscpMarks)],
  minimum_bandwidth: [range('min_kbps'), choices('direction', ruleDirections)],
  minimum_packet_rate: [range('min_kpps'), choices('direction', minimumPacketRateDirections)],
  packet_rate_limit: [range('max_kpps'), range('max_burst_kpps'), choices('direction', ruleDirections)],
};

function driversOf(type: QosRuleType): Pick<QosRuleTypeView, 'drivers'> {
  return { drivers: [{ name: 'openvswitch', supported_parameters: parameters[type] }] };
}
