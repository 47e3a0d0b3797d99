import { FloatingIPNotFound } from '@neutronium/model/routing-errors';
import { floatingip } from '@neutronium/model/resources/floatingip';
import type { Handlers } from '../handlers.ts';
import type { PortParts } from '../port/port-parts.ts';
import { requireChangeablePolicy, requireVisiblePolicies } from '../qos-policy/visible-policies.ts';
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
      return createFloatingIps(parts, call, requests);
    },
    async update(call, current, changes) {
      await requireChangeablePolicy(call, current, changes);
      return updateFloatingIp(call, current, changes);
    },
    remove: ({ store }, current) => removeFloatingIp(store, current),
    derive: ({ store }, records, fields) => deriveFloatingIps(store, records, fields),
  };
}
