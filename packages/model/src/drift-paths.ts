// The part of the OpenAPI document about drift: our own requests, which the agent of a host answers through the server.

import { objectSchema, type JsonSchema } from './kind.ts';
import { answers, idParameter } from './openapi-parts.ts';

const difference = objectSchema({
  stage: { type: 'string', description: 'The kind of thing, such as `flows` or `namespaces`.' },
  what: { type: 'string', description: 'What the agent would do about it.' },
  details: {
    type: 'array',
    description: 'What there is and should not be (`-`), and what there should be and is not (`+`).',
    items: { type: 'string' },
  },
});

const drift = objectSchema({
  revision: { type: 'integer', description: 'The revision that the host was compared with.' },
  differences: { type: 'array', items: difference },
  unseen: {
    type: 'array',
    description: 'What could not be looked at.',
    items: objectSchema({ stage: { type: 'string' }, why: { type: 'string' } }),
  },
});

const repair = objectSchema({ found: drift, left: drift });

export const driftPaths = {
  '/agents/{agent_id}/drift': path({
    method: 'get',
    operationId: 'show_drift_of_agent',
    summary: 'What on the host of the agent is not as it should be, after a full look.',
    answer: { drift },
  }),
  '/agents/{agent_id}/repair': path({
    method: 'post',
    operationId: 'repair_host_of_agent',
    summary: 'Has the host of the agent put right at once, and says what was found and what is left.',
    answer: { repair },
  }),
} as const;

function path({
  method,
  operationId,
  summary,
  answer,
}: {
  readonly method: 'get' | 'post';
  readonly operationId: string;
  readonly summary: string;
  readonly answer: Readonly<Record<string, JsonSchema>>;
}) {
  return {
    parameters: [idParameter('agent_id', 'agents')],
    [method]: {
      operationId,
      summary,
      tags: ['agents'],
      responses: answers('200', 'What the agent says.', objectSchema(answer)),
    },
  };
}
