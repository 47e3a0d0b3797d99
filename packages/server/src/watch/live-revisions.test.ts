import { describe, expect, it } from 'vitest';
import { LiveRevisions } from './live-revisions.ts';

/** A server with hosts whose progress the test sets. */
function world() {
  const state = {
    revision: 10,
    connected: new Map([
      ['h1', 10],
      ['h2', 10],
    ]),
    hosts: ['h1', 'h2'],
  };
  const live = new LiveRevisions();
  live.follow(() => state);
  return { live, state };
}

describe('a revision', () => {
  it('is live when every host that it concerns has applied it, and says who has not', async () => {
    const { live, state } = world();
    state.revision = 11;
    live.concerns('h1', 11);
    expect(live.lagging(11)).toEqual([{ host: 'h1', applied_revision: 10, why: 'has not applied what it was sent' }]);
    const waiting = live.wait(11, 60_000);
    state.connected.set('h1', 11);
    live.moved();
    expect(await waiting).toEqual([]);
  });

  it('is not live before the server has taken it in', async () => {
    const { live, state } = world();
    expect(live.lagging(11)).toBeNull();
    const waiting = live.wait(11, 60_000);
    state.revision = 11;
    live.moved();
    expect(await waiting).toEqual([]);
    expect(await live.wait(12, 1)).toBeNull();
  });

  it('does not wait for a host that is away unless something has changed for it', () => {
    const { live, state } = world();
    state.connected.delete('h2');
    live.left('h2', 10);
    state.revision = 11;
    live.concerns('h1', 11);
    state.connected.set('h1', 11);
    expect(live.lagging(11)).toEqual([]);
    state.revision = 12;
    live.concerns('h2', 12);
    expect(live.lagging(12)).toEqual([{ host: 'h2', applied_revision: 10, why: 'is not connected' }]);
    expect(live.lagging(10)).toEqual([]);
  });

  it('waits for hosts of which nothing is known, as after a start of the server', () => {
    const { live, state } = world();
    state.connected.clear();
    expect(live.lagging(3)?.map(({ host, why }) => [host, why])).toEqual([
      ['h1', 'has not been connected to this server'],
      ['h2', 'has not been connected to this server'],
    ]);
  });

  it('ends the wait with those that lag when the time is over', async () => {
    const { live, state } = world();
    state.revision = 11;
    live.concerns('h1', 11);
    expect((await live.wait(11, 1))?.map(({ host }) => host)).toEqual(['h1']);
  });
});
