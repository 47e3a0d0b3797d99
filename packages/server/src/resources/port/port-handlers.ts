import { PortNotFound } from '@neutronium/model/errors';
import { port } from '@neutronium/model/resources/port';
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
    remove: ({ store }, { id }) => store.remove(port, id),
    async derive(_call, records) {
      return records.map((record) => ({ dns_assignment: dnsAssignment(record, parts.config.ports.dns_domain) }));
    },
  };
}
