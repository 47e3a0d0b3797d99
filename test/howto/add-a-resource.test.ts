// Walks docs/howto/add-a-resource.md: its files exist, its code is the code that is run here, and what it builds works.

import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { columnsOf } from '@neutronium/model/columns';
import { openApiDocument } from '@neutronium/model/openapi';
import { policyDefaults } from '@neutronium/model/policy-defaults';
import { renderResource } from '@neutronium/model/reference';
import { serverContext } from '@neutronium/server/context';
import { buildApi } from '@neutronium/server/http/api';
import { resourceRoutes } from '@neutronium/server/http/resource-routes';
import { Routes } from '@neutronium/server/http/routes';
import { Enforcer } from '@neutronium/server/policy/enforcer';
import { buildRuleSet } from '@neutronium/server/policy/rule-set';
import { Quotas } from '@neutronium/server/quota/quotas';
import { offered } from '@neutronium/server/resources/handlers';
import { openStore } from '@neutronium/server/store/open-store';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rack } from './rack.ts';
import { rackHandlers } from './rack-handlers.ts';
import { racks } from './racks-migration.ts';

const root = join(import.meta.dirname, '../..');
const howto = readFileSync(join(root, 'docs/howto/add-a-resource.md'), 'utf8');

describe('the how-to', () => {
  it('names only files and folders that exist, but for those of the example', () => {
    const named = [...howto.matchAll(/`((?:packages|docs|test|tools)\/[\w./-]+)`/g)].map(([, path = '']) => path);
    const missing = named.filter((path) => !path.includes('rack') && !existsSync(join(root, path)));
    expect(named.length).toBeGreaterThan(8);
    expect(missing).toEqual([]);
  });

  it.each(['rack.ts', 'racks-migration.ts', 'rack-handlers.ts'])('shows %s as it is run here', (file) => {
    expect(howto).toContain(readFileSync(join(root, 'test/howto', file), 'utf8'));
  });
});

describe('the declared rack', () => {
  it('has a column for every stored attribute, and its place in the OpenAPI document and the reference', () => {
    expect(columnsOf(rack).map(({ name }) => name)).toContain('units');
    expect(JSON.stringify(openApiDocument([rack], '1'))).toContain('"/racks/{rack_id}"');
    expect(renderResource(rack)).toContain('Height, in rack units');
  });
});

describe('the served rack', () => {
  let url: string;
  const endings: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nn-howto-'));
    endings.push(() => rm(folder, { recursive: true, force: true }));
    const store = await openStore(`sqlite:${join(folder, 'racks.db')}`);
    endings.push(() => store.close());
    await store.write(serverContext('migration'), ({ db }) => racks.up(db));

    const handlers = offered(rackHandlers());
    const member = { check: 'role:member and project_id:%(project_id)s', scopeTypes: [] };
    const rules = ['create', 'get', 'update', 'delete'].map((verb) => ({ ...member, name: `${verb}_rack` }));
    const built = buildRuleSet([...policyDefaults, ...rules]);
    if (!built.ok) throw new Error(built.problems.join('; '));
    const engine = {
      store,
      enforcer: new Enforcer(built.ruleSet),
      quotas: new Quotas({ ...unlimited }, [rack]),
      handlersByName: new Map([[rack.name, handlers]]),
      maxPage: null,
    };
    const app = buildApi({
      authenticator: {
        authenticate: async (headers) => ({
          ...serverContext('a request'),
          projectId: String(headers['x-project-id']),
          roles: ['member', 'reader'],
          isAdmin: false,
          isService: false,
          systemScope: null,
        }),
      },
      routes: new Routes(resourceRoutes(engine, handlers)),
      describe: () => ({}),
      logger: pino({ level: 'silent' }),
      publicUrl: null,
      maxBodyBytes: 100_000,
    });
    endings.push(() => app.close());
    url = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    for (const end of endings.toReversed()) await end();
  });

  const ask = async (method: string, path: string, body?: unknown, project = 'red') => {
    const answer = await fetch(`${url}/v2.0/${path}`, {
      method,
      headers: { 'x-project-id': project },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  };

  it('is created, found by its attributes, changed, shown to its owner alone, and deleted', async () => {
    const created = await ask('POST', 'racks', { rack: { name: 'r1', units: '42' } });
    expect(created).toMatchObject({ status: 201, body: { rack: { name: 'r1', units: 42, project_id: 'red' } } });
    const path = `racks/${created.body.rack.id}`;
    expect((await ask('GET', 'racks?units=42&name=r1&fields=name')).body).toEqual({ racks: [{ name: 'r1' }] });
    expect((await ask('GET', 'racks?units=10')).body).toEqual({ racks: [] });
    expect((await ask('PUT', path, { rack: { name: 'r2' } })).body.rack).toMatchObject({ name: 'r2', units: 42 });
    expect((await ask('GET', path, undefined, 'blue')).body.NeutronError.type).toBe('RackNotFound');
    expect((await ask('DELETE', path)).status).toBe(204);
    expect((await ask('GET', path)).status).toBe(404);
  });

  it("refuses what its kinds refuse, in Neutron's words", async () => {
    const { status, body } = await ask('POST', 'racks', { rack: { units: 61 } });
    expect({ status, type: body.NeutronError.type }).toEqual({ status: 400, type: 'HTTPBadRequest' });
    expect((await ask('POST', 'racks', { rack: {} })).body.NeutronError.message).toContain(
      "attribute 'units' not specified",
    );
  });
});

const unlimited = {
  default_quota: -1,
  check_limit_default: true,
  network: -1,
  subnet: -1,
  port: -1,
  subnetpool: -1,
  router: -1,
  floatingip: -1,
  security_group: -1,
  security_group_rule: -1,
  rbac_policy: -1,
};
