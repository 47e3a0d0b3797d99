import { defaultStatefulness } from '@neutronium/model/resources/default-statefulness';
import type { Reader } from '../../store/store.ts';

/** Whether new security groups of each of the projects are stateful where nobody says so: one statement for all. */
export async function statefulnessOfProjects(
  store: Reader,
  projectIds: readonly string[],
): Promise<(projectId: string) => boolean> {
  const settings = await store.list(defaultStatefulness, {
    where: [{ op: 'equals', attribute: 'project_id', values: [...new Set(projectIds), null] }],
  });
  const byProject = new Map(settings.map(({ project_id, stateful }) => [project_id, stateful]));
  return (projectId) => byProject.get(projectId) ?? byProject.get(null) ?? true;
}
