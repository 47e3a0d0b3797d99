// Where the services are: what clients read from a token to find the Networking API.

import type { IdentityDb } from './tables.ts';

export interface CatalogEntry {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly {
    readonly id: string;
    readonly interface: string;
    readonly region: string | null;
    readonly region_id: string | null;
    readonly url: string;
  }[];
}

/** Every service that is switched on, with its endpoints as seen by a client that reached us at `origin`. */
export async function readCatalog(
  db: IdentityDb,
  { origin, projectId }: { readonly origin: string; readonly projectId: string | null },
): Promise<readonly CatalogEntry[]> {
  const services = await db
    .selectFrom('identity_services')
    .selectAll()
    .where('enabled', '=', 1)
    .orderBy('type')
    .execute();
  const endpoints = await db
    .selectFrom('identity_endpoints')
    .selectAll()
    .where('enabled', '=', 1)
    .orderBy('interface')
    .execute();
  return services.map(({ id, type, name }) => ({
    id,
    type,
    name,
    endpoints: endpoints
      .filter(({ service_id, url }) => service_id === id && (projectId !== null || !projectPlaces.test(url)))
      .map((endpoint) => ({
        id: endpoint.id,
        interface: endpoint.interface,
        region: endpoint.region_id,
        region_id: endpoint.region_id,
        url: fillUrl(endpoint.url, origin).replace(projectPlaces, projectId ?? ''),
      })),
  }));
}

const projectPlaces = /[$%]\((?:project_id|tenant_id)\)s/g;

/**
 * Our own endpoints are kept as `$(origin)s/…`: a server that is reached under several names tells each client the one
 * that the client knows.
 */
export function fillUrl(url: string, origin: string): string {
  return url.replaceAll('$(origin)s', origin);
}
