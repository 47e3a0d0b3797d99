// `/v2.0/auto-allocated-topology/{project_id}`: reading it makes it.

import { BadRequest, NotAuthorized } from '@neutronium/model/errors';
import {
  allocateTopology,
  removeTopology,
  requireRequirements,
  type TopologyParts,
} from '../../resources/auto-allocated-topology/auto-allocated-topology.ts';
import type { RouterParts } from '../../resources/router/router-parts.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { policySession, type Engine } from '../engine.ts';
import type { Route } from '../routes.ts';
import { write } from '../write.ts';

/** What clients send for their own project. */
const ownProject = 'None';

export function autoAllocatedTopologyRoutes(engine: Engine, routing: RouterParts): readonly Route[] {
  const parts: TopologyParts = { ...routing, handlersByName: engine.handlersByName };

  async function show(request: ApiRequest): Promise<Answer> {
    const projectId = projectOf(request);
    const fields = request.query.getAll('fields');
    if (fields.length > 0 && !fields.includes('dry-run')) {
      throw new BadRequest({ resource: 'auto_allocate', msg: 'Unrecognized field' });
    }
    return write(engine, request.context, async (call) => {
      await policySession(engine, call).authorize(['get_auto_allocated_topology'], { project_id: projectId });
      if (fields.length === 0) return answer(await allocateTopology(parts, call, projectId), projectId);
      await requireRequirements(call.store);
      return answer('dry-run=pass', projectId);
    });
  }

  async function remove(request: ApiRequest): Promise<Answer> {
    const projectId = projectOf(request);
    return write(engine, request.context, async (call) => {
      await policySession(engine, call).authorize(['delete_auto_allocated_topology'], { project_id: projectId });
      await removeTopology(parts, call, projectId);
      return { status: 204 };
    });
  }

  return [{ path: 'auto-allocated-topology/{project_id}', methods: { GET: show, DELETE: remove } }];
}

function answer(id: string, project_id: string): Answer {
  return { status: 200, body: { auto_allocated_topology: { id, project_id, tenant_id: project_id } } };
}

/** Only administrators speak of projects that are not theirs. */
function projectOf({ context, params }: ApiRequest): string {
  const named = params['project_id'] ?? '';
  const projectId = named === ownProject ? (context.projectId ?? '') : named;
  if (projectId === '' || (!context.isAdmin && projectId !== context.projectId)) throw new NotAuthorized();
  return projectId;
}
