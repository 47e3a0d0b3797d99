import { NetworkNotFound } from '@neutronium/model/errors';
import { network } from '@neutronium/model/resources/network';
import type { Handlers } from '../handlers.ts';
import { requireChangeablePolicy, requireVisiblePolicies } from '../qos-policy/visible-policies.ts';
import { ensureDefaultGroup, makesDefaultGroupOf } from '../security-group/default-group.ts';
import { createNetworks, type NetworkParts } from './create-networks.ts';
import { deriveNetworks } from './derive-networks.ts';
import { removeNetwork } from './remove-network.ts';
import { updateNetwork } from './update-network.ts';

export function networkHandlers(parts: NetworkParts): Handlers<typeof network> {
  return {
    resource: network,
    notFound: (id) => new NetworkNotFound({ net_id: id }),
    async create(call, requests) {
      const { context, store } = call;
      await requireVisiblePolicies(call, requests);
      for (const projectId of new Set(requests.map(({ project_id }) => project_id))) {
        if (makesDefaultGroupOf(context, projectId)) await ensureDefaultGroup(store, projectId);
      }
      return createNetworks(store, requests, parts);
    },
    async update(call, current, changes) {
      await requireChangeablePolicy(call, current, changes);
      return updateNetwork(call.store, current, changes, parts);
    },
    remove: ({ store }, current) => removeNetwork(store, current),
    derive: deriveNetworks,
  };
}
