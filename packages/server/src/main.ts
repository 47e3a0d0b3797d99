// Where `neutronium server` starts. Reading and compiling our own files is most of a start; Node keeps what came of it
// beside the installed packages, so that only the first start after a change pays for it. The rest of the program must
// be imported after that is switched on. Without a writable folder there every start pays.

import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(import.meta.dirname, '../../../node_modules/.cache/neutronium-compiled'));

const { serve } = await import('./serve.ts');
await serve(process.argv.slice(2));
