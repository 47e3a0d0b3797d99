import { policyDefaults } from '@neutronium/model/policy-defaults';
import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../context.ts';
import { Enforcer, type ParentRecords, type PolicySession } from './enforcer.ts';
import { buildRuleSet } from './rule-set.ts';

const built = buildRuleSet(policyDefaults);
if (!built.ok) throw new Error(built.problems.join('\n'));
const enforcer = new Enforcer(built.ruleSet);

const networks: Readonly<Record<string, string>> = { mine: 'p', theirs: 'q' };
class Networks implements ParentRecords {
  fetches = 0;
  notFound({ resource, id }: Parameters<ParentRecords['notFound']>[0]) {
    return new Error(`no ${resource} ${id}`);
  }
  async fetch(requests: Parameters<ParentRecords['fetch']>[0]) {
    this.fetches += 1;
    return requests.map(({ id }) =>
      networks[id] === undefined ? undefined : { id, project_id: networks[id], shared: false },
    );
  }
}

function session(caller: Partial<RequestContext>, parents: ParentRecords = new Networks()): PolicySession {
  const context: RequestContext = {
    requestId: 'req-1',
    userId: 'u',
    userName: null,
    projectId: 'p',
    projectName: null,
    domainId: null,
    roles: ['member', 'reader'],
    isAdmin: false,
    isService: false,
    systemScope: null,
    ...caller,
  };
  return enforcer.session(context, parents);
}
const admin = { roles: ['admin', 'member', 'reader'], isAdmin: true };

describe('PolicySession', () => {
  it('lets members create in their own project only, and readers nowhere', async () => {
    await expect(session({}).authorize(['create_network'], { project_id: 'p' })).resolves.toBeUndefined();
    await expect(session({}).authorize(['create_network'], { project_id: 'q' })).rejects.toThrow(
      'disallowed by policy',
    );
    await expect(
      session({ roles: ['reader'] }).authorize(['create_network'], { project_id: 'p' }),
    ).rejects.toMatchObject({
      status: 403,
      type: 'PolicyNotAuthorized',
      message: 'rule:create_network is disallowed by policy',
    });
  });

  it('names every rule of a refused request, nested as Neutron nests them', async () => {
    const rules = ['create_network', 'create_network:shared', 'create_network:provider:network_type'];
    await expect(session({}).authorize(rules, { project_id: 'p' })).rejects.toThrow(
      '((rule:create_network and rule:create_network:shared) and rule:create_network:provider:network_type) is disallowed by policy',
    );
    const keys = [
      'create_port',
      'create_port:fixed_ips',
      'create_port:fixed_ips:subnet_id',
      'create_port:binding:host_id',
    ];
    await expect(session({}).authorize(keys, { project_id: 'p', network_id: 'mine' })).rejects.toThrow(
      '((rule:create_port and (rule:create_port:fixed_ips and (rule:create_port:fixed_ips:subnet_id))) and ' +
        'rule:create_port:binding:host_id) is disallowed by policy',
    );
  });

  it('says of a port on no network that there is no such network', async () => {
    const port = { project_id: 'p', network_id: 'gone' };
    await expect(session({}).authorize(['create_port'], port)).rejects.toThrow('no network gone');
    await expect(session({ roles: [] }).authorize(['create_network'], port)).rejects.toThrow('disallowed');
  });

  it('refuses tokens of a scope that the operation is not for', async () => {
    const system = { ...admin, projectId: null, systemScope: 'all' as const };
    await expect(session(system).authorize(['create_network'], {})).rejects.toMatchObject({
      status: 403,
      message: "rule:create_network requires a scope of ['project'], request was made with system scope.",
    });
    expect(await session({ ...admin, projectId: null, domainId: 'd' }).allows('get_network', {})).toBe(false);
  });

  it('shows the owner of a network the ports of others on it', async () => {
    const ports = [
      { id: '1', project_id: 'q', network_id: 'mine' },
      { id: '2', project_id: 'q', network_id: 'theirs' },
      { id: '3', project_id: 'p', network_id: 'theirs' },
      { id: '4', project_id: 'q', network_id: 'gone' },
    ];
    const parents = new Networks();
    expect((await session({}, parents).filter('get_port', ports)).map(({ id }) => id)).toEqual(['1', '3']);
    expect(parents.fetches).toBe(1);
    expect(await session(admin, parents).filter('get_port', ports)).toHaveLength(4);
    expect(parents.fetches).toBe(1);
  });

  it('answers questions that are asked at the same time as if they came one by one', async () => {
    const port = { id: '1', project_id: 'q', network_id: 'mine' };
    const parents = new Networks();
    const one = session({}, parents);
    const answers = await Promise.all([
      one.allows('get_port', port),
      one.allows('update_port', port),
      one.filter('get_port', [port]),
    ]);
    expect(answers).toEqual([true, false, [port]]);
    expect(parents.fetches).toBe(1);
  });

  it('hides what only administrators may see', async () => {
    const network = { id: 'n', project_id: 'p' };
    const [hidden] = await session({}).hiddenAttributes('network', [network]);
    expect(hidden).toContain('provider:network_type');
    expect(hidden).not.toContain('tags');
    const [nothing] = await session(admin).hiddenAttributes('network', [network]);
    expect(nothing).toEqual(new Set());
  });

  it('decides an update of a port by its network when the rule says so', async () => {
    const rules = ['update_port', 'update_port:mac_address'];
    const own = { project_id: 'p', network_id: 'mine' };
    const foreign = { project_id: 'p', network_id: 'theirs' };
    expect(
      await Promise.allSettled([session({}).authorize(rules, own), session({}).authorize(rules, foreign)]),
    ).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    await expect(
      session({ roles: ['member'] }).authorize(['create_port', 'create_port:mac_address'], own),
    ).resolves.toBeUndefined();
    await expect(session({}).authorize(['create_port', 'create_port:mac_address'], foreign)).rejects.toThrow(
      'mac_address',
    );
  });
});

describe('Enforcer', () => {
  it('knows administrators by the rule context_is_admin', () => {
    expect(enforcer.standing({ roles: ['Admin'] }).isAdmin).toBe(true);
    expect(enforcer.standing({ roles: ['member'] }).isAdmin).toBe(false);
  });

  it('takes replaced rules from the next session on', async () => {
    const own = new Enforcer(built.ruleSet);
    const context: RequestContext = {
      requestId: 'r',
      userId: 'u',
      userName: null,
      projectId: 'p',
      projectName: null,
      domainId: null,
      roles: ['reader'],
      isAdmin: false,
      isService: false,
      systemScope: null,
    };
    const before = own.session(context, new Networks());
    const replaced = buildRuleSet(policyDefaults, { create_network: '@' });
    if (!replaced.ok) throw new Error('built-in rules');
    own.replaceRules(replaced.ruleSet);
    expect(await before.allows('create_network', {})).toBe(false);
    expect(await own.session(context, new Networks()).allows('create_network', {})).toBe(true);
  });
});
