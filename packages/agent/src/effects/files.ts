import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Files {
  /** The file's text, or null when there is no such file. */
  readText(path: string): Promise<string | null>;
  /**
   * Replaces the file in one step: a reader sees the old text or the new, never a part. Makes the folders above it.
   * The mode is 0644 unless said.
   */
  writeText(path: string, text: string, mode?: number): Promise<void>;
  /** Adds to the end of the file, which is made with mode 0640 where there is none. The folders above it must be there. */
  appendText(path: string, text: string): Promise<void>;
  /** Removes a file or a folder with all that is in it. Nothing there is no error. */
  remove(path: string): Promise<void>;
  /** Makes a folder and those above it. */
  makeFolder(path: string): Promise<void>;
  /** The names in a folder in order of name; none when there is no such folder. */
  list(path: string): Promise<readonly string[]>;
}

export class SystemFiles implements Files {
  #written = 0;

  async readText(path: string): Promise<string | null> {
    try {
      return await readFile(path, 'utf8');
    } catch (cause) {
      // A process of /proc that ends while its file is read answers ESRCH.
      if (hasCode(cause, 'ENOENT', 'ENOTDIR', 'ESRCH')) return null;
      throw new Error(`reading ${path}`, { cause });
    }
  }

  async writeText(path: string, text: string, mode = 0o644): Promise<void> {
    const draft = `${path}.${process.pid}-${++this.#written}`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(draft, text, { mode });
      await rename(draft, path);
    } catch (cause) {
      await rm(draft, { force: true });
      throw new Error(`writing ${path}`, { cause });
    }
  }

  async appendText(path: string, text: string): Promise<void> {
    try {
      await appendFile(path, text, { mode: 0o640 });
    } catch (cause) {
      throw new Error(`writing ${path}`, { cause });
    }
  }

  async remove(path: string): Promise<void> {
    try {
      await rm(path, { recursive: true, force: true });
    } catch (cause) {
      throw new Error(`removing ${path}`, { cause });
    }
  }

  async makeFolder(path: string): Promise<void> {
    try {
      await mkdir(path, { recursive: true });
    } catch (cause) {
      throw new Error(`making the folder ${path}`, { cause });
    }
  }

  async list(path: string): Promise<readonly string[]> {
    try {
      return (await readdir(path)).toSorted();
    } catch (cause) {
      if (hasCode(cause, 'ENOENT', 'ENOTDIR')) return [];
      throw new Error(`listing ${path}`, { cause });
    }
  }
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code);
}
