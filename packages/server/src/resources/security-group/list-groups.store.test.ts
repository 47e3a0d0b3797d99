import { securityGroup } from '@neutronium/model/resources/security-group';
import { withStores } from '@neutronium/testkit/store';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { serverContext } from '../../context.ts';
import { Quotas } from '../../quota/quotas.ts';
import type { Store } from '../../store/store.ts';
import { serverConfig } from '@neutronium/testkit/requests';
import { ensureDefaultGroup } from './default-group.ts';
import { securityGroupHandlers } from './security-group-handlers.ts';

withStores((fixture) => {
  let store: Store;
  beforeAll(async () => {
    store = await fixture.open();
  });

  describe('showing security groups with their rules', () => {
    it('costs as many statements for a thousand as for one', async () => {
      const context = serverContext('req-test');
      await store.write(context, async (writer) => {
        for (let index = 0; index < 1000; index += 1) await ensureDefaultGroup(writer, `project-${index}`);
      });
      const handlers = securityGroupHandlers(new Quotas(serverConfig().quotas, []));
      const statementsFor = (limit: number): Promise<number> =>
        store.read(async (reader) => {
          const records = await reader.list(securityGroup, { limit });
          const statements = vi.spyOn(reader.db.getExecutor(), 'executeQuery');
          const derived = await handlers.derive({ context, store: reader }, records, new Set());
          expect(derived.flatMap((group) => group.security_group_rules)).toHaveLength(4 * limit);
          const { length } = statements.mock.calls;
          statements.mockRestore();
          return length;
        });
      const forOne = await statementsFor(1);
      expect(forOne).toBeGreaterThan(0);
      expect(await statementsFor(1000)).toBe(forOne);
    });
  });
});
