import { describe, expect, it } from 'vitest';
import { objectNames } from './object-names.ts';

describe('the names of API objects', () => {
  it('are those that have one, asked for by kind, a few ids at a time', async () => {
    const asked: string[] = [];
    const session = {
      async request(_method: string, path: string) {
        asked.push(path);
        const ports = path.startsWith('/ports') && path.includes('id=p7&') ? [{ id: 'p7', name: 'web' }] : [];
        return { [path.slice(1).split('?')[0] ?? '']: [...ports, { id: 'unnamed', name: '' }] };
      },
    };
    const ids = Array.from({ length: 60 }, (_, number) => `p${number}`);
    expect(await objectNames(async () => session, ids)).toEqual(new Map([['p7', 'web']]));
    expect(asked).toHaveLength(8);
  });

  it('are none without an API that answers, and nothing is asked where there is nothing to name', async () => {
    const unreachable = () => Promise.reject(new Error('nothing answers'));
    expect(await objectNames(unreachable, ['p1'])).toEqual(new Map());
    expect(await objectNames(() => expect.fail('nothing is to be asked'), [])).toEqual(new Map());
  });
});
