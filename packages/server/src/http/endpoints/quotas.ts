// Quotas are no ordinary resource: every project has one, whether or not anybody set it, and its id is the project's.

import { HTTPBadRequest, HTTPNotImplemented, QuotaMissingTenant, TenantQuotaNotFound } from '@neutronium/model/errors';
import { readUpdateBody } from '@neutronium/model/read-body';
import { quota, type QuotaUpdate } from '@neutronium/model/resources/quota';
import { attributesOf } from '@neutronium/model/resource';
import type { Answer, Answerer, ApiRequest } from '../answer.ts';
import { policySession, type Engine } from '../engine.ts';
import { parseJsonBody } from '../json-body.ts';
import type { Route } from '../routes.ts';
import { senderOf } from '../sender.ts';
import type { Limits } from '../../quota/quotas.ts';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call } from '../../resources/handlers.ts';
import { sawGiven, sawShown } from '../witnessed.ts';
import { write } from '../write.ts';

/** The kinds of objects that a quota limits. */
const limited = attributesOf(quota).flatMap(([name, { traits }]) => (traits.visible ? [name] : []));

export function quotaRoutes(engine: Engine): readonly Route[] {
  const ofProject =
    (answer: (project: string, request: ApiRequest) => Promise<Answer>): Answerer =>
    (request) =>
      answer(request.params['project_id'] ?? '', request);
  return [
    {
      path: 'quotas',
      methods: {
        GET: (request) => listQuotas(engine, request),
        POST: async () => {
          throw new HTTPNotImplemented({ message: 'POST requests are not supported on this resource.' });
        },
      },
    },
    { path: 'quotas/project', methods: { GET: (request) => ownProject(request, 'project') } },
    { path: 'quotas/tenant', methods: { GET: (request) => ownProject(request, 'tenant') } },
    {
      path: 'quotas/{project_id}',
      methods: {
        GET: ofProject((project, request) => showQuota(engine, request, project)),
        PUT: ofProject((project, request) => updateQuota(engine, request, project)),
        DELETE: ofProject((project, request) => resetQuota(engine, request, project)),
      },
    },
    {
      path: 'quotas/{project_id}/default',
      methods: { GET: ofProject((project, request) => showDefault(engine, request, project)) },
    },
    {
      path: 'quotas/{project_id}/details',
      methods: { GET: ofProject((project, request) => showDetails(engine, request, project)) },
    },
  ];
}

/** Whose quota the caller's requests count against; the older name is still asked for. */
async function ownProject({ context }: ApiRequest, name: 'project' | 'tenant'): Promise<Answer> {
  if (context.projectId === null) throw new QuotaMissingTenant();
  return { status: 200, body: { [name]: { [`${name}_id`]: context.projectId } } };
}

/** The quotas that somebody set. */
function listQuotas(engine: Engine, { context }: ApiRequest): Promise<Answer> {
  return engine.store.read(async (store) => {
    await policySession(engine, { context, store }).authorize(['get_quota'], {});
    const rows = await store.db
      .selectFrom('quota_limits')
      .select(['project_id', 'resource', 'limit'])
      .orderBy('project_id')
      .execute();
    const quotas = [...Map.groupBy(rows, ({ project_id }) => project_id)].map(([project_id, own]) => {
      const limits = Object.fromEntries(own.map(({ resource, limit }) => [resource, limit]));
      return { ...onlyLimited({ ...engine.quotas.defaults, ...limits }), project_id, tenant_id: project_id };
    });
    return { status: 200, body: { quotas } };
  });
}

function showQuota(engine: Engine, request: ApiRequest, project: string): Promise<Answer> {
  return readOf(engine, request, project, async (store) => limitsOf(engine, store, project));
}

function showDefault(engine: Engine, request: ApiRequest, project: string): Promise<Answer> {
  return readOf(engine, request, project, async () => onlyLimited(engine.quotas.defaults));
}

