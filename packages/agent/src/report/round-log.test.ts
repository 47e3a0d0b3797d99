import { inventory, plugged, id } from '@neutronium/dataplane/sample-host';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { ReportedPort } from './port-states.ts';
import { RoundLog } from './round-log.ts';

it('says once why a port that is plugged forwards nothing, and that it does so again', () => {
  const lines: string[] = [];
  const log = new RoundLog(pino({ base: null, timestamp: false }, { write: (line) => void lines.push(line) }));
  const host = { inventory: inventory([plugged(11, 111)]) };
  const port = (digits: number, state: ReportedPort['state'], why: string): ReportedPort => ({
    id: id('port', digits),
    state,
    why,
    revision: 1,
    isOfService: false,
  });
  for (const state of ['failed', 'failed', 'wired', 'wired'] as const) {
    log.writePorts(host, [port(11, state, 'refused'), port(12, 'absent', 'no device')]);
  }
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { level: 40, port: id('port', 11), state: 'failed', why: 'refused', msg: 'the port forwards nothing' },
    { level: 30, port: id('port', 11), msg: 'the port forwards again' },
  ]);
});
