import { defineConfig } from 'vitest/config';

// Limits only end what hangs: nothing is asserted about speed, and the machine may be busy with other things.
const patience = {
  setupFiles: ['./tools/fast-check-seed.ts'],
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 60_000, interval: 20 } },
};

export default defineConfig({
  test: {
    projects: [
      {
        // Pure packages and everything that needs no root: the inner loop. Nothing here keeps state between files, so
        // they share their workers' modules.
        test: {
          name: 'unit',
          isolate: false,
          ...patience,
          include: ['packages/*/src/**/*.test.ts', 'test/{conformance,howto}/*.test.ts'],
          exclude: ['**/*.system.test.ts', '**/*.store.test.ts'],
        },
      },
      {
        // The store's suite runs on SQLite always and on PostgreSQL where NEUTRONIUM_TEST_POSTGRES names a server.
        test: { name: 'store', ...patience, include: ['packages/*/src/**/*.store.test.ts'] },
      },
      {
        // Drives the running API: the contract with Neutron's clients.
        test: {
          name: 'contract',
          ...patience,
          include: ['test/contract/**/*.test.ts'],
        },
      },
      {
        // Real Open vSwitch and namespaces; needs root.
        test: {
          name: 'system',
          ...patience,
          include: ['packages/*/src/**/*.system.test.ts', 'test/system/**/*.test.ts'],
          fileParallelism: false,
        },
      },
      {
        // What takes minutes: script/endurance runs it, and a shorter form of each is among the system tests.
        test: {
          name: 'endurance',
          ...patience,
          testTimeout: 3_600_000,
          include: ['test/endurance/**/*.test.ts'],
          fileParallelism: false,
        },
      },
    ],
  },
});