function showDetails(engine: Engine, request: ApiRequest, project: string): Promise<Answer> {
  return readOf(engine, request, project, async (store) => {
    const details: Record<string, object> = {};
    for (const [name, limit] of Object.entries(await limitsOf(engine, store, project))) {
      // What is being created counts once it is there: nothing is reserved between requests.
      details[name] = { limit, used: await engine.quotas.used(store, name, project), reserved: 0 };
    }
    return details;
  });
}

function updateQuota(engine: Engine, request: ApiRequest, project: string): Promise<Answer> {
  const { context } = request;
  return write(engine, context, async (call) => {
    await authorizeOn(engine, call, 'update_quota', project);
    const body = parseJsonBody(request.body);
    const { check_limit, force = false, ...limits } = readUpdateBody(quota, body, senderOf(context));
    const checked = check_limit ?? (engine.quotas.checksByDefault && !force);
    if (checked) await requireRoom(engine, call.store, project, limits);
    sawGiven('changed', quota, body);
    const before = await ownLimits(call.store, project);
    const rows = Object.entries(limits).flatMap(([resource, limit]) =>
      limit === undefined ? [] : [{ project_id: project, resource, limit }],
    );
    if (rows.length > 0) {
      await call.store.db
        .insertInto('quota_limits')
        .values(rows)
        .onConflict((conflict) =>
          conflict
            .columns(['project_id', 'resource'])
            .doUpdateSet((expression) => ({ limit: expression.ref('excluded.limit') })),
        )
        .execute();
      call.store.log({ kind: 'quota', id: project, before, after: await ownLimits(call.store, project) });
    }
    return { status: 200, body: { quota: await limitsOf(engine, call.store, project) } };
  });
}

function resetQuota(engine: Engine, request: ApiRequest, project: string): Promise<Answer> {
  return write(engine, request.context, async (call) => {
    await authorizeOn(engine, call, 'delete_quota', project);
    const before = await ownLimits(call.store, project);
    if (before === null) throw new TenantQuotaNotFound({ tenant_id: project });
    await call.store.db.deleteFrom('quota_limits').where('project_id', '=', project).execute();
    call.store.log({ kind: 'quota', id: project, before, after: null });
    return { status: 204 };
  });
}

/** Throws HTTPBadRequest when the project already has more than a new limit allows. */
async function requireRoom(engine: Engine, store: Reader, project: string, limits: QuotaUpdate): Promise<void> {
  for (const [name, limit] of Object.entries(limits)) {
    if (typeof limit !== 'number' || limit < 0) continue;
    const used = await engine.quotas.used(store, name, project);
    if (used > limit) {
      throw new HTTPBadRequest({
        message: `Quota limit ${limit} for ${name} must be greater than or equal to already used ${used}`,
      });
    }
  }
}

function readOf(
  engine: Engine,
  { context }: ApiRequest,
  project: string,
  work: (store: Reader) => Promise<object>,
): Promise<Answer> {
  return engine.store.read(async (store) => {
    // A project may see its own quota whatever the rules say.
    if (project !== context.projectId) await authorizeOn(engine, { context, store }, 'get_quota', project);
    const shown = await work(store);
    sawShown(quota, [shown]);
    return { status: 200, body: { quota: shown } };
  });
}

async function authorizeOn(engine: Engine, call: Call<Reader | Writer>, rule: string, project: string): Promise<void> {
  await policySession(engine, call).authorize([rule], { project_id: project, tenant_id: project });
}

async function limitsOf(engine: Engine, store: Reader, project: string): Promise<Limits> {
  return onlyLimited(await engine.quotas.limits(store, project));
}

/** The kinds that are offered, in the order of the declaration. */
function onlyLimited(limits: Limits): Limits {
  return Object.fromEntries(limited.map((name) => [name, limits[name] ?? -1]));
}

/** What somebody set for the project; null when nobody did. */
async function ownLimits(store: Reader, project: string): Promise<Limits | null> {
  const rows = await store.db
    .selectFrom('quota_limits')
    .select(['resource', 'limit'])
    .where('project_id', '=', project)
    .orderBy('resource')
    .execute();
  return rows.length === 0 ? null : Object.fromEntries(rows.map((row) => [row.resource, row.limit]));
}
