// Names each request, so that one line of a log, one entry of the change log and one answer can be told to belong
// together.

import { randomUUID } from 'node:crypto';

/** The header in which every answer below /v2.0 carries its id. A client's own header is logged, never taken over. */
export const requestIdHeader = 'x-openstack-request-id';

export function newRequestId(): string {
  return `req-${randomUUID()}`;
}
