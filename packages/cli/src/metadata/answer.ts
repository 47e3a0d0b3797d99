// The answer to one request for metadata. Pure.

import { ec2Tree, ec2Versions } from './ec2.ts';
import type { InstanceRecord } from './instance-record.ts';
import { openstackTree } from './openstack.ts';
import { branch, list, textLeaf, walk } from './tree.ts';
import type { Tree } from './tree.ts';

export interface Answer {
  readonly status: number;
  /** Media type of the body. */
  readonly type: string;
  readonly body: string | Buffer;
}

/** What `/` answers, whoever asks. */
export function listVersions(): Answer {
  return plain(200, ec2Versions.join('\n'));
}

/** What an instance is told at `path`. */
export function answerTo(record: InstanceRecord, path: string): Answer {
  const words = path.split('/').filter((word) => word !== '');
  if (words.length === 0) return listVersions();
  const ec2 = ec2Tree(record);
  const top = branch([
    ...ec2Versions.map((version): [string, Tree] => [version, ec2]),
    ['openstack', openstackTree(record)],
  ]);
  const found = walk(top, words);
  if (found === null) return notFound();
  return found.kind === 'leaf'
    ? { status: 200, type: found.type, body: found.body }
    : plain(200, list(found).join('\n'));
}

export function notFound(): Answer {
  return plain(404, '404 Not Found\n');
}

export function plain(status: number, body: string): Answer {
  const { type } = textLeaf('');
  return { status, type, body };
}
