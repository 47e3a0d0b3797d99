import { PortNotFound, ServicePortInUse } from '@neutronium/model/errors';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { deviceOwners, isRouterInterface } from '#ipam/device-owner';
import type { Handlers } from '../handlers.ts';
import { createPorts } from './create-ports.ts';
import { dnsAssignment } from './dns-assignment.ts';
import type { PortParts } from './port-parts.ts';
import { updatePort } from './update-port.ts';

export function portHandlers(parts: PortParts): Handlers<typeof port> {
  return {
    resource: port,
    notFound: (id) => new PortNotFound({ port_id: id }),
    create: ({ store }, requests) => createPorts(parts, store, requests),
    update: ({ store }, current, changes) => updatePort(parts, store, current, changes),
    async remove({ store }, current) {
      checkRemovable(current);
      await store.remove(port, current.id);
    },
    async derive(_call, records) {
      return records.map((record) => ({ dns_assignment: dnsAssignment(record, parts.config.ports.dns_domain) }));
    },
  };
}

/** Ports that are parts of something else go with it. */
function checkRemovable({ id, device_owner }: PortRecord): void {
  const owned =
    isRouterInterface(device_owner) ||
    device_owner === deviceOwners.routerGateway ||
    device_owner === deviceOwners.floatingIp;
  if (owned) throw new ServicePortInUse({ port_id: id, reason: `has device owner ${device_owner}` });
}
