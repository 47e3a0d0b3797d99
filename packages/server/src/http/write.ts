import { ApiError } from '@neutronium/model/api-error';
import { HTTPConflict } from '@neutronium/model/errors';
import type { RequestContext } from '../context.ts';
import type { Call } from '../resources/handlers.ts';
import { UniqueViolation, type Writer } from '../store/store.ts';
import { blockedBy } from './blocked-by.ts';
import type { Engine } from './engine.ts';

/**
 * One write transaction. The store has run it again when a rival took what it was about to take; what still collides
 * after that is answered as a conflict, which clients try again; a refusal for what stands in the way names it.
 */
export async function write<T>(
  engine: Engine,
  context: RequestContext,
  work: (call: Call<Writer>) => Promise<T>,
): Promise<T> {
  try {
    return await engine.store.write(context, (store) => work({ context, store }));
  } catch (error) {
    if (error instanceof ApiError && error.blockers !== undefined) {
      throw error.telling(await blockedBy(engine, context, error.blockers));
    }
    if (!(error instanceof UniqueViolation)) throw error;
    throw Object.assign(
      new HTTPConflict({ message: 'The request conflicts with others that are being served. Please try again.' }),
      { cause: error },
    );
  }
}
