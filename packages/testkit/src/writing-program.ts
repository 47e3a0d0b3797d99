// For the test of durability: writes networks to the database named on the command line, several at a time, and prints
// the id of each once its write is acknowledged, until it is killed.

import { writeSync } from 'node:fs';
import { network } from '@neutronium/model/resources/network';
import { networkRecord } from './records.ts';
import { serverContext } from '@neutronium/server/context';
import { openStore } from '@neutronium/server/store/open-store';

const writers = 4;

const store = await openStore(process.argv[2] ?? '');
await Promise.all(
  Array.from({ length: writers }, async () => {
    for (;;) {
      const record = networkRecord();
      await store.write(serverContext('req-1'), (writer) => writer.insert(network, [record]));
      writeSync(1, `${record.id}\n`);
    }
  }),
);
