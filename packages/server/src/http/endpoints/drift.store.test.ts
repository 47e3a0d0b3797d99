import type { DriftAnswer } from '@neutronium/model/agent-socket';
import type { AgentReport, Question, Reply } from '@neutronium/model/watch-protocol';
import { agentSecret, connectAgent } from '@neutronium/testkit/agent-connection';
import { alice, withApi } from '@neutronium/testkit/api';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';

const secret = agentSecret();
afterAll(() => secret[Symbol.dispose]());

const report: AgentReport = {
  agent_type: 'Open vSwitch agent',
  binary: 'neutron-openvswitch-agent',
  topic: 'N/A',
  availability_zone: null,
  configurations: {},
};

const asPlanned: DriftAnswer = { revision: 9, differences: [], unseen: [] };
const differing: DriftAnswer = {
  revision: 8,
  differences: [{ stage: 'flows', what: 'adding 1 flow', details: ['+ table=0'] }],
  unseen: [{ stage: 'namespaces', why: 'ip failed' }],
};

withApi(
  (api) => {
    const sockets: WebSocket[] = [];
    afterEach(() => {
      for (const socket of sockets.splice(0)) socket.terminate();
    });

    /** The agent of a new host, which answers questions so; gives its id. */
    let hosts = 0;
    async function connect(answering: (question: Question, socket: WebSocket) => Reply['answer'] | null) {
      hosts += 1;
      const host = `host-${hosts}`;
      const socket = connectAgent({ url: api.url(), host, agents: [report] });
      sockets.push(socket);
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString('utf8')) as Question | { readonly kind: 'snapshot' };
        if (message.kind !== 'question') return;
        const answer = answering(message, socket);
        if (answer !== null) socket.send(JSON.stringify({ kind: 'reply', id: message.id, answer } satisfies Reply));
      });
      const id = await vi.waitFor(
        async () => {
          const { agents } = (await api.get(`/v2.0/agents?host=${host}`)).body;
          expect(agents).toHaveLength(1);
          return String(agents[0].id);
        },
        { timeout: 60_000, interval: 20 },
      );
      return { id, host, socket };
    }

    describe('the drift of a host', () => {
      it('is what its agent says, and so is what a repair has left', async () => {
        const { id } = await connect(({ about }) =>
          about === 'drift' ? differing : { found: differing, left: asPlanned },
        );
        expect(await api.get(`/v2.0/agents/${id}/drift`)).toMatchObject({ status: 200, body: { drift: differing } });
        expect(await api.request('POST', `/v2.0/agents/${id}/repair`)).toMatchObject({
          status: 200,
          body: { repair: { found: differing, left: asPlanned } },
        });
      });

      it('is answered to each who asks, in whatever order the agent answers', async () => {
        const later: (() => void)[] = [];
        const { id } = await connect((question, socket) => {
          const answer = { ...asPlanned, revision: question.id };
          later.push(() => socket.send(JSON.stringify({ kind: 'reply', id: question.id, answer } satisfies Reply)));
          if (later.length === 3) for (const send of later.toReversed()) send();
          return null;
        });
        const answers = await Promise.all([1, 2, 3].map(() => api.get(`/v2.0/agents/${id}/drift`)));
        expect(new Set(answers.map(({ body }) => body.drift.revision))).toEqual(new Set([1, 2, 3]));
      });

      it('cannot be told where the agent refuses, goes away, or is not there', async () => {
        const refusing = await connect(() => ({ error: 'it has no plan yet' }));
        const leaving = await connect((_, socket) => {
          socket.terminate();
          return null;
        });
        for (const [{ id, host }, why] of [
          [refusing, 'it has no plan yet'],
          [leaving, 'its connection has ended'],
        ] as const) {
          const { status, body } = await api.get(`/v2.0/agents/${id}/drift`);
          expect([status, body.NeutronError.type]).toEqual([503, 'HostNotAnswering']);
          expect(body.NeutronError.message).toBe(`The agent of host ${host} cannot answer: ${why}.`);
        }
        const { status, body } = await api.request('POST', `/v2.0/agents/${leaving.id}/repair`);
        expect([status, body.NeutronError.type]).toEqual([503, 'HostNotConnected']);
      });

      it('ends the connection of an agent whose answer is none', async () => {
        const { id, socket } = await connect(() => ({ differences: 'none' }) as unknown as Reply['answer']);
        const closed = new Promise<number>((resolve) => void socket.once('close', resolve));
        expect((await api.get(`/v2.0/agents/${id}/drift`)).status).toBe(503);
        expect(await closed).toBe(4401);
      });

      it('is for administrators, of agents that there are', async () => {
        const { id } = await connect(() => asPlanned);
        expect((await api.get(`/v2.0/agents/${id}/drift`, alice)).status).toBe(403);
        expect((await api.request('POST', `/v2.0/agents/${id}/repair`, { as: alice })).status).toBe(403);
        const { status, body } = await api.get('/v2.0/agents/no-such-agent/drift');
        expect([status, body.NeutronError.type]).toEqual([404, 'AgentNotFound']);
      });
    });
  },
  { settings: { 'agents.secret_file': secret.file } },
);
