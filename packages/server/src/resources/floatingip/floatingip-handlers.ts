import { FloatingIPNotFound } from '@neutronium/model/routing-errors';
import { floatingip } from '@neutronium/model/resources/floatingip';
import type { Handlers } from '../handlers.ts';
import type { PortParts } from '../port/port-parts.ts';
import { requireChangeablePolicy, requireVisiblePolicies } from '../qos-policy/visible-policies.ts';
import { placesOf, settleAgentGateways } from './agent-gateways.ts';
import { createFloatingIps } from './create-floatingips.ts';
import { deriveFloatingIps } from './derive-floatingips.ts';
import { removeFloatingIp } from './remove-floatingip.ts';
import { updateFloatingIp } from './update-floatingip.ts';

export function floatingIpHandlers(parts: PortParts): Handlers<typeof floatingip> {
  return {
    resource: floatingip,
    notFound: (id) => new FloatingIPNotFound({ floatingip_id: id }),
    async create(call, requests) {
      await requireVisiblePolicies(call, requests);
      const created = await createFloatingIps(parts, call, requests);
      for (const { id } of created) await settleAgentGateways(parts, call.store, await placesOf(call.store, { id }));
      return created;
    },
    async update(call, current, changes) {
      await requireChangeablePolicy(call, current, changes);
      const before = await placesOf(call.store, { id: current.id });
      const updated = await updateFloatingIp(call, current, changes);
      const after = await placesOf(call.store, { id: current.id });
      await settleAgentGateways(parts, call.store, [...before, ...after]);
      return updated;
    },
    async remove({ store }, current) {
      const places = await placesOf(store, { id: current.id });
      await removeFloatingIp(store, current);
      await settleAgentGateways(parts, store, places);
    },
    derive: ({ store }, records, fields) => deriveFloatingIps(store, records, fields),
  };
}
