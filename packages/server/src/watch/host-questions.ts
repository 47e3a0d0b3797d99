// What an operator asks of a host: handed on over the connection of its agent, whose answer is waited for. Nothing of
// it is kept: a question whose connection ends, or that takes too long, has no answer.

import { HostNotAnswering, HostNotConnected } from '@neutronium/model/agent-errors';
import type { AgentRefusal, DriftAnswer, RepairAnswer } from '@neutronium/model/agent-socket';
import type { Question, QuestionAbout, Reply } from '@neutronium/model/watch-protocol';

/** A full look, a repair of everything, and another look, at a large host. */
const patienceMs = 60_000;

type Answer = DriftAnswer | RepairAnswer;

/** The questions of one connection. */
export class AskedHost {
  readonly #send: (question: Question) => void;
  readonly #waiting = new Map<number, (answer: Answer | AgentRefusal) => void>();
  #asked = 0;

  constructor(send: (question: Question) => void) {
    this.#send = send;
  }

  /** What the agent answers; a refusal when it does not within the time. */
  async ask(about: QuestionAbout, withinMs: number): Promise<Answer | AgentRefusal> {
    this.#asked += 1;
    const id = this.#asked;
    const { promise, resolve } = Promise.withResolvers<Answer | AgentRefusal>();
    const timer = setTimeout(() => resolve({ error: `it has not done so within ${withinMs / 1000} s` }), withinMs);
    this.#waiting.set(id, resolve);
    this.#send({ kind: 'question', id, about });
    const answer = await promise;
    clearTimeout(timer);
    this.#waiting.delete(id);
    return answer;
  }

  /** An answer has come; one that nobody waits for any more is nothing. */
  take({ id, answer }: Reply): void {
    this.#waiting.get(id)?.(answer);
  }

  /** The connection is over. */
  end(): void {
    for (const resolve of this.#waiting.values()) resolve({ error: 'its connection has ended' });
  }
}

export class HostQuestions {
  readonly #patienceMs: number;
  readonly #hosts = new Map<string, AskedHost>();

  constructor(parts: { readonly patienceMs?: number } = {}) {
    this.#patienceMs = parts.patienceMs ?? patienceMs;
  }

  connected(host: string, asked: AskedHost): void {
    this.#hosts.set(host, asked);
  }

  /** The host is not reached by that connection any more. */
  left(host: string, asked: AskedHost): void {
    asked.end();
    if (this.#hosts.get(host) === asked) this.#hosts.delete(host);
  }

  /** Throws HostNotConnected and HostNotAnswering. */
  async drift(host: string): Promise<DriftAnswer> {
    const answer = await this.#ask(host, 'drift');
    if ('differences' in answer) return answer;
    throw new HostNotAnswering({ host, reason: 'it has answered another question' });
  }

  /** Has the host put right. Throws as `drift` does. */
  async repair(host: string): Promise<RepairAnswer> {
    const answer = await this.#ask(host, 'repair');
    if ('found' in answer) return answer;
    throw new HostNotAnswering({ host, reason: 'it has answered another question' });
  }

  async #ask(host: string, about: QuestionAbout): Promise<Answer> {
    const asked = this.#hosts.get(host);
    if (asked === undefined) throw new HostNotConnected({ host });
    const answer = await asked.ask(about, this.#patienceMs);
    if ('error' in answer) throw new HostNotAnswering({ host, reason: answer.error });
    return answer;
  }
}
