// What on a host is not as it should be, and having it put right: `/v2.0/agents/{agent_id}/drift` and `…/repair`, our
// own part of the API. The agent of the host is asked; all agents of one host are one program, so each names the host.

import { agent } from '@neutronium/model/resources/agent';
import type { HostQuestions } from '../../watch/host-questions.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { policySession, type Engine } from '../engine.ts';
import type { Route } from '../routes.ts';
import { findAgent, handlersOf } from './scheduling.ts';

export function driftRoutes(engine: Engine, questions: HostQuestions): readonly Route[] {
  const agents = handlersOf(engine, agent);

  /** The host of the agent that the path names, if the rule lets the caller. Nothing of the store is held meanwhile. */
  async function hostOf(request: ApiRequest, rule: 'get_agent' | 'update_agent'): Promise<string> {
    return await engine.store.read(async (store) => {
      const call = { context: request.context, store };
      await policySession(engine, call).authorize([rule], {});
      return (await findAgent(agents, call, request)).host;
    });
  }

  return [
    {
      path: 'agents/{agent_id}/drift',
      methods: {
        GET: async (request): Promise<Answer> => ({
          status: 200,
          body: { drift: await questions.drift(await hostOf(request, 'get_agent')) },
        }),
      },
    },
    {
      path: 'agents/{agent_id}/repair',
      methods: {
        POST: async (request): Promise<Answer> => ({
          status: 200,
          body: { repair: await questions.repair(await hostOf(request, 'update_agent')) },
        }),
      },
    },
  ];
}
