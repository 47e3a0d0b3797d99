import { PortNotFound } from '@neutronium/model/errors';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import type { DhcpScheduler } from '../../scheduling/dhcp.ts';
import { isDhcpDeviceId } from '../../scheduling/dhcp-device-id.ts';
import type { Handlers } from '../handlers.ts';
import { placesOf, settleAgentGateways } from '../floatingip/agent-gateways.ts';
import { requireChangeablePolicy, requireVisiblePolicies } from '../qos-policy/visible-policies.ts';
import { createPorts } from './create-ports.ts';
import { dnsAssignment } from './dns-assignment.ts';
import { changedZone, withZones } from './dns-zone.ts';
import { keepOnRouters, leaveRouters } from './leave-routers.ts';
import type { PortParts } from './port-parts.ts';
import { removePort } from './remove-port.ts';
import { requireFloatingIpsKept, requireNoService, requireSameAddresses } from './service-ports.ts';
import { explainingSubnets } from './named-subnets.ts';
import { givingVisibleGroups } from './port-groups.ts';
import { qosOfPorts } from './resource-request.ts';
import { trunkDetails } from '../trunk/trunk-details.ts';
import { requireNoTrunk } from '../trunk/trunk-membership.ts';
import { updatePort } from './update-port.ts';

export function portHandlers(parts: PortParts, dhcp: DhcpScheduler): Handlers<typeof port> {
  return {
    resource: port,
    notFound: (id) => new PortNotFound({ port_id: id }),
    async create(call, requests) {
      await requireVisiblePolicies(call, requests);
      return givingVisibleGroups(
        call,
        requests.flatMap(({ security_groups = [] }) => security_groups),
        async () => {
          const asked = await withZones(call, requests);
          return explainingSubnets(call, requests, () => createPorts(parts, call.store, asked));
        },
      );
    },
    async update(call, current, changes) {
      await requireChangeablePolicy(call, current, changes);
      const asked = [{ network_id: current.network_id, fixed_ips: changes.fixed_ips }];
      const all = { ...changes, ...(await changedZone(call, current, changes)) };
      const updated = await givingVisibleGroups(call, changes.security_groups ?? [], () =>
        explainingSubnets(call, asked, () => updatePort(parts, call.store, current, all)),
      );
      if (changes.fixed_ips !== undefined) {
        await requireSameAddresses(call.store, current, updated);
        await requireFloatingIpsKept(call.store, updated);
        const kept = updated.fixed_ips.map(({ ip_address }) => ip_address);
        await keepOnRouters(call.store, current.id, kept);
      }
      return updated;
    },
    async remove(call, current) {
      const { id, network_id, device_id } = current;
      await requireNoTrunk(call.store, id);
      await requireNoService(call.store, current);
      const floating = await placesOf(call.store, { port_id: id });
      await leaveRouters(call.store, id);
      await removePort(call.store, id);
      await settleAgentGateways(parts, call.store, floating);
      // The agent that the port belonged to still serves the network, and gets another.
      if (isDhcpDeviceId(device_id, network_id)) await dhcp.syncNetwork(call, network_id);
    },
    async derive({ store }, records, fields) {
      const wants = (...names: readonly string[]) => fields.size === 0 || names.some((name) => fields.has(name));
      const qos = wants('qos_network_policy_id', 'resource_request') ? await qosOfPorts(store, records) : [];
      const details = await trunkDetails(store, wants('trunk_details') ? records : []);
      return records.map((record, index) => ({
        ...qos[index],
        dns_assignment: dnsAssignment(record, parts.config.ports.dns_domain),
        trunk_details: details.get(record.id),
        'binding:profile': shownProfile(record),
      }));
    },
  };
}

/** The profile, in which the compute service looks for whether it may trust the card. */
function shownProfile({ 'binding:profile': profile, trusted }: PortRecord): PortRecord['binding:profile'] {
  return trusted === null ? profile : { ...profile, trusted };
}
