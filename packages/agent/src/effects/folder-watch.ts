// News of files that other programs write.

import { watch } from 'node:fs';

export interface FolderWatch {
  /**
   * Calls back when something in the folder may have changed, sometimes when nothing has. Throws when there is no such
   * folder. The watch ends with the folder, and another of its name is not watched.
   */
  watch(folder: string, onChange: () => void): Disposable;
}

export class SystemFolderWatch implements FolderWatch {
  watch(folder: string, onChange: () => void): Disposable {
    const watcher = watch(folder, { persistent: false }, onChange);
    // A folder that goes is no failure; who watches it finds out when he reads it.
    watcher.on('error', onChange);
    return { [Symbol.dispose]: () => watcher.close() };
  }
}
