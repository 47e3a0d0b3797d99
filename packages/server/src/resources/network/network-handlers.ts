import { NetworkNotFound } from '@neutronium/model/errors';
import { network } from '@neutronium/model/resources/network';
import type { Cidr } from '@neutronium/net/cidr';
import { readyForAgents } from '../../scheduling/virtual-routers.ts';
import type { Handlers } from '../handlers.ts';
import { requireChangeablePolicy, requireVisiblePolicies } from '../qos-policy/visible-policies.ts';
import { ensureDefaultGroup, makesDefaultGroupOf } from '../security-group/default-group.ts';
import { createNetworks, type NetworkParts } from './create-networks.ts';
import { deriveNetworks } from './derive-networks.ts';
import { portsInTheWay, removeNetwork } from './remove-network.ts';
import { updateNetwork } from './update-network.ts';

interface NetworkHandlerParts extends NetworkParts {
  /** The prefix of networks for the agents of highly available routers. */
  readonly haCidr: Cidr;
}

export function networkHandlers(parts: NetworkHandlerParts): Handlers<typeof network> {
  return {
    resource: network,
    notFound: (id) => new NetworkNotFound({ net_id: id }),
    async create(call, requests) {
      const { context, store } = call;
      await requireVisiblePolicies(call, requests);
      for (const projectId of new Set(requests.map(({ project_id }) => project_id))) {
        if (makesDefaultGroupOf(context, projectId)) await ensureDefaultGroup(store, projectId);
      }
      const created = await createNetworks(store, requests, parts);
      const watched = created.filter((_, index) => requests[index]?.ha === true);
      for (const { id: networkId, project_id: projectId } of watched) {
        await readyForAgents(store, { networkId, projectId, cidr: parts.haCidr });
      }
      return watched.length === 0
        ? created
        : store.getMany(
            network,
            created.map(({ id }) => id),
          );
    },
    async update(call, current, changes) {
      await requireChangeablePolicy(call, current, changes);
      return updateNetwork(call.store, current, changes, parts);
    },
    remove: ({ store }, current) => removeNetwork(store, current),
    obstacles: ({ store }, { id }) => portsInTheWay(store, id),
    derive: deriveNetworks,
  };
}
