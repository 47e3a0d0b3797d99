// The documents that clients read to find out what is here: the versions at `/` and the core resources at `/v2.0/`.

/** `origin` is `scheme://host` as the client sees this server. */
export function versionsDocument(origin: string): object {
  return {
    versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${origin}/v2.0/` }] }],
  };
}

/** Neutron names only its four core resources here, whatever else is offered. */
export function coreResourcesDocument(origin: string): object {
  const resources = ['network', 'subnet', 'subnetpool', 'port'].map((name) => {
    const collection = `${name}s`;
    return { name, collection, links: [{ rel: 'self', href: `${origin}/v2.0/${collection}` }] };
  });
  return { resources };
}
