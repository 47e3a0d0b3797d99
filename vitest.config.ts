import { defineConfig } from 'vitest/config';

const setupFiles = ['./tools/fast-check-seed.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        // Pure packages and everything that needs no root: the inner loop. Nothing here keeps state between files, so
        // they share their workers' modules.
        test: {
          name: 'unit',
          isolate: false,
          setupFiles,
          include: ['packages/*/src/**/*.test.ts', 'test/{conformance,howto}/*.test.ts'],
          exclude: ['**/*.system.test.ts', '**/*.store.test.ts'],
        },
      },
      {
        // The store's suite runs on SQLite always and on PostgreSQL where NEUTRONIUM_TEST_POSTGRES names a server.
        test: { name: 'store', setupFiles, include: ['packages/*/src/**/*.store.test.ts'], testTimeout: 30_000 },
      },
      {
        // Drives the running API: the contract with Neutron's clients.
        test: {
          name: 'contract',
          setupFiles,
          include: ['test/contract/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Real Open vSwitch and namespaces; needs root.
        test: {
          name: 'system',
          setupFiles,
          include: ['packages/*/src/**/*.system.test.ts', 'test/system/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
