// The program that answers for instances of `neutronium vm`, on a machine without Nova.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { readRecord } from './instance-record.ts';
import { responder } from './responder.ts';

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8775' },
    'secret-file': { type: 'string' },
    instances: { type: 'string' },
  },
});
const { 'secret-file': secretFile, instances } = values;
if (secretFile === undefined || instances === undefined) throw new Error('--secret-file and --instances are needed');
const secret = (await readFile(secretFile, 'utf8')).trim();
if (secret === '') throw new Error(`${secretFile} is empty`);

const server = createServer(responder({ secret, record: async (uuid) => readRecord(instances, uuid) }));
server.listen(Number(values.port), values.host);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
