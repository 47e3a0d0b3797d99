// The few requests that prepare a cloud for the suites, made as its administrator.

export interface Cloud {
  /** Sends one request to the Networking API; throws with the answer's text unless it succeeds. */
  request(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
}

/** Logs in at the Keystone endpoint `identity` and gives a client of the Networking API at `network`. */
export async function logIn({
  identity,
  network,
  password,
}: {
  identity: string;
  network: string;
  password: string;
}): Promise<Cloud> {
  const domain = { id: 'default' };
  const answer = await fetch(`${identity}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name: 'admin', domain, password } } },
        scope: { project: { name: 'admin', domain } },
      },
    }),
  });
  const token = answer.headers.get('x-subject-token');
  if (token === null) throw new Error(`logging in at ${identity}: ${answer.status} ${await answer.text()}`);
  return {
    async request(method, path, body) {
      const response = await fetch(`${network}${path}`, {
        method,
        headers: { 'x-auth-token': token, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      // The Networking API answers every request of ours with one JSON object, or with nothing.
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    },
  };
}

/** Creates `body` (an object with one key, the resource's name) and gives its id. */
export async function create(cloud: Cloud, path: string, body: Record<string, unknown>): Promise<string> {
  const [name = ''] = Object.keys(body);
  const created = (await cloud.request('POST', path, body))[name] as { id: string };
  return created.id;
}

/** What the suites expect to find: an external network, default subnet pools, finite quotas. */
export async function prepareCloud(cloud: Cloud): Promise<{ publicNetworkId: string; extensions: string[] }> {
  const listed = (await cloud.request('GET', '/v2.0/extensions'))['extensions'] as { alias: string }[];
  const extensions = listed.map(({ alias }) => alias);
  const publicNetworkId = await create(cloud, '/v2.0/networks', {
    network: {
      name: 'public',
      'router:external': true,
      shared: true,
      'provider:network_type': 'flat',
      'provider:physical_network': 'public',
    },
  });
  await create(cloud, '/v2.0/subnets', {
    subnet: {
      name: 'public-subnet',
      network_id: publicNetworkId,
      ip_version: 4,
      cidr: '203.0.113.0/24',
      gateway_ip: '203.0.113.1',
      enable_dhcp: false,
      allocation_pools: [{ start: '203.0.113.100', end: '203.0.113.250' }],
    },
  });
  const pool = { shared: true, is_default: true };
  await create(cloud, '/v2.0/subnetpools', {
    subnetpool: {
      ...pool,
      name: 'shared-default-subnetpool-v4',
      prefixes: ['10.128.0.0/20'],
      default_prefixlen: 26,
    },
  });
  await create(cloud, '/v2.0/subnetpools', {
    subnetpool: {
      ...pool,
      name: 'shared-default-subnetpool-v6',
      prefixes: ['fd5a:72f8:55a0::/56'],
      default_prefixlen: 64,
    },
  });
  return { publicNetworkId, extensions };
}
